//! Columns on their way into a plugin and back: Arrow's buffers, as flat lists. Nothing that comes back is believed.

use bytes::Bytes;

use super::description::{Field, Kind};
use super::world::enrich::exports::questlog::plugin::enricher::{Column, Text, Values};

/// A column as it is read: a value or a null for each row.
#[derive(Debug)]
pub(crate) enum Input<'a> {
    Text(Vec<Option<&'a [u8]>>),
    Integer(Vec<Option<i64>>),
}

impl Input<'_> {
    /// The bytes that a row's value takes in a call, about.
    pub(super) fn size_bytes(&self, row: usize) -> usize {
        match self {
            Self::Text(texts) => 8 + texts[row].map_or(0, <[u8]>::len),
            Self::Integer(_) => 8,
        }
    }

    /// Adds the row's value to what tells rows apart.
    pub(super) fn add_to_key(&self, row: usize, key: &mut Vec<u8>) {
        match self {
            Self::Text(texts) => match texts[row] {
                // A length first, so that the end of one value is never the beginning of the next.
                Some(text) => {
                    key.extend_from_slice(&(text.len() as u64 + 1).to_le_bytes());
                    key.extend_from_slice(text);
                }
                None => key.extend_from_slice(&0_u64.to_le_bytes()),
            },
            Self::Integer(values) => {
                key.push(u8::from(values[row].is_some()));
                key.extend_from_slice(&values[row].unwrap_or(0).to_le_bytes());
            }
        }
    }

    /// The texts of these rows, a null as nothing.
    pub(super) fn text(&self, rows: &[u32]) -> Text {
        let mut text = Text {
            offsets: Vec::with_capacity(rows.len() + 1),
            bytes: Vec::new(),
        };
        text.offsets.push(0);
        for &row in rows {
            if let Self::Text(texts) = self {
                text.bytes
                    .extend_from_slice(texts[row as usize].unwrap_or_default());
            }
            // A batch is far below 4 GiB.
            text.offsets
                .push(u32::try_from(text.bytes.len()).unwrap_or(u32::MAX));
        }
        text
    }

    pub(super) fn column(&self, name: &str, rows: &[u32]) -> Column {
        let is_valid = |&row: &u32| match self {
            Self::Text(texts) => texts[row as usize].is_some(),
            Self::Integer(values) => values[row as usize].is_some(),
        };
        let values = match self {
            Self::Text(_) => Values::Text(self.text(rows)),
            Self::Integer(values) => {
                let values = rows.iter().map(|&row| values[row as usize].unwrap_or(0));
                Values::Integer(values.collect())
            }
        };
        let valid = (!rows.iter().all(is_valid)).then(|| {
            let mut bits = vec![0_u8; rows.len().div_ceil(8)];
            for (at, _) in rows.iter().enumerate().filter(|(_, row)| is_valid(row)) {
                bits[at / 8] |= 1 << (at % 8);
            }
            bits
        });
        Column {
            name: name.to_owned(),
            values,
            valid,
        }
    }
}

/// A column as it was answered: a value or a null for each row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    Text(Vec<Option<Bytes>>),
    Integer(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Flag(Vec<Option<bool>>),
}

impl Output {
    pub(crate) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Integer => Self::Integer(Vec::new()),
            Kind::Float => Self::Float(Vec::new()),
            Kind::Flag => Self::Flag(Vec::new()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Integer(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Flag(values) => values.len(),
        }
    }

    pub(crate) fn push_nulls(&mut self, rows: usize) {
        match self {
            Self::Text(values) => values.resize(values.len() + rows, None),
            Self::Integer(values) => values.resize(values.len() + rows, None),
            Self::Float(values) => values.resize(values.len() + rows, None),
            Self::Flag(values) => values.resize(values.len() + rows, None),
        }
    }

    /// Takes every value away.
    pub(crate) fn blank(&mut self) {
        match self {
            Self::Text(values) => values.fill(None),
            Self::Integer(values) => values.fill(None),
            Self::Float(values) => values.fill(None),
            Self::Flag(values) => values.fill(None),
        }
    }

    /// Adds another column's rows; one of another kind can't come here.
    pub(crate) fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Text(values), Self::Text(more)) => values.extend(more),
            (Self::Integer(values), Self::Integer(more)) => values.extend(more),
            (Self::Float(values), Self::Float(more)) => values.extend(more),
            (Self::Flag(values), Self::Flag(more)) => values.extend(more),
            _ => {}
        }
    }

    /// The rows at these places.
    pub(crate) fn pick(&self, places: &[u32]) -> Self {
        fn picked<T: Clone>(values: &[Option<T>], places: &[u32]) -> Vec<Option<T>> {
            let places = places.iter();
            places.map(|&at| values[at as usize].clone()).collect()
        }
        match self {
            Self::Text(values) => Self::Text(picked(values, places)),
            Self::Integer(values) => Self::Integer(picked(values, places)),
            Self::Float(values) => Self::Float(picked(values, places)),
            Self::Flag(values) => Self::Flag(picked(values, places)),
        }
    }

    /// The texts' bytes, about, and the room that the rows take.
    pub(super) fn size_bytes(&self) -> usize {
        match self {
            Self::Text(values) => values
                .iter()
                .map(|text| size_of::<Option<Bytes>>() + text.as_ref().map_or(0, Bytes::len))
                .sum(),
            Self::Integer(values) => 16 * values.len(),
            Self::Float(values) => 16 * values.len(),
            Self::Flag(values) => values.len(),
        }
    }
}

/// Takes a column that a plugin answered for `rows` rows, or says what is wrong with it.
pub(super) fn take(column: Column, field: &Field, rows: usize) -> Result<Output, String> {
    let name = &field.name;
    if column.name != *name {
        return Err(format!(
            "the column `{}` where `{name}` belongs",
            column.name
        ));
    }
    let valid = match column.valid {
        Some(bits) if bits.len() != rows.div_ceil(8) => {
            return Err(format!(
                "{} bytes of validity for {rows} rows in `{name}`",
                bits.len()
            ));
        }
        valid => valid,
    };
    let is_valid = |row: usize| {
        let bits = valid.as_ref();
        bits.is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1)
    };
    let counted = |count: usize| {
        if count == rows {
            Ok(())
        } else {
            Err(format!("{count} values for {rows} rows in `{name}`"))
        }
    };
    match (column.values, field.kind) {
        (Values::Text(text), Kind::Text) => {
            counted(text.offsets.len().saturating_sub(1))?;
            texts(text, name, is_valid).map(Output::Text)
        }
        (Values::Integer(values), Kind::Integer) => {
            counted(values.len())?;
            Ok(Output::Integer(with_nulls(values, is_valid)))
        }
        (Values::Float(values), Kind::Float) => {
            counted(values.len())?;
            Ok(Output::Float(with_nulls(values, is_valid)))
        }
        (Values::Flag(values), Kind::Flag) => {
            counted(values.len())?;
            if values.iter().any(|flag| *flag > 1) {
                return Err(format!("a flag in `{name}` that is neither 0 nor 1"));
            }
            let flags = values.into_iter().map(|flag| flag == 1).collect();
            Ok(Output::Flag(with_nulls(flags, is_valid)))
        }
        _ => Err(format!("values of another kind than it said for `{name}`")),
    }
}

fn with_nulls<T>(values: Vec<T>, is_valid: impl Fn(usize) -> bool) -> Vec<Option<T>> {
    let rows = values.into_iter().enumerate();
    rows.map(|(row, value)| is_valid(row).then_some(value))
        .collect()
}

fn texts(
    text: Text,
    name: &str,
    is_valid: impl Fn(usize) -> bool,
) -> Result<Vec<Option<Bytes>>, String> {
    let bytes = Bytes::from(text.bytes);
    let pairs = text.offsets.windows(2).enumerate();
    pairs
        .map(|(row, pair)| {
            let (start, end) = (pair[0] as usize, pair[1] as usize);
            if start > end {
                return Err(format!("offsets that go backwards in `{name}`"));
            }
            if end > bytes.len() {
                return Err(format!("offsets beyond the bytes of `{name}`"));
            }
            let value = bytes.slice(start..end);
            if std::str::from_utf8(&value).is_err() {
                return Err(format!("text that is not UTF-8 in `{name}`"));
            }
            Ok(is_valid(row).then_some(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: Kind) -> Field {
        Field {
            name: "x".into(),
            kind,
        }
    }

    fn column(values: Values, valid: Option<Vec<u8>>) -> Column {
        Column {
            name: "x".into(),
            values,
            valid,
        }
    }

    #[test]
    fn what_goes_in_comes_back() {
        let texts = Input::Text(vec![Some(b"a"), None, Some(b""), Some("ü".as_bytes())]);
        let numbers = Input::Integer(vec![Some(i64::MIN), None, None, Some(7)]);
        let rows = [3, 1, 2];
        let back = take(texts.column("x", &rows), &field(Kind::Text), 3).unwrap();
        let ue = Bytes::from("ü");
        assert_eq!(
            back,
            Output::Text(vec![Some(ue.clone()), None, Some(Bytes::new())])
        );
        assert_eq!(
            back.pick(&[0, 0]),
            Output::Text(vec![Some(ue.clone()), Some(ue)])
        );
        let back = take(numbers.column("x", &[0, 1]), &field(Kind::Integer), 2).unwrap();
        assert_eq!(back, Output::Integer(vec![Some(i64::MIN), None]));
        assert_eq!(numbers.column("x", &[0, 3]).valid, None);
    }

    #[test]
    fn rows_are_told_apart() {
        let columns = [
            Input::Text(vec![Some(b"ab"), Some(b"a"), None, Some(b"")]),
            Input::Text(vec![Some(b"c"), Some(b"bc"), Some(b""), None]),
        ];
        let keys: std::collections::HashSet<Vec<u8>> = (0..4)
            .map(|row| {
                let mut key = Vec::new();
                columns
                    .iter()
                    .for_each(|column| column.add_to_key(row, &mut key));
                key
            })
            .collect();
        assert_eq!(keys.len(), 4);
    }

    #[test]
    fn no_lie_is_taken() {
        let text = |offsets: &[u32], bytes: &[u8]| {
            Values::Text(Text {
                offsets: offsets.to_vec(),
                bytes: bytes.to_vec(),
            })
        };
        for (values, valid, kind, sentence) in [
            (
                text(&[0, 1], b"ab"),
                None,
                Kind::Text,
                "1 values for 2 rows",
            ),
            (text(&[], b"ab"), None, Kind::Text, "0 values for 2 rows"),
            (text(&[0, 2, 1], b"ab"), None, Kind::Text, "go backwards"),
            (
                text(&[0, 1, 3], b"ab"),
                None,
                Kind::Text,
                "beyond the bytes",
            ),
            (
                text(&[0, u32::MAX, u32::MAX], b"ab"),
                None,
                Kind::Text,
                "beyond",
            ),
            (
                text(&[0, 1, 2], "ü".as_bytes()),
                None,
                Kind::Text,
                "not UTF-8",
            ),
            (text(&[0, 1, 2], b"ab"), None, Kind::Integer, "another kind"),
            (
                Values::Integer(vec![1; 3]),
                None,
                Kind::Integer,
                "3 values for 2",
            ),
            (
                Values::Float(vec![1.0]),
                None,
                Kind::Float,
                "1 values for 2",
            ),
            (
                Values::Flag(vec![1, 2]),
                None,
                Kind::Flag,
                "neither 0 nor 1",
            ),
            (
                Values::Integer(vec![1; 2]),
                Some(vec![]),
                Kind::Integer,
                "0 bytes of validity",
            ),
        ] {
            let told = take(column(values, valid), &field(kind), 2).unwrap_err();
            assert!(told.contains(sentence), "{told}");
        }
        let other = Field {
            name: "y".into(),
            kind: Kind::Integer,
        };
        let told = take(column(Values::Integer(vec![]), None), &other, 0).unwrap_err();
        assert_eq!(told, "the column `x` where `y` belongs");
    }
}
