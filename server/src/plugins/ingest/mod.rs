//! Ingest plugins: matchers and enrichers that work while events land.
//!
//! They run after an event is durable, on the columns that they name and, when equal rows have equal answers, on distinct
//! rows only. Whatever a plugin does, its columns are filled or stay blank, and the file says which; events go through.

mod answers;
mod breaker;
mod component;
mod description;
mod guest;
mod log;
mod plugin;
mod record;
mod registry;
mod sample;
mod set;
mod settings;
#[cfg(test)]
pub(crate) mod tests;
mod values;
mod world;

pub use description::{Description, Field, Kind, PluginKind};
pub use plugin::{Counts, Plugin};
pub use record::{Batch, Outcome, PluginRecord};
pub use registry::{Known, Registry};
pub use set::PluginSet;

pub(crate) use component::read;
pub(crate) use description::PROVIDER;
pub(crate) use values::{Input, Output};
