//! The schema: from a flattened tree of elements to the leaves that have values ("Metadata", "Logical types").

use super::fault::Fault;
use super::thrift::{Kind, Thrift};
use crate::value::{TimeUnit, Type};
use crate::{Error, ErrorKind, Limits};

/// Groups inside each other at most.
const DEPTH_MAX: usize = 256;

/// The columns of a file.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The columns that hold values, in file order; a row group has one chunk for each.
    pub leaves: Vec<Leaf>,
}

/// A column that holds values.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its name; a struct's member has its path, joined by dots.
    pub name: String,
    /// Whether it stands at the top level, so that `name` is one name, whatever dots it has.
    pub top_level: bool,
    /// How its values are stored.
    pub physical: Physical,
    /// What its values mean.
    pub ty: Type,
    /// The definition level of a value that is there; a lower one is a null.
    pub max_def: u16,
    /// Above 0 the column is repeated (a list or a map) and can't be read yet.
    pub max_rep: u16,
    /// Whether the file says that bounds in statistics follow the order of the column's type.
    pub ordered: bool,
}

/// How values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Physical {
    /// One bit.
    Bool,
    /// Four bytes.
    I32,
    /// Eight bytes.
    I64,
    /// Twelve bytes, an old form of timestamps.
    I96,
    /// Four bytes.
    F32,
    /// Eight bytes.
    F64,
    /// Any number of bytes.
    Bytes,
    /// The same number of bytes for each.
    Fixed(u32),
}

impl Schema {
    /// The leaf that `name` names: a whole column's name first, then a path.
    pub fn find(&self, name: &str) -> Option<usize> {
        let found = self
            .leaves
            .iter()
            .position(|leaf| leaf.top_level && leaf.name == name);
        found.or_else(|| self.leaves.iter().position(|leaf| leaf.name == name))
    }

    /// Whether `name` names a struct, list or map: something with members instead of values.
    pub fn is_group(&self, name: &str) -> bool {
        self.leaves.iter().any(|leaf| {
            !leaf.top_level
                && leaf
                    .name
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Reads the list of elements: each group is followed by its children.
    pub(super) fn parse(thrift: &mut Thrift<'_>, limits: &Limits) -> Result<Self, Error> {
        let fault = |fault: Fault| fault.of("the footer's schema has bytes that");
        let len = thrift.list_of(Kind::Struct).map_err(fault)?;
        if len == 0 {
            return Err(corrupt("the footer's schema is empty"));
        }
        let root = Element::parse(thrift).map_err(fault)?;
        let mut schema = Self::default();
        let mut name_bytes = 0;
        // The groups that are open, outermost first.
        let mut groups = vec![Group {
            left: root.children.unwrap_or(0),
            ..Group::default()
        }];
        for _ in 1..len {
            while groups.last().is_some_and(|group| group.left == 0) {
                groups.pop();
            }
            let depth = groups.len();
            let Some(parent) = groups.last_mut() else {
                return Err(corrupt(
                    "the footer's schema has more elements than its groups say",
                ));
            };
            parent.left -= 1;
            let element = Element::parse(thrift).map_err(fault)?;
            let name = if depth == 1 {
                element.name.to_owned()
            } else {
                format!("{}.{}", parent.name, element.name)
            };
            name_bytes += name.len() as u64;
            if name_bytes > limits.footer_bytes_max || depth > DEPTH_MAX {
                return Err(Error::new(
                    ErrorKind::Limit,
                    format!(
                        "the schema is nested too deeply at column {}",
                        shorten(&name)
                    ),
                ));
            }
            let optional = u16::from(element.repetition != REQUIRED);
            let repeated = u16::from(element.repetition == REPEATED);
            let (max_def, max_rep) = (parent.max_def + optional, parent.max_rep + repeated);
            match (element.children, element.physical()) {
                (None | Some(0), Ok(Some(physical))) => {
                    if schema.leaves.len() == limits.columns_max {
                        return Err(Error::new(
                            ErrorKind::Limit,
                            format!("the file has more than {} columns", limits.columns_max),
                        ));
                    }
                    let ty = element.meaning(physical);
                    let top_level = depth == 1;
                    schema.leaves.push(Leaf {
                        name,
                        top_level,
                        physical,
                        ty,
                        max_def,
                        max_rep,
                        ordered: false,
                    });
                }
                (_, Err(fault)) => return Err(fault.of(format_args!("column {}", shorten(&name)))),
                (children, Ok(_)) => {
                    groups.push(Group {
                        left: children.unwrap_or(0),
                        name,
                        max_def,
                        max_rep,
                    });
                }
            }
        }
        if groups.iter().any(|group| group.left > 0) {
            return Err(corrupt(
                "the footer's schema has fewer elements than its groups say",
            ));
        }
        Ok(schema)
    }
}

/// A group whose children are being read.
#[derive(Default)]
struct Group {
    left: u32,
    name: String,
    max_def: u16,
    max_rep: u16,
}

const REQUIRED: i32 = 0;
const REPEATED: i32 = 2;

/// One element as written.
#[derive(Default)]
struct Element<'a> {
    name: &'a str,
    physical: Option<i32>,
    fixed_len: i32,
    repetition: i32,
    children: Option<u32>,
    converted: Option<i32>,
    scale: i32,
    precision: i32,
    logical: Option<Type>,
}

impl<'a> Element<'a> {
    fn parse(thrift: &mut Thrift<'a>) -> Result<Self, Fault> {
        let mut element = Self::default();
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::I32) => element.physical = Some(thrift.i32()?),
                (2, Kind::I32) => element.fixed_len = thrift.i32()?,
                (3, Kind::I32) => element.repetition = thrift.i32()?,
                (4, Kind::Binary) => {
                    element.name = std::str::from_utf8(thrift.binary()?).map_err(|_| {
                        Fault::corrupt("name a column in something else than UTF-8")
                    })?;
                }
                (5, Kind::I32) => {
                    let children = u32::try_from(thrift.i32()?);
                    element.children = Some(
                        children
                            .map_err(|_| Fault::corrupt("claim a negative number of members"))?,
                    );
                }
                (6, Kind::I32) => element.converted = Some(thrift.i32()?),
                (7, Kind::I32) => element.scale = thrift.i32()?,
                (8, Kind::I32) => element.precision = thrift.i32()?,
                (10, Kind::Struct) => element.logical = logical_type(thrift)?,
                _ => thrift.skip(kind)?,
            }
        }
        Ok(element)
    }

    /// How the values are stored; `None` for a group.
    fn physical(&self) -> Result<Option<Physical>, Fault> {
        let Some(code) = self.physical else {
            return Ok(None);
        };
        Ok(Some(match code {
            0 => Physical::Bool,
            1 => Physical::I32,
            2 => Physical::I64,
            3 => Physical::I96,
            4 => Physical::F32,
            5 => Physical::F64,
            6 => Physical::Bytes,
            7 => Physical::Fixed(
                u32::try_from(self.fixed_len)
                    .map_err(|_| Fault::corrupt("has a negative length of values"))?,
            ),
            _ => {
                return Err(Fault::corrupt(
                    "is stored in a way that the format does not name",
                ));
            }
        }))
    }

    /// What the values mean; an annotation that does not fit the way they are stored is not believed.
    fn meaning(&self, physical: Physical) -> Type {
        let annotated = self.logical.or_else(|| self.converted_type());
        annotated
            .filter(|&ty| fits(ty, physical))
            .unwrap_or(match physical {
                Physical::Bool => Type::Bool,
                Physical::I32 => Type::Int {
                    bits: 32,
                    signed: true,
                },
                Physical::I64 => Type::Int {
                    bits: 64,
                    signed: true,
                },
                Physical::I96 => Type::Timestamp {
                    unit: TimeUnit::Nano,
                    utc: true,
                },
                Physical::F32 => Type::Float { bits: 32 },
                Physical::F64 => Type::Float { bits: 64 },
                Physical::Bytes | Physical::Fixed(_) => Type::Bytes,
            })
    }

    /// The older annotation.
    fn converted_type(&self) -> Option<Type> {
        use TimeUnit::{Micro, Milli};
        Some(match self.converted? {
            // UTF8, ENUM, JSON.
            0 | 4 | 19 => Type::Text,
            5 => decimal(self.precision, self.scale)?,
            6 => Type::Date,
            7 => Type::Time { unit: Milli },
            8 => Type::Time { unit: Micro },
            9 => Type::Timestamp {
                unit: Milli,
                utc: true,
            },
            10 => Type::Timestamp {
                unit: Micro,
                utc: true,
            },
            code @ 11..=14 => Type::Int {
                bits: 8 << (code - 11),
                signed: false,
            },
            code @ 15..=18 => Type::Int {
                bits: 8 << (code - 15),
                signed: true,
            },
            // BSON.
            20 => Type::Bytes,
            21 => Type::Interval,
            _ => return None,
        })
    }
}

/// The newer annotation, a union of structs; `None` for one that says nothing about values.
fn logical_type(thrift: &mut Thrift<'_>) -> Result<Option<Type>, Fault> {
    let mut ty = None;
    let mut last = 0;
    while let Some((id, kind)) = thrift.field(&mut last)? {
        if matches!((id, kind), (5 | 7 | 8 | 10, Kind::Struct)) {
            ty = parameterised(thrift, id)?;
            continue;
        }
        thrift.skip(kind)?;
        ty = match id {
            // STRING, ENUM, JSON.
            1 | 4 | 12 => Some(Type::Text),
            6 => Some(Type::Date),
            11 => Some(Type::Null),
            13 => Some(Type::Bytes),
            14 => Some(Type::Uuid),
            15 => Some(Type::Float { bits: 16 }),
            _ => None,
        };
    }
    Ok(ty)
}

/// DECIMAL, TIME, TIMESTAMP and INTEGER have two fields each.
fn parameterised(thrift: &mut Thrift<'_>, id: i16) -> Result<Option<Type>, Fault> {
    let (mut scale, mut precision, mut bits, mut flag, mut unit) = (0, 0, 0, false, None);
    let mut last = 0;
    while let Some((field, kind)) = thrift.field(&mut last)? {
        match (id, field, kind) {
            (5, 1, Kind::I32) => scale = thrift.i32()?,
            (5, 2, Kind::I32) => precision = thrift.i32()?,
            (7 | 8, 1, _) | (10, 2, _) => {
                flag = kind == Kind::True;
                thrift.skip(kind)?;
            }
            (7 | 8, 2, Kind::Struct) => unit = time_unit(thrift)?,
            (10, 1, Kind::I8) => bits = thrift.i8()?,
            _ => thrift.skip(kind)?,
        }
    }
    Ok(match id {
        5 => decimal(precision, scale),
        7 => unit.map(|unit| Type::Time { unit }),
        8 => unit.map(|unit| Type::Timestamp { unit, utc: flag }),
        _ => u8::try_from(bits)
            .ok()
            .map(|bits| Type::Int { bits, signed: flag }),
    })
}

fn time_unit(thrift: &mut Thrift<'_>) -> Result<Option<TimeUnit>, Fault> {
    let mut unit = None;
    let mut last = 0;
    while let Some((id, kind)) = thrift.field(&mut last)? {
        thrift.skip(kind)?;
        unit = match id {
            1 => Some(TimeUnit::Milli),
            2 => Some(TimeUnit::Micro),
            3 => Some(TimeUnit::Nano),
            _ => None,
        };
    }
    Ok(unit)
}

fn decimal(precision: i32, scale: i32) -> Option<Type> {
    let (precision, scale) = (u32::try_from(precision).ok()?, u32::try_from(scale).ok()?);
    (precision > 0).then_some(Type::Decimal { precision, scale })
}

/// Whether values of this meaning can be stored so ("Logical types").
fn fits(ty: Type, physical: Physical) -> bool {
    match ty {
        Type::Bool => physical == Physical::Bool,
        Type::Int {
            bits: 8 | 16 | 32, ..
        } => physical == Physical::I32,
        Type::Int { bits, .. } => bits == 64 && physical == Physical::I64,
        Type::Float { bits } => bits == 16 && physical == Physical::Fixed(2),
        Type::Text => physical == Physical::Bytes,
        Type::Bytes => matches!(physical, Physical::Bytes | Physical::Fixed(_)),
        Type::Decimal { .. } => {
            matches!(
                physical,
                Physical::I32 | Physical::I64 | Physical::Bytes | Physical::Fixed(_)
            )
        }
        Type::Date
        | Type::Time {
            unit: TimeUnit::Milli,
        } => physical == Physical::I32,
        Type::Time { .. } => physical == Physical::I64,
        Type::Timestamp { .. } => physical == Physical::I64,
        Type::Uuid => physical == Physical::Fixed(16),
        Type::Interval => physical == Physical::Fixed(12),
        Type::Null => true,
    }
}

fn corrupt(sentence: &str) -> Error {
    Error::new(ErrorKind::Corrupt, sentence)
}

/// A name for a sentence, cut where it would flood it.
pub(super) fn shorten(name: &str) -> std::borrow::Cow<'_, str> {
    const CHARACTERS_MAX: usize = 80;
    match name.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]).into(),
        None => name.into(),
    }
}
