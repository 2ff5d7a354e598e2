//! Limits of the server.

use std::time::Duration;

/// What a client may ask of the server at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLimits {
    /// A request's body on the wire, in bytes. Default 16 MiB.
    pub body_bytes_max: usize,
    /// A request's body after decompression, in bytes. Default 64 MiB.
    pub body_decoded_bytes_max: usize,
    /// Bodies in memory at once, and the records made of them, in bytes; more are refused for a while. Default 96 MiB.
    pub bodies_bytes_max: usize,
    /// Open connections; more wait in the operating system's queue. Default 10,000.
    pub connections_max: usize,
    /// Time from a request's first byte to its last. Default 30 s.
    pub request_time_max: Duration,
    /// Time a query may take. Default 60 s.
    pub query_time_max: Duration,
    /// Queries at once; more are refused for a while. Default 4.
    pub queries_max: usize,
    /// How long a query waits for others to finish before it is refused. Default 5 s.
    pub query_wait_max: Duration,
    /// Time from the signal to stop to the end of the last answer. Default 20 s.
    pub drain_time_max: Duration,
    /// How long an event's id is remembered. Default 24 h.
    pub dedup_time: Duration,
    /// How many ids are remembered. Default 4 million.
    pub dedup_ids_max: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            body_bytes_max: 16 << 20,
            body_decoded_bytes_max: 64 << 20,
            bodies_bytes_max: 96 << 20,
            connections_max: 10_000,
            request_time_max: Duration::from_secs(30),
            query_time_max: Duration::from_secs(60),
            queries_max: 4,
            query_wait_max: Duration::from_secs(5),
            drain_time_max: Duration::from_secs(20),
            dedup_time: Duration::from_secs(24 * 60 * 60),
            dedup_ids_max: 4_000_000,
        }
    }
}
