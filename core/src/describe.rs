//! What a footer tells, for reading: columns, their chunks, and what all row groups say together of a column.

use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;

use crate::span::Span;
use crate::{ColumnChunk, Error, Footer, Leaf, Physical, Statistics, TimeUnit, Type};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnDescription {
    /// Its name; a struct's member has its path, joined by dots.
    pub name: String,
    /// What its values mean, as in `timestamp(us, UTC)`.
    #[serde(rename = "type")]
    pub ty: String,
    /// How they are stored, in Parquet's own words.
    pub stored: String,
    /// Whether a value may be missing.
    pub nullable: bool,
    /// Whether it is inside a list or a map.
    pub repeated: bool,
}

/// A column in one row group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChunkDescription {
    /// The column's name.
    pub column: String,
    /// How its pages are compressed.
    pub codec: String,
    /// The encodings its pages use, levels included.
    pub encodings: Vec<String>,
    /// Its values, nulls included.
    pub values: u64,
    /// Nulls, where the writer says so.
    pub nulls: Option<u64>,
    /// Different values, where the writer says so.
    pub distinct: Option<u64>,
    /// The least value, as the writer says; whether it is to be believed is another matter.
    pub min: Option<String>,
    /// The greatest value, as the writer says.
    pub max: Option<String>,
    /// Bytes as stored.
    pub bytes_compressed: u64,
    /// Bytes before compression.
    pub bytes_uncompressed: u64,
    /// Its first byte in the file.
    pub start: u64,
    /// The byte behind its last one.
    pub end: u64,
    /// Whether it has a dictionary.
    pub dictionary: bool,
    /// Whether its pages have statistics.
    pub column_index: bool,
    /// Whether the places of its pages are listed.
    pub offset_index: bool,
    /// Whether it has a bloom filter.
    pub bloom_filter: bool,
    /// Whether it can't be read without a key.
    pub encrypted: bool,
}

/// A column in all row groups together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ColumnTotals {
    /// The codecs of its chunks, each once.
    pub codecs: Vec<String>,
    /// Their encodings, each once.
    pub encodings: Vec<String>,
    /// Bytes as stored.
    pub bytes_compressed: u64,
    /// Bytes before compression.
    pub bytes_uncompressed: u64,
    /// Nulls, if every chunk says how many.
    pub nulls: Option<u64>,
    /// The least value, if every chunk has a bound that can be believed; a text may be cut off.
    pub min: Option<String>,
    /// The greatest value, if every chunk has a bound that can be believed; a text may be cut off.
    pub max: Option<String>,
    /// Chunks with a dictionary.
    pub dictionaries: usize,
    /// Chunks whose pages have statistics.
    pub column_indexes: usize,
    /// Chunks with a bloom filter.
    pub bloom_filters: usize,
    /// Whether a chunk can't be read without a key.
    pub encrypted: bool,
}

impl Footer {
    /// Its columns, in file order.
    pub fn describe_columns(&self) -> Vec<ColumnDescription> {
        self.schema()
            .leaves
            .iter()
            .map(ColumnDescription::new)
            .collect()
    }

    /// The chunks of a row group, of the columns in `leaves` (places in the schema).
    pub fn describe_chunks(
        &self,
        row_group: usize,
        leaves: Range<usize>,
    ) -> Result<Vec<ChunkDescription>, Error> {
        let wanted: Vec<usize> = leaves.clone().collect();
        let chunks = self.chunks(row_group, &wanted)?;
        let described = self.schema().leaves.get(leaves).unwrap_or_default();
        Ok(described
            .iter()
            .zip(&chunks)
            .map(|(leaf, chunk)| ChunkDescription::new(leaf, chunk))
            .collect())
    }

    /// What all row groups say together of the columns in `leaves` (places in the schema).
    pub fn describe_totals(&self, leaves: Range<usize>) -> Result<Vec<ColumnTotals>, Error> {
        let wanted: Vec<usize> = leaves.clone().collect();
        let described = self.schema().leaves.get(leaves).unwrap_or_default();
        let mut sums: Vec<TotalsSum> = described.iter().map(|_| TotalsSum::default()).collect();
        for row_group in 0..self.row_groups().len() {
            let chunks = self.chunks(row_group, &wanted)?;
            for ((sum, leaf), chunk) in sums.iter_mut().zip(described).zip(&chunks) {
                sum.add(leaf, chunk);
            }
        }
        Ok(sums.into_iter().map(TotalsSum::finish).collect())
    }
}

impl ColumnDescription {
    fn new(leaf: &Leaf) -> Self {
        Self {
            name: leaf.name.clone(),
            ty: type_name(leaf.ty),
            stored: physical_name(leaf.physical),
            nullable: leaf.max_def > 0,
            repeated: leaf.max_rep > 0,
        }
    }
}

impl ChunkDescription {
    fn new(leaf: &Leaf, chunk: &ColumnChunk) -> Self {
        let none = Statistics::default();
        let statistics = chunk.statistics.as_ref().unwrap_or(&none);
        let bound = |plain: &Option<Bytes>| {
            let value = leaf.value(plain.as_ref()?)?;
            Some(value.to_string())
        };
        Self {
            column: leaf.name.clone(),
            codec: chunk.codec.to_string(),
            encodings: chunk.encodings.iter().map(ToString::to_string).collect(),
            values: chunk.values,
            nulls: statistics.null_count,
            distinct: statistics.distinct_count,
            min: bound(&statistics.min),
            max: bound(&statistics.max),
            bytes_compressed: chunk.bytes_compressed,
            bytes_uncompressed: chunk.bytes_uncompressed,
            start: chunk.byte_range.start,
            end: chunk.byte_range.end,
            dictionary: chunk.dictionary_page_offset.is_some(),
            column_index: chunk.column_index.is_some(),
            offset_index: chunk.offset_index.is_some(),
            bloom_filter: chunk.bloom_filter.is_some(),
            encrypted: chunk.encrypted,
        }
    }
}

#[derive(Default)]
struct TotalsSum {
    totals: ColumnTotals,
    chunks: usize,
    chunks_with_nulls_told: usize,
    nulls: u64,
    span: Span,
}

impl TotalsSum {
    fn add(&mut self, leaf: &Leaf, chunk: &ColumnChunk) {
        let totals = &mut self.totals;
        let once = |list: &mut Vec<String>, word: String| {
            if !list.contains(&word) {
                list.push(word);
            }
        };
        once(&mut totals.codecs, chunk.codec.to_string());
        for encoding in &chunk.encodings {
            once(&mut totals.encodings, encoding.to_string());
        }
        // A writer may claim anything; a sum of claims must not overflow.
        totals.bytes_compressed = totals
            .bytes_compressed
            .saturating_add(chunk.bytes_compressed);
        totals.bytes_uncompressed = totals
            .bytes_uncompressed
            .saturating_add(chunk.bytes_uncompressed);
        totals.dictionaries += usize::from(chunk.dictionary_page_offset.is_some());
        totals.column_indexes += usize::from(chunk.column_index.is_some());
        totals.bloom_filters += usize::from(chunk.bloom_filter.is_some());
        totals.encrypted |= chunk.encrypted;
        self.chunks += 1;
        if let Some(nulls) = chunk.statistics.as_ref().and_then(|told| told.null_count) {
            self.chunks_with_nulls_told += 1;
            self.nulls = self.nulls.saturating_add(nulls);
        }
        self.span.add(leaf, chunk);
    }

    fn finish(mut self) -> ColumnTotals {
        let all_told = self.chunks > 0 && self.chunks_with_nulls_told == self.chunks;
        self.totals.nulls = all_told.then_some(self.nulls);
        if let Some((min, max)) = self.span.finish() {
            self.totals.min = Some(min.to_string());
            self.totals.max = Some(max.to_string());
        }
        self.totals
    }
}

fn type_name(ty: Type) -> String {
    let unit_name = |unit| match unit {
        TimeUnit::Milli => "ms",
        TimeUnit::Micro => "us",
        TimeUnit::Nano => "ns",
    };
    match ty {
        Type::Bool => "boolean".into(),
        Type::Int { bits, signed: true } => format!("int{bits}"),
        Type::Int {
            bits,
            signed: false,
        } => format!("uint{bits}"),
        Type::Float { bits } => format!("float{bits}"),
        Type::Text => "text".into(),
        Type::Bytes => "bytes".into(),
        Type::Decimal { precision, scale } => format!("decimal({precision},{scale})"),
        Type::Date => "date".into(),
        Type::Time { unit } => format!("time({})", unit_name(unit)),
        Type::Timestamp { unit, utc: true } => format!("timestamp({}, UTC)", unit_name(unit)),
        Type::Timestamp { unit, utc: false } => format!("timestamp({}, local)", unit_name(unit)),
        Type::Uuid => "uuid".into(),
        Type::Interval => "interval".into(),
        Type::Null => "null".into(),
    }
}

fn physical_name(physical: Physical) -> String {
    match physical {
        Physical::Bool => "BOOLEAN".into(),
        Physical::I32 => "INT32".into(),
        Physical::I64 => "INT64".into(),
        Physical::I96 => "INT96".into(),
        Physical::F32 => "FLOAT".into(),
        Physical::F64 => "DOUBLE".into(),
        Physical::Bytes => "BYTE_ARRAY".into(),
        Physical::Fixed(width) => format!("FIXED_LEN_BYTE_ARRAY({width})"),
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::properties::{EnabledStatistics, WriterProperties};

    use crate::testing::{Column, Reading, file, ints, query, run, texts};
    use crate::{FileInfo, Footer, Limits, Scan};

    const SCHEMA: &str =
        "optional int64 at (TIMESTAMP(MICROS,true)); optional binary name (STRING);";

    fn footer(statistics: EnabledStatistics, row_groups: &[Vec<Column>]) -> Footer {
        let properties = WriterProperties::builder()
            .set_statistics_enabled(statistics)
            .build();
        let bytes = file(SCHEMA, properties, row_groups);
        let info = FileInfo {
            name: "t".into(),
            size_bytes: bytes.len() as u64,
            partition: Vec::new(),
        };
        let mut scan = Scan::new(&query("", "count", ""), info, &Limits::default());
        while scan.footer().is_none() {
            if let crate::Step::Need(ranges) = scan.advance(1).unwrap() {
                for range in ranges {
                    let piece = bytes.slice(range.start as usize..range.end as usize);
                    scan.feed(range.start, piece).unwrap();
                }
            }
        }
        let footer = scan.footer().unwrap().as_ref().clone();
        assert!(run(scan, &bytes, Reading::default()).is_ok());
        footer
    }

    #[test]
    fn all_row_groups_together_tell_nulls_bounds_and_codecs() {
        let nothing = Column::I64(vec![None, None]);
        let groups = [
            vec![ints([1_000_000, 5_000_000]), texts(&["b", "null"])],
            vec![nothing, texts(&["null", "null"])],
            vec![ints([-1, 3]), texts(&["a", "c"])],
        ];
        let told = footer(EnabledStatistics::Chunk, &groups);
        let totals = told.describe_totals(0..2).unwrap();
        assert_eq!(totals[0].nulls, Some(2));
        assert_eq!(
            totals[0].min.as_deref(),
            Some("1969-12-31T23:59:59.999999Z")
        );
        assert_eq!(totals[1].nulls, Some(3));
        assert_eq!(totals[1].max.as_deref(), Some("c"));
        assert_eq!(totals[1].codecs, ["UNCOMPRESSED"]);
        assert!(totals[1].bytes_compressed > 0);
        assert_eq!(told.describe_columns()[0].ty, "timestamp(us, UTC)");
        assert_eq!(
            told.describe_chunks(2, 1..2).unwrap()[0].min.as_deref(),
            Some("a")
        );
    }

    #[test]
    fn what_is_not_told_is_not_made_up() {
        let groups = [vec![ints([1, 2]), texts(&["a", "b"])]];
        let untold = footer(EnabledStatistics::None, &groups);
        let totals = untold.describe_totals(0..2).unwrap();
        assert_eq!((totals[0].nulls, &totals[0].min), (None, &None));
    }
}
