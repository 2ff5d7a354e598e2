//! Decoded values: a slice of a page, or a dictionary.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::schema::Physical;

/// A slice of a data page, decoded. Its buffers are reused from slice to slice.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its first row, counted from the row group's first.
    pub(crate) first_row: u64,
    /// Rows, nulls included.
    pub(crate) rows: usize,
    /// Rows that are null.
    pub(crate) nulls: usize,
    /// One byte a row, 1 where there is a value; empty when `nulls` is 0.
    pub(crate) valid: Vec<u8>,
    /// The values that are there (`rows - nulls`), in order.
    pub(crate) values: PageValues,
}

/// The values of a page.
#[derive(Debug)]
pub(crate) enum PageValues {
    /// Places in the chunk's dictionary, each checked to exist.
    Codes(Vec<u32>),
    /// The values themselves.
    Values(Values),
}

/// Values of one physical type. For byte arrays `data` may hold more than the spans use.
#[derive(Debug)]
pub(crate) enum Values {
    Bool(Vec<bool>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    I96(Vec<[u8; 12]>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Bytes { data: Bytes, spans: Vec<Span> },
    Fixed { width: usize, data: Vec<u8> },
}

/// Where a byte array is in its buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) len: u32,
}

impl Span {
    /// The bytes of `data` that it covers; none when it does not fit, which a decoder never lets happen.
    #[inline(always)]
    pub(crate) fn of(self, data: &[u8]) -> &[u8] {
        data.get(self.range()).unwrap_or_default()
    }

    /// The places that it covers.
    #[inline(always)]
    pub(crate) fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.len as usize
    }
}

/// The buffer behind bytes, with what is in it, if nobody else holds them.
pub(super) fn reclaim(bytes: Bytes) -> BytesMut {
    bytes.try_into_mut().unwrap_or_default()
}

impl Default for Page {
    fn default() -> Self {
        Self {
            first_row: 0,
            rows: 0,
            nulls: 0,
            valid: Vec::new(),
            values: PageValues::Codes(Vec::new()),
        }
    }
}

impl Values {
    /// No values of a type.
    pub(super) fn none(physical: Physical) -> Self {
        match physical {
            Physical::Bool => Self::Bool(Vec::new()),
            Physical::I32 => Self::I32(Vec::new()),
            Physical::I64 => Self::I64(Vec::new()),
            Physical::I96 => Self::I96(Vec::new()),
            Physical::F32 => Self::F32(Vec::new()),
            Physical::F64 => Self::F64(Vec::new()),
            Physical::Bytes => Self::Bytes {
                data: Bytes::new(),
                spans: Vec::new(),
            },
            Physical::Fixed(width) => Self::Fixed {
                width: width as usize,
                data: Vec::new(),
            },
        }
    }

    /// Forgets them, but not their buffers.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Bool(values) => values.clear(),
            Self::I32(values) => values.clear(),
            Self::I64(values) => values.clear(),
            Self::I96(values) => values.clear(),
            Self::F32(values) => values.clear(),
            Self::F64(values) => values.clear(),
            Self::Bytes { spans, .. } => spans.clear(),
            Self::Fixed { data, .. } => data.clear(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Bool(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::I96(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::Bytes { spans, .. } => spans.len(),
            Self::Fixed { width, data } => data.len().checked_div(*width).unwrap_or(0),
        }
    }
}
