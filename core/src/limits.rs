//! Every limit of the core, with its unit and default.

/// What a scan, an event or a query may cost at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A footer's length in bytes. Default 64 MiB.
    pub footer_bytes_max: u64,
    /// Leaf columns of a file. Default 100,000.
    pub columns_max: usize,
    /// Row groups of a file. Default 1,000,000.
    pub row_groups_max: usize,
    /// A page after decompression, in bytes; a header that claims more is refused before anything is allocated. Default
    /// 256 MiB. With a dictionary counts what its values take in memory besides. A scan holds one page of each column it
    /// needs, beyond the 64 MiB that it may take for everything else but groups.
    pub page_bytes_max: u64,
    /// One text or binary value that becomes a group, a minimum or a maximum, in bytes. Default 16 MiB.
    pub value_bytes_max: usize,
    /// Groups of an answer. Default 1,000,000.
    pub groups_max: usize,
    /// Different values that all `distinct` measures of an answer hold together. Default 5,000,000.
    pub distinct_values_max: usize,
    /// Bytes that a row group may need to be asked for in one go; what needs more comes window by window. Default 4 MiB.
    pub fetch_bytes_max: u64,
    /// Bytes of a column chunk that are asked for at once, unless a page is longer. Default 1 MiB: few questions to
    /// whoever is far away.
    pub window_bytes: u64,
    /// An event's JSON, in bytes. Default 256 KiB.
    pub event_bytes_max: usize,
    /// Nesting of an event's JSON. Default 64 levels.
    pub event_depth_max: usize,
    /// Fields of an event, nested ones included. Default 1,000.
    pub event_fields_max: usize,
    /// Events of one request's body. Default 1,000,000.
    pub batch_events_max: usize,
    /// The text of a `where`, in bytes. Default 64 KiB.
    pub filter_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            footer_bytes_max: 64 << 20,
            columns_max: 100_000,
            row_groups_max: 1_000_000,
            page_bytes_max: 256 << 20,
            value_bytes_max: 16 << 20,
            groups_max: 1_000_000,
            distinct_values_max: 5_000_000,
            fetch_bytes_max: 4 << 20,
            window_bytes: 1 << 20,
            event_bytes_max: 256 << 10,
            event_depth_max: 64,
            event_fields_max: 1_000,
            batch_events_max: 1_000_000,
            filter_bytes_max: 64 << 10,
        }
    }
}
