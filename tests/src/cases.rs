//! Questions with their right answers, as the peers' scripts print them.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{Table, peer};

/// One question about some files.
#[derive(Debug)]
pub struct Case {
    name: String,
    paths: Vec<String>,
    args: Vec<String>,
    /// The right answer.
    pub truth: Table,
}

impl Case {
    fn read(json: &Value) -> Result<Self> {
        let words = |name: &str| -> Vec<String> {
            let words = json[name].as_array().into_iter().flatten();
            words
                .filter_map(|word| Some(word.as_str()?.to_owned()))
                .collect()
        };
        Ok(Self {
            name: json["name"]
                .as_str()
                .context("a case without a name")?
                .to_owned(),
            paths: words("paths"),
            args: words("args"),
            truth: Table::read(json)?,
        })
    }

    /// Its files and options, as words of the command line.
    pub fn words(&self) -> Vec<&str> {
        let words = self.paths.iter().chain(&self.args);
        words.map(String::as_str).collect()
    }

    /// What `questlog analyze` answers.
    pub fn asked(&self) -> Result<Table> {
        let args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        Table::analyze(&self.paths, &args)
    }
}

/// Has a script write its files into a folder, and reads its questions.
pub fn cases(script: &str, folder: &Path) -> Result<Vec<Case>> {
    let told = peer::python(script, &[folder])?;
    let cases = told["cases"].as_array().context("no cases")?;
    cases.iter().map(Case::read).collect()
}

/// Checks every case, and reports all that fail, not just the first.
pub fn check_all(cases: &[Case], check: impl Fn(&Case) -> Result<()>) -> Result<()> {
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {:#}", case.name, check(case).err()?)))
        .collect();
    ensure!(
        failures.is_empty(),
        "{} of {} answers are wrong:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    Ok(())
}
