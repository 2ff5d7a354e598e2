//! Questlog's server and command line: takes events, makes them durable, lands them as Parquet, answers questions.
//!
//! What is true everywhere (events, Parquet, queries) is in `questlog-core`; this crate adds files, sockets, clocks and threads.

pub mod analyze;
pub mod cli;
pub mod config;
pub mod histogram;
pub mod http;
pub mod ingest;
pub mod keys;
pub mod lake;
pub mod landing;
pub mod log;
pub mod plugins;
pub mod quarantine;
pub mod room;
mod units;
