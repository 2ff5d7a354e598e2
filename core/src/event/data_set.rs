//! Which part of the lake an event belongs to.

/// A part of the lake, by what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataSet {
    /// Event types that contain `purchase`.
    Purchases,
    /// The event type `join_guild`.
    JoinGuild,
    /// Everything else.
    Other,
}

impl DataSet {
    /// All of them.
    pub const ALL: [DataSet; 3] = [DataSet::Purchases, DataSet::JoinGuild, DataSet::Other];

    /// The data set of an event type.
    pub fn of(event_type: &str) -> Self {
        if event_type.contains("purchase") {
            Self::Purchases
        } else if event_type == "join_guild" {
            Self::JoinGuild
        } else {
            Self::Other
        }
    }

    /// Its folder's name in the lake.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Purchases => "purchases",
            Self::JoinGuild => "join_guild",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_the_predecessors() {
        for (event_type, folder) in [
            ("knife purchased", "purchases"),
            ("purchase_sword", "purchases"),
            ("Purchase", "other"),
            ("join_guild", "join_guild"),
            ("join_guild ", "other"),
            ("leave_guild", "other"),
        ] {
            assert_eq!(DataSet::of(event_type).folder(), folder, "{event_type}");
        }
    }
}
