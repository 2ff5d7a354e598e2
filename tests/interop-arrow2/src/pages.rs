//! parquet2: page by page, with no arrays in between.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use parquet2::compression::CompressionOptions;
use parquet2::encoding::Encoding;
use parquet2::encoding::hybrid_rle::{self, HybridRleDecoder};
use parquet2::encoding::plain_byte_array::BinaryIter;
use parquet2::error::Error;
use parquet2::metadata::{Descriptor, SchemaDescriptor};
use parquet2::page::{
    DataPage, DataPageHeader, DataPageHeaderV1, DataPageHeaderV2, DictPage, Page, split_buffer,
};
use parquet2::read::{decompress, get_page_iterator, read_metadata};
use parquet2::schema::Repetition;
use parquet2::schema::types::{
    ParquetType, PhysicalType, PrimitiveConvertedType, PrimitiveLogicalType,
};
use parquet2::write::{
    Compressor, DynIter, DynStreamingIterator, FileWriter, Version, WriteOptions,
};

use crate::Counts;
use crate::rows;

/// A page's size is limited when it is read, as parquet2 wants it.
const PAGE_BYTES_MAX: usize = 64 << 20;

/// Counts a flat text column of a file.
pub fn count(path: &Path, column: &str) -> Result<Counts> {
    let mut file = File::open(path)?;
    let metadata = read_metadata(&mut file)?;
    let mut counts = Counts::new();
    for group in &metadata.row_groups {
        let chunk = group
            .columns()
            .iter()
            .find(|chunk| chunk.descriptor().path_in_schema == [column]);
        let chunk = chunk.with_context(|| format!("{} has no {column}", path.display()))?;
        let mut dictionary = Vec::new();
        let mut buffer = Vec::new();
        for page in get_page_iterator(chunk, &mut file, None, Vec::new(), PAGE_BYTES_MAX)? {
            let page = decompress(page?, &mut buffer)?;
            match &page {
                Page::Dict(page) => dictionary = plain(&page.buffer, page.num_values)?,
                Page::Data(page) => {
                    for (text, count) in texts(page, &dictionary)? {
                        *counts.entry(text).or_default() += count;
                    }
                }
            }
            // The decompressor takes its buffer back from the page.
            buffer = match page {
                Page::Dict(page) => page.buffer,
                Page::Data(mut page) => std::mem::take(page.buffer_mut()),
            };
        }
    }
    Ok(counts)
}

fn plain(buffer: &[u8], count: usize) -> Result<Vec<String>> {
    BinaryIter::new(buffer, Some(count))
        .map(|value| Ok(std::str::from_utf8(value?)?.to_owned()))
        .collect()
}

fn texts(page: &DataPage, dictionary: &[String]) -> Result<Counts> {
    let (_, levels, values) = split_buffer(page)?;
    let present: Vec<bool> = if page.descriptor.max_def_level == 0 {
        vec![true; page.num_values()]
    } else {
        let levels = HybridRleDecoder::try_new(levels, 1, page.num_values())?;
        levels.map(|level| Ok(level? == 1)).collect::<Result<_>>()?
    };
    let count = present.iter().filter(|present| **present).count();
    let values: Vec<String> = match page.encoding() {
        Encoding::Plain => plain(values, count)?,
        Encoding::RleDictionary | Encoding::PlainDictionary if count == 0 => Vec::new(),
        Encoding::RleDictionary | Encoding::PlainDictionary => {
            let (bits, codes) = values.split_first().context("no codes")?;
            let codes = HybridRleDecoder::try_new(codes, u32::from(*bits), count)?;
            codes
                .map(|code| {
                    dictionary
                        .get(code? as usize)
                        .cloned()
                        .context("a code beyond the dictionary")
                })
                .collect::<Result<_>>()?
        }
        other => bail!("{other:?} is not for this test"),
    };
    ensure!(
        values.len() == count,
        "{} values where {count} should be",
        values.len()
    );
    let mut values = values.iter();
    Ok(rows::counts(present.iter().map(|present| {
        if *present {
            values.next().map(String::as_str)
        } else {
            None
        }
    })))
}

/// Writes text columns, in pages of `page_rows`, with a dictionary or plain.
pub fn write(
    path: &Path,
    columns: &[(&str, Vec<Option<&str>>)],
    page_rows: usize,
    dictionary: bool,
    version: Version,
    compression: CompressionOptions,
) -> Result<()> {
    let fields = columns
        .iter()
        .map(|(name, _)| text_field(name))
        .collect::<Result<Vec<_>>>()?;
    let schema = SchemaDescriptor::new("rows".to_owned(), fields);
    let options = WriteOptions {
        write_statistics: false,
        version,
    };
    let mut writer = FileWriter::new(File::create(path)?, schema.clone(), options, None);
    let chunks = columns
        .iter()
        .zip(schema.columns())
        .map(|((_, values), column)| {
            let pages = chunk(values, page_rows, dictionary, version, &column.descriptor)?;
            let pages = Compressor::new(
                DynIter::new(pages.into_iter().map(Ok)),
                compression,
                Vec::new(),
            );
            Ok(DynStreamingIterator::new(pages))
        })
        .collect::<Result<Vec<_>>>()?;
    writer.write(DynIter::new(chunks.into_iter().map(Ok::<_, Error>)))?;
    writer.end(None)?;
    Ok(())
}

fn text_field(name: &str) -> Result<ParquetType> {
    Ok(ParquetType::try_from_primitive(
        name.to_owned(),
        PhysicalType::ByteArray,
        Repetition::Optional,
        Some(PrimitiveConvertedType::Utf8),
        Some(PrimitiveLogicalType::String),
        None,
    )?)
}

/// A column chunk's pages, its dictionary first.
fn chunk(
    values: &[Option<&str>],
    page_rows: usize,
    dictionary: bool,
    version: Version,
    descriptor: &Descriptor,
) -> Result<Vec<Page>> {
    let mut distinct: Vec<&str> = values.iter().copied().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let mut pages = Vec::new();
    if dictionary {
        pages.push(Page::Dict(DictPage::new(
            plain_bytes(distinct.iter().copied())?,
            distinct.len(),
            false,
        )));
    }
    for rows in values.chunks(page_rows) {
        let present = rows.iter().copied().flatten();
        let bytes = if dictionary {
            let codes: Vec<u32> = present
                .map(|text| {
                    Ok(u32::try_from(
                        distinct
                            .binary_search(&text)
                            .ok()
                            .context("not in the dictionary")?,
                    )?)
                })
                .collect::<Result<_>>()?;
            let bits = u32::BITS - u32::try_from(distinct.len().saturating_sub(1))?.leading_zeros();
            let mut bytes = vec![u8::try_from(bits)?];
            hybrid_rle::encode_u32(&mut bytes, codes.into_iter(), bits)?;
            bytes
        } else {
            plain_bytes(present)?
        };
        let encoding = if dictionary {
            Encoding::RleDictionary
        } else {
            Encoding::Plain
        };
        pages.push(Page::Data(data_page(
            rows, &bytes, encoding, version, descriptor,
        )?));
    }
    Ok(pages)
}

fn plain_bytes<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend(u32::try_from(text.len())?.to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    Ok(bytes)
}

fn data_page(
    rows: &[Option<&str>],
    values: &[u8],
    encoding: Encoding,
    version: Version,
    descriptor: &Descriptor,
) -> Result<DataPage> {
    let mut levels = Vec::new();
    hybrid_rle::encode_bool(&mut levels, rows.iter().map(Option::is_some))?;
    let levels_bytes = i32::try_from(levels.len())?;
    let count = i32::try_from(rows.len())?;
    let mut buffer = Vec::new();
    let header = match version {
        Version::V1 => {
            buffer.extend(levels_bytes.to_le_bytes());
            DataPageHeader::V1(DataPageHeaderV1 {
                num_values: count,
                encoding: encoding.into(),
                definition_level_encoding: Encoding::Rle.into(),
                repetition_level_encoding: Encoding::Rle.into(),
                statistics: None,
            })
        }
        Version::V2 => DataPageHeader::V2(DataPageHeaderV2 {
            num_values: count,
            num_nulls: i32::try_from(rows.iter().filter(|row| row.is_none()).count())?,
            num_rows: count,
            encoding: encoding.into(),
            definition_levels_byte_length: levels_bytes,
            repetition_levels_byte_length: 0,
            is_compressed: None,
            statistics: None,
        }),
    };
    buffer.extend(levels);
    buffer.extend(values);
    Ok(DataPage::new(
        header,
        buffer,
        descriptor.clone(),
        Some(rows.len()),
    ))
}
