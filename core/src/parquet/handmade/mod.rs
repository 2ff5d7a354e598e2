//! Files made by hand, byte by byte: what real writers do although the format says otherwise, and what none should.

mod cuts;
mod schemas;

use bytes::Bytes;

use super::tests::{Cells, footer, read_chunk};
use super::{ChunkReader, PageStep, Store};
use crate::testing::thrift::{Fields, fields};
use crate::{ErrorKind, Limits};

const PLAIN: i64 = 0;
const RLE_DICTIONARY: i64 = 8;
const NONE: i64 = 0;
const SNAPPY: i64 = 1;

fn page(kind: i64, claim: usize, stored: &[u8], header: (u8, &Fields)) -> Vec<u8> {
    let head = fields()
        .int(1, kind)
        .int(2, claim as i64)
        .int(3, stored.len() as i64);
    [head.nested(header.0, header.1).end(), stored.to_vec()].concat()
}

/// A data page of `values` rows; levels in the hybrid form.
fn data(values: i64, encoding: i64, body: &[u8]) -> Vec<u8> {
    let header = fields().int(1, values).int(2, encoding).int(3, 3).int(4, 3);
    page(0, body.len(), body, (5, &header))
}

fn dictionary(values: i64, body: &[u8]) -> Vec<u8> {
    page(
        2,
        body.len(),
        body,
        (7, &fields().int(1, values).int(2, PLAIN)),
    )
}

/// "a" and "b" as plain byte arrays.
const A_B: &[u8] = b"\x01\0\0\0a\x01\0\0\0b";
/// The codes 0, 1, 1, 1 as two runs of numbers of one bit.
const CODES: &[u8] = &[1, 2, 0, 6, 1];

/// A file with one text column of `rows` rows whose chunk is `pages`.
struct File {
    rows: i64,
    optional: bool,
    codec: i64,
    pages: Vec<u8>,
    data_at: i64,
    dictionary_at: Option<i64>,
    /// Added to the length that the chunk claims.
    claim: i64,
    encrypted: bool,
}

impl File {
    fn new(rows: i64, pages: &[Vec<u8>]) -> Self {
        Self {
            rows,
            optional: false,
            codec: NONE,
            pages: pages.concat(),
            data_at: 4,
            dictionary_at: None,
            claim: 0,
            encrypted: false,
        }
    }

    fn bytes(&self) -> Bytes {
        let root = fields().text(4, "m").int(5, 1);
        let leaf = fields()
            .int(1, 6)
            .int(3, self.optional.into())
            .text(4, "k")
            .int(6, 0);
        let bytes = self.pages.len() as i64 + self.claim;
        let mut metadata = fields().int(1, 6).int(4, self.codec).long(5, self.rows);
        metadata = metadata.long(6, bytes).long(7, bytes).long(9, self.data_at);
        if let Some(at) = self.dictionary_at {
            metadata = metadata.long(11, at);
        }
        let mut chunk = fields().long(2, 4).nested(3, &metadata);
        if self.encrypted {
            chunk = chunk.nested(8, &fields().nested(1, &fields()));
        }
        let group = fields().list(1, &[chunk]).long(2, bytes).long(3, self.rows);
        let footer = fields()
            .int(1, 1)
            .list(2, &[root, leaf])
            .long(3, self.rows)
            .list(4, &[group]);
        let footer = footer.text(6, "hand").end();
        let len = (footer.len() as u32).to_le_bytes();
        [&b"PAR1"[..], &self.pages, &footer, &len, b"PAR1"]
            .concat()
            .into()
    }

    fn read_with(&self, limits: &Limits) -> Result<Cells, crate::Error> {
        let file = self.bytes();
        let footer = footer(&file, limits)?;
        read_chunk(&file, &footer, (0, 0), 7, limits)
    }

    fn read(&self) -> Result<String, crate::Error> {
        let cells = self.read_with(&Limits::default())?;
        let texts = cells.into_iter().map(|cell| match cell {
            Some(bytes) => String::from_utf8(bytes).unwrap(),
            None => "-".to_owned(),
        });
        Ok(texts.collect())
    }

    #[track_caller]
    fn fails(&self, kind: ErrorKind, words: &str) {
        let error = self.read().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(words), "{error}");
        assert!(error.message().contains("column k"), "{error}");
    }
}

#[test]
fn the_pages_say_what_they_are_wherever_the_footer_puts_the_dictionary() {
    let pages = [dictionary(2, A_B), data(4, RLE_DICTIONARY, CODES)];
    let after = 4 + pages[0].len() as i64;
    for (data_at, dictionary_at) in [
        (after, Some(4)),
        (4, None),
        (4, Some(4)),
        (4, Some(0)),
        (9, Some(4)),
        (4, Some(-3)),
    ] {
        let file = File {
            data_at,
            dictionary_at,
            ..File::new(4, &pages)
        };
        assert_eq!(file.read().unwrap(), "abbb", "{data_at} {dictionary_at:?}");
    }
}

#[test]
fn a_chunk_may_claim_a_little_too_little_or_too_much() {
    let pages = [dictionary(2, A_B), data(4, RLE_DICTIONARY, CODES)];
    for claim in [-20, -1, 1, 1 << 40] {
        assert_eq!(
            File {
                claim,
                ..File::new(4, &pages)
            }
            .read()
            .unwrap(),
            "abbb",
            "{claim}"
        );
    }
    let far = File {
        data_at: 1 << 40,
        ..File::new(4, &pages)
    };
    far.fails(ErrorKind::Corrupt, "starts beyond the end");
}

#[test]
fn pages_that_are_not_known_are_skipped() {
    let index = page(1, 3, b"abc", (6, &fields()));
    let later = page(77, 3, b"abc", (6, &fields()));
    let pages = [
        index,
        dictionary(2, A_B),
        later,
        data(4, RLE_DICTIONARY, CODES),
    ];
    assert_eq!(File::new(4, &pages).read().unwrap(), "abbb");
}

#[test]
fn a_page_that_does_not_have_its_checksum_is_no_answer() {
    let checked = |kind: i64, stored: &[u8], header: (u8, &Fields), checksum: u32| {
        let len = stored.len() as i64;
        let head = fields().int(1, kind).int(2, len).int(3, len);
        let head = head.int(4, checksum.cast_signed().into());
        [head.nested(header.0, header.1).end(), stored.to_vec()].concat()
    };
    let data = fields()
        .int(1, 4)
        .int(2, RLE_DICTIONARY)
        .int(3, 3)
        .int(4, 3);
    let pages = |of_dictionary: u32, of_data: u32| {
        let dictionary = fields().int(1, 2).int(2, PLAIN);
        [
            checked(2, A_B, (7, &dictionary), of_dictionary),
            checked(0, CODES, (5, &data), of_data),
        ]
    };
    // As Python's zlib.crc32 has them.
    let (of_dictionary, of_data) = (0x513c_f673, 0x7016_8136);
    let right = File::new(4, &pages(of_dictionary, of_data));
    assert_eq!(right.read().unwrap(), "abbb");
    for wrong in [
        pages(of_dictionary ^ 1, of_data),
        pages(of_dictionary, of_data ^ 0x8000_0000),
    ] {
        File::new(4, &wrong).fails(
            ErrorKind::Corrupt,
            "does not have the checksum it should have",
        );
    }
}

#[test]
fn fewer_or_more_rows_than_promised_are_no_answer() {
    File::new(3, &[data(2, PLAIN, A_B)]).fails(ErrorKind::Corrupt, "fewer rows");
    File::new(1, &[data(2, PLAIN, A_B)]).fails(ErrorKind::Corrupt, "more rows");
    File::new(3, &[data(3, PLAIN, A_B)]).fails(ErrorKind::Corrupt, "fewer values");
    let short = [dictionary(2, A_B), data(5, RLE_DICTIONARY, CODES)];
    File::new(5, &short).fails(ErrorKind::Corrupt, "fewer values");
    let beyond = [dictionary(1, &A_B[..5]), data(4, RLE_DICTIONARY, CODES)];
    File::new(4, &beyond).fails(ErrorKind::Corrupt, "not in the dictionary");
    File::new(4, &[data(4, RLE_DICTIONARY, CODES)]).fails(ErrorKind::Corrupt, "no dictionary");
    let twice = [
        dictionary(2, A_B),
        dictionary(2, A_B),
        data(4, RLE_DICTIONARY, CODES),
    ];
    File::new(4, &twice).fails(ErrorKind::Corrupt, "second dictionary");
}

#[test]
fn bytes_after_the_last_value_do_no_harm() {
    let body = [A_B, b"rubbish"].concat();
    assert_eq!(File::new(2, &[data(2, PLAIN, &body)]).read().unwrap(), "ab");
    let codes = [CODES, &[0xff; 9]].concat();
    let pages = [dictionary(2, A_B), data(4, RLE_DICTIONARY, &codes)];
    assert_eq!(File::new(4, &pages).read().unwrap(), "abbb");
}

#[test]
fn nothing_but_nulls_needs_no_bytes() {
    let levels = [2, 0, 0, 0, 6, 0];
    for encoding in [PLAIN, 5, 6, 7, RLE_DICTIONARY] {
        let pages = [dictionary(2, A_B), data(3, encoding, &levels)];
        let file = File {
            optional: true,
            ..File::new(3, &pages)
        };
        assert_eq!(file.read().unwrap(), "---", "encoding {encoding}");
    }
}

fn data_v2(rows: i64, levels: &[u8], stored: &[u8], claim: usize, compressed: bool) -> Vec<u8> {
    let header = fields().int(1, rows).int(2, 0).int(3, rows).int(4, PLAIN);
    let header = header
        .int(5, levels.len() as i64)
        .int(6, 0)
        .head(7, if compressed { 1 } else { 2 });
    let body = [levels, stored].concat();
    page(3, levels.len() + claim, &body, (8, &header))
}

#[test]
fn pages_of_the_second_version_say_for_themselves_whether_they_are_compressed() {
    let levels = [4, 1, 2, 0];
    let packed = snap::raw::Encoder::new().compress_vec(A_B).unwrap();
    let snappy = |page: Vec<u8>| File {
        codec: SNAPPY,
        optional: true,
        ..File::new(3, &[page])
    };
    let len = A_B.len();
    assert_eq!(
        snappy(data_v2(3, &levels, &packed, len, true))
            .read()
            .unwrap(),
        "ab-"
    );
    assert_eq!(
        snappy(data_v2(3, &levels, A_B, len, false)).read().unwrap(),
        "ab-"
    );
    // Compressed, although it says it is not.
    assert_eq!(
        snappy(data_v2(3, &levels, &packed, len, false))
            .read()
            .unwrap(),
        "ab-"
    );
    // Nothing at all to decompress.
    assert_eq!(
        snappy(data_v2(3, &[6, 0], b"", 0, true)).read().unwrap(),
        "---"
    );
}

#[test]
fn a_claim_is_checked_before_anything_is_allocated() {
    let header = fields().int(1, 2).int(2, PLAIN).int(3, 3).int(4, 3);
    for (codec, claim, kind) in [
        (SNAPPY, 0x7fff_ffff, ErrorKind::Limit),
        (SNAPPY, 200 << 20, ErrorKind::Corrupt),
        (2, 200 << 20, ErrorKind::Corrupt),
        (4, 200 << 20, ErrorKind::Corrupt),
        (5, 200 << 20, ErrorKind::Corrupt),
        (6, 200 << 20, ErrorKind::Corrupt),
        (7, 200 << 20, ErrorKind::Corrupt),
    ] {
        let file = File {
            codec,
            ..File::new(2, &[page(0, claim, A_B, (5, &header))])
        };
        file.fails(kind, "the page at byte 4");
    }
    let limits = Limits {
        page_bytes_max: A_B.len() as u64,
        ..Limits::default()
    };
    assert!(
        File::new(2, &[data(2, PLAIN, A_B)])
            .read_with(&limits)
            .is_ok()
    );
    let limits = Limits {
        page_bytes_max: A_B.len() as u64 - 1,
        ..Limits::default()
    };
    let error = File::new(2, &[data(2, PLAIN, A_B)])
        .read_with(&limits)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
}

#[test]
fn a_billion_rows_in_a_few_bytes_come_in_slices() {
    let rows: u32 = 1 << 30;
    let mut codes = vec![1];
    let mut head = (rows - 3) << 1;
    while head >= 0x80 {
        codes.push(head as u8 | 0x80);
        head >>= 7;
    }
    codes.extend([head as u8, 0, 6, 1]);
    let file = File::new(
        rows.into(),
        &[
            dictionary(2, A_B),
            data(rows.into(), RLE_DICTIONARY, &codes),
        ],
    );
    let file = file.bytes();
    let limits = Limits::default();
    let footer = footer(&file, &limits).unwrap();
    let chunk = &footer.chunks(0, &[0]).unwrap()[0];
    let leaf = &footer.schema().leaves[0];
    let mut reader = ChunkReader::new(leaf, chunk, file.len() as u64, &limits).unwrap();
    let mut store = Store::default();
    store.insert(0, &file);
    assert_eq!(reader.next_page(&store).unwrap(), PageStep::Page);
    assert!(reader.page().rows < 1 << 20);
}

#[test]
fn a_dictionary_of_empty_values_counts_with_what_it_takes_in_memory() {
    const VALUES: usize = 1000;
    // For each four bytes of length in the file, eight in memory, and eight in what is known of its code.
    const BYTES: u64 = 20 * VALUES as u64;
    let empty = [0; 4 * VALUES];
    let pages = [
        dictionary(VALUES as i64, &empty),
        data(4, RLE_DICTIONARY, CODES),
    ];
    let read = |page_bytes_max| {
        File::new(4, &pages).read_with(&Limits {
            page_bytes_max,
            ..Limits::default()
        })
    };
    for page_bytes_max in [BYTES + 1, BYTES] {
        assert_eq!(read(page_bytes_max).unwrap(), vec![Some(Vec::new()); 4]);
    }
    let error = read(BYTES - 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    assert!(error.message().contains("column k"), "{error}");
    // A count that lies is not believed, however much it would take.
    let lie = [
        dictionary(i64::from(i32::MAX), &empty),
        data(4, RLE_DICTIONARY, CODES),
    ];
    File::new(4, &lie).fails(ErrorKind::Corrupt, "");
}

#[test]
fn what_can_not_be_read_is_named() {
    let pages = [data(2, PLAIN, A_B)];
    File {
        codec: 3,
        ..File::new(2, &pages)
    }
    .fails(ErrorKind::Unsupported, "LZO");
    File {
        codec: 99,
        ..File::new(2, &pages)
    }
    .fails(ErrorKind::Unsupported, "number 99");
    File {
        encrypted: true,
        ..File::new(2, &pages)
    }
    .fails(ErrorKind::Encrypted, "encrypted");
    File::new(2, &[data(2, 99, A_B)]).fails(ErrorKind::Unsupported, "encoded in a way");
    File::new(2, &[data(2, 5, A_B)]).fails(ErrorKind::Unsupported, "encoded in a way");
}
