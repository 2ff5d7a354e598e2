//! The schema: from a flattened tree of elements to the leaves that have values ("Metadata", "Nested encoding").

use crate::value::Type;

/// The columns of a file.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The columns that hold values, in file order; a row group has one chunk for each.
    pub leaves: Vec<Leaf>,
}

/// A column that holds values.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its name; a struct's member has its path, joined by dots.
    pub name: String,
    /// Whether it stands at the top level, so that `name` is one name, whatever dots it has.
    pub top_level: bool,
    /// How its values are stored.
    pub physical: Physical,
    /// What its values mean.
    pub ty: Type,
    /// The definition level of a value that is there; a lower one is a null.
    pub max_def: u16,
    /// Above 0 the column is repeated (a list or a map) and can't be read yet.
    pub max_rep: u16,
}

/// How values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Physical {
    /// One bit.
    Bool,
    /// Four bytes.
    I32,
    /// Eight bytes.
    I64,
    /// Twelve bytes, an old form of timestamps.
    I96,
    /// Four bytes.
    F32,
    /// Eight bytes.
    F64,
    /// Any number of bytes.
    Bytes,
    /// The same number of bytes for each.
    Fixed(u32),
}

impl Schema {
    /// The leaf that `name` names: a whole column's name first, then a path.
    pub fn find(&self, name: &str) -> Option<usize> {
        let found = self
            .leaves
            .iter()
            .position(|leaf| leaf.top_level && leaf.name == name);
        found.or_else(|| self.leaves.iter().position(|leaf| leaf.name == name))
    }

    /// Whether `name` names a struct, list or map: something with members instead of values.
    pub fn is_group(&self, name: &str) -> bool {
        self.leaves.iter().any(|leaf| {
            !leaf.top_level
                && leaf
                    .name
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    }
}
