//! Thrift's compact protocol, read only, as far as Parquet's metadata needs it.
//!
//! Every length is checked against the bytes that are left before anything is done with it, nesting is limited, and
//! fields that are not known are skipped, so a reader costs time in the order of its input and no memory.

use super::fault::Fault;

/// Structs, lists and maps inside each other that are skipped at most.
const DEPTH_MAX: u32 = 64;

/// The input ends inside something: a longer input might be fine.
pub(super) const TRUNCATED: Fault = Fault::corrupt("end too early");
const MALFORMED: Fault = Fault::corrupt("are not what Thrift's compact protocol allows");
const TOO_DEEP: Fault = Fault::corrupt("are nested too deeply");
const OTHER_TYPE: Fault = Fault::corrupt("have a list of another type than the format says");

/// The type of a field or an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    True,
    False,
    I8,
    I16,
    I32,
    I64,
    Double,
    Binary,
    List,
    Map,
    Struct,
    Uuid,
}

impl Kind {
    fn of(code: u8) -> Result<Self, Fault> {
        Ok(match code {
            1 => Self::True,
            2 => Self::False,
            3 => Self::I8,
            4 => Self::I16,
            5 => Self::I32,
            6 => Self::I64,
            7 => Self::Double,
            8 => Self::Binary,
            // Lists and sets look the same.
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => return Err(MALFORMED),
        })
    }
}

/// Reads values one after the other. A field of another type than expected is skipped like one that is not known, as Thrift's own readers do:
/// callers match on the number and the type together.
#[derive(Clone, Debug)]
pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Thrift<'a> {
    /// A reader of `bytes` that starts at `at`.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at: at.min(bytes.len()),
        }
    }

    /// Where it is in its bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next field of a struct, or `None` at its end. `last` is the field before it, 0 at the start.
    pub(super) fn field(&mut self, last: &mut i16) -> Result<Option<(i16, Kind)>, Fault> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        let kind = Kind::of(head & 0x0f)?;
        let id = match head >> 4 {
            0 => i16::try_from(self.zigzag()?).map_err(|_| MALFORMED)?,
            step => last.checked_add(i16::from(step)).ok_or(MALFORMED)?,
        };
        *last = id;
        Ok(Some((id, kind)))
    }

    /// The length of a list whose elements must be of a type. Each takes at least one byte, so the length is bounded.
    pub(super) fn list_of(&mut self, element: Kind) -> Result<usize, Fault> {
        let (kind, len) = self.list()?;
        // Some writers say 0 for the elements of an empty list.
        if len == 0 || kind == element {
            Ok(len)
        } else {
            Err(OTHER_TYPE)
        }
    }

    /// A list of booleans, each in a byte of its own.
    pub(super) fn bools(&mut self) -> Result<Vec<bool>, Fault> {
        let (kind, len) = self.list()?;
        if len > 0 && !matches!(kind, Kind::True | Kind::False) {
            return Err(OTHER_TYPE);
        }
        Ok(self.take(len)?.iter().map(|&byte| byte == 1).collect())
    }

    pub(super) fn i8(&mut self) -> Result<i8, Fault> {
        Ok(self.byte()? as i8)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Fault> {
        i32::try_from(self.zigzag()?).map_err(|_| MALFORMED)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Fault> {
        self.zigzag()
    }

    pub(super) fn binary(&mut self) -> Result<&'a [u8], Fault> {
        let len = self.varint()?;
        let len = self.bounded(len)?;
        self.take(len)
    }

    /// Goes past a value.
    pub(super) fn skip(&mut self, kind: Kind) -> Result<(), Fault> {
        self.skip_nested(kind, false, DEPTH_MAX)
    }

    fn skip_nested(&mut self, kind: Kind, element: bool, depth: u32) -> Result<(), Fault> {
        let depth = depth.checked_sub(1).ok_or(TOO_DEEP)?;
        match kind {
            Kind::True | Kind::False if element => self.take(1).map(drop),
            Kind::True | Kind::False => Ok(()),
            Kind::I8 => self.take(1).map(drop),
            Kind::I16 | Kind::I32 | Kind::I64 => self.varint().map(drop),
            Kind::Double => self.take(8).map(drop),
            Kind::Uuid => self.take(16).map(drop),
            Kind::Binary => self.binary().map(drop),
            Kind::List => {
                let (kind, len) = self.list()?;
                (0..len).try_for_each(|_| self.skip_nested(kind, true, depth))
            }
            Kind::Map => {
                let len = self.varint()?;
                let len = self.bounded(len)?;
                if len == 0 {
                    return Ok(());
                }
                let kinds = self.byte()?;
                let (key, value) = (Kind::of(kinds >> 4)?, Kind::of(kinds & 0x0f)?);
                (0..len).try_for_each(|_| {
                    self.skip_nested(key, true, depth)?;
                    self.skip_nested(value, true, depth)
                })
            }
            Kind::Struct => {
                let mut last = 0;
                while let Some((_, kind)) = self.field(&mut last)? {
                    self.skip_nested(kind, false, depth)?;
                }
                Ok(())
            }
        }
    }

    fn list(&mut self) -> Result<(Kind, usize), Fault> {
        let head = self.byte()?;
        let len = match head >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        let len = self.bounded(len)?;
        let element = if len == 0 {
            Kind::Struct
        } else {
            Kind::of(head & 0x0f)?
        };
        Ok((element, len))
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        let byte = *self.bytes.get(self.at).ok_or(TRUNCATED)?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(len).ok_or(TRUNCATED)?;
        let taken = self.bytes.get(self.at..end).ok_or(TRUNCATED)?;
        self.at = end;
        Ok(taken)
    }

    fn bounded(&self, len: u64) -> Result<usize, Fault> {
        let left = self.bytes.len() - self.at;
        usize::try_from(len)
            .ok()
            .filter(|&len| len <= left)
            .ok_or(TRUNCATED)
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(MALFORMED)
    }

    fn zigzag(&mut self) -> Result<i64, Fault> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_numbered_by_steps_or_in_full() {
        // 1: i32 = -3; 17: binary "ab"; 18: true; end.
        let bytes = [0x15, 0x05, 0x08, 0x22, 0x02, b'a', b'b', 0x11, 0x00];
        let mut thrift = Thrift::new(&bytes, 0);
        let mut last = 0;
        assert_eq!(thrift.field(&mut last), Ok(Some((1, Kind::I32))));
        assert_eq!(thrift.i32(), Ok(-3));
        assert_eq!(thrift.field(&mut last), Ok(Some((17, Kind::Binary))));
        assert_eq!(thrift.binary(), Ok(&b"ab"[..]));
        assert_eq!(thrift.field(&mut last), Ok(Some((18, Kind::True))));
        assert_eq!(thrift.field(&mut last), Ok(None));
        assert_eq!(thrift.at(), bytes.len());
    }

    #[test]
    fn whatever_is_unknown_is_skipped() {
        // A struct with a list of two booleans, a map from i8 to a double, a set and an empty list.
        let mut bytes = vec![0x19, 0x21, 0x01, 0x02, 0x1b, 0x01, 0x37, 0x07];
        bytes.extend([0; 8]);
        bytes.extend([0x1a, 0x15, 0x0a, 0x19, 0x00, 0x00, 0xff]);
        let mut thrift = Thrift::new(&bytes, 0);
        assert_eq!(thrift.skip(Kind::Struct), Ok(()));
        assert_eq!(thrift.at(), bytes.len() - 1);
    }

    #[test]
    fn lengths_that_lie_and_endless_nesting_are_refused() {
        let long_list = [0xf5, 0xff, 0xff, 0xff, 0xff, 0x07];
        assert_eq!(
            Thrift::new(&long_list, 0).list_of(Kind::Struct),
            Err(TRUNCATED)
        );
        let long_text = [0xff, 0xff, 0xff, 0xff, 0x0f];
        assert_eq!(Thrift::new(&long_text, 0).binary(), Err(TRUNCATED));
        let endless_varint = [0xff; 11];
        assert_eq!(
            Thrift::new(&endless_varint, 0).skip(Kind::I64),
            Err(MALFORMED)
        );
        let deep = [0x1c; 100];
        assert_eq!(Thrift::new(&deep, 0).skip(Kind::Struct), Err(TOO_DEEP));
        assert_eq!(Thrift::new(&[0x15], 0).skip(Kind::Struct), Err(TRUNCATED));
    }
}
