//! Sorted runs: files of a merge's own, put together block by block.

use std::cmp::Ordering;
use std::fs::File;
use std::path::Path;

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::LandingError;
use super::layout::Layout;
use super::parquet::FileWriter;
use super::rows::Rows;

/// Blocks of a run, about: one of each run is in memory.
const BLOCKS: usize = 128;

/// Writes rows as a sorted run.
pub(super) fn write(path: &Path, rows: Rows, layout: &Layout) -> Result<(), LandingError> {
    let mut layout = layout.with_extras(layout.extras().to_vec())?;
    layout.row_group_rows_max = layout.row_group_rows_max.div_ceil(BLOCKS);
    let file = File::create(path).map_err(LandingError::io(path, "create"))?;
    let out = std::io::BufWriter::new(file);
    let mut out = FileWriter::new(&layout, &layout.for_memory, out)?;
    out.add(&rows.sorted(&layout))?;
    out.finish(&[])?;
    Ok(())
}

/// A run that is being read.
pub(super) struct Run<'a> {
    reader: SerializedFileReader<File>,
    layout: &'a Layout,
    next_block: usize,
    block: Rows,
    /// Rows of the block that have been taken.
    taken: usize,
}

impl<'a> Run<'a> {
    pub(super) fn open(path: &Path, layout: &'a Layout) -> Result<Self, LandingError> {
        let file = File::open(path).map_err(LandingError::io(path, "open"))?;
        let mut run = Self {
            reader: SerializedFileReader::new(file)?,
            layout,
            next_block: 0,
            block: Rows::new(layout),
            taken: 0,
        };
        run.read()?;
        Ok(run)
    }

    /// Reads the next block, if there is one.
    fn read(&mut self) -> Result<(), LandingError> {
        self.block = Rows::new(self.layout);
        self.taken = 0;
        if self.has_more_blocks() {
            let group = self.reader.get_row_group(self.next_block)?;
            self.block.add(&*group, self.layout)?;
            self.next_block += 1;
        }
        Ok(())
    }

    fn has_more_blocks(&self) -> bool {
        self.next_block < self.reader.num_row_groups()
    }

    /// How many rows of the block come no later than `bound`, a row of another block.
    fn rows_to(&self, bound: Option<(&Rows, usize)>) -> usize {
        let Some((other, row)) = bound else {
            return self.block.count();
        };
        let (mut from, mut to) = (self.taken, self.block.count());
        while from < to {
            let middle = from.midpoint(to);
            match self.block.compare(middle, other, row) {
                Ordering::Greater => to = middle,
                _ => from = middle + 1,
            }
        }
        from
    }
}

/// Puts runs together: `each` gets rows, in no order among themselves, none of which comes before one of an earlier call.
pub(super) fn merge(
    mut runs: Vec<Run<'_>>,
    layout: &Layout,
    mut each: impl FnMut(Rows) -> Result<(), LandingError>,
) -> Result<(), LandingError> {
    let mut rows = Rows::new(layout);
    while runs.iter().any(|run| run.taken < run.block.count()) {
        // No block that is still to come has a row before the last one of its run's present block.
        let lasts = runs.iter().filter(|run| run.has_more_blocks());
        let lasts = lasts.map(|run| (&run.block, run.block.count() - 1));
        let bound = lasts.min_by(|(one, at), (other, other_at)| one.compare(*at, other, *other_at));
        let ends: Vec<usize> = runs.iter().map(|run| run.rows_to(bound)).collect();
        let more: usize = runs
            .iter()
            .zip(&ends)
            .map(|(run, end)| end - run.taken)
            .sum();
        if rows.count() > 0 && rows.count() + more > layout.row_group_rows_max {
            each(std::mem::replace(&mut rows, Rows::new(layout)))?;
        }
        for (run, end) in runs.iter_mut().zip(ends) {
            rows.append(&run.block, run.taken..end);
            run.taken = end;
            if end == run.block.count() {
                run.read()?;
            }
        }
    }
    if rows.count() > 0 {
        each(rows)?;
    }
    Ok(())
}
