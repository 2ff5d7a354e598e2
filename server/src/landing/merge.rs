//! Merging: the many small files of a day become one, sorted by event type, then time.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;

use ::parquet::data_type::ByteArray;
use ::parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};

use super::batch::NewFile;
use super::layout::{LEADING, Layout, TRAILING};
use super::manifest::{LakeFile, Manifest};
use super::parquet::{Columns, FileWriter};
use super::{LandingError, extras, reading};
use crate::plugins::{Output, PluginRecord};

/// Bytes of the files that are merged at once, and so about those of the file they become; it is made in memory.
const BYTES_MAX: u64 = 32 << 20;
/// A file of this size is left alone.
const SMALL_BYTES_MAX: u64 = BYTES_MAX / 2;

/// Files of one folder that become one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Merge<'a> {
    /// The folder, from the lake's root.
    pub(super) folder: &'a str,
    /// The files, in the order of their records.
    pub(super) files: Vec<&'a LakeFile>,
}

impl<'a> Merge<'a> {
    /// The first folder with at least `files_min` small files that is not in `skip`.
    pub(super) fn plan(
        manifest: &'a Manifest,
        files_min: usize,
        skip: &HashSet<String>,
    ) -> Option<Self> {
        let mut folders: BTreeMap<&str, Vec<&LakeFile>> = BTreeMap::new();
        for file in manifest
            .files
            .iter()
            .filter(|file| file.bytes < SMALL_BYTES_MAX)
        {
            folders.entry(file.folder()).or_default().push(file);
        }
        folders.into_iter().find_map(|(folder, mut files)| {
            files.sort_by_key(|file| file.first);
            let mut bytes = 0;
            let fits = |file: &&&LakeFile| {
                bytes += file.bytes;
                bytes <= BYTES_MAX
            };
            let count = files.iter().take_while(fits).count();
            files.truncate(count);
            (count >= files_min.max(2) && !skip.contains(folder)).then_some(Self { folder, files })
        })
    }

    /// The files' rows as one file; `None` if a file has other columns than `layout`, for none may get lost.
    pub(super) fn run(
        &self,
        root: &Path,
        layout: &Layout,
    ) -> Result<Option<NewFile>, LandingError> {
        let records = self.files.iter().flat_map(|file| &file.plugins);
        let Some(extras) = extras::of_records(records.clone()) else {
            return Ok(None);
        };
        let layout = &layout.with_extras(extras)?;
        let mut plugins = vec![];
        PluginRecord::merge(&mut plugins, records);
        let mut out = FileWriter::new(layout, &layout.for_lake)?;
        let mut rows = Rows::new(layout);
        for file in &self.files {
            let path = root.join(&file.path);
            let open = File::open(&path).map_err(LandingError::io(&path, "open"))?;
            let reader = SerializedFileReader::new(open)?;
            if !extras::are_columns_of(layout, layout.extras(), reader.metadata()) {
                return Ok(None);
            }
            for group in 0..reader.num_row_groups() {
                rows.add(&*reader.get_row_group(group)?, layout)?;
                if rows.count() >= layout.row_group_rows_max {
                    out.add(&std::mem::replace(&mut rows, Rows::new(layout)).sorted(layout))?;
                }
            }
        }
        if rows.count() > 0 {
            out.add(&rows.sorted(layout))?;
        }
        let first = self.files.iter().map(|file| file.first).min().unwrap_or(0);
        let last = self.files.iter().map(|file| file.last).max().unwrap_or(0);
        let path = NewFile::path_in(self.folder, first, last);
        // Ranges in a folder are apart, so the name is new; should it ever not be, nothing is replaced.
        if self.files.iter().any(|file| file.path == path) {
            return Ok(None);
        }
        Ok(Some(NewFile {
            path,
            rows: self.files.iter().map(|file| file.rows).sum(),
            first,
            last,
            bytes: out.finish(&plugins)?,
            plugins,
        }))
    }
}

/// Rows of several files, in memory.
struct Rows {
    timestamps: Vec<Option<i64>>,
    event_types: Vec<Option<ByteArray>>,
    received_at: Vec<Option<i64>>,
    /// The other columns, in their order.
    texts: Vec<Vec<Option<ByteArray>>>,
    /// Those that plugins wrote.
    extras: Vec<Output>,
}

impl Rows {
    fn new(layout: &Layout) -> Self {
        // Three of the leading columns are no text or not among `texts`.
        let texts = LEADING.len() - 3 + layout.headers().len() + TRAILING.len();
        Self {
            timestamps: vec![],
            event_types: vec![],
            received_at: vec![],
            texts: vec![vec![]; texts],
            extras: layout
                .extras()
                .iter()
                .map(|extra| Output::new(extra.kind))
                .collect(),
        }
    }

    fn count(&self) -> usize {
        self.timestamps.len()
    }

    fn add(&mut self, group: &dyn RowGroupReader, layout: &Layout) -> Result<(), LandingError> {
        let mut texts = self.texts.iter_mut();
        for name in layout.columns() {
            match name {
                "timestamp" => self.timestamps.extend(reading::instants(group, name)?),
                "received_at" => self.received_at.extend(reading::instants(group, name)?),
                "event_type" => self.event_types.extend(reading::texts(group, name)?),
                _ => {
                    if let Some(column) = texts.next() {
                        column.extend(reading::texts(group, name)?);
                    }
                }
            }
        }
        for (column, extra) in self.extras.iter_mut().zip(layout.extras()) {
            extras::add_rows(column, group, &extra.name)?;
        }
        Ok(())
    }

    /// The rows by event type, then time, then as they came.
    fn sorted(self, layout: &Layout) -> Columns {
        // A merge has far fewer rows than that.
        let mut order: Vec<u32> = (0..u32::try_from(self.count()).unwrap_or(u32::MAX)).collect();
        let key = |row: u32| {
            let row = row as usize;
            (
                self.event_types[row].as_ref().map(ByteArray::data),
                self.timestamps[row],
            )
        };
        order.sort_by(|&a, &b| key(a).cmp(&key(b)));
        let mut columns = Columns::new(layout);
        columns.extras = self.extras.iter().map(|extra| extra.pick(&order)).collect();
        for row in order.into_iter().map(|row| row as usize) {
            columns.timestamps.extend(self.timestamps[row]);
            columns.event_types.extend(self.event_types[row].clone());
            columns.received_at.push(self.received_at[row]);
            for (column, values) in columns.optional_texts().zip(&self.texts) {
                column.push(values[row].clone());
            }
        }
        columns
    }
}
