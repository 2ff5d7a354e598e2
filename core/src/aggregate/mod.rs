//! Groups and their measures: counted on codes, kept as a partial that merges.

mod partial;

pub use partial::Partial;
