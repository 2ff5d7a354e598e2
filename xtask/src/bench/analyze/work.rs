//! The work that is measured: which question about which file, and what is to be reached.

/// A question, in our words; the peers' scripts know theirs by its name.
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) group_by: &'static str,
    pub(super) measure: &'static str,
    /// Empty for none.
    pub(super) filter: &'static str,
    /// The columns that it needs, for the floor.
    pub(super) columns: &'static [&'static str],
}

/// Which peer's CPU seconds are divided.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Against {
    DuckDb,
    Better,
}

/// What is counted.
#[derive(Clone, Copy)]
pub(super) enum Data {
    /// A file or folder that `data.py` makes.
    Made(&'static str),
    /// A file that `words.py` makes.
    Words(&'static str),
    Flights,
}

/// One row of the table, measured with one thread and with two.
pub(super) struct Work {
    pub(super) name: &'static str,
    pub(super) data: Data,
    pub(super) question: &'static Question,
    pub(super) against: Against,
    /// We are to need at most this part of the peer's CPU seconds, if anything was promised…
    pub(super) part: Option<f64>,
    /// … and at most so many times the floor's.
    pub(super) floors_max: Option<f64>,
    /// Whether the browser module is measured with it too.
    pub(super) in_wasm: bool,
}

const PROVIDERS: Question = Question {
    name: "providers",
    group_by: "provider(Host),event_type",
    measure: "count",
    filter: "",
    columns: &["Host", "event_type"],
};
const GROUPED_FIRST: Question = Question {
    name: "providers, grouped first",
    ..PROVIDERS
};
const ORIGINS: Question = Question {
    name: "origins",
    group_by: "origin",
    measure: "count",
    filter: "",
    columns: &["origin"],
};
const DELAYS: Question = Question {
    name: "delays",
    group_by: "origin",
    measure: "mean(delay),max(delay)",
    filter: "",
    columns: &["delay", "origin"],
};
const DAYS: Question = Question {
    name: "days",
    group_by: "day(date)",
    measure: "count",
    filter: "distance > 1000",
    columns: &["date", "distance"],
};

const FEW_HOSTS: Work = Work {
    name: "100 users' hosts, snappy",
    data: Data::Made("few-hosts-snappy.parquet"),
    question: &PROVIDERS,
    against: Against::DuckDb,
    part: Some(1.0 / 20.0),
    floors_max: None,
    in_wasm: true,
};
const MANY_HOSTS: Work = Work {
    name: "plain hosts, snappy",
    data: Data::Made("many-hosts-snappy.parquet"),
    part: Some(1.0 / 5.0),
    floors_max: Some(1.6),
    ..FEW_HOSTS
};
/// What the plain hosts don't show: they differ in their digits only, which ours makes use of.
const WORD_HOSTS: Work = Work {
    name: "hosts of words, snappy",
    data: Data::Words("word-hosts-snappy.parquet"),
    part: None,
    floors_max: None,
    in_wasm: false,
    ..FEW_HOSTS
};
const FLIGHTS: Work = Work {
    name: "flights: count by origin",
    data: Data::Flights,
    question: &ORIGINS,
    against: Against::Better,
    part: Some(1.0 / 5.0),
    floors_max: None,
    in_wasm: false,
};

/// All of it, in the order of the table.
pub(super) static WORKS: [Work; 15] = [
    FEW_HOSTS,
    Work {
        name: "100 users' hosts, zstd",
        data: Data::Made("few-hosts-zstd.parquet"),
        ..FEW_HOSTS
    },
    Work {
        name: "100 users' hosts, snappy ¹",
        question: &GROUPED_FIRST,
        part: None,
        in_wasm: false,
        ..FEW_HOSTS
    },
    Work {
        name: "100 users' hosts, zstd ¹",
        data: Data::Made("few-hosts-zstd.parquet"),
        question: &GROUPED_FIRST,
        part: None,
        in_wasm: false,
        ..FEW_HOSTS
    },
    MANY_HOSTS,
    Work {
        name: "plain hosts, zstd",
        data: Data::Made("many-hosts-zstd.parquet"),
        ..MANY_HOSTS
    },
    // What one row group is shared out for is the wall time of two threads.
    Work {
        name: "100 users' hosts, one row group",
        data: Data::Made("few-hosts-one-row-group.parquet"),
        in_wasm: false,
        ..FEW_HOSTS
    },
    Work {
        name: "plain hosts, one row group",
        data: Data::Made("many-hosts-one-row-group.parquet"),
        in_wasm: false,
        ..MANY_HOSTS
    },
    WORD_HOSTS,
    Work {
        name: "hosts of words, zstd",
        data: Data::Words("word-hosts-zstd.parquet"),
        ..WORD_HOSTS
    },
    Work {
        name: "500 files in date folders",
        data: Data::Made("days"),
        part: Some(1.0 / 4.0),
        in_wasm: false,
        ..FEW_HOSTS
    },
    FLIGHTS,
    Work {
        name: "flights: mean(delay), max(delay) by origin",
        question: &DELAYS,
        in_wasm: true,
        ..FLIGHTS
    },
    Work {
        name: "flights: by day(date), distance > 1000",
        question: &DAYS,
        in_wasm: true,
        ..FLIGHTS
    },
    Work {
        name: "236 rows",
        data: Data::Made("tiny.parquet"),
        part: Some(1.0 / 5.0),
        in_wasm: false,
        ..FEW_HOSTS
    },
];
