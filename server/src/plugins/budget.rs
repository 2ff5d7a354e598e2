//! What one instance has been given, and what it was refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wasmtime::ResourceLimiter;

use crate::units;

/// The memory that all instances of a host have together.
#[derive(Debug)]
pub(crate) struct Pool {
    bytes: AtomicUsize,
    bytes_max: usize,
}

impl Pool {
    pub(crate) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self {
            bytes: AtomicUsize::new(0),
            bytes_max,
        })
    }

    /// Whether so much more could still be had.
    fn take(&self, more: usize) -> bool {
        let taken = |bytes: usize| {
            let sum = bytes.checked_add(more)?;
            (sum <= self.bytes_max).then_some(sum)
        };
        let order = Ordering::Relaxed;
        self.bytes.fetch_update(order, order, taken).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// What is taken now.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Counts an instance's memory and tables against the limits.
pub(crate) struct Budget {
    pool: Arc<Pool>,
    memory_bytes_max: usize,
    table_elements_max: usize,
    parts_max: usize,
    memory_bytes: usize,
    /// What was granted last, should the machine not have it.
    granted_bytes: usize,
    refusal: Option<Refusal>,
}

/// Whose limit it was that an instance wanted to go beyond.
#[derive(Clone, Copy)]
enum Refusal {
    Own,
    Shared,
}

impl Budget {
    pub(crate) fn new(
        pool: &Arc<Pool>,
        memory_bytes_max: usize,
        table_elements_max: usize,
        parts_max: usize,
    ) -> Self {
        Self {
            pool: Arc::clone(pool),
            memory_bytes_max,
            table_elements_max,
            parts_max,
            memory_bytes: 0,
            granted_bytes: 0,
            refusal: None,
        }
    }

    /// The memory that it has.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// If it was refused memory: what it wanted more than, as the end of a sentence.
    pub(crate) fn refused(&self) -> Option<String> {
        Some(match self.refusal? {
            Refusal::Own => {
                let most = units::bytes(self.memory_bytes_max as u64);
                format!("the {most} that it may have")
            }
            Refusal::Shared => {
                let most = units::bytes(self.pool.bytes_max as u64);
                format!("the {most} that all plugins together may have")
            }
        })
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        self.pool.give_back(self.memory_bytes);
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.granted_bytes = 0;
        // Of several memories the sum counts.
        let more = desired.saturating_sub(current);
        if self.memory_bytes.saturating_add(more) > self.memory_bytes_max {
            self.refusal = Some(Refusal::Own);
            return Ok(false);
        }
        if !self.pool.take(more) {
            self.refusal = Some(Refusal::Shared);
            return Ok(false);
        }
        self.memory_bytes += more;
        self.granted_bytes = more;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        let granted = std::mem::take(&mut self.granted_bytes);
        self.pool.give_back(granted);
        self.memory_bytes -= granted;
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_share_what_there_is_and_give_it_back() {
        let pool = Pool::new(100);
        let budget = |own| Budget::new(&pool, own, 0, 0);
        let (mut first, mut second) = (budget(80), budget(80));
        assert!(first.memory_growing(0, 60, None).unwrap());
        assert!(!first.memory_growing(60, 81, None).unwrap());
        assert!(first.refused().unwrap().ends_with("that it may have"));
        assert!(!second.memory_growing(0, 41, None).unwrap());
        assert!(
            second
                .refused()
                .unwrap()
                .ends_with("that all plugins together may have")
        );
        assert!(second.memory_growing(0, 40, None).unwrap());
        // The machine has it not.
        second
            .memory_grow_failed(wasmtime::Error::msg("none"))
            .unwrap();
        assert_eq!((pool.bytes(), second.memory_bytes()), (60, 0));
        drop(first);
        assert_eq!(pool.bytes(), 0);
        assert!(second.memory_growing(0, 80, None).unwrap());
    }
}
