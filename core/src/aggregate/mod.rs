//! Groups and their measures: counted on codes, kept as a partial that merges.

mod bytes;
mod class;
mod digitless;
mod form;
mod joint;
mod key;
mod keys;
mod made;
mod measured;
mod numbers;
mod pairs;
mod partial;
mod plain;
mod provider;
mod recent;
mod regroup;
mod state;
mod sum;
mod view;

pub(crate) use class::{Cell, Class, Seen};
pub(crate) use form::Form;
pub(crate) use joint::Joint;
pub(crate) use keys::Keys;
pub(crate) use measured::Measured;
pub use partial::Partial;
pub(crate) use partial::{Content, FileColumns, add_group};
pub(crate) use plain::cell as plain_cell;
pub(crate) use state::shown;
pub(crate) use view::{Index, NO_VALUE, Rows, View};

#[cfg(test)]
mod tests;
