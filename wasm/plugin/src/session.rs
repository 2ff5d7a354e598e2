//! One query over one file after the other.

use std::ops::Range;
use std::sync::Arc;

use questlog_core::{
    Error, ErrorKind, FileInfo, Format, Limits, Partial, Progress, Query, QueryOptions, Run, Scan,
    Step,
};

/// Bytes of a column chunk that are asked for at once, unless a page is longer. What the host has read is copied into this
/// memory: with so few, it is still in the processor's cache then, and when it is decompressed. A host that reads from far
/// away does well to read ahead, and may feed more than was asked for.
const WINDOW_BYTES: u64 = 128 << 10;

/// An open query, the file in work, and what was counted.
pub(crate) struct Session {
    query: Query,
    limits: Limits,
    counted: Partial,
    file: Option<File>,
    progress: Progress,
}

struct File {
    info: FileInfo,
    /// Row groups that are still to be chosen, once the footer says which there are.
    window: Option<Range<u32>>,
    scan: Scan,
}

impl Session {
    pub(crate) fn new(options: &QueryOptions) -> Result<Self, Error> {
        let limits = Limits {
            window_bytes: WINDOW_BYTES,
            ..Limits::default()
        };
        let query = Query::new(options, &limits)?;
        let counted = Partial::empty(&query);
        Ok(Self {
            query,
            limits,
            counted,
            file: None,
            progress: Progress::default(),
        })
    }

    pub(crate) fn columns(&self) -> Vec<String> {
        self.query.columns_needed()
    }

    pub(crate) fn begin_file(
        &mut self,
        name: String,
        size_bytes: u64,
        partition: Vec<(String, Option<String>)>,
        window: Option<Range<u32>>,
    ) -> Result<(), Error> {
        let info = FileInfo {
            name,
            size_bytes,
            partition,
        };
        if window
            .as_ref()
            .is_some_and(|window| window.start > window.end)
        {
            return Err(misuse("the row-group window ends before it begins"));
        }
        let scan = Scan::new(&self.query, info.clone(), &self.limits);
        self.progress = scan.progress();
        self.file = Some(File { info, window, scan });
        Ok(())
    }

    pub(crate) fn feed(&mut self, start: u64, bytes: Vec<u8>) -> Result<(), Error> {
        self.file_in_work()?.scan.feed(start, bytes.into())
    }

    pub(crate) fn advance(&mut self, rows_max: u32) -> Result<Step, Error> {
        let Some(mut file) = self.file.take() else {
            return Err(misuse(NO_FILE));
        };
        let rows_max = usize::try_from(rows_max).unwrap_or(usize::MAX).max(1);
        let mut step = file.scan.advance(rows_max)?;
        if let (Some(window), Some(footer)) = (&file.window, file.scan.footer()) {
            let groups = footer.row_groups().len();
            let end = usize::try_from(window.end)
                .unwrap_or(usize::MAX)
                .min(groups);
            let start = usize::try_from(window.start).unwrap_or(usize::MAX).min(end);
            let footer = Arc::clone(footer);
            file.scan = Scan::with_footer(
                &self.query,
                file.info.clone(),
                footer,
                start..end,
                &self.limits,
            );
            file.window = None;
            step = Step::More;
        }
        self.progress = file.scan.progress();
        if step == Step::Done {
            self.counted.merge(file.scan.finish()?)?;
        } else {
            self.file = Some(file);
        }
        Ok(step)
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    pub(crate) fn take_partial(&mut self) -> Vec<u8> {
        let counted = std::mem::replace(&mut self.counted, Partial::empty(&self.query));
        counted.to_bytes()
    }

    pub(crate) fn merge(&self, partials: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
        let mut merged = Partial::empty(&self.query);
        for partial in partials {
            merged.merge(Partial::from_bytes(partial, &self.query)?)?;
        }
        Ok(merged.to_bytes())
    }

    pub(crate) fn render(
        &self,
        partial: &[u8],
        format: Format,
        run: &Run,
    ) -> Result<String, Error> {
        let answer = Partial::from_bytes(partial, &self.query)?.answer(&self.query)?;
        Ok(answer.render(format, run))
    }

    fn file_in_work(&mut self) -> Result<&mut File, Error> {
        self.file.as_mut().ok_or_else(|| misuse(NO_FILE))
    }
}

const NO_FILE: &str = "no file is in work; call `begin-file` first";

fn misuse(message: &str) -> Error {
    Error::new(ErrorKind::Misuse, message)
}
