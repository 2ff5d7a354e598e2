//! Helpers for the tests that cross crates: one file a promise, in `tests/`.
//!
//! The tests drive the built binary as a user does: its command line, its HTTP routes, its files.
//! Nothing of ours is linked in, so no mistake of ours can sit on both sides of a comparison; only `partial_bytes` compares ours with ours.
//! What they need (the binary, the component, a Python environment, a public data file) is built and named by `cargo xtask test`;
//! [`place`] lists the variables.

mod address;
pub mod cases;
pub mod http;
pub mod peer;
pub mod place;
pub mod questlog;
pub mod server;
pub mod table;

pub use questlog::{Output, questlog};
pub use server::Server;
pub use table::Table;
