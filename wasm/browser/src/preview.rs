//! The first rows of a file, for looking at.

use js_sys::Array;
use questlog_core::Step as CoreStep;
use wasm_bindgen::prelude::*;

use crate::answer::{number, object, value};
use crate::error::Thrown;
use crate::footer::Footer;
use crate::scan::{Step, ends, file_info};

/// A preview; it reads nothing itself.
#[wasm_bindgen]
pub struct Preview {
    inner: questlog_core::Preview,
    needs: Vec<f64>,
}

#[wasm_bindgen]
impl Preview {
    /// Of these columns, the first `rows_max` rows.
    #[wasm_bindgen(constructor)]
    pub fn new(
        path: String,
        size_bytes: f64,
        footer: &Footer,
        columns: Vec<String>,
        rows_max: usize,
    ) -> Preview {
        let inner = questlog_core::Preview::new(
            file_info(path, size_bytes),
            footer.inner.clone(),
            &columns,
            rows_max,
            &questlog_core::Limits::default(),
        );
        let needs = Vec::new();
        Preview { inner, needs }
    }

    /// Reads on, or says that bytes are missing.
    pub fn advance(&mut self) -> Step {
        self.needs.clear();
        match self.inner.advance() {
            CoreStep::Need(ranges) => {
                self.needs = ends(&ranges);
                Step::Need
            }
            CoreStep::More => Step::More,
            CoreStep::Done => Step::Done,
        }
    }

    /// The ranges that the last `advance` asked for: start, end, start, end, …
    pub fn needs(&self) -> Vec<f64> {
        self.needs.clone()
    }

    /// Takes bytes of the file from `start` on.
    pub fn feed(&mut self, start: f64, bytes: Vec<u8>) -> Result<(), Thrown> {
        Ok(self.inner.feed(start as u64, &bytes.into())?)
    }

    /// `{ columns: [{ name, values, problem }], rows, cut }`, after `Step.Done`; whole numbers are BigInt.
    pub fn finish(self) -> Result<JsValue, Thrown> {
        let found = self.inner.finish();
        let columns = found.columns.iter().map(|column| {
            let values: Array = column.values.iter().map(value).collect();
            let problem = column
                .problem
                .as_ref()
                .map_or(JsValue::UNDEFINED, |problem| problem.message().into());
            object(&[
                ("name", column.name.as_str().into()),
                ("values", values.into()),
                ("problem", problem),
            ])
        });
        let columns = columns.collect::<Result<Array, _>>()?;
        Ok(object(&[
            ("columns", columns.into()),
            ("rows", number(found.rows as u64)),
            ("cut", found.cut.into()),
        ])?)
    }
}
