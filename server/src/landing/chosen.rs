//! Which columns of the unlanded events a query looks at.

use super::layout::Layout;
use crate::plugins::Field;

/// Columns of a layout and of plugins; `timestamp` and `event_type`, which decide where an event belongs, are always among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) item: bool,
    pub(super) id: bool,
    pub(super) received_at: bool,
    /// One for each header of the layout.
    pub(super) headers: Vec<bool>,
    pub(super) provider: bool,
    pub(super) properties: bool,
    /// Those that plugins will fill when the events land.
    pub(super) extras: Vec<Field>,
}

impl Chosen {
    pub(super) fn all(layout: &Layout, extras: &[Field]) -> Self {
        Self::by(layout, extras, |_| true)
    }

    /// The columns of these names; others than those are in no file that is made here.
    pub(super) fn of(layout: &Layout, extras: &[Field], names: &[String]) -> Self {
        Self::by(layout, extras, |column| {
            names.iter().any(|name| name == column)
        })
    }

    fn by(layout: &Layout, extras: &[Field], is_chosen: impl Fn(&str) -> bool) -> Self {
        let extras = extras.iter().filter(|field| is_chosen(&field.name));
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
            extras: extras.cloned().collect(),
        }
    }

    /// These and those of `others`, which are of the same layout.
    pub(super) fn with(&self, others: &Self) -> Self {
        let headers = self.headers.iter().zip(&others.headers);
        let mut extras = others.extras.clone();
        let is_new = |mine: &&Field| !others.extras.iter().any(|other| other.name == mine.name);
        extras.extend(self.extras.iter().filter(is_new).cloned());
        extras.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            item: self.item || others.item,
            id: self.id || others.id,
            received_at: self.received_at || others.received_at,
            headers: headers.map(|(mine, theirs)| *mine || *theirs).collect(),
            provider: self.provider || others.provider,
            properties: self.properties || others.properties,
            extras,
        }
    }
}
