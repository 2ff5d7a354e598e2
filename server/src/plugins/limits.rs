//! What a plugin may cost, in one place.

/// Every limit on an analysis plugin, with its unit and default.
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
    /// Memory of all instances of a host together, in bytes. Default 4 GiB.
    pub memory_bytes_max_of_all: usize,
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
            memory_bytes_max_of_all: 4 << 30,
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

/// Every limit on an ingest plugin, with its unit and default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IngestLimits {
    /// Plugins at once. Default 8.
    pub plugins_max: usize,
    /// A plugin's file, in bytes. Default 8 MiB.
    pub file_bytes_max: u64,
    /// Functions of a plugin. Default 20,000.
    pub functions_max: usize,
    /// One function's code, in bytes; the time to compile one grows faster than its size. Default 64 KiB.
    pub function_bytes_max: usize,
    /// Seconds of the processor's time that compiling it may take, where that is done apart. Default 20.
    pub compile_s_max: u64,
    /// Memory that compiling it may take, in bytes, where that is done apart. Default 1 GiB.
    pub compile_memory_bytes_max: u64,
    /// A plugin's TOML file, in bytes. Default 1 MiB.
    pub config_bytes_max: u64,
    /// How long it may take to start, to take its configuration or to say what it is, in milliseconds. Default 1,000.
    pub start_deadline_ms: u64,
    /// How long it may work on one batch, in milliseconds. Default 250.
    pub batch_deadline_ms: u64,
    /// After how long no more parts of a batch that failed are tried, in milliseconds. Default 2,000.
    pub retry_ms_max: u64,
    /// How many parts of a batch that failed are tried. Default 64.
    pub retry_calls_max: u32,
    /// Memory of one instance, in bytes; each plugin has one, and one more while it is loaded anew. Default 64 MiB.
    pub memory_bytes_max: usize,
    /// Memory of all instances together, in bytes. Default 512 MiB.
    pub memory_bytes_max_of_all: usize,
    /// Elements of its tables together with what they grow by. Default 10,000.
    pub table_elements_max: usize,
    /// Core instances, memories and tables that it is put together from. Default 8 of each.
    pub parts_max: usize,
    /// Its call stack, in bytes. Default 512 KiB.
    pub stack_bytes_max: usize,
    /// Rows of a batch. Default 8,192.
    pub batch_rows_max: usize,
    /// Bytes of a batch, unless one row has more. Default 8 MiB.
    pub batch_bytes_max: usize,
    /// What it may answer to one batch, in bytes. Default 16 MiB.
    pub output_bytes_max: usize,
    /// Columns that it may read, and that it may write. Default 32.
    pub fields_max: usize,
    /// Rules of a matcher. Default 10,000.
    pub rules_max: usize,
    /// A name or a version, in bytes. Default 50.
    pub name_bytes_max: usize,
    /// Why it could not answer, in bytes. Default 200.
    pub reason_bytes_max: usize,
    /// Lines that it may log for each batch; the rest is counted. Default 20.
    pub log_lines_max: u32,
    /// One such line, in bytes. Default 1 KiB.
    pub log_line_bytes_max: usize,
    /// Calls after which a new instance takes over. Default 10,000.
    pub calls_max: u32,
    /// Answers that are remembered, in bytes. Default 16 MiB.
    pub answers_bytes_max: usize,
    /// Failed batches in a row after which it rests. Default 3.
    pub failures_max: u32,
    /// How long it rests at first, in milliseconds; twice as long each time. Default 1,000.
    pub rest_ms_min: u64,
    /// How long it rests at most, in milliseconds. Default 300,000.
    pub rest_ms_max: u64,
}

impl Default for IngestLimits {
    fn default() -> Self {
        Self {
            plugins_max: 8,
            file_bytes_max: 8 << 20,
            functions_max: 20_000,
            function_bytes_max: 64 << 10,
            compile_s_max: 20,
            compile_memory_bytes_max: 1 << 30,
            config_bytes_max: 1 << 20,
            start_deadline_ms: 1_000,
            batch_deadline_ms: 250,
            retry_ms_max: 2_000,
            retry_calls_max: 64,
            memory_bytes_max: 64 << 20,
            memory_bytes_max_of_all: 512 << 20,
            table_elements_max: 10_000,
            parts_max: 8,
            stack_bytes_max: 512 << 10,
            batch_rows_max: 8_192,
            batch_bytes_max: 8 << 20,
            output_bytes_max: 16 << 20,
            fields_max: 32,
            rules_max: 10_000,
            name_bytes_max: 50,
            reason_bytes_max: 200,
            log_lines_max: 20,
            log_line_bytes_max: 1 << 10,
            calls_max: 10_000,
            answers_bytes_max: 16 << 20,
            failures_max: 3,
            rest_ms_min: 1_000,
            rest_ms_max: 300_000,
        }
    }
}
