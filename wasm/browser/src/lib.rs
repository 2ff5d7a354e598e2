//! The core in a web worker: converts, calls, converts back.
//!
//! A worker opens a [`scan::Scan`] for a `File`, reads the ranges it asks for with `FileReaderSync`, and sends the bytes of
//! its [`partial::Partial`] to the worker that merges. No rule of the domain lives here.
#![allow(
    clippy::needless_pass_by_value,
    reason = "wasm-bindgen hands texts and lists over as values of their own"
)]

mod answer;
mod error;
mod footer;
mod partial;
mod preview;
mod query;
mod scan;
