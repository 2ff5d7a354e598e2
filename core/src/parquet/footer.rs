//! The footer at the end of a file ("File format", "Metadata").

use std::ops::Range;

use bytes::Bytes;

use super::chunk::{Codec, ColumnChunk, RawChunk};
use super::fault::Fault;
use super::schema::{Leaf, Physical, Schema, shorten};
use super::thrift::{Kind, Thrift};
use crate::{Error, ErrorKind, Limits};

/// Bytes at a file's end that are asked for first; most footers are shorter.
const TAIL_BYTES: u64 = 64 << 10;
/// The four bytes that a file begins and ends with.
const MAGIC: &[u8] = b"PAR1";
/// What an encrypted footer ends with.
const MAGIC_ENCRYPTED: &[u8] = b"PARE";
/// The footer's length and the magic bytes after it.
const TRAILER_BYTES: u64 = 8;
/// What a writer added for itself: pairs that are kept, the others are left out.
const KEY_VALUES_MAX: usize = 1_000;
/// The begin of the sentence when the footer's own bytes are wrong.
const FOOTER_BYTES: &str = "the footer has bytes that";

/// What a file says of itself. Column chunks are read from its bytes when asked for, so that a million row groups cost little.
#[derive(Clone, Debug)]
pub struct Footer {
    /// The bytes of the footer.
    bytes: Bytes,
    /// Where the footer starts; pages and indexes lie before it.
    start: u64,
    rows: u64,
    schema: Schema,
    row_groups: Vec<RowGroup>,
    created_by: Option<String>,
    key_values: Vec<(String, Option<String>)>,
}

/// A horizontal part of a file.
#[derive(Clone, Copy, Debug)]
pub struct RowGroup {
    /// Its rows.
    pub rows: u64,
    /// Bytes of its values before compression, by the writer's account.
    pub bytes_uncompressed: u64,
    /// How many column chunks it has, and where their list is in the footer.
    columns: u32,
    columns_at: u32,
}

/// What [`Footer::parse`] wants next.
#[derive(Debug)]
pub(crate) enum FooterStep {
    /// These bytes are looked at next: all from the footer's start to the end of the file, or, when there is no footer,
    /// those the file begins with.
    Need(Range<u64>),
    /// The footer.
    Done(Box<Footer>),
}

impl Footer {
    /// The range to ask for first: the file's end.
    pub(crate) fn tail_need(file_bytes: u64) -> Range<u64> {
        file_bytes.saturating_sub(TAIL_BYTES)..file_bytes
    }

    /// Reads the footer from `tail`, the bytes of the file from `tail_start` to its end.
    ///
    /// Where the end is none of Parquet the bytes at the beginning, asked for then, tell why. Else they are not looked
    /// at: other readers read files that have only lost the four bytes there, too.
    pub(crate) fn parse(
        file_bytes: u64,
        tail_start: u64,
        tail: &Bytes,
        limits: &Limits,
    ) -> Result<FooterStep, Error> {
        let has_end = tail_start + tail.len() as u64 == file_bytes;
        let trailer = tail.len().checked_sub(TRAILER_BYTES as usize);
        let Some(trailer) = trailer.filter(|_| has_end && file_bytes >= TRAILER_BYTES + 4) else {
            return Err(without_footer(tail, file_bytes));
        };
        let (len, magic) = tail[trailer..].split_at(4);
        if magic == MAGIC_ENCRYPTED {
            return Err(encrypted());
        }
        if magic != MAGIC {
            if tail_start > 0 {
                return Ok(FooterStep::Need(0..4));
            }
            return Err(without_footer(tail, file_bytes));
        }
        let len = u64::from(u32::from_le_bytes([len[0], len[1], len[2], len[3]]));
        if len > limits.footer_bytes_max {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the footer claims {len} bytes, more than the {} allowed",
                    limits.footer_bytes_max
                ),
            ));
        }
        let end = file_bytes - TRAILER_BYTES;
        let Some(start) = end.checked_sub(len).filter(|&start| start >= 4) else {
            return Err(corrupt(format!(
                "the footer claims {len} bytes, more than the file has before it"
            )));
        };
        if start < tail_start {
            return Ok(FooterStep::Need(start..file_bytes));
        }
        let bytes = tail.slice((start - tail_start) as usize..trailer);
        Self::parse_metadata(bytes, start, limits).map(|footer| FooterStep::Done(Box::new(footer)))
    }

    /// Reads the struct `FileMetaData`.
    fn parse_metadata(bytes: Bytes, start: u64, limits: &Limits) -> Result<Self, Error> {
        let fault = |fault: Fault| fault.of(FOOTER_BYTES);
        let mut footer = Self {
            bytes: Bytes::new(),
            start,
            rows: 0,
            schema: Schema::default(),
            row_groups: Vec::new(),
            created_by: None,
            key_values: Vec::new(),
        };
        let mut has_schema = false;
        let mut orders = Vec::new();
        let mut thrift = Thrift::new(&bytes, 0);
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last).map_err(fault)? {
            match (id, kind) {
                (2, Kind::List) => {
                    footer.schema = Schema::parse(&mut thrift, limits)?;
                    has_schema = true;
                }
                (3, Kind::I64) => {
                    let rows = thrift.i64().map_err(fault)?;
                    if rows < 0 {
                        return Err(corrupt(format!("the footer claims {rows} rows")));
                    }
                }
                (4, Kind::List) => footer.parse_row_groups(&mut thrift, limits)?,
                (5, Kind::List) => footer.key_values = key_values(&mut thrift).map_err(fault)?,
                (6, Kind::Binary) => {
                    footer.created_by = Some(text(thrift.binary().map_err(fault)?));
                }
                (7, Kind::List) => orders = column_orders(&mut thrift, limits).map_err(fault)?,
                _ => thrift.skip(kind).map_err(fault)?,
            }
        }
        if !has_schema {
            return Err(corrupt("the footer has no schema".to_owned()));
        }
        let leaves = footer.schema.leaves.len();
        for (index, group) in footer.row_groups.iter().enumerate() {
            if group.columns as usize != leaves {
                let columns = group.columns;
                let problem =
                    format!("row group {index} has {columns} columns, the schema has {leaves}");
                return Err(corrupt(problem));
            }
        }
        for (leaf, ordered) in footer.schema.leaves.iter_mut().zip(orders) {
            leaf.ordered = ordered;
        }
        footer.bytes = bytes;
        Ok(footer)
    }

    fn parse_row_groups(&mut self, thrift: &mut Thrift<'_>, limits: &Limits) -> Result<(), Error> {
        let fault = |fault: Fault| fault.of(FOOTER_BYTES);
        let len = thrift.list_of(Kind::Struct).map_err(fault)?;
        if len > limits.row_groups_max {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the file has {len} row groups, more than the {} allowed",
                    limits.row_groups_max
                ),
            ));
        }
        self.row_groups = Vec::with_capacity(len);
        self.rows = 0;
        for index in 0..len {
            let (group, rows) = RowGroup::parse(thrift).map_err(fault)?;
            let rows = u64::try_from(rows)
                .map_err(|_| corrupt(format!("row group {index} claims {rows} rows")))?;
            let sum = self
                .rows
                .checked_add(rows)
                .filter(|&sum| sum <= i64::MAX as u64);
            self.rows =
                sum.ok_or_else(|| corrupt("the row groups claim more than 2^63 rows".to_owned()))?;
            self.row_groups.push(RowGroup { rows, ..group });
        }
        Ok(())
    }

    /// Rows of the file: those of its row groups.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Its columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Its row groups, in file order.
    pub fn row_groups(&self) -> &[RowGroup] {
        &self.row_groups
    }

    /// The program that wrote it, in its own words.
    pub fn created_by(&self) -> Option<&str> {
        self.created_by.as_deref()
    }

    /// What the writer added for itself.
    pub fn key_values(&self) -> &[(String, Option<String>)] {
        &self.key_values
    }

    /// Bytes of the footer itself.
    pub fn bytes_len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The chunks of the given leaves (indexes into [`Schema::leaves`], any order) in a row group, in the order asked for.
    ///
    /// One pass over the row group's part of the footer, so ask for all that is needed at once.
    pub fn chunks(&self, row_group: usize, leaves: &[usize]) -> Result<Vec<ColumnChunk>, Error> {
        let fault = |fault: Fault| fault.of(FOOTER_BYTES);
        let Some(group) = self.row_groups.get(row_group) else {
            return Err(Error::new(
                ErrorKind::Misuse,
                format!("there is no row group {row_group}"),
            ));
        };
        let mut wanted: Vec<(usize, usize)> = leaves
            .iter()
            .enumerate()
            .map(|(place, &leaf)| (leaf, place))
            .collect();
        wanted.sort_unstable();
        let mut chunks: Vec<Option<ColumnChunk>> = vec![None; leaves.len()];
        let Some(&(last_leaf, _)) = wanted.last() else {
            return Ok(Vec::new());
        };
        let mut thrift = Thrift::new(&self.bytes, group.columns_at as usize);
        thrift.list_of(Kind::Struct).map_err(fault)?;
        let mut wanted = wanted.into_iter().peekable();
        for index in 0..=last_leaf {
            let Some(leaf) = self.schema.leaves.get(index) else {
                return Err(Error::new(
                    ErrorKind::Misuse,
                    format!("there is no column {index}"),
                ));
            };
            if wanted.peek().is_none_or(|&(leaf, _)| leaf != index) {
                thrift.skip(Kind::Struct).map_err(fault)?;
                continue;
            }
            let raw = ColumnChunk::parse(&mut thrift).map_err(fault)?;
            let chunk = self.check(raw, leaf, group.rows)?;
            while let Some((_, place)) = wanted.next_if(|&(leaf, _)| leaf == index) {
                chunks[place] = Some(chunk.clone());
            }
        }
        Ok(chunks.into_iter().flatten().collect())
    }

    /// Checks a chunk against the schema and the file's size.
    #[inline(never)]
    fn check(&self, raw: RawChunk, leaf: &Leaf, rows: u64) -> Result<ColumnChunk, Error> {
        let name = shorten(&leaf.name);
        let wrong = |what: &str| corrupt(format!("column {name}: its chunk {what}"));
        if raw.other_file {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("column {name}: its values are in another file; read that file instead"),
            ));
        }
        if raw.physical.is_none() && !raw.encrypted {
            return Err(wrong("has no metadata"));
        }
        if !raw.encrypted && raw.physical != Some(physical_code(leaf.physical)) {
            return Err(wrong("has another type than the schema"));
        }
        let unsigned = |value: i64, what| u64::try_from(value).map_err(|_| wrong(what));
        let data_page_offset = unsigned(raw.data_page_offset, "starts at a negative place")?;
        let bytes_compressed = unsigned(raw.bytes_compressed, "claims a negative number of bytes")?;
        // A dictionary comes first, and nothing lies before the magic bytes: any other place is a writer's mistake.
        let dictionary_page_offset = raw
            .dictionary_page_offset
            .and_then(|offset| u64::try_from(offset).ok())
            .filter(|&offset| offset >= MAGIC.len() as u64);
        let start = dictionary_page_offset.map_or(data_page_offset, |at| at.min(data_page_offset));
        // Some writers claim too many bytes: the pages say themselves how long they are.
        let end = start.saturating_add(bytes_compressed).min(self.start);
        if !raw.encrypted && start > end {
            return Err(wrong("starts beyond the end of the pages"));
        }
        let byte_range = start.min(end)..end;
        let values = unsigned(raw.values, "claims a negative number of values")?;
        if !raw.encrypted && leaf.max_rep == 0 && values != rows {
            return Err(wrong(&format!(
                "claims {values} values, its row group has {rows} rows"
            )));
        }
        let range = |(offset, len): (Option<i64>, Option<i32>)| {
            let start = u64::try_from(offset?).ok()?;
            let end = start.checked_add(u64::try_from(len?).ok()?)?;
            (end <= self.start).then_some(start..end)
        };
        Ok(ColumnChunk {
            codec: Codec::of(raw.codec),
            rows,
            values,
            byte_range,
            bytes_compressed,
            bytes_uncompressed: unsigned(
                raw.bytes_uncompressed,
                "claims a negative number of bytes",
            )?,
            data_page_offset,
            dictionary_page_offset,
            encodings: raw.encodings,
            dictionary_only: raw.dictionary_only,
            data_pages: raw.data_pages,
            statistics: raw.statistics,
            column_index: range(raw.column_index),
            offset_index: range(raw.offset_index),
            bloom_filter: match raw.bloom_filter {
                (start, Some(len)) => range((start, Some(len))),
                (Some(start), None) => u64::try_from(start)
                    .ok()
                    .filter(|&start| start < self.start)
                    .map(|start| start..self.start),
                (None, None) => None,
            },
            encrypted: raw.encrypted,
        })
    }
}

impl RowGroup {
    /// Reads the struct `RowGroup`, whose rows are not checked yet.
    fn parse(thrift: &mut Thrift<'_>) -> Result<(Self, i64), Fault> {
        let mut group = Self {
            rows: 0,
            bytes_uncompressed: 0,
            columns: 0,
            columns_at: 0,
        };
        let mut rows = None;
        let mut has_columns = false;
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::List) => {
                    group.columns_at =
                        u32::try_from(thrift.at()).map_err(|_| Fault::corrupt("are too many"))?;
                    has_columns = true;
                    let len = thrift.list_of(Kind::Struct)?;
                    group.columns =
                        u32::try_from(len).map_err(|_| Fault::corrupt("are too many"))?;
                    for _ in 0..len {
                        thrift.skip(Kind::Struct)?;
                    }
                }
                (2, Kind::I64) => {
                    group.bytes_uncompressed = u64::try_from(thrift.i64()?).unwrap_or(0);
                }
                (3, Kind::I64) => rows = Some(thrift.i64()?),
                _ => thrift.skip(kind)?,
            }
        }
        match rows {
            Some(rows) if has_columns => Ok((group, rows)),
            _ => Err(Fault::corrupt(
                "describe a row group without its rows or columns",
            )),
        }
    }
}

fn key_values(thrift: &mut Thrift<'_>) -> Result<Vec<(String, Option<String>)>, Fault> {
    let len = thrift.list_of(Kind::Struct)?;
    let mut pairs = Vec::new();
    for _ in 0..len {
        let (mut key, mut value) = (String::new(), None);
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            match (id, kind) {
                (1, Kind::Binary) => key = text(thrift.binary()?),
                (2, Kind::Binary) => value = Some(text(thrift.binary()?)),
                _ => thrift.skip(kind)?,
            }
        }
        if pairs.len() < KEY_VALUES_MAX {
            pairs.push((key, value));
        }
    }
    Ok(pairs)
}

/// For each leaf, whether its bounds follow the order of its type.
fn column_orders(thrift: &mut Thrift<'_>, limits: &Limits) -> Result<Vec<bool>, Fault> {
    const TYPE_ORDER: i16 = 1;
    let len = thrift.list_of(Kind::Struct)?;
    if len > limits.columns_max {
        return Err(Fault::corrupt("order more columns than there can be"));
    }
    let mut orders = Vec::with_capacity(len);
    for _ in 0..len {
        let mut ordered = false;
        let mut last = 0;
        while let Some((id, kind)) = thrift.field(&mut last)? {
            thrift.skip(kind)?;
            ordered = id == TYPE_ORDER;
        }
        orders.push(ordered);
    }
    Ok(orders)
}

fn physical_code(physical: Physical) -> i32 {
    match physical {
        Physical::Bool => 0,
        Physical::I32 => 1,
        Physical::I64 => 2,
        Physical::I96 => 3,
        Physical::F32 => 4,
        Physical::F64 => 5,
        Physical::Bytes => 6,
        Physical::Fixed(_) => 7,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn corrupt(sentence: String) -> Error {
    Error::new(ErrorKind::Corrupt, sentence)
}

fn encrypted() -> Error {
    let sentence = "the file is encrypted, and Questlog has no keys; decrypt it first";
    Error::new(ErrorKind::Encrypted, sentence)
}

fn begins_as_parquet(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(MAGIC_ENCRYPTED)
}

/// The error for a file that does not end as Parquet does, by the bytes that it begins with.
fn without_footer(head: &[u8], file_bytes: u64) -> Error {
    if begins_as_parquet(head) {
        return corrupt(
            "this Parquet file has no footer at its end: it was cut off, or its writer has not finished it; copy it again, or wait until it is written".to_owned(),
        );
    }
    let why = match file_bytes {
        0 => "it is empty".to_owned(),
        1..12 => format!("it has only {file_bytes} bytes"),
        _ => "it does not begin with PAR1".to_owned(),
    };
    Error::new(
        ErrorKind::NotParquet,
        format!("this is not a Parquet file: {why}"),
    )
}
