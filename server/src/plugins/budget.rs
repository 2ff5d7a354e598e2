//! What one instance has been given, and what it was refused.

use wasmtime::ResourceLimiter;

/// Counts an instance's memory and tables against the limits.
pub(crate) struct Budget {
    memory_bytes_max: usize,
    table_elements_max: usize,
    parts_max: usize,
    memory_bytes: usize,
    was_refused_memory: bool,
}

impl Budget {
    pub(crate) fn new(
        memory_bytes_max: usize,
        table_elements_max: usize,
        parts_max: usize,
    ) -> Self {
        Self {
            memory_bytes_max,
            table_elements_max,
            parts_max,
            memory_bytes: 0,
            was_refused_memory: false,
        }
    }

    /// The memory that it may have.
    pub(crate) fn memory_bytes_max(&self) -> usize {
        self.memory_bytes_max
    }

    /// The memory that it has.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Whether it asked for more memory than it may have.
    pub(crate) fn was_refused_memory(&self) -> bool {
        self.was_refused_memory
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Of several memories the sum counts.
        let sum = (self.memory_bytes - current.min(self.memory_bytes)).saturating_add(desired);
        let granted = sum <= self.memory_bytes_max;
        if granted {
            self.memory_bytes = sum;
        }
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
