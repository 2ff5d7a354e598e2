//! Bloom filters: what a question has to know of a chunk to say that no row has the value it asks for.

use super::condition::{Asked, Question};
use super::literal::Bound;
use crate::aggregate::Form;
use crate::parquet::{BloomFilter, Leaf, Physical};
use crate::query::{Comparison, Of};
use crate::value::Type;

/// Values of one question that are looked for in a filter; for more, most of the filter would be read.
const VALUES_MAX: usize = 1_000;

/// The hashes of all values that a column may have to hold for a question to be answered with yes; `None` if that can't be said.
pub(super) fn hashes(question: &Question, leaf: &Leaf) -> Option<Vec<u64>> {
    if question.lens.of != Of::Value {
        return None;
    }
    let hash = |bytes: &[u8]| BloomFilter::hash(bytes);
    let hash_of = |bound: &Bound| match plain(bound, leaf)? {
        Plain::Is(bytes) => Some(Some(hash(&bytes))),
        Plain::Never => Some(None),
    };
    let hashes: Vec<Option<u64>> = match &question.asked {
        Asked::Compare(Comparison::Equal, bound) => vec![hash_of(bound)?],
        Asked::In(bounds, _) if bounds.len() <= VALUES_MAX => {
            bounds.iter().map(hash_of).collect::<Option<_>>()?
        }
        Asked::InTexts(texts, _) if texts.len() <= VALUES_MAX && holds_texts(leaf) => {
            texts.iter().map(|text| Some(hash(text))).collect()
        }
        _ => return None,
    };
    Some(hashes.into_iter().flatten().collect())
}

/// What a column holds where it equals a literal.
enum Plain {
    /// These bytes, the only ones.
    Is(Vec<u8>),
    /// Nothing: no value of the column's type equals the literal.
    Never,
}

/// What a column holds where it equals a literal; `None` where equal values may have different bytes.
fn plain(bound: &Bound, leaf: &Leaf) -> Option<Plain> {
    let is = |bytes: &[u8]| Some(Plain::Is(bytes.to_vec()));
    match (bound, leaf.physical) {
        (Bound::Unknown, _) => Some(Plain::Never),
        (Bound::Int { floor, exact }, Physical::I32 | Physical::I64) => {
            let step = match Form::of(leaf) {
                Form::Plain | Form::Unsigned(32 | 64) => 1,
                Form::Nanos(step) => i128::from(step),
                _ => return None,
            };
            let raw = floor / step;
            if !exact || floor % step != 0 {
                return Some(Plain::Never);
            }
            let unsigned = matches!(leaf.ty, Type::Int { signed: false, .. });
            let bytes = match (leaf.physical, unsigned) {
                (Physical::I32, false) => i32::try_from(raw).map(|raw| raw.to_le_bytes().to_vec()),
                (Physical::I32, true) => u32::try_from(raw).map(|raw| raw.to_le_bytes().to_vec()),
                (_, false) => i64::try_from(raw).map(|raw| raw.to_le_bytes().to_vec()),
                (_, true) => u64::try_from(raw).map(|raw| raw.to_le_bytes().to_vec()),
            };
            Some(bytes.map_or(Plain::Never, Plain::Is))
        }
        (Bound::Int { floor, exact }, Physical::Fixed(width))
            if Form::of(leaf) == Form::BigEndian =>
        {
            let fill = if *floor < 0 { 0xff } else { 0 };
            let mut bytes = vec![fill; (width as usize).max(16)];
            let number_at = bytes.len() - 16;
            bytes[number_at..].copy_from_slice(&floor.to_be_bytes());
            let (cut, bytes) = bytes.split_at(bytes.len() - width as usize);
            let fits = cut.iter().all(|byte| *byte == fill)
                && bytes.first().is_some_and(|byte| byte & 0x80 == fill & 0x80);
            if *exact && fits {
                is(bytes)
            } else {
                Some(Plain::Never)
            }
        }
        // Zero has two forms, and NaN many.
        (Bound::Float(value), _) if *value == 0.0 || value.is_nan() => None,
        (Bound::Float(value), Physical::F32) => is(&(*value as f32).to_le_bytes()),
        (Bound::Float(value), Physical::F64) => is(&value.to_le_bytes()),
        (Bound::Bytes(bytes), _) if holds_texts(leaf) => is(bytes),
        _ => None,
    }
}

/// Whether texts are compared by just the bytes that the column holds.
fn holds_texts(leaf: &Leaf) -> bool {
    matches!(leaf.physical, Physical::Bytes | Physical::Fixed(_))
        && matches!(leaf.ty, Type::Text | Type::Bytes | Type::Uuid)
}
