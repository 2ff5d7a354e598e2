//! Merging: the many small files of a day become one, sorted by event type, then time.
//!
//! Memory is bounded whatever the files hold: sorted runs go to disk first, and of each run only a block is read at a time.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::Path;

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::batch::NewFile;
use super::layout::Layout;
use super::manifest::{LakeFile, Manifest};
use super::parquet::FileWriter;
use super::rows::Rows;
use super::runs::{self, Run};
use super::{LandingError, extras};
use crate::lake::Lake;
use crate::plugins::PluginRecord;

/// Bytes of the files that are merged at once, and so about those of the file they become.
const BYTES_MAX: u64 = 128 << 20;
/// A file of this size is left alone.
const SMALL_BYTES_MAX: u64 = BYTES_MAX / 2;
/// Rows of the files that are merged at once: each run of them holds a block in memory.
const ROWS_MAX: u64 = 16 << 20;
/// A file that is so many times as large as the others of a merge waits for more of them, or it would be rewritten each time.
const OTHERS_MAX: u64 = 4;

/// Files of one folder that become one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Merge<'a> {
    /// The folder, from the lake's root.
    pub(super) folder: &'a str,
    /// The files, in the order of their records.
    pub(super) files: Vec<&'a LakeFile>,
}

impl<'a> Merge<'a> {
    /// The first folder with at least `files_min` small files side by side that is not in `skip`.
    pub(super) fn plan(
        manifest: &'a Manifest,
        files_min: usize,
        skip: &HashSet<String>,
    ) -> Option<Self> {
        let mut folders: BTreeMap<&str, Vec<&LakeFile>> = BTreeMap::new();
        let small = |file: &&LakeFile| file.bytes < SMALL_BYTES_MAX;
        for file in manifest.files.iter().filter(small) {
            folders.entry(file.folder()).or_default().push(file);
        }
        folders.into_iter().find_map(|(folder, mut files)| {
            if skip.contains(folder) {
                return None;
            }
            files.sort_by_key(|file| file.first);
            let mut starts = 0..files.len();
            starts.find_map(|start| {
                let files = together(&files[start..]);
                let bytes: u64 = files.iter().map(|file| file.bytes).sum();
                let largest = files.iter().map(|file| file.bytes).max()?;
                let is_worth_it = largest <= OTHERS_MAX * (bytes - largest);
                (files.len() >= files_min.max(2) && is_worth_it).then(|| Self {
                    folder,
                    files: files.to_vec(),
                })
            })
        })
    }

    /// Stages the files' rows as one file; `None` if a file has other columns than `layout`, for none may get lost.
    pub(super) fn run(
        &self,
        lake: &Lake,
        layout: &Layout,
    ) -> Result<Option<LakeFile>, LandingError> {
        let records = self.files.iter().flat_map(|file| &file.plugins);
        let Some(extras) = extras::of_records(records.clone()) else {
            return Ok(None);
        };
        let layout = &layout.with_extras(extras)?;
        let mut plugins = vec![];
        PluginRecord::merge(&mut plugins, records);
        let first = self.files.iter().map(|file| file.first).min().unwrap_or(0);
        let last = self.files.iter().map(|file| file.last).max().unwrap_or(0);
        let path = NewFile::path_in(self.folder, first, last);
        // Ranges in a folder are apart, so the name is new; should it ever not be, nothing is replaced.
        if self.files.iter().any(|file| file.path == path) {
            return Ok(None);
        }
        let readers = self.files.iter().map(|file| open(lake.root(), file));
        let readers: Vec<_> = readers.collect::<Result<_, _>>()?;
        let is_fit = |reader: &SerializedFileReader<File>| {
            extras::are_columns_of(layout, layout.extras(), reader.metadata())
        };
        if !readers.iter().all(is_fit) {
            return Ok(None);
        }

        let staged = lake.create_staged(&path)?;
        let mut out = FileWriter::new(layout, &layout.for_lake, staged)?;
        let mut rows = Rows::new(layout);
        let mut count = 0;
        for reader in readers {
            for group in 0..reader.num_row_groups() {
                rows.add(&*reader.get_row_group(group)?, layout)?;
                if rows.count() >= layout.row_group_rows_max {
                    let run = std::mem::replace(&mut rows, Rows::new(layout));
                    runs::write(&lake.run_path(count), run, layout)?;
                    count += 1;
                }
            }
        }
        if count == 0 {
            out.add(&rows.sorted(layout))?;
        } else {
            runs::write(&lake.run_path(count), rows, layout)?;
            let runs = (0..=count).map(|number| Run::open(&lake.run_path(number), layout));
            runs::merge(runs.collect::<Result<_, _>>()?, layout, |rows| {
                out.add(&rows.sorted(layout))
            })?;
            lake.remove_runs()?;
        }
        let (bytes, sha256) = out.finish(&plugins)?.finish()?;
        Ok(Some(LakeFile {
            path,
            rows: self.files.iter().map(|file| file.rows).sum(),
            bytes,
            first,
            last,
            sha256,
            plugins,
        }))
    }
}

/// As many of the first files as may be merged at once.
fn together<'f, 'a>(files: &'f [&'a LakeFile]) -> &'f [&'a LakeFile] {
    let (mut bytes, mut rows) = (0, 0);
    let fits = |file: &&&LakeFile| {
        bytes += file.bytes;
        rows += file.rows;
        bytes <= BYTES_MAX && rows <= ROWS_MAX
    };
    &files[..files.iter().take_while(fits).count()]
}

fn open(root: &Path, file: &LakeFile) -> Result<SerializedFileReader<File>, LandingError> {
    let path = root.join(&file.path);
    let open = File::open(&path).map_err(LandingError::io(&path, "open"))?;
    Ok(SerializedFileReader::new(open)?)
}
