//! From when to when, or from what to what: the bounds of a column that a footer tells by itself.

use crate::parquet::Bounds;
use crate::{Error, Footer, Value};

impl Footer {
    /// The smallest and the greatest value of a column, by the place of its leaf in the schema.
    ///
    /// `None` where a row group does not say, or says what can't be believed: half a span would be a wrong one. The bounds
    /// of long texts may have been cut by the writer, so a span is what no value is outside of, not always a value.
    pub fn span(&self, leaf: usize) -> Result<Option<(Value, Value)>, Error> {
        let Some(column) = self.schema().leaves.get(leaf) else {
            return Ok(None);
        };
        let mut span: Option<(Value, Value)> = None;
        for (index, group) in self.row_groups().iter().enumerate() {
            let chunks = self.chunks(index, &[leaf])?;
            let Some(chunk) = chunks.first() else {
                return Ok(None);
            };
            let Some(statistics) = &chunk.statistics else {
                return Ok(None);
            };
            // A row group without a value has no bounds to tell.
            if group.rows == 0 || statistics.null_count == Some(group.rows) {
                continue;
            }
            let bounds = Bounds::of(column, statistics);
            let value = |plain: Option<&[u8]>| plain.and_then(|plain| column.value(plain));
            let (Some(low), Some(high)) = (value(bounds.min), value(bounds.max)) else {
                return Ok(None);
            };
            span = Some(match span {
                None => (low, high),
                Some((min, max)) => (min.min(low), max.max(high)),
            });
        }
        Ok(span)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use parquet::file::properties::{EnabledStatistics, WriterProperties};

    use crate::testing::{Column, file, ints, query};
    use crate::{FileInfo, Limits, Scan, Step};

    /// The span of the first column, as it is shown.
    fn span(bytes: &Bytes) -> Option<(String, String)> {
        let info = FileInfo {
            name: "f.parquet".into(),
            size_bytes: bytes.len() as u64,
            partition: Vec::new(),
        };
        let mut scan = Scan::new(&query("", "count", ""), info, &Limits::default());
        while let Step::Need(ranges) = scan.advance(0).unwrap() {
            for range in ranges {
                let piece = bytes.slice(range.start as usize..range.end as usize);
                scan.feed(range.start, piece).unwrap();
            }
        }
        let (min, max) = scan.footer().unwrap().span(0).unwrap()?;
        Some((min.to_string(), max.to_string()))
    }

    #[test]
    fn it_is_over_all_row_groups_whatever_their_order() {
        let groups = [
            vec![ints([20, 30])],
            vec![Column::I64(vec![None, None])],
            vec![ints([5, 9])],
        ];
        let bytes = file("optional int64 n;", WriterProperties::default(), &groups);
        assert_eq!(span(&bytes), Some(("5".into(), "30".into())));
        let times = [vec![ints([0, 3_600_000_000])]];
        let schema = "optional int64 at (TIMESTAMP(MICROS,true));";
        assert_eq!(
            span(&file(schema, WriterProperties::default(), &times)),
            Some(("1970-01-01T00:00:00Z".into(), "1970-01-01T01:00:00Z".into()))
        );
    }

    #[test]
    fn nothing_is_told_where_the_writer_told_nothing() {
        let silent = WriterProperties::builder()
            .set_statistics_enabled(EnabledStatistics::None)
            .build();
        let groups = [vec![ints([20, 30])]];
        assert_eq!(span(&file("optional int64 n;", silent, &groups)), None);
        let nothing = [vec![Column::I64(vec![None])]];
        let bytes = file("optional int64 n;", WriterProperties::default(), &nothing);
        assert_eq!(span(&bytes), None);
    }
}
