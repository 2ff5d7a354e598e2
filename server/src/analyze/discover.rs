//! From what a user typed to the files it means.
//!
//! A path that exists is itself: a file, or a folder with everything in it. Anything else with `*`, `?`, `[` or `{` in
//! it is a pattern.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use questlog_core::partition_columns;

use super::{Error, Source, glob};

/// Files that one run takes. Default 1,000,000.
pub const FILES_MAX: usize = 1_000_000;

/// Folders within folders that are followed. Default 64 levels.
pub const FOLDER_DEPTH_MAX: usize = 64;

/// The files that `paths` mean, in the order of the paths and by name within a folder.
///
/// In a folder, and for a pattern, data are the files that start as Parquet does, whatever their name, and those that
/// are named `*.parquet`, whatever they hold; names that begin with `_` or `.` are left out. A file that is named by
/// itself is always taken. `key=value` folders below the given folder, or below the fixed part of a pattern, become
/// columns.
///
/// # Errors
/// A path or pattern that leads to no file, a folder that can't be read, more than [`FILES_MAX`] files.
pub fn discover<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Source>, Error> {
    Found::default().all(paths)
}

/// The same, but what can't be read stays among the files, so that the analysis can tell that it was left out.
///
/// # Errors
/// A folder or pattern that leads to no file, more than [`FILES_MAX`] files.
pub fn discover_with_bad<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Source>, Error> {
    let found = Found {
        keeps_bad: true,
        ..Found::default()
    };
    found.all(paths)
}

#[derive(Default)]
struct Found {
    sources: Vec<Source>,
    keeps_bad: bool,
}

impl Found {
    fn all<P: AsRef<Path>>(mut self, paths: &[P]) -> Result<Vec<Source>, Error> {
        for path in paths {
            self.path(path.as_ref())?;
        }
        Ok(self.sources)
    }

    fn path(&mut self, path: &Path) -> Result<(), Error> {
        // A name need not be text to be opened; as a pattern, and in sentences, it is as much of it as is.
        let name = path.to_string_lossy();
        let before = self.sources.len();
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                self.folder(path, path)?;
                if self.sources.len() == before {
                    return Err(Error::NoSource(format!(
                        "{name}: there is no Parquet file in this folder"
                    )));
                }
            }
            Ok(_) => self.push(Source::file(path))?,
            Err(_) if glob::is_pattern(&name) => {
                self.pattern(&name)?;
                if self.sources.len() == before {
                    return Err(Error::NoSource(format!(
                        "{name}: no Parquet file fits this pattern"
                    )));
                }
            }
            Err(error) => self.bad(path, &error)?,
        }
        Ok(())
    }

    /// What can't be read: an error, or a file of which the analysis will say the same.
    fn bad(&mut self, path: &Path, error: &std::io::Error) -> Result<(), Error> {
        if self.keeps_bad {
            self.push(Source::file(path))
        } else {
            Err(Error::io(&path.display().to_string(), error))
        }
    }

    fn push(&mut self, source: Source) -> Result<(), Error> {
        if self.sources.len() >= FILES_MAX {
            return Err(Error::NoSource(format!(
                "there are more than {FILES_MAX} files; name fewer folders at once"
            )));
        }
        self.sources.push(source);
        Ok(())
    }

    /// Takes a file found below `root`, if it is data.
    fn file(&mut self, root: &Path, path: PathBuf) -> Result<(), Error> {
        if !is_data(&path) {
            return Ok(());
        }
        let below = path.strip_prefix(root).unwrap_or(&path);
        let partition = partition_columns(&below.to_string_lossy());
        self.push(Source::File {
            name: path.display().to_string(),
            path,
            partition,
        })
    }

    /// Takes everything in `folder`, at any depth.
    ///
    /// Linked folders come after the real ones and each folder is visited once, so that a circle of links ends and
    /// nothing is counted twice.
    fn folder(&mut self, root: &Path, folder: &Path) -> Result<(), Error> {
        let mut visited = HashSet::new();
        let mut links = Vec::new();
        self.walk(root, folder, 0, &mut visited, &mut links)?;
        let mut next = 0;
        while let Some((link, depth)) = links.get(next).cloned() {
            self.walk(root, &link, depth, &mut visited, &mut links)?;
            next += 1;
        }
        Ok(())
    }

    fn walk(
        &mut self,
        root: &Path,
        folder: &Path,
        depth: usize,
        visited: &mut HashSet<PathBuf>,
        links: &mut Vec<(PathBuf, usize)>,
    ) -> Result<(), Error> {
        let refused = |error: std::io::Error| Error::io(&folder.display().to_string(), &error);
        if depth > FOLDER_DEPTH_MAX {
            return Err(Error::NoSource(format!(
                "{}: lies deeper than {FOLDER_DEPTH_MAX} folders",
                folder.display()
            )));
        }
        if !visited.insert(folder.canonicalize().map_err(refused)?) {
            return Ok(());
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.bad(folder, &error),
        };
        let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(refused)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = entry.path();
            let kind = entry.file_type().map_err(refused)?;
            let is_folder = if kind.is_symlink() {
                path.is_dir()
            } else {
                kind.is_dir()
            };
            if is_hidden(&name, is_folder) {
                continue;
            }
            match (is_folder, kind.is_symlink()) {
                (false, _) => self.file(root, path)?,
                (true, true) => links.push((path, depth + 1)),
                (true, false) => self.walk(root, &path, depth + 1, visited, links)?,
            }
        }
        Ok(())
    }

    /// Takes what a pattern means: its parts are matched folder by folder.
    fn pattern(&mut self, pattern: &str) -> Result<(), Error> {
        let mut fixed = PathBuf::new();
        let mut parts = Vec::new();
        for component in Path::new(pattern).components() {
            match component {
                Component::Normal(part)
                    if !parts.is_empty() || glob::is_pattern(&part.to_string_lossy()) =>
                {
                    parts.push(part.to_string_lossy().into_owned());
                }
                part if parts.is_empty() => fixed.push(part),
                part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
            }
        }
        let mut matched = BTreeSet::new();
        descend(&fixed, &parts, 0, &mut matched);
        let before = self.sources.len();
        for path in matched {
            if path.is_dir() {
                self.folder(&fixed, &path)?;
            } else {
                self.file(&fixed, path)?;
            }
        }
        // A pattern like `**/sub*` can match a folder and one inside it; each file is taken once nevertheless.
        let mut seen = HashSet::new();
        let found = self.sources.split_off(before);
        self.sources.extend(
            found
                .into_iter()
                .filter(|source| seen.insert(source.name().to_owned())),
        );
        Ok(())
    }
}

/// Collects the paths below `folder` that fit `parts`. A folder that can't be read fits nothing, as in a shell.
fn descend(folder: &Path, parts: &[String], depth: usize, matched: &mut BTreeSet<PathBuf>) {
    let Some((part, rest)) = parts.split_first() else {
        matched.insert(folder.to_owned());
        return;
    };
    if depth > FOLDER_DEPTH_MAX || matched.len() > FILES_MAX {
        return;
    }
    if !glob::is_pattern(part) {
        let next = folder.join(part);
        if next.exists() {
            descend(&next, rest, depth + 1, matched);
        }
        return;
    }
    let any_depth = part == "**";
    if any_depth {
        descend(folder, rest, depth, matched);
        if rest.is_empty() {
            // The folder itself is everything in it.
            return;
        }
    }
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let Ok(entries) = fs::read_dir(here) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let next = folder.join(&name);
        if any_depth {
            // Linked folders are left out here, as shells do, because a circle of them would never end.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !is_hidden(&name.to_string_lossy(), true) {
                descend(&next, parts, depth + 1, matched);
            }
        } else if glob::matches(part, &name.to_string_lossy()) && (rest.is_empty() || next.is_dir())
        {
            descend(&next, rest, depth + 1, matched);
        }
    }
}

/// Names that job folders use for what is not data. A folder like `_day=1` is a partition nevertheless.
fn is_hidden(name: &str, is_folder: bool) -> bool {
    name.starts_with('.') || (name.starts_with('_') && !(is_folder && name.contains('=')))
}

/// Whether a file in a folder is to be read: by its first bytes, or by its name.
fn is_data(path: &Path) -> bool {
    let named = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    named || path.is_file() && starts_as_parquet(path)
}

/// Files with an encrypted footer start with `PARE`; they are taken, so that the user learns why they can't be read.
fn starts_as_parquet(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut magic))
        .is_ok_and(|()| matches!(&magic, b"PAR1" | b"PARE"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with `files`, each of which starts as Parquet does.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            write(folder.path(), file, b"PAR1 and so on");
        }
        folder
    }

    fn write(folder: &Path, file: &str, bytes: &[u8]) {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn names(folder: &Path, path: &str) -> Vec<String> {
        let found = discover(&[folder.join(path).display().to_string()]).unwrap();
        let prefix = format!("{}/", folder.display());
        found
            .iter()
            .map(|source| source.name().replace(&prefix, ""))
            .collect()
    }

    #[test]
    fn a_folder_is_its_data_and_nothing_else() {
        let folder = folder(&[
            "b.parquet",
            "a",
            "sub/c.snappy.parquet",
            "_metadata",
            "_temporary/0/x.parquet",
            ".hidden.parquet",
            ".staging/y.parquet",
            "_day=1/d.parquet",
        ]);
        write(folder.path(), "README.txt", b"not data");
        write(folder.path(), "empty.parquet", b"");
        assert_eq!(
            names(folder.path(), ""),
            [
                "_day=1/d.parquet",
                "a",
                "b.parquet",
                "empty.parquet",
                "sub/c.snappy.parquet"
            ]
        );
    }

    #[test]
    fn folders_below_the_given_one_become_columns() {
        let folder = folder(&["date=2026-11-23/region=a%2Fb/x.parquet"]);
        let path = folder.path().display().to_string();
        let found = discover(std::slice::from_ref(&path)).unwrap();
        let date = ("date".to_owned(), Some("2026-11-23".to_owned()));
        let region = ("region".to_owned(), Some("a/b".to_owned()));
        assert_eq!(found[0].partition(), [date, region.clone()]);
        let found = discover(&[format!("{path}/date=2026-11-23")]).unwrap();
        assert_eq!(found[0].partition(), [region]);
        let found = discover(&[format!("{path}/date=*")]).unwrap();
        assert_eq!(found[0].partition().len(), 2);
        let found = discover(&[found[0].name().to_owned()]).unwrap();
        assert!(found[0].partition().is_empty());
    }

    #[test]
    fn patterns_match_folder_by_folder() {
        let folder = folder(&[
            "d=1/a.parquet",
            "d=2/b.parquet",
            "d=2/deep/c",
            "e/a.parquet",
            "_x/z.parquet",
        ]);
        let folder = folder.path();
        assert_eq!(
            names(folder, "d=*/*.parquet"),
            ["d=1/a.parquet", "d=2/b.parquet"]
        );
        assert_eq!(names(folder, "d=[13]"), ["d=1/a.parquet"]);
        assert_eq!(
            names(folder, "{d=2,e}"),
            ["d=2/b.parquet", "d=2/deep/c", "e/a.parquet"]
        );
        assert_eq!(
            names(folder, "**/a.parquet"),
            ["d=1/a.parquet", "e/a.parquet"]
        );
        assert_eq!(names(folder, "**").len(), 4);
    }

    #[test]
    fn a_path_that_exists_is_no_pattern() {
        let folder = folder(&["a[1].parquet", "a1.parquet"]);
        assert_eq!(names(folder.path(), "a[1].parquet"), ["a[1].parquet"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_leads_to_its_file_all_the_same() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let folder = folder(&["good"]);
        let odd = folder.path().join(OsStr::from_bytes(b"bad\xff.parquet"));
        fs::write(&odd, b"PAR1 and so on").unwrap();
        let found = discover(std::slice::from_ref(&odd)).unwrap();
        assert!(matches!(&found[..], [Source::File { path, .. }] if *path == odd));
        assert_eq!(discover(&[folder.path()]).unwrap().len(), 2);
        let missing = folder.path().join(OsStr::from_bytes(b"no\xff"));
        let message = discover(&[missing]).unwrap_err().to_string();
        assert!(message.ends_with("no\u{fffd}: there is no such file or folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_circle_of_links_ends_and_nothing_is_counted_twice() {
        use std::os::unix::fs::symlink;
        let folder = folder(&["d=1/a.parquet", ".v2/b.parquet"]);
        symlink(folder.path(), folder.path().join("d=1/up")).unwrap();
        symlink(folder.path().join("d=1"), folder.path().join("current")).unwrap();
        symlink(folder.path().join(".v2"), folder.path().join("v")).unwrap();
        assert_eq!(names(folder.path(), ""), ["d=1/a.parquet", "v/b.parquet"]);
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        let folder = folder(&[]);
        write(folder.path(), "README.txt", b"not data");
        let path = folder.path().display().to_string();
        for (given, what) in [
            (path.clone(), "there is no Parquet file in this folder"),
            (
                format!("{path}/nobody.parquet"),
                "there is no such file or folder",
            ),
            (
                format!("{path}/*.parquet"),
                "no Parquet file fits this pattern",
            ),
        ] {
            let message = discover(std::slice::from_ref(&given))
                .unwrap_err()
                .to_string();
            assert_eq!(message, format!("{given}: {what}"));
        }
    }
}
