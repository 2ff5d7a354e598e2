//! Who plays, and what they do: decided by the seed and the number of the event alone.

/// What can be bought.
const ITEMS: [&str; 5] = ["sword", "shield", "helmet", "knife", "gauntlet"];
/// Where players come from.
const PROVIDERS: [&str; 6] = ["comcast", "att", "google", "frontier", "cox", "earthlink"];

/// All players of a run.
pub(super) struct Players {
    seed: u64,
    users: u64,
    /// Tells this run's ids from those of any other run.
    run: String,
}

/// One thing that a player does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlayedEvent {
    pub(super) id: String,
    /// What is bought; joining a guild if nothing is.
    pub(super) item: Option<&'static str>,
    pub(super) host: String,
}

impl PlayedEvent {
    pub(super) fn path(&self) -> String {
        match self.item {
            Some(item) => format!("/purchase/{item}"),
            None => "/join_a_guild".to_owned(),
        }
    }

    pub(super) fn event_type(&self) -> String {
        match self.item {
            Some(item) => format!("{item} purchased"),
            None => "join_guild".to_owned(),
        }
    }
}

impl Players {
    pub(super) fn new(seed: u64, users: u64) -> Self {
        Self {
            seed,
            users,
            run: uuid::Uuid::now_v7().simple().to_string(),
        }
    }

    /// What all ids of this run begin with.
    pub(super) fn id_prefix(&self) -> String {
        format!("{}-", self.run)
    }

    pub(super) fn event(&self, number: u64) -> PlayedEvent {
        let mut random = Random(self.seed ^ Random(number).next());
        let user = random.below(self.users);
        // A player's provider stays the same, whatever they do.
        let provider = Random(self.seed ^ !user).below(PROVIDERS.len() as u64) as usize;
        let action = random.below(ITEMS.len() as u64 + 1) as usize;
        PlayedEvent {
            id: format!("{}{number}", self.id_prefix()),
            item: ITEMS.get(action).copied(),
            host: format!("user{user}.{}.com", PROVIDERS[provider]),
        }
    }
}

/// SplitMix64: a few lines, well mixed, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `bound`, which must not be 0.
    fn below(&mut self, bound: u64) -> u64 {
        // The bias is below one in 2^40 for the bounds used here.
        self.next() % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn the_seed_decides_everything_but_the_run() {
        let (one, two, other) = (
            Players::new(7, 50),
            Players::new(7, 50),
            Players::new(8, 50),
        );
        let deeds = |players: &Players| -> Vec<_> {
            (0..100)
                .map(|number| players.event(number))
                .map(|event| (event.item, event.host))
                .collect()
        };
        assert_eq!(deeds(&one), deeds(&two));
        assert_ne!(deeds(&one), deeds(&other));
        assert_ne!(one.event(0).id, two.event(0).id);
    }

    #[test]
    fn everything_happens_and_everyone_keeps_a_provider() {
        let players = Players::new(1, 30);
        let mut hosts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut paths = BTreeSet::new();
        for event in (0..5000).map(|number| players.event(number)) {
            let (user, provider) = event.host.split_once('.').unwrap();
            hosts
                .entry(user.to_owned())
                .or_default()
                .insert(provider.to_owned());
            paths.insert(event.path());
        }
        assert_eq!(paths.len(), 6);
        assert_eq!(hosts.len(), 30);
        assert!(hosts.values().all(|providers| providers.len() == 1));
        assert_eq!(hosts.values().flatten().collect::<BTreeSet<_>>().len(), 6);
    }
}
