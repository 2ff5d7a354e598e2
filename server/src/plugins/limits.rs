//! What a plugin may cost, in one place.

/// Every limit on a plugin, with its unit and default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginLimits {
    /// The plugin's file, in bytes. Default 16 MiB.
    pub file_bytes_max: u64,
    /// How long it may take to start and to say what it is, in milliseconds. Default 1,000.
    pub start_deadline_ms: u64,
    /// How long it may work on one call, in milliseconds. Default 10,000.
    pub call_deadline_ms: u64,
    /// How long it may work on one query over all files, in milliseconds. Default no end.
    pub run_deadline_ms: Option<u64>,
    /// Memory of one instance, in bytes. Default 1 GiB.
    pub memory_bytes_max: usize,
    /// Elements of its tables together with what they grow by. Default 10,000.
    pub table_elements_max: usize,
    /// Core instances, memories and tables that it is put together from. Default 8 of each.
    pub parts_max: usize,
    /// Its call stack, in bytes. Default 512 KiB.
    pub stack_bytes_max: usize,
    /// Bytes of a file that it may ask for at once. Default 64 MiB.
    pub fetch_bytes_max: u64,
    /// Ranges that it may ask for at once. Default 65,536.
    pub fetch_ranges_max: usize,
    /// Bytes that it may ask for in all, as a multiple of the file's size. Default 8.
    pub fetch_times_max: u64,
    /// Calls in a row that may bring nothing forward. Default 10,000.
    pub idle_calls_max: u32,
    /// An answer or a partial, in bytes. Default 256 MiB.
    pub output_bytes_max: usize,
}

impl Default for PluginLimits {
    fn default() -> Self {
        Self {
            file_bytes_max: 16 << 20,
            start_deadline_ms: 1_000,
            call_deadline_ms: 10_000,
            run_deadline_ms: None,
            memory_bytes_max: 1 << 30,
            table_elements_max: 10_000,
            parts_max: 8,
            stack_bytes_max: 512 << 10,
            fetch_bytes_max: 64 << 20,
            fetch_ranges_max: 1 << 16,
            fetch_times_max: 8,
            idle_calls_max: 10_000,
            output_bytes_max: 256 << 20,
        }
    }
}
