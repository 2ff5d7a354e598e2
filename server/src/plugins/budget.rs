//! What one instance has been given, and what it was refused.

use wasmtime::ResourceLimiter;

use super::PluginLimits;

/// Counts an instance's memory and tables against the limits.
pub(crate) struct Budget {
    memory_bytes_max: usize,
    table_elements_max: usize,
    parts_max: usize,
    /// The memory that was asked for and refused, in bytes.
    refused_bytes: Option<usize>,
}

impl Budget {
    pub(crate) fn new(limits: &PluginLimits) -> Self {
        Self {
            memory_bytes_max: limits.memory_bytes_max,
            table_elements_max: limits.table_elements_max,
            parts_max: limits.parts_max,
            refused_bytes: None,
        }
    }

    pub(crate) fn refused_bytes(&self) -> Option<usize> {
        self.refused_bytes
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
        if !granted {
            self.refused_bytes = Some(desired);
        }
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
