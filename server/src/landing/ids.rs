//! Ids of events that have landed and left the log: one that comes again within the window is a duplicate all the same.

use std::fs::File;

use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use ::parquet::file::statistics::Statistics;

use super::{LakeFile, Landing, LandingError, reading};

/// An event of the lake, as far as one like it would be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LandedId<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its fields without a column, as JSON.
    pub properties: &'a str,
    /// When it was received, in microseconds since 1970.
    pub received_at_us: i64,
    /// The offset of its file's last record; its own is that or a smaller one, the lake does not say which.
    pub last: u64,
}

impl Landing {
    /// Calls `each` with the ids of events that may have left the log at `offset` and were received at `from_us` or later, the
    /// oldest files first; of no more files than hold the last `rows_max` rows.
    ///
    /// A file that can't be read is told in the server's log and left out: the server must start all the same.
    pub fn ids_before(
        &self,
        offset: u64,
        from_us: i64,
        rows_max: u64,
        mut each: impl FnMut(LandedId<'_>),
    ) {
        let manifest = self.manifest();
        let mut files: Vec<&LakeFile> = manifest
            .files
            .iter()
            .filter(|file| file.first < offset)
            .collect();
        // A file's last record is its youngest, so behind one that is too old there are only older ones.
        files.sort_by_key(|file| std::cmp::Reverse(file.last));
        let (mut rows, mut young) = (0, vec![]);
        for file in files {
            if rows >= rows_max {
                break;
            }
            match self.open_file(file) {
                Ok(reader) if received_to(&reader).is_some_and(|to_us| to_us < from_us) => break,
                Ok(_) => young.push(file),
                Err(error) => warn(file, &error),
            }
            rows += file.rows;
        }
        for file in young.into_iter().rev() {
            let read = self.open_file(file).and_then(|reader| {
                for group in 0..reader.num_row_groups() {
                    each_id(
                        &*reader.get_row_group(group)?,
                        from_us,
                        file.last,
                        &mut each,
                    )?;
                }
                Ok(())
            });
            if let Err(error) = read {
                warn(file, &error);
            }
        }
    }

    fn open_file(&self, file: &LakeFile) -> Result<SerializedFileReader<File>, LandingError> {
        let path = self.lake.root().join(&file.path);
        let open = File::open(&path).map_err(LandingError::io(&path, "open"))?;
        Ok(SerializedFileReader::new(open)?)
    }
}

fn warn(file: &LakeFile, error: &LandingError) {
    tracing::warn!(%error, file = file.path, "ids can't be read from it; `questlog verify` looks it over");
}

/// The latest time at which an event of the file was received, by its statistics.
fn received_to(reader: &SerializedFileReader<File>) -> Option<i64> {
    let groups = reader.metadata().row_groups().iter();
    let latest = groups.map(|group| {
        let mut columns = group.columns().iter();
        let column = columns.find(|column| column.column_path().parts() == ["received_at"])?;
        match column.statistics()? {
            Statistics::Int64(times) => times.max_opt().copied(),
            _ => None,
        }
    });
    latest.collect::<Option<Vec<i64>>>()?.into_iter().max()
}

fn each_id(
    group: &dyn RowGroupReader,
    from_us: i64,
    last: u64,
    each: &mut impl FnMut(LandedId<'_>),
) -> Result<(), ParquetError> {
    let ids = reading::texts(group, "id")?;
    let received_at = reading::instants(group, "received_at")?;
    let properties = reading::texts(group, "properties")?;
    for ((id, received_at), properties) in ids.iter().zip(received_at).zip(&properties) {
        let Some((id, received_at_us)) = text(id).zip(received_at) else {
            continue;
        };
        if received_at_us >= from_us {
            each(LandedId {
                id,
                properties: text(properties).unwrap_or("{}"),
                received_at_us,
                last,
            });
        }
    }
    Ok(())
}

fn text(value: &Option<ByteArray>) -> Option<&str> {
    value.as_ref()?.as_utf8().ok()
}
