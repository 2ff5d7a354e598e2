//! A partial as bytes.
//!
//! `QLP` and a version, the query's fingerprint, the content, and a checksum of all before. Numbers are LEB128 varints,
//! signed ones zigzag; groups are sorted, and so are distinct values; sums are written without leading or trailing
//! zeros. So the same content always gives the same bytes.

use super::class::{Class, Seen};
use super::partial::{Content, FileColumns, Groups};
use super::state::{State, Sum, ValueSet};
use super::sum::{FloatSum, WholeSum};
use crate::answer::Scanned;
use crate::query::Function;
use crate::value::{Decimal, Wide};
use crate::{Error, ErrorKind, Query, Value};

/// What the bytes begin with; the last one is the version.
const MAGIC: [u8; 4] = *b"QLP\x01";

/// Writes a partial.
pub(crate) fn write(query: &Query, content: &Content) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&query.fingerprint());
    let scanned = &content.scanned;
    for number in [
        scanned.files,
        scanned.row_groups,
        scanned.rows,
        scanned.bytes_read,
        scanned.bytes_total,
    ] {
        write_number(&mut out, number.into());
    }
    match &content.first_file {
        None => out.push(0),
        Some(first) => {
            out.push(1);
            write_bytes(&mut out, first.file.as_bytes());
            write_number(&mut out, first.names.len() as u128);
            first
                .names
                .iter()
                .for_each(|name| write_bytes(&mut out, name.as_bytes()));
        }
    }
    for seen in &content.columns {
        match &seen.file {
            None => out.push(0),
            Some(file) => {
                out.push(1);
                write_bytes(&mut out, file.as_bytes());
            }
        }
        write_class(&mut out, seen.class);
    }
    write_number(&mut out, content.groups.len() as u128);
    let mut groups: Vec<_> = content.groups.iter().collect();
    groups.sort_unstable_by(|a, b| a.0.cmp(b.0));
    for (key, states) in groups {
        key.iter().for_each(|value| write_value(&mut out, value));
        states.iter().for_each(|state| write_state(&mut out, state));
    }
    let checksum = checksum(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// Puts header and checksum around any content, so that fuzzing gets past them.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn seal(content: &[u8], query: &Query) -> Vec<u8> {
    let mut out = [&MAGIC[..], &query.fingerprint(), content].concat();
    let checksum = checksum(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// Reads a partial of `query`. Nothing is allocated that the bytes do not pay for.
pub(crate) fn read(bytes: &[u8], query: &Query) -> Result<Content, Error> {
    let error = |message: &str| Error::new(ErrorKind::Partial, message);
    let damaged = || error("the partial is damaged; ask for it again");
    if !bytes.starts_with(&MAGIC[..3]) {
        return Err(error("these bytes are no partial of Questlog"));
    }
    if bytes.get(3) != MAGIC.last() {
        return Err(error(
            "the partial is of another version of Questlog; use the same version everywhere",
        ));
    }
    let (body, sum) = bytes.split_last_chunk::<8>().ok_or_else(damaged)?;
    if body.len() < MAGIC.len() || u64::from_le_bytes(*sum) != checksum(body) {
        return Err(damaged());
    }
    let mut input = Input(&body[MAGIC.len()..]);
    if input.take(16).ok_or_else(damaged)? != query.fingerprint() {
        return Err(error(
            "the partial is of another query; only partials of the same query can be merged",
        ));
    }
    let content = read_content(&mut input, query).ok_or_else(damaged)?;
    if input.0.is_empty() {
        Ok(content)
    } else {
        Err(damaged())
    }
}

fn read_content(input: &mut Input<'_>, query: &Query) -> Option<Content> {
    let scanned = Scanned {
        files: input.u64()?,
        row_groups: input.u64()?,
        rows: input.u64()?,
        bytes_read: input.u64()?,
        bytes_total: input.u64()?,
    };
    let first_file = match input.byte()? {
        0 => None,
        1 => {
            let file = input.text()?;
            let count = input.u64()?;
            let names = (0..count).map(|_| input.text()).collect::<Option<_>>()?;
            Some(FileColumns { file, names })
        }
        _ => return None,
    };
    let mut columns = Vec::new();
    for _ in query.columns() {
        let file = match input.byte()? {
            0 => None,
            1 => Some(input.text()?),
            _ => return None,
        };
        columns.push(Seen {
            file,
            class: read_class(input)?,
        });
    }
    let mut groups = Groups::default();
    for _ in 0..input.u64()? {
        let key = query
            .keys()
            .iter()
            .map(|_| read_value(input))
            .collect::<Option<Box<[Value]>>>()?;
        let states = query
            .measures()
            .iter()
            .map(|measure| read_state(input, measure.function));
        let states = states.collect::<Option<Box<[State]>>>()?;
        // Without a key there is one group only, so no claim can make this loop long.
        if groups.insert(key, states).is_some() {
            return None;
        }
    }
    Some(Content {
        scanned,
        first_file,
        columns,
        groups,
    })
}

fn write_class(out: &mut Vec<u8>, class: Option<Class>) {
    let (code, detail) = match class {
        None => (0, 0),
        Some(Class::Bool) => (1, 0),
        Some(Class::Int) => (2, 0),
        Some(Class::Float { bits }) => (3, u32::from(bits)),
        Some(Class::Decimal { scale }) => (4, scale),
        Some(Class::Text) => (5, 0),
        Some(Class::Date) => (6, 0),
        Some(Class::Time) => (7, 0),
        Some(Class::Timestamp { utc }) => (8, u32::from(utc)),
        Some(Class::Uuid) => (9, 0),
        Some(Class::Interval) => (10, 0),
    };
    out.push(code);
    write_number(out, detail.into());
}

fn read_class(input: &mut Input<'_>) -> Option<Option<Class>> {
    let code = input.byte()?;
    let detail = u32::try_from(input.u64()?).ok()?;
    Some(match (code, detail) {
        (0, 0) => None,
        (1, 0) => Some(Class::Bool),
        (2, 0) => Some(Class::Int),
        (3, 32 | 64) => Some(Class::Float { bits: detail as u8 }),
        (4, scale @ 0..=Decimal::SCALE_MAX) => Some(Class::Decimal { scale }),
        (5, 0) => Some(Class::Text),
        (6, 0) => Some(Class::Date),
        (7, 0) => Some(Class::Time),
        (8, 0 | 1) => Some(Class::Timestamp { utc: detail == 1 }),
        (9, 0) => Some(Class::Uuid),
        (10, 0) => Some(Class::Interval),
        _ => return None,
    })
}

fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(value) => out.extend_from_slice(&[1, u8::from(*value)]),
        Value::Int(value) => {
            out.push(2);
            write_signed(out, *value);
        }
        Value::Float(value) => {
            out.push(3);
            out.extend_from_slice(&crate::value::canonical(*value).to_bits().to_le_bytes());
        }
        Value::Decimal(value) => {
            out.push(4);
            write_wide(out, &value.unscaled);
            write_number(out, value.scale.into());
        }
        Value::Text(bytes) => {
            out.push(5);
            write_bytes(out, bytes);
        }
        Value::Date(days) => {
            out.push(6);
            write_signed(out, (*days).into());
        }
        Value::Time(nanos) => {
            out.push(7);
            write_signed(out, *nanos);
        }
        Value::Timestamp { nanos, utc } => {
            out.push(8 + u8::from(*utc));
            write_signed(out, *nanos);
        }
        Value::Uuid(bytes) => {
            out.push(10);
            out.extend_from_slice(bytes);
        }
        Value::Interval {
            months,
            days,
            millis,
        } => {
            out.push(11);
            [months, days, millis]
                .iter()
                .for_each(|part| write_number(out, u128::from(**part)));
        }
    }
}

fn read_value(input: &mut Input<'_>) -> Option<Value> {
    Some(match input.byte()? {
        0 => Value::Null,
        1 => Value::Bool(input.flag()?),
        2 => Value::Int(input.signed()?),
        3 => {
            let value = f64::from_bits(u64::from_le_bytes(input.take(8)?.try_into().ok()?));
            Value::Float(crate::value::canonical(value))
        }
        4 => {
            let unscaled = input.wide()?;
            let scale = u32::try_from(input.u64()?)
                .ok()
                .filter(|scale| *scale <= Decimal::SCALE_MAX)?;
            Value::Decimal(Box::new(Decimal { unscaled, scale }))
        }
        5 => Value::Text(input.bytes()?.into()),
        6 => Value::Date(i64::try_from(input.signed()?).ok()?),
        7 => Value::Time(input.signed()?),
        tag @ (8 | 9) => Value::Timestamp {
            nanos: input.signed()?,
            utc: tag == 9,
        },
        10 => Value::Uuid(input.take(16)?.try_into().ok()?),
        11 => {
            let mut part = || u32::try_from(input.u64()?).ok();
            Value::Interval {
                months: part()?,
                days: part()?,
                millis: part()?,
            }
        }
        _ => return None,
    })
}

fn write_state(out: &mut Vec<u8>, state: &State) {
    match state {
        State::Count(count) => write_number(out, (*count).into()),
        State::Sum { values, sum } => {
            write_number(out, (*values).into());
            match sum {
                Sum::None => out.push(0),
                Sum::Whole(sum) => {
                    out.push(1);
                    write_wide(out, &sum.total());
                }
                Sum::Float(sum) => {
                    out.push(2);
                    let (total, flags) = sum.parts();
                    out.extend(flags.map(u8::from));
                    write_wide(out, &total);
                }
            }
        }
        State::Extreme(best) => write_value(out, best.as_ref().unwrap_or(&Value::Null)),
        State::Distinct(set) => {
            write_number(out, set.len() as u128);
            let mut values: Vec<_> = set.iter().collect();
            values.sort_unstable();
            values.iter().for_each(|value| write_value(out, value));
        }
    }
}

fn read_state(input: &mut Input<'_>, function: Function) -> Option<State> {
    Some(match function {
        Function::Count => State::Count(input.u64()?),
        Function::Sum | Function::Mean => {
            let values = input.u64()?;
            let sum = match input.byte()? {
                0 => Sum::None,
                1 => Sum::Whole(WholeSum::from_total(input.wide()?)),
                2 => {
                    let flags = [input.flag()?, input.flag()?, input.flag()?];
                    Sum::Float(Box::new(FloatSum::from_parts(input.wide()?, flags)))
                }
                _ => return None,
            };
            State::Sum { values, sum }
        }
        Function::Min | Function::Max => {
            State::Extreme(Some(read_value(input)?).filter(|value| !value.is_null()))
        }
        Function::Distinct => {
            let mut set = ValueSet::default();
            for _ in 0..input.u64()? {
                if !set.insert(read_value(input)?) {
                    return None;
                }
            }
            State::Distinct(set)
        }
    })
}

fn write_number(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn write_signed(out: &mut Vec<u8>, number: i128) {
    write_number(out, ((number << 1) ^ (number >> 127)) as u128);
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len() as u128);
    out.extend_from_slice(bytes);
}

/// A sign, then the magnitude: how many zero limbs to skip, and the limbs from there to the highest that is not zero.
fn write_wide<const LIMBS: usize>(out: &mut Vec<u8>, wide: &Wide<LIMBS>) {
    let magnitude = wide.magnitude();
    let skipped = magnitude
        .limbs()
        .iter()
        .take_while(|limb| **limb == 0)
        .count();
    let limbs = magnitude
        .limbs()
        .get(skipped..magnitude.bits().div_ceil(64))
        .unwrap_or_default();
    out.extend_from_slice(&[u8::from(wide.is_negative()), limbs.len() as u8]);
    if !limbs.is_empty() {
        out.push(skipped as u8);
    }
    limbs
        .iter()
        .for_each(|limb| write_number(out, u128::from(*limb)));
}

/// FNV-1a over eight bytes at a time, so that large partials cost little; it finds damage, not malice.
fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut add = |word: u64| {
        hash = (hash ^ word)
            .wrapping_mul(0x0000_0100_0000_01b3)
            .rotate_left(23);
    };
    words.iter().for_each(|word| add(u64::from_le_bytes(*word)));
    rest.iter().for_each(|byte| add(u64::from(*byte)));
    add(bytes.len() as u64);
    hash
}

/// The bytes that are still to be read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<u128> {
        let mut number = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7f);
            if shift == 126 && bits > 3 {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i128> {
        let number = self.number()?;
        Some((number >> 1) as i128 ^ -((number & 1) as i128))
    }

    fn u64(&mut self) -> Option<u64> {
        u64::try_from(self.number()?).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.u64()?).ok()?;
        self.take(len)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    fn wide<const LIMBS: usize>(&mut self) -> Option<Wide<LIMBS>> {
        let negative = self.flag()?;
        let len = usize::from(self.byte()?);
        let mut wide = Wide::ZERO;
        if len > 0 {
            let skipped = usize::from(self.byte()?);
            if skipped + len > LIMBS {
                return None;
            }
            for index in skipped..skipped + len {
                let limb = i128::from(self.u64()?);
                wide.add_shifted(if negative { -limb } else { limb }, index * 64);
            }
        }
        Some(wide)
    }
}
