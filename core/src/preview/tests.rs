use parquet::file::properties::WriterProperties;

use super::*;
use crate::testing::{self, file, info, ints, texts};
use crate::{Query, QueryOptions, Scan};

fn footer_of(name: &str, bytes: &Bytes) -> Arc<Footer> {
    let limits = Limits::default();
    let query = Query::new(&QueryOptions::default(), &limits).unwrap();
    let mut scan = Scan::new(&query, info(name, bytes), &limits);
    loop {
        if let Some(footer) = scan.footer() {
            return footer.clone();
        }
        if let Step::Need(ranges) = scan.advance(1).unwrap() {
            for range in ranges {
                let piece = bytes.slice(range.start as usize..range.end as usize);
                scan.feed(range.start, piece).unwrap();
            }
        }
    }
}

/// Carries a preview to its end; gives what it found, and the bytes it asked for.
fn preview(name: &str, bytes: &Bytes, columns: &[&str], rows_max: usize) -> (Previewed, u64) {
    let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
    let footer = footer_of(name, bytes);
    let mut preview = Preview::new(
        info(name, bytes),
        footer,
        &columns,
        rows_max,
        &Limits::default(),
    );
    let mut asked = 0;
    loop {
        match preview.advance() {
            Step::Need(ranges) => {
                assert!(!ranges.is_empty());
                for range in ranges {
                    asked += range.end - range.start;
                    let piece = bytes.slice(range.start as usize..range.end as usize);
                    preview.feed(range.start, &piece).unwrap();
                }
            }
            Step::Done => return (preview.finish(), asked),
            Step::More => panic!("a preview has nothing to do without bytes"),
        }
    }
}

fn shown_rows(previewed: &Previewed) -> Vec<String> {
    (0..previewed.rows)
        .map(|row| {
            let cells = previewed.columns.iter().map(|column| {
                column
                    .values
                    .get(row)
                    .map_or("-".to_owned(), |value| match value {
                        Value::Null => "null".to_owned(),
                        value => value.to_string(),
                    })
            });
            cells.collect::<Vec<_>>().join("|")
        })
        .collect()
}

const SCHEMA: &str = "optional int64 n; optional binary t (STRING);";

#[test]
fn rows_run_on_over_row_groups_and_nulls_keep_their_places() {
    let bytes = file(
        SCHEMA,
        WriterProperties::builder().build(),
        &[
            vec![ints([1, 2]), texts(&["a", "null"])],
            vec![ints([3, 4]), texts(&["null", "b"])],
        ],
    );
    let (previewed, _) = preview("day=x%2Fy/f", &bytes, &["t", "n", "day"], 3);
    assert_eq!(
        shown_rows(&previewed),
        ["a|1|x/y", "null|2|x/y", "null|3|x/y"]
    );
    assert!(!previewed.cut);
    let (all, _) = preview("f", &bytes, &["n"], 100);
    assert_eq!(shown_rows(&all), ["1", "2", "3", "4"]);
    assert!(!all.cut, "the file has no more rows");
}

#[test]
fn a_column_that_cannot_be_shown_leaves_the_others_alone() {
    let schema = "optional int64 n; repeated binary list (STRING);";
    let mut bytes = Vec::new();
    {
        use parquet::data_type::{ByteArrayType, Int64Type};
        use parquet::file::writer::SerializedFileWriter;
        let schema =
            parquet::schema::parser::parse_message_type(&format!("message m {{ {schema} }}"));
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer =
            SerializedFileWriter::new(&mut bytes, Arc::new(schema.unwrap()), properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[7], Some(&[1]), None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let list = ["a".into(), "b".into()];
        column
            .typed::<ByteArrayType>()
            .write_batch(&list, Some(&[1, 1]), Some(&[0, 1]))
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    }
    let (previewed, _) = preview("f", &bytes.into(), &["n", "list", "no"], 10);
    assert_eq!(shown_rows(&previewed), ["7|-|-"]);
    let problem = |column: usize| previewed.columns[column].problem.clone().unwrap();
    assert_eq!(
        problem(1).message(),
        "column `list` is repeated (a list or a map) and can't be shown yet"
    );
    assert_eq!(problem(2).message(), "there is no column `no`");
}

#[test]
fn a_damaged_column_says_so_and_the_others_are_shown() {
    let plain = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .build();
    let bytes = file(SCHEMA, plain, &[vec![ints([1, 2]), texts(&["aa", "bb"])]]);
    let mut damaged = bytes.to_vec();
    damaged[4..12].fill(0xff);
    let (previewed, _) = preview("f", &damaged.into(), &["n", "t"], 10);
    assert!(previewed.columns[0].problem.is_some());
    assert_eq!(shown_rows(&previewed), ["-|aa", "-|bb"]);
}

#[test]
fn only_the_first_bytes_of_a_long_column_are_asked_for() {
    let plain = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(16 << 10)
        .set_write_batch_size(128)
        .build();
    let long = (0..20_000).map(|n| Some(format!("value number {n:>20}")));
    let bytes = file(
        "optional binary t (STRING);",
        plain,
        &[vec![testing::Column::Text(long.collect())]],
    );
    assert!(bytes.len() > 600_000);
    let (previewed, asked) = preview("f", &bytes, &["t"], 50);
    assert_eq!(previewed.rows, 50);
    assert!(asked <= FETCH_BYTES_FIRST, "{asked}");
}

#[test]
fn long_texts_end_a_preview_early_and_it_says_so() {
    let long = "x".repeat(1 << 20);
    let words: Vec<&str> = std::iter::repeat_n(long.as_str(), 20).collect();
    let bytes = file(
        SCHEMA,
        WriterProperties::builder().build(),
        &[vec![ints(0..20), texts(&words)]],
    );
    let (previewed, _) = preview("f", &bytes, &["t", "n"], 20);
    assert_eq!(previewed.rows, 8, "8 MiB for each of two columns");
    assert!(previewed.cut);
}

#[test]
fn bytes_of_another_file_are_refused() {
    let bytes = file(
        SCHEMA,
        WriterProperties::builder().build(),
        &[vec![ints([1]), texts(&["a"])]],
    );
    let footer = footer_of("f", &bytes);
    let mut preview = Preview::new(
        info("f", &bytes),
        footer,
        &["n".into()],
        1,
        &Limits::default(),
    );
    let end = bytes.len() as u64;
    assert!(preview.feed(end, &bytes).is_err());
    assert!(preview.feed(0, &Bytes::new()).is_err());
}
