//! What was counted, between workers.

use wasm_bindgen::prelude::*;

use crate::answer::Answer;
use crate::error::Thrown;
use crate::query::Query;

/// A part of an answer that merges with others.
#[wasm_bindgen]
pub struct Partial {
    pub(crate) inner: questlog_core::Partial,
}

#[wasm_bindgen]
impl Partial {
    /// Nothing counted yet.
    #[wasm_bindgen(constructor)]
    pub fn new(query: &Query) -> Partial {
        let inner = questlog_core::Partial::empty(&query.inner);
        Partial { inner }
    }

    /// A partial from its bytes; throws for those of another query.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &[u8], query: &Query) -> Result<Partial, Thrown> {
        let inner = questlog_core::Partial::from_bytes(bytes, &query.inner)?;
        Ok(Partial { inner })
    }

    /// Its bytes.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.inner.to_bytes()
    }

    /// Adds what another counted, and leaves that as it is; throws when their columns don't go together.
    pub fn merge(&mut self, other: &Partial) -> Result<(), Thrown> {
        Ok(self.inner.merge(other.inner.clone())?)
    }

    /// The same, and the other one is used up: cheaper, because nothing is copied.
    pub fn absorb(&mut self, other: Partial) -> Result<(), Thrown> {
        Ok(self.inner.merge(other.inner)?)
    }

    /// The partial of a coarser query over the same rows, made of this one's groups; throws where they don't make it up.
    pub fn regrouped(&self, query: &Query) -> Result<Partial, Thrown> {
        let inner = self.inner.regrouped(&query.inner)?;
        Ok(Partial { inner })
    }

    /// The answer: named, ordered, limited.
    pub fn answer(&self, query: &Query) -> Result<Answer, Thrown> {
        let inner = self.inner.answer(&query.inner)?;
        Ok(Answer { inner })
    }
}
