//! Files of a writer that is not ours, read back whole.

mod decoding;
mod index;
mod refusals;
mod sample;
mod schema;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

pub(crate) use self::sample::sample;
use super::page::Page;
use super::*;
use crate::{Error, Limits};

pub(crate) const CODECS: [fn() -> Compression; 7] = [
    || Compression::UNCOMPRESSED,
    || Compression::SNAPPY,
    || Compression::GZIP(Default::default()),
    || Compression::ZSTD(Default::default()),
    || Compression::BROTLI(Default::default()),
    || Compression::LZ4,
    || Compression::LZ4_RAW,
];

/// A column's values in PLAIN form, without lengths; `None` is null.
pub(super) type Cells = Vec<Option<Vec<u8>>>;

/// The footer of a whole file.
pub(crate) fn footer(file: &Bytes, limits: &Limits) -> Result<Footer, Error> {
    let size = file.len() as u64;
    let mut need = Footer::tail_need(size);
    loop {
        let tail = file.slice(need.start as usize..need.end as usize);
        match Footer::parse(size, need.start, &tail, limits)? {
            FooterStep::Need(more) => need = more,
            FooterStep::Done(footer) => return Ok(*footer),
        }
    }
}

/// Reads one column of one row group, feeding what is asked for in pieces of `piece` bytes.
pub(super) fn read_chunk(
    file: &Bytes,
    footer: &Footer,
    (row_group, leaf): (usize, usize),
    piece: usize,
    limits: &Limits,
) -> Result<Cells, Error> {
    let chunk = &footer.chunks(row_group, &[leaf])?[0];
    let leaf = &footer.schema().leaves[leaf];
    let mut reader = ChunkReader::new(leaf, chunk, file.len() as u64, limits)?;
    let mut store = Store::default();
    let mut cells = Vec::new();
    loop {
        match reader.next_page(&store)? {
            PageStep::Need(need) => {
                assert!(need.start < need.end, "an empty need");
                assert!(need.end <= file.len() as u64);
                store.release(0..reader.position());
                for start in need.clone().step_by(piece) {
                    let end = (start + piece as u64).min(need.end);
                    store.insert(start, &file.slice(start as usize..end as usize));
                }
            }
            PageStep::Page => page_cells(reader.page(), reader.dictionary(), &mut cells),
            PageStep::End => return Ok(cells),
        }
    }
}

/// Reads all columns that are not repeated.
pub(super) fn read_file(file: &Bytes, piece: usize, limits: &Limits) -> Result<Vec<Cells>, Error> {
    let footer = footer(file, limits)?;
    let mut columns = Vec::new();
    for (index, leaf) in footer.schema().leaves.iter().enumerate() {
        if leaf.max_rep > 0 {
            continue;
        }
        let mut cells = Vec::new();
        for row_group in 0..footer.row_groups().len() {
            cells.extend(read_chunk(
                file,
                &footer,
                (row_group, index),
                piece,
                limits,
            )?);
        }
        columns.push(cells);
    }
    Ok(columns)
}

fn page_cells(page: &Page, dictionary: Option<&Values>, cells: &mut Cells) {
    let mut values: Box<dyn Iterator<Item = Vec<u8>>> = match &page.values {
        PageValues::Codes(codes) => {
            let dictionary = value_cells(dictionary.expect("codes have a dictionary"));
            Box::new(
                codes
                    .clone()
                    .into_iter()
                    .map(move |code| dictionary[code as usize].clone()),
            )
        }
        PageValues::Values(values) => Box::new(value_cells(values).into_iter()),
    };
    assert_eq!(
        page.valid.len(),
        if page.nulls == 0 { 0 } else { page.rows }
    );
    for row in 0..page.rows {
        let valid = page.nulls == 0 || page.valid[row] == 1;
        cells.push(valid.then(|| values.next().expect("a value for each valid row")));
    }
    assert_eq!(values.next(), None, "more values than valid rows");
}

fn value_cells(values: &Values) -> Vec<Vec<u8>> {
    match values {
        Values::Bool(values) => values.iter().map(|&value| vec![value.into()]).collect(),
        Values::I32(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::I64(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::I96(values) => values.iter().map(|&value| value.into()).collect(),
        Values::F32(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::F64(values) => values
            .iter()
            .map(|value| value.to_le_bytes().into())
            .collect(),
        Values::Bytes { data, spans } => spans.iter().map(|span| span.of(data).into()).collect(),
        Values::Fixed { width, data } => data.chunks(*width).map(Into::into).collect(),
    }
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
}
