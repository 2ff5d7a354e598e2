//! A recount from the files alone: whether every event that was taken is still there, once.

use std::collections::HashSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use questlog_core::event::{DataSet, Record};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::manifest::{LakeFile, Manifest};
use super::quarantine::hex;
use super::{LandingError, quarantine, reading};
use crate::lake::Lake;
use crate::log::DiskLogReader;
use crate::quarantine::Quarantine;

/// Events that are looked at one by one for doubles; beyond it only counts are compared.
const EVENTS_MAX: u64 = 20_000_000;
/// How often it is counted anew because a server changed the lake meanwhile.
const TRIES_MAX: u32 = 5;
/// Log bytes that are read at once.
const READ_BYTES: usize = 8 << 20;

/// The sums, and what doesn't add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Events that came in: those accepted, and those that the quarantine tells of.
    pub received: u64,
    /// Events that were acknowledged: every record the log has had.
    pub accepted: u64,
    /// Events that had been taken before.
    pub duplicate: u64,
    /// Events that could not be taken, and have not been since.
    pub rejected: u64,
    /// Of what was rejected once, what has been taken since by a replay, or had been taken before.
    pub replayed: u64,
    /// Those in the lake's files.
    pub in_lake: u64,
    /// Those in the log that have not landed.
    pub in_log: u64,
    /// Records that were no events and are in the quarantine.
    pub in_quarantine: u64,
    /// Events of days that have been dropped.
    pub dropped: u64,
    /// The lake's files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Landed records that are still in the log too.
    pub still_in_log: u64,
    /// Whether every event was compared with every other (not beyond 20 million).
    pub doubles_searched: bool,
    /// What is wrong, a sentence each; empty when the books balance.
    pub problems: Vec<String>,
}

impl Books {
    /// Counts what is in the log, the lake and the quarantine. May run beside a server.
    ///
    /// An error is a log that can't be read; everything else that is wrong is in [`Books::problems`].
    pub fn count(
        log_dir: &Path,
        lake_dir: &Path,
        quarantine_dir: &Path,
        headers: &[String],
    ) -> Result<Self, LandingError> {
        let mut tries = 1;
        loop {
            let manifest = Manifest::read(lake_dir)?;
            let books = Self::count_once(&manifest, log_dir, lake_dir, quarantine_dir, headers)?;
            // A server may have merged or dropped files while they were read; what is wrong then must be wrong again.
            if books.balance() || tries == TRIES_MAX || manifest == Manifest::read(lake_dir)? {
                return Ok(books);
            }
            tries += 1;
        }
    }

    fn count_once(
        manifest: &Manifest,
        log_dir: &Path,
        lake_dir: &Path,
        quarantine_dir: &Path,
        headers: &[String],
    ) -> Result<Self, LandingError> {
        let mut books = Self::default();
        // The manifest came first: a log only grows, so what had landed by then is in the log's count.
        let log = DiskLogReader::open(log_dir)?;
        books.accepted = log.end();
        books.doubles_searched = books.accepted <= EVENTS_MAX;
        books.dropped = manifest.dropped;
        books.in_log = books.accepted.saturating_sub(manifest.landed_to);
        books.still_in_log = manifest
            .landed_to
            .min(log.end())
            .saturating_sub(log.start());

        let mut seen = Seen::default();
        for file in &manifest.files {
            if let Err(problem) = books.count_file(lake_dir, file, &mut seen) {
                books.problems.push(format!("{}: {problem}", file.path));
            }
        }
        books.read_log(&log, manifest.landed_to, headers, &mut seen)?;
        books.find_strangers(lake_dir)?;
        books.in_quarantine = quarantine::count(quarantine_dir, manifest.landed_to)?;
        let sums = Quarantine::count(quarantine_dir, &log)
            .map_err(|error| LandingError::Quarantine(error.to_string()))?;
        books.received = sums.all_received(books.accepted);
        books.duplicate = sums.all_duplicate();
        books.rejected = sums.still_rejected();
        books.replayed = sums.replayed;
        books.compare(manifest, log.start());
        if seen.doubles > 0 {
            books
                .problems
                .push(format!("{} events are there more than once", seen.doubles));
        }
        Ok(books)
    }

    /// Whether everything that was acknowledged is there, once and unharmed.
    pub fn balance(&self) -> bool {
        self.problems.is_empty()
    }

    fn compare(&mut self, manifest: &Manifest, log_start: u64) {
        let mut problem = |text: String| self.problems.push(text);
        let accounted_for = self.accepted + self.duplicate + self.rejected;
        if self.received != accounted_for {
            let received = self.received;
            problem(format!(
                "{received} events were received, but {accounted_for} were accepted, had been taken before or were rejected"
            ));
        }
        if manifest.landed_to > self.accepted {
            let ahead = manifest.landed_to - self.accepted;
            problem(format!(
                "the log has lost its last {ahead} records, or the lake belongs to another log"
            ));
        }
        if log_start > manifest.landed_to {
            let missing = log_start - manifest.landed_to;
            problem(format!(
                "{missing} records are no longer in the log but have not landed"
            ));
        }
        if self.in_quarantine != manifest.unreadable {
            let (there, expected) = (self.in_quarantine, manifest.unreadable);
            problem(format!(
                "the quarantine holds {there} records of the log instead of {expected}"
            ));
        }
        let landed = self.in_lake + manifest.unreadable + manifest.dropped;
        if landed != manifest.landed_to {
            let (landed_to, verb) = (
                manifest.landed_to,
                if landed < manifest.landed_to {
                    "missing"
                } else {
                    "too many"
                },
            );
            let difference = landed.abs_diff(landed_to);
            problem(format!(
                "of {landed_to} landed records, {difference} are {verb}"
            ));
        }
    }

    /// Compares a file with what the manifest says of it, and notes its events.
    fn count_file(
        &mut self,
        lake_dir: &Path,
        file: &LakeFile,
        seen: &mut Seen,
    ) -> Result<(), String> {
        let place = Lake::place_of(lake_dir, &file.path);
        let mut hash = Sha256::new();
        let mut read = || -> io::Result<u64> {
            io::copy(&mut File::open(&place)?, &mut HashWriter(&mut hash))
        };
        let bytes = read().map_err(|error| format!("can't read it: {error}"))?;
        self.files += 1;
        self.bytes += bytes;
        if hex(&hash.finalize()) != file.sha256 {
            return Err("its bytes are not those that landed".to_owned());
        }
        let reader = File::open(&place).map_err(|error| format!("can't read it: {error}"))?;
        let reader = SerializedFileReader::new(reader).map_err(|error| error.to_string())?;
        let rows = u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap_or(0);
        self.in_lake += rows;
        if rows != file.rows || rows > file.last - file.first + 1 {
            return Err(format!("it has {rows} rows instead of {}", file.rows));
        }
        if self.doubles_searched {
            for group in 0..reader.num_row_groups() {
                let group = reader
                    .get_row_group(group)
                    .map_err(|error| error.to_string())?;
                seen.add_rows(&*group).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    /// Reads the whole log, so that damage anywhere is found, and notes the events that have not landed.
    fn read_log(
        &mut self,
        log: &DiskLogReader,
        landed_to: u64,
        headers: &[String],
        seen: &mut Seen,
    ) -> Result<(), LandingError> {
        let mut next = log.start();
        loop {
            let records = log.read(next, READ_BYTES)?;
            let Some((last, _)) = records.last() else {
                break;
            };
            next = last + 1;
            for (offset, record) in &records {
                // What is no event goes to the quarantine when it lands, and is counted there.
                if *offset >= landed_to
                    && self.doubles_searched
                    && let Ok(record) = Record::read(record, headers)
                {
                    let (id, properties) = (record.id.as_deref(), record.properties());
                    seen.add(
                        id.map(str::as_bytes),
                        record.received_at_us,
                        properties.as_deref().map(str::as_bytes),
                    );
                }
            }
        }
        if next < log.end() {
            let missing = log.end() - next;
            self.problems
                .push(format!("the log's last {missing} records can't be read"));
        }
        Ok(())
    }

    /// Parquet files in the data sets' folders that the manifest doesn't name: other readers would count their rows.
    fn find_strangers(&mut self, lake_dir: &Path) -> Result<(), LandingError> {
        let mut files = vec![];
        for data_set in DataSet::ALL {
            for day in list(&lake_dir.join(data_set.folder()))? {
                files.extend(list(&day)?);
            }
        }
        // Read again, after the folders: a server may have landed meanwhile.
        let manifest = Manifest::read(lake_dir)?;
        let named = manifest.files.iter().map(|file| lake_dir.join(&file.path));
        let named: HashSet<PathBuf> = named.collect();
        for file in files.iter().filter(|file| !named.contains(*file)) {
            let file = file.display();
            self.problems.push(format!(
                "{file}: it is in the lake's folder but no landing made it"
            ));
        }
        Ok(())
    }
}

/// What is in a folder; nothing where there is none.
fn list(folder: &Path) -> Result<Vec<PathBuf>, LandingError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(vec![]);
        }
        Err(error) => return Err(LandingError::io(folder, "list")(error)),
    };
    let paths: Result<Vec<_>, io::Error> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(LandingError::io(folder, "list"))?;
    paths.sort();
    Ok(paths)
}

/// Feeds a hash with what is copied into it.
struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Which events there are.
///
/// An event is told by its id, the moment it was received, and what it says: an id alone may come again from another source, or
/// after the time in which duplicates are looked for.
#[derive(Default)]
struct Seen {
    events: HashSet<u64>,
    doubles: u64,
}

impl Seen {
    fn add(&mut self, id: Option<&[u8]>, received_at_us: Option<i64>, properties: Option<&[u8]>) {
        // A foreign record without an id can't be told from its like.
        let Some(id) = id else { return };
        let mut hasher = DefaultHasher::new();
        (id, received_at_us, properties).hash(&mut hasher);
        if !self.events.insert(hasher.finish()) {
            self.doubles += 1;
        }
    }

    fn add_rows(&mut self, group: &dyn RowGroupReader) -> Result<(), ParquetError> {
        let ids = reading::texts(group, "id")?;
        let received_at = reading::instants(group, "received_at")?;
        let properties = reading::texts(group, "properties")?;
        for ((id, received_at), properties) in ids.iter().zip(received_at).zip(&properties) {
            let (id, properties) = (id.as_ref(), properties.as_ref());
            self.add(
                id.map(ByteArray::data),
                received_at,
                properties.map(ByteArray::data),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use questlog_core::event::Event;
    use questlog_core::{Limits, MatchRule, Providers};
    use tempfile::TempDir;

    use super::*;
    use crate::landing::{Landing, LandingOptions, Layout};
    use crate::log::{DiskLog, DiskLogOptions, Log};

    /// A data folder with `landed` events in the lake and `unlanded` ones in the log.
    fn data_folder(landed: usize, unlanded: usize) -> TempDir {
        let folder = TempDir::new().unwrap();
        let log =
            Arc::new(DiskLog::open(&folder.path().join("log"), DiskLogOptions::default()).unwrap());
        let record = |id: usize| {
            let json = format!(r#"{{"event_type":"knife purchased","n":{id}}}"#);
            let event = Event::parse(json.as_bytes(), &Limits::default()).unwrap();
            event.record(&format!("id-{id}"), 0, &[])
        };
        let mut records: Vec<_> = (0..landed).map(record).collect();
        records.push(b"no event".to_vec());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(log.append(records)).unwrap();
        let layout = Layout::new(&[], Providers::new(None, MatchRule::Contains).unwrap()).unwrap();
        let lake = Lake::open(&folder.path().join("lake")).unwrap();
        let options = LandingOptions::new(folder.path().join("quarantine"));
        let landing = Landing::open(lake, log.clone(), layout, options).unwrap();
        landing.land().unwrap();
        runtime
            .block_on(log.append((landed..landed + unlanded).map(record).collect()))
            .unwrap();
        folder
    }

    fn count(folder: &TempDir) -> Books {
        let at = |name: &str| folder.path().join(name);
        Books::count(&at("log"), &at("lake"), &at("quarantine"), &[]).unwrap()
    }

    fn lake_file(folder: &TempDir) -> PathBuf {
        let manifest = Manifest::read(&folder.path().join("lake")).unwrap();
        folder.path().join("lake").join(&manifest.files[0].path)
    }

    #[test]
    fn what_is_whole_balances() {
        let books = count(&data_folder(5, 2));
        assert_eq!(books.problems, Vec::<String>::new());
        assert_eq!(
            (
                books.accepted,
                books.in_lake,
                books.in_log,
                books.in_quarantine
            ),
            (8, 5, 2, 1)
        );
        assert_eq!((books.files, books.still_in_log), (1, 6));
        assert!(books.balance() && books.doubles_searched);
    }

    #[test]
    fn what_is_missing_doubled_or_changed_is_told() {
        let problems = |spoil: &dyn Fn(&TempDir, &Path)| {
            let folder = data_folder(5, 2);
            spoil(&folder, &lake_file(&folder));
            let problems = count(&folder).problems.join("\n");
            problems.replace(&format!("{}/", folder.path().display()), "")
        };
        const FILE: &str = "purchases/date=1970-01-01/000000000000-000000000004.parquet";
        let changed = problems(&|_, file| {
            let mut bytes = fs::read(file).unwrap();
            bytes[20] ^= 1;
            fs::write(file, bytes).unwrap();
        });
        assert!(
            changed.starts_with(&format!("{FILE}: its bytes are not those that landed")),
            "{changed}"
        );
        let removed = problems(&|_, file| fs::remove_file(file).unwrap());
        assert!(
            removed.starts_with(&format!("{FILE}: can't read it: ")),
            "{removed}"
        );
        assert!(
            removed.ends_with("of 6 landed records, 5 are missing"),
            "{removed}"
        );
        let copied = problems(&|_, file| {
            fs::copy(file, file.with_file_name("copy.parquet")).unwrap();
        });
        assert_eq!(
            copied,
            "lake/purchases/date=1970-01-01/copy.parquet: it is in the lake's folder but no landing made it"
        );
        let emptied =
            problems(&|folder, _| fs::remove_dir_all(folder.path().join("quarantine")).unwrap());
        assert_eq!(
            emptied,
            "the quarantine holds 0 records of the log instead of 1"
        );
        let without_log = problems(&|folder, _| {
            for segment in list(&folder.path().join("log")).unwrap() {
                fs::remove_file(segment).unwrap();
            }
        });
        assert!(
            without_log.contains("the log has lost its last 6 records"),
            "{without_log}"
        );
    }

    #[test]
    fn a_file_that_a_crash_left_staged_counts() {
        let folder = data_folder(5, 0);
        let file = lake_file(&folder);
        let manifest = Manifest::read(&folder.path().join("lake")).unwrap();
        let staged = manifest.files[0].path.replace('/', "+");
        fs::rename(file, folder.path().join("lake/_staging").join(staged)).unwrap();
        assert!(count(&folder).balance());
    }

    #[test]
    fn an_event_that_landed_twice_is_found() {
        let folder = data_folder(5, 0);
        let lake = folder.path().join("lake");
        let file = lake_file(&folder);
        let mut manifest = Manifest::read(&lake).unwrap();
        let mut twin = manifest.files[0].clone();
        twin.path = twin.path.replace("000000000000-", "000000000001-");
        fs::copy(file, lake.join(&twin.path)).unwrap();
        manifest.files.push(twin);
        manifest.commit(&Lake::open(&lake).unwrap()).unwrap();
        let problems = count(&folder).problems;
        assert_eq!(
            problems,
            [
                "of 6 landed records, 5 are too many",
                "5 events are there more than once"
            ]
        );
    }
}
