//! Where bytes come from: a file, read at a position, or memory.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::Error;
use super::buffers::Buffers;

/// Something that can be analysed.
#[derive(Clone, Debug)]
pub enum Source {
    /// A Parquet file on disk.
    File {
        /// Where it is.
        path: PathBuf,
        /// What answers and errors call it.
        name: String,
        /// The columns its folders give it.
        partition: Vec<(String, Option<String>)>,
    },
    /// A Parquet file in memory.
    Memory {
        /// What answers and errors call it.
        name: String,
        /// The whole file.
        bytes: Bytes,
        /// The columns that its place would give it.
        partition: Vec<(String, Option<String>)>,
    },
}

impl Source {
    /// A file under its own name, without columns from folders.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self::File {
            name: path.display().to_string(),
            path,
            partition: Vec::new(),
        }
    }

    /// What answers and errors call it.
    pub fn name(&self) -> &str {
        match self {
            Self::File { name, .. } | Self::Memory { name, .. } => name,
        }
    }

    /// The columns that its folders give it.
    pub fn partition(&self) -> &[(String, Option<String>)] {
        match self {
            Self::File { partition, .. } | Self::Memory { partition, .. } => partition,
        }
    }

    /// Its length in bytes now, or 0 if that can't be said; for progress only.
    pub(crate) fn size_hint(&self) -> u64 {
        match self {
            Self::File { path, .. } => path.metadata().map_or(0, |metadata| metadata.len()),
            Self::Memory { bytes, .. } => bytes.len() as u64,
        }
    }

    /// Opens it for reading.
    pub(crate) fn open(&self) -> Result<Reader, Error> {
        match self {
            Self::File { path, name, .. } => Reader::file(path, name),
            Self::Memory { name, bytes, .. } => Ok(Reader {
                name: name.clone(),
                size_bytes: bytes.len() as u64,
                bytes: Place::Memory(bytes.clone()),
                buffers: Buffers::default(),
            }),
        }
    }
}

/// An open source. Threads share it: reading needs no position of its own.
#[derive(Debug)]
pub(crate) struct Reader {
    name: String,
    size_bytes: u64,
    bytes: Place,
    buffers: Buffers,
}

#[derive(Debug)]
enum Place {
    File(positioned::File),
    Memory(Bytes),
}

impl Reader {
    fn file(path: &Path, name: &str) -> Result<Self, Error> {
        // Looked at before it is opened, because opening a pipe that nobody writes to would wait for ever.
        let metadata = path.metadata().map_err(|error| Error::io(name, &error))?;
        if metadata.is_dir() {
            // A folder is among the files only when it could not be listed.
            std::fs::read_dir(path).map_err(|error| Error::io(name, &error))?;
        }
        if !metadata.is_file() {
            return Err(Error::unusable(name, "is not a regular file"));
        }
        let file = File::open(path).map_err(|error| Error::io(name, &error))?;
        let size_bytes = file
            .metadata()
            .map_err(|error| Error::io(name, &error))?
            .len();
        Ok(Self {
            name: name.to_owned(),
            size_bytes,
            bytes: Place::File(positioned::File::new(file)),
            buffers: Buffers::default(),
        })
    }

    /// Its length when it was opened.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Reads exactly `range`, which lies within the size.
    pub(crate) fn read(&self, range: Range<u64>) -> Result<Bytes, Error> {
        match &self.bytes {
            Place::Memory(bytes) => {
                let start = usize::try_from(range.start).unwrap_or(usize::MAX);
                let end = usize::try_from(range.end).unwrap_or(usize::MAX);
                if start > end || end > bytes.len() {
                    return Err(self.too_short(bytes.len() as u64));
                }
                Ok(bytes.slice(start..end))
            }
            Place::File(file) => self.read_file(file, range),
        }
    }

    fn read_file(&self, file: &positioned::File, range: Range<u64>) -> Result<Bytes, Error> {
        let length = usize::try_from(range.end.saturating_sub(range.start))
            .map_err(|_| Error::unusable(&self.name, "is too long for this machine"))?;
        self.buffers.fill(length, |buffer| {
            let mut filled = 0;
            while filled < length {
                let at = range.start + filled as u64;
                match file.read_at(&mut buffer[filled..], at) {
                    Ok(0) => return Err(self.too_short(at)),
                    Ok(count) => filled += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(Error::io(&self.name, &error)),
                }
            }
            Ok(())
        })
    }

    fn too_short(&self, end: u64) -> Error {
        Error::unusable(
            &self.name,
            format!(
                "ends at byte {end}, but had {} bytes when it was opened; something shortened it while it was read",
                self.size_bytes
            ),
        )
    }
}

/// Reads at a position without moving one that other threads use.
mod positioned {
    use std::{fs, io};

    #[cfg(unix)]
    #[derive(Debug)]
    pub(super) struct File(fs::File);

    #[cfg(unix)]
    impl File {
        pub(super) fn new(file: fs::File) -> Self {
            Self(file)
        }

        pub(super) fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
            std::os::unix::fs::FileExt::read_at(&self.0, buffer, at)
        }
    }

    #[cfg(not(unix))]
    #[derive(Debug)]
    pub(super) struct File(std::sync::Mutex<fs::File>);

    #[cfg(not(unix))]
    impl File {
        pub(super) fn new(file: fs::File) -> Self {
            Self(std::sync::Mutex::new(file))
        }

        pub(super) fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
            use std::io::{Read, Seek, SeekFrom};
            let mut file = self
                .0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            file.seek(SeekFrom::Start(at))?;
            file.read(buffer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_shrinks_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("short.parquet");
        std::fs::write(&path, [7; 100]).unwrap();
        let reader = Source::file(&path).open().unwrap();
        assert_eq!(reader.read(90..100).unwrap().as_ref(), [7; 10]);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(95)
            .unwrap();
        let message = reader.read(90..100).unwrap_err().to_string();
        assert!(
            message.contains("short.parquet") && message.contains("95"),
            "{message}"
        );
    }

    #[test]
    fn what_is_no_file_is_refused_before_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let message = Source::file(folder.path()).open().unwrap_err().to_string();
        assert!(message.ends_with("is not a regular file"), "{message}");
        let missing = folder.path().join("nobody.parquet");
        let message = Source::file(missing).open().unwrap_err().to_string();
        assert!(
            message.contains("nobody.parquet: there is no such file or folder"),
            "{message}"
        );
    }
}
