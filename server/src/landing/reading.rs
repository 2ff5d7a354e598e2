//! Columns of lake files, read back by the `parquet` crate: for recounts and for merging, never for answers.

use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::RowGroupReader;

/// A text column of a row group, row by row.
pub(super) fn texts(
    group: &dyn RowGroupReader,
    name: &str,
) -> Result<Vec<Option<ByteArray>>, ParquetError> {
    match column_reader(group, name)? {
        (ColumnReader::ByteArrayColumnReader(reader), is_optional) => {
            read(reader, is_optional, group)
        }
        _ => Err(ParquetError::General(format!("column {name} is not text"))),
    }
}

/// A column of times of a row group, in microseconds since 1970, row by row.
pub(super) fn instants(
    group: &dyn RowGroupReader,
    name: &str,
) -> Result<Vec<Option<i64>>, ParquetError> {
    match column_reader(group, name)? {
        (ColumnReader::Int64ColumnReader(reader), is_optional) => read(reader, is_optional, group),
        _ => Err(ParquetError::General(format!(
            "column {name} is not a time"
        ))),
    }
}

fn column_reader(
    group: &dyn RowGroupReader,
    name: &str,
) -> Result<(ColumnReader, bool), ParquetError> {
    let mut columns = group.metadata().columns().iter();
    let at = columns.position(|column| column.column_path().parts() == [name]);
    let at = at.ok_or_else(|| ParquetError::General(format!("it has no column {name}")))?;
    let is_optional = group.metadata().column(at).column_descr().max_def_level() > 0;
    Ok((group.get_column_reader(at)?, is_optional))
}

pub(super) fn read<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    is_optional: bool,
    group: &dyn RowGroupReader,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let (mut levels, mut values, mut rows_read) = (vec![], vec![], 0);
    while rows_read < rows {
        let more = reader
            .read_records(rows - rows_read, Some(&mut levels), None, &mut values)?
            .0;
        if more == 0 {
            return Err(ParquetError::EOF(
                "a column has fewer values than rows".to_owned(),
            ));
        }
        rows_read += more;
    }
    if !is_optional {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(levels
        .into_iter()
        .map(|level| if level == 1 { values.next() } else { None })
        .collect())
}
