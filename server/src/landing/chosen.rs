//! Which columns of the unlanded events a query looks at.

use super::layout::Layout;

/// Columns of a layout; `timestamp` and `event_type`, which decide where an event belongs, are always among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) item: bool,
    pub(super) id: bool,
    pub(super) received_at: bool,
    /// One for each header of the layout.
    pub(super) headers: Vec<bool>,
    pub(super) provider: bool,
    pub(super) properties: bool,
}

impl Chosen {
    pub(super) fn all(layout: &Layout) -> Self {
        Self::by(layout, |_| true)
    }

    /// The columns of these names; others than the layout's are in no file that is made here.
    pub(super) fn of(layout: &Layout, names: &[String]) -> Self {
        Self::by(layout, |column| names.iter().any(|name| name == column))
    }

    fn by(layout: &Layout, is_chosen: impl Fn(&str) -> bool) -> Self {
        Self {
            item: is_chosen("item"),
            id: is_chosen("id"),
            received_at: is_chosen("received_at"),
            headers: layout
                .headers()
                .iter()
                .map(|name| is_chosen(name))
                .collect(),
            provider: is_chosen("provider"),
            properties: is_chosen("properties"),
        }
    }

    /// These and those of `others`, which are of the same layout.
    pub(super) fn with(&self, others: &Self) -> Self {
        let headers = self.headers.iter().zip(&others.headers);
        Self {
            item: self.item || others.item,
            id: self.id || others.id,
            received_at: self.received_at || others.received_at,
            headers: headers.map(|(mine, theirs)| *mine || *theirs).collect(),
            provider: self.provider || others.provider,
            properties: self.properties || others.properties,
        }
    }
}
