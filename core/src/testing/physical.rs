//! A column of each physical type, by a writer that is not ours.

use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::writer::SerializedRowGroupWriter;

/// The columns.
pub(crate) const COLUMNS: &str = "
    optional boolean b;
    optional int32 i;
    optional int64 l;
    optional int96 t;
    optional float f;
    optional double d;
    optional binary s (STRING);
    optional fixed_len_byte_array(5) x;";

/// What a row group's values are made of.
pub(crate) struct Rows {
    /// Whether each row has a value.
    pub(crate) levels: Vec<i16>,
    /// The numbers of those that have.
    pub(crate) numbers: Vec<u64>,
}

impl Rows {
    /// A third of the rows has no value, in uneven stretches; the others have `distinct` values, some large.
    pub(crate) fn new(rows: usize, distinct: usize, row_group: usize) -> Self {
        let there = |row: &usize| !(row / 7 + row / 50 + row_group).is_multiple_of(3);
        let number = |row: usize| {
            ((row % distinct) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (row % 3 * 20)
        };
        Self {
            levels: (0..rows).map(|row| there(&row).into()).collect(),
            numbers: (0..rows).filter(there).map(number).collect(),
        }
    }

    /// Writes the columns.
    pub(crate) fn write(&self, out: &mut SerializedRowGroupWriter<'_, Vec<u8>>) {
        self.column::<BoolType>(out, |n| n % 5 < 2);
        self.column::<Int32Type>(out, |n| n as i32);
        self.column::<Int64Type>(out, |n| n as i64);
        self.column::<Int96Type>(out, |n| {
            let mut value = Int96::new();
            value.set_data(n as u32, (n >> 20) as u32, 7);
            value
        });
        self.column::<FloatType>(out, |n| n as f32);
        self.column::<DoubleType>(out, |n| n as f64);
        self.column::<ByteArrayType>(out, |n| text(n).as_str().into());
        self.column::<FixedLenByteArrayType>(out, |n| {
            ByteArray::from(n.to_le_bytes()[..5].to_vec()).into()
        });
    }

    fn column<T: DataType>(
        &self,
        out: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
        value: impl Fn(u64) -> T::T,
    ) {
        let values: Vec<T::T> = self.numbers.iter().map(|number| value(*number)).collect();
        write_column::<T>(out, &values, &self.levels);
    }
}

/// Writes one column.
pub(crate) fn write_column<T: DataType>(
    out: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    levels: &[i16],
) {
    let mut column = out.next_column().expect("no fault").expect("a column");
    column
        .typed::<T>()
        .write_batch(values, Some(levels), None)
        .expect("values");
    column.close().expect("a closed column");
}

/// The text of a number.
pub(crate) fn text(number: u64) -> String {
    let host = ["cox.net", "comcast.net", ""][(number % 3) as usize];
    format!("user{number}.{host}")
}
