//! What fuzz targets ask of the reader. Beyond "it comes back" each asserts what callers rely on.

use bytes::{Bytes, BytesMut};

use super::codec::Decompressor;
use super::levels::Levels;
use super::values::{Decoder, Form};
use super::{
    BloomFilter, Bounds, ChunkReader, Codec, ColumnChunk, Encoding, Footer, FooterStep, Leaf,
    PagePlace, PageStatistics, PageStep, PageValues, Physical, Store, Values,
};
use crate::{Limits, Type};

/// Row groups and columns of a footer that are looked into.
const LOOKED_INTO: usize = 8;
/// A page's or a decompressed block's bytes at most: more would only be slow.
const PAGE_BYTES_MAX: u64 = 1 << 20;

const PHYSICALS: [Physical; 8] = [
    Physical::Bool,
    Physical::I32,
    Physical::I64,
    Physical::I96,
    Physical::F32,
    Physical::F64,
    Physical::Bytes,
    Physical::Fixed(5),
];
const CODECS: [Codec; 7] = [
    Codec::None,
    Codec::Snappy,
    Codec::Gzip,
    Codec::Brotli,
    Codec::Lz4,
    Codec::Zstd,
    Codec::Lz4Raw,
];
const ENCODINGS: [Encoding; 7] = [
    Encoding::Plain,
    Encoding::RleDictionary,
    Encoding::Rle,
    Encoding::DeltaBinaryPacked,
    Encoding::DeltaLengthByteArray,
    Encoding::DeltaByteArray,
    Encoding::ByteStreamSplit,
];

/// The limits of all targets.
pub(crate) fn limits() -> Limits {
    Limits {
        page_bytes_max: PAGE_BYTES_MAX,
        ..Limits::default()
    }
}

/// The footer of a whole file, its page indexes and bloom filters.
pub(crate) fn footer(data: &[u8]) {
    let file = Bytes::copy_from_slice(data);
    let Some(footer) = read_footer(&file) else {
        return;
    };
    let leaves = &footer.schema().leaves;
    let some: Vec<usize> = (0..leaves.len().min(LOOKED_INTO)).collect();
    for row_group in 0..footer.row_groups().len().min(LOOKED_INTO) {
        let Ok(chunks) = footer.chunks(row_group, &some) else {
            continue;
        };
        for (chunk, leaf) in chunks.iter().zip(leaves) {
            look_into(&file, leaf, chunk);
        }
    }
}

fn read_footer(file: &Bytes) -> Option<Footer> {
    let size = file.len() as u64;
    let mut need = Footer::tail_need(size);
    loop {
        let tail = file.slice(need.start as usize..need.end as usize);
        match Footer::parse(size, need.start, &tail, &limits()).ok()? {
            FooterStep::Need(more) => {
                assert!(more.start < need.start, "a footer that needs what it has");
                need = more;
            }
            FooterStep::Done(footer) => return Some(*footer),
        }
    }
}

fn look_into(file: &Bytes, leaf: &Leaf, chunk: &ColumnChunk) {
    assert!(chunk.byte_range.end <= file.len() as u64);
    if let Some(statistics) = &chunk.statistics {
        Bounds::of(leaf, statistics);
    }
    let cut = |start: u64, end: u64| file.get(start as usize..end as usize);
    let index = |range: &Option<std::ops::Range<u64>>| {
        range.as_ref().and_then(|range| cut(range.start, range.end))
    };
    let offsets = index(&chunk.offset_index);
    if let Some(pages) = offsets.and_then(|offsets| PagePlace::read(chunk, offsets)) {
        for page in &pages {
            assert!(page.bytes.end <= chunk.byte_range.end && page.rows.end <= chunk.rows);
        }
        let described = index(&chunk.column_index)
            .and_then(|bytes| PageStatistics::read(&pages, &Bytes::copy_from_slice(bytes)));
        for page in described.iter().flatten() {
            Bounds::of(leaf, &page.statistics);
        }
    }
    let filter = BloomFilter::need(chunk)
        .and_then(|need| cut(need.start, need.end))
        .and_then(|bytes| BloomFilter::read(chunk, bytes));
    if let Some(filter) = filter {
        let block = filter.block(BloomFilter::hash(b"value"));
        assert!(block.end <= file.len() as u64, "a block beyond the file");
    }
}

/// A column chunk: five bytes say what it is, the rest are its pages.
pub(crate) fn page(data: &[u8]) {
    let Some((&[physical, codec, def, rows @ ..], pages)) = data.split_first_chunk::<5>() else {
        return;
    };
    let rows = u64::from(u16::from_le_bytes(rows));
    let leaf = Leaf {
        name: "c".to_owned(),
        top_level: true,
        physical: pick(&PHYSICALS, physical),
        ty: Type::Bytes,
        max_def: u16::from(def % 4),
        max_rep: 0,
        ordered: false,
    };
    let end = pages.len() as u64;
    let chunk = ColumnChunk {
        codec: pick(&CODECS, codec),
        rows,
        values: rows,
        byte_range: 0..end,
        bytes_compressed: end,
        bytes_uncompressed: end,
        data_page_offset: 0,
        dictionary_page_offset: None,
        encodings: Vec::new(),
        dictionary_only: false,
        data_pages: None,
        statistics: None,
        column_index: None,
        offset_index: None,
        bloom_filter: None,
        encrypted: false,
    };
    let Ok(mut reader) = ChunkReader::new(&leaf, &chunk, end, &limits()) else {
        return;
    };
    let mut store = Store::default();
    let mut rows_read = 0;
    loop {
        match reader.next_page(&store) {
            Ok(PageStep::Need(need)) => {
                assert!(
                    need.start < need.end && need.end <= end,
                    "an impossible need"
                );
                let bytes = Bytes::copy_from_slice(&pages[need.start as usize..need.end as usize]);
                store.insert(need.start, &bytes);
            }
            Ok(PageStep::Page) => {
                let page = reader.page();
                assert!(page.rows > 0, "a slice of nothing");
                check(&page.values, page.rows - page.nulls, reader.dictionary());
                rows_read += page.rows as u64;
            }
            Ok(PageStep::End) => {
                assert_eq!(rows_read, rows, "rows were lost or made up");
                return;
            }
            Err(error) => {
                assert!(!error.message().is_empty());
                return;
            }
        }
    }
}

/// One decoder of values, levels or compressed bytes: six bytes say which, the rest is its input.
pub(crate) fn decoder(data: &[u8]) {
    let Some((&[which, physical, size, split, count @ ..], input)) = data.split_first_chunk::<6>()
    else {
        return;
    };
    let count = usize::from(u16::from_le_bytes(count));
    let parts = [
        usize::from(split).min(count),
        count - usize::from(split).min(count),
    ];
    match which % 10 {
        7 => {
            let mut out = BytesMut::new();
            let claim = count * usize::from(size);
            let codec = pick(&CODECS[1..], physical);
            if Decompressor::default()
                .decompress(codec, input, (0, claim), &mut out)
                .is_ok()
            {
                assert_eq!(out.len(), claim);
            }
        }
        form @ (8 | 9) => {
            let max = u16::from(size);
            let levels = if form == 8 {
                Levels::hybrid(max, 0, input.len())
            } else {
                Ok(Levels::bit_packed(max, 0, input.len()))
            };
            let Ok(mut levels) = levels else { return };
            for part in parts {
                let mut valid = Vec::new();
                let Ok(nulls) = levels.read(input, part, &mut valid) else {
                    return;
                };
                assert!(nulls <= part && (nulls == 0 || valid.len() == part));
            }
        }
        encoding => {
            let physical = pick(&PHYSICALS, physical);
            let form = Form {
                encoding: pick(&ENCODINGS, encoding),
                physical,
                bytes_max: PAGE_BYTES_MAX,
            };
            let input = Bytes::copy_from_slice(input);
            let Ok(mut decoder) = Decoder::new(form, &input, 0, Some(size.into())) else {
                return;
            };
            let mut values = if decoder.is_codes() {
                PageValues::Codes(Vec::new())
            } else {
                PageValues::Values(Values::none(physical))
            };
            for part in parts {
                if decoder.read(&input, part, &mut values).is_err() {
                    return;
                }
                if let PageValues::Codes(codes) = &values {
                    assert!(codes.iter().all(|&code| code < size.into()));
                }
                check(&values, part, None);
            }
        }
    }
}

/// There are as many values as there should be, and each is where it says.
fn check(values: &PageValues, count: usize, dictionary: Option<&Values>) {
    match values {
        PageValues::Codes(codes) => {
            assert_eq!(codes.len(), count);
            if let Some(dictionary) = dictionary {
                assert!(codes.iter().all(|&code| (code as usize) < dictionary.len()));
            }
        }
        PageValues::Values(values) => {
            assert_eq!(values.len(), count);
            if let Values::Bytes { data, spans } = values {
                let inside = |end: u64| end <= data.len() as u64;
                assert!(
                    spans
                        .iter()
                        .all(|span| inside(u64::from(span.start) + u64::from(span.len)))
                );
            }
        }
    }
}

fn pick<T: Copy>(all: &[T], byte: u8) -> T {
    all[usize::from(byte) % all.len()]
}
