//! What one instance has been given, and what it was refused.

use wasmtime::ResourceLimiter;

use super::PluginLimits;

/// Counts an instance's memory and tables against the limits.
pub(crate) struct Budget {
    memory_bytes_max: usize,
    table_elements_max: usize,
    parts_max: usize,
    was_refused_memory: bool,
}

impl Budget {
    pub(crate) fn new(limits: &PluginLimits) -> Self {
        Self {
            memory_bytes_max: limits.memory_bytes_max,
            table_elements_max: limits.table_elements_max,
            parts_max: limits.parts_max,
            was_refused_memory: false,
        }
    }

    /// Whether it asked for more memory than it may have.
    pub(crate) fn was_refused_memory(&self) -> bool {
        self.was_refused_memory
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = desired <= self.memory_bytes_max;
        self.was_refused_memory |= !granted;
        Ok(granted)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= self.table_elements_max)
    }

    fn instances(&self) -> usize {
        self.parts_max
    }

    fn tables(&self) -> usize {
        self.parts_max
    }

    fn memories(&self) -> usize {
        self.parts_max
    }
}
