//! Groups and their measures: counted on codes, kept as a partial that merges.

mod bytes;
mod class;
mod partial;
mod state;
mod sum;

pub(crate) use class::{Cell, Class, Seen};
pub use partial::Partial;
pub(crate) use partial::{
    Content, FileColumns, Groups, add_group, too_many_groups, too_many_values,
};
pub(crate) use state::{State, Sum, ValueSet};
pub(crate) use sum::{FloatSum, WholeSum};
