//! `questlog-floor PATH COLUMN…`: reads and decompresses the chunks of these columns, and looks at nothing in them.
//!
//! With a reader that is not ours, so that the floor doesn't sink or rise with what is measured against it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let path = PathBuf::from(words.next().context("which file or folder?")?);
    let columns: Vec<String> = words.collect();
    let mut files = Vec::new();
    collect(&path, &mut files)?;
    let mut bytes: u64 = 0;
    for file in files {
        bytes += decompress(&file, &columns)
            .with_context(|| format!("{} could not be read", file.display()))?;
    }
    println!("{bytes} bytes decompressed");
    Ok(())
}

fn decompress(path: &Path, columns: &[String]) -> Result<u64> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    let mut bytes = 0;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        for (index, chunk) in group.metadata().columns().iter().enumerate() {
            if columns.contains(&chunk.column_path().string()) {
                for page in group.get_column_page_reader(index)? {
                    bytes += page?.buffer().len() as u64;
                }
            }
        }
    }
    Ok(bytes)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_path_buf());
    }
    Ok(())
}
