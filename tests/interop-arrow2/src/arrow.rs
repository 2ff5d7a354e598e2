//! arrow2: whole arrays.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use arrow2::array::{
    Array, BooleanArray, DictionaryArray, MutableDictionaryArray, MutableUtf8Array, PrimitiveArray,
    TryExtend, Utf8Array,
};
use arrow2::chunk::Chunk;
use arrow2::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow2::io::parquet::read;
use arrow2::io::parquet::write::{
    CompressionOptions, Encoding, FileWriter, RowGroupIterator, Version, WriteOptions,
};

use crate::Counts;
use crate::rows::{self, Row};

/// Counts a text column of a file; every other column is read as well, so that none of them is beyond arrow2.
pub fn count(path: &Path, column: &str) -> Result<Counts> {
    let mut file = File::open(path)?;
    let metadata = read::read_metadata(&mut file)?;
    let schema = read::infer_schema(&metadata)?;
    let index = schema.fields.iter().position(|field| field.name == column);
    let index = index.with_context(|| format!("{} has no {column}", path.display()))?;
    let chunks = read::FileReader::new(file, metadata.row_groups, schema, None, None, None);
    let mut counts = Counts::new();
    for chunk in chunks {
        let chunk = chunk?;
        for (text, count) in texts(chunk.arrays()[index].as_ref())? {
            *counts.entry(text).or_default() += count;
        }
    }
    Ok(counts)
}

fn texts(array: &dyn Array) -> Result<Counts> {
    let any = array.as_any();
    if let Some(array) = any.downcast_ref::<Utf8Array<i32>>() {
        return Ok(rows::counts(array.iter()));
    }
    if let Some(array) = any.downcast_ref::<Utf8Array<i64>>() {
        return Ok(rows::counts(array.iter()));
    }
    let array = any
        .downcast_ref::<DictionaryArray<i32>>()
        .with_context(|| format!("no text but {:?}", array.data_type()))?;
    let values = array.values().as_any().downcast_ref::<Utf8Array<i32>>();
    let values = values.context("a dictionary of something else than text")?;
    Ok(rows::counts(
        array
            .keys_iter()
            .map(|key| key.map(|key| values.value(key))),
    ))
}

/// Writes rows in row groups of `group_rows`, texts as a dictionary or plain.
pub fn write(
    path: &Path,
    all: &[Row],
    group_rows: usize,
    dictionary: bool,
    version: Version,
    compression: CompressionOptions,
) -> Result<()> {
    let options = WriteOptions {
        write_statistics: true,
        compression,
        version,
        data_pagesize_limit: Some(2_000),
    };
    let groups = all
        .chunks(group_rows)
        .map(|rows| columns(rows, dictionary))
        .collect::<Result<Vec<_>>>()?;
    let names = ["event_type", "Host", "flag", "level", "gold", "price", "at"];
    let first = groups.first().context("no rows")?;
    let fields: Vec<Field> = names
        .iter()
        .zip(first.arrays())
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let text = if dictionary {
        Encoding::RleDictionary
    } else {
        Encoding::Plain
    };
    let encodings = (0..fields.len())
        .map(|index| vec![if index < 2 { text } else { Encoding::Plain }])
        .collect();
    let schema = Schema::from(fields);
    let row_groups =
        RowGroupIterator::try_new(groups.into_iter().map(Ok), &schema, options, encodings)?;
    let mut writer = FileWriter::try_new(File::create(path)?, schema, options)?;
    for group in row_groups {
        writer.write(group?)?;
    }
    writer.end(None)?;
    Ok(())
}

fn columns(rows: &[Row], dictionary: bool) -> Result<Chunk<Box<dyn Array>>> {
    let text = |pick: fn(&Row) -> Option<&String>| -> Result<Box<dyn Array>> {
        if dictionary {
            let mut array = MutableDictionaryArray::<i32, MutableUtf8Array<i32>>::new();
            array.try_extend(rows.iter().map(pick))?;
            return Ok(DictionaryArray::from(array).boxed());
        }
        Ok(Utf8Array::<i32>::from_iter(rows.iter().map(pick)).boxed())
    };
    Ok(Chunk::new(vec![
        text(|row| row.event_type.as_ref())?,
        text(|row| row.host.as_ref())?,
        BooleanArray::from_iter(rows.iter().map(|row| row.flag)).boxed(),
        PrimitiveArray::from_iter(rows.iter().map(|row| row.level)).boxed(),
        PrimitiveArray::from_iter(rows.iter().map(|row| row.gold)).boxed(),
        PrimitiveArray::from_iter(rows.iter().map(|row| row.price)).boxed(),
        PrimitiveArray::from_iter(rows.iter().map(|row| row.at_us))
            .to(DataType::Timestamp(
                TimeUnit::Microsecond,
                Some("+00:00".to_owned()),
            ))
            .boxed(),
    ]))
}
