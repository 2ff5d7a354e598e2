//! What the footer says of one column in one row group ("Metadata").

use std::ops::Range;

use bytes::Bytes;

/// One column in one row group.
#[derive(Clone, Debug)]
pub struct ColumnChunk {
    /// How its pages are compressed.
    pub codec: Codec,
    /// Values it holds, nulls included; for a column that is not repeated, the row group's rows.
    pub values: u64,
    /// Where its pages are, checked against the file's size.
    pub byte_range: Range<u64>,
    /// Bytes of its pages, headers included, as stored.
    pub bytes_compressed: u64,
    /// The same before compression.
    pub bytes_uncompressed: u64,
    /// Where its first data page is.
    pub data_page_offset: u64,
    /// Where its dictionary is, if the writer said so; not always true.
    pub dictionary_page_offset: Option<u64>,
    /// The encodings its pages use, levels included.
    pub encodings: Vec<Encoding>,
    /// What the writer says of its values.
    pub statistics: Option<Statistics>,
    /// Where the statistics of its pages are.
    pub column_index: Option<Range<u64>>,
    /// Where the places of its pages are.
    pub offset_index: Option<Range<u64>>,
    /// Where its bloom filter starts, and its length if the writer said so.
    pub bloom_filter: Option<(u64, Option<u64>)>,
    /// Whether it can't be read without a key.
    pub encrypted: bool,
}

/// What a writer says of a chunk's or a page's values. Bounds are raw bytes in the column's PLAIN form, without a length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Nulls among the values.
    pub null_count: Option<u64>,
    /// Different values, nulls not among them.
    pub distinct_count: Option<u64>,
    /// The smallest value, or something not above it, in the order of the column's type.
    pub min: Option<Bytes>,
    /// The greatest value, or something not below it.
    pub max: Option<Bytes>,
    /// Whether the bounds come from the deprecated fields, which old writers filled in the order of signed bytes.
    pub deprecated: bool,
    /// Whether `min` is a value that occurs; `None` when the writer did not say.
    pub min_exact: Option<bool>,
    /// Whether `max` is a value that occurs; `None` when the writer did not say.
    pub max_exact: Option<bool>,
}

/// How pages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// Raw Snappy blocks.
    Snappy,
    /// Gzip, possibly several members.
    Gzip,
    /// LZO, which can't be read here.
    Lzo,
    /// Brotli.
    Brotli,
    /// The old LZ4, in one of two framings.
    Lz4,
    /// Zstandard.
    Zstd,
    /// Raw LZ4 blocks.
    Lz4Raw,
    /// A number the format does not name.
    Unknown(i32),
}

/// How values or levels are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// One after the other.
    Plain,
    /// A dictionary in PLAIN, or codes into it; the old name.
    PlainDictionary,
    /// Runs and bit-packed groups.
    Rle,
    /// The deprecated packing of levels, most significant bit first.
    BitPacked,
    /// Differences in packed blocks.
    DeltaBinaryPacked,
    /// Lengths as differences, then all bytes.
    DeltaLengthByteArray,
    /// Shared prefixes as differences, then the rest.
    DeltaByteArray,
    /// Codes into a dictionary.
    RleDictionary,
    /// First bytes first, then second bytes, and so on.
    ByteStreamSplit,
    /// A number the format does not name.
    Unknown(i32),
}
