//! From when to when, or from what to what: the bounds of a column that a footer tells by itself.

use crate::{Bounds, ColumnChunk, Error, Footer, Leaf, Value};

impl Footer {
    /// The smallest and the greatest value of a column, by the place of its leaf in the schema.
    ///
    /// `None` where a row group does not say, or says what can't be believed: half a span would be a wrong one. The bounds
    /// of long texts may have been cut by the writer, so a span is what no value is outside of, not always a value.
    pub fn span(&self, leaf: usize) -> Result<Option<(Value, Value)>, Error> {
        let Some(column) = self.schema().leaves.get(leaf) else {
            return Ok(None);
        };
        let mut span = Span::default();
        for index in 0..self.row_groups().len() {
            let chunks = self.chunks(index, &[leaf])?;
            chunks.iter().for_each(|chunk| span.add(column, chunk));
        }
        Ok(span.finish())
    }
}

/// The least and the greatest of what chunks say, as long as all of them can be believed.
#[derive(Default)]
pub(crate) struct Span {
    ends: Option<(Value, Value)>,
    unknown: bool,
}

impl Span {
    /// Takes what one more chunk of a column says.
    pub(crate) fn add(&mut self, leaf: &Leaf, chunk: &ColumnChunk) {
        let statistics = chunk.statistics.as_ref();
        let nulls = statistics.and_then(|told| told.null_count);
        // A chunk without a value has no bounds to tell.
        if chunk.values == 0 || nulls == Some(chunk.values) {
            return;
        }
        let bounds = statistics.map_or_else(Bounds::default, |told| Bounds::of(leaf, told));
        let value = |plain: Option<&[u8]>| plain.and_then(|plain| leaf.value(plain));
        match (value(bounds.min), value(bounds.max)) {
            (Some(low), Some(high)) => {
                self.ends = Some(match self.ends.take() {
                    Some((min, max)) => (min.min(low), max.max(high)),
                    None => (low, high),
                });
            }
            _ => self.unknown = true,
        }
    }

    /// Both ends.
    pub(crate) fn finish(self) -> Option<(Value, Value)> {
        self.ends.filter(|_| !self.unknown)
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
