//! Promise: the SQL that a query is translated to gives the same answer in DuckDB, which never heard of Questlog.

use std::fs;

use anyhow::{Context, Result, ensure};
use questlog_tests::cases::cases;
use questlog_tests::{Table, peer, questlog};
use serde_json::Value;

/// What is special in the translation: providers by both rules, buckets, orders, limits, names, Hive folders, members.
const QUESTIONS: &[&[&str]] = &[
    &["--group-by", "provider(Host),event_type"],
    &["--group-by", "provider(Host)", "--match", "domain"],
    &[
        "--group-by",
        "provider(Host)",
        "--match",
        "domain",
        "--providers",
        "cox.net,com,org.,m,o'x,*",
    ],
    &[
        "--group-by",
        "provider(Host)",
        "--providers",
        "user1,'s,a%,cox",
    ],
    &[
        "--group-by",
        "event_type",
        "--where",
        "provider(Host) = 'cox' or provider(Host) is null",
    ],
    &[
        "--measure",
        "count(provider(Host)),distinct(provider(Host)),min(day(at)),max(week(at_local))",
    ],
    &[
        "--group-by",
        "minute(at)",
        "--order-by",
        "minute:asc",
        "--limit",
        "40",
    ],
    &[
        "--group-by",
        "hour(at)",
        "--order-by",
        "count:asc,hour:desc",
    ],
    &["--group-by", "day(at),flag", "--order-by", "day:desc"],
    &[
        "--group-by",
        "week(at)",
        "--measure",
        "count,max(gold),min(level)",
        "--order-by",
        "week",
    ],
    &["--group-by", "month(at_local)"],
    &["--group-by", "hour(at_local)", "--limit", "7"],
    &[
        "--where",
        "day(at) >= '2026-11-24' and not hour(at) in ('2026-11-24T03:00:00Z', null)",
    ],
    &[
        "--where",
        "at < '2026-11-23' or at_local >= '2026-11-24T10:00:00'",
    ],
    &[
        "--group-by",
        "level",
        "--measure",
        "sum(gold),count(gold),distinct(Host)",
        "--limit",
        "5",
    ],
    &[
        "--group-by",
        "event_type",
        "--measure",
        "max(price),min(price)",
        "--order-by",
        "max(price):desc",
    ],
    &["--group-by", "ratio", "--order-by", "ratio:desc"],
    &[
        "--where",
        "Host like 'user_.%' and event_type not like '%purchased' or flag",
    ],
    &[
        "--where",
        "event_type like '%!_%' escape '!' or Host like '%!%%' escape '!'",
    ],
    &[
        "--where",
        "not (flag or level > 3) and not (Accept = '*/*' and gold is not null)",
    ],
    &[
        "--group-by",
        "flag",
        "--where",
        "ratio in (0.5, -0.25, 1) or price = 0.1",
    ],
    &["--measure", "count"],
];

#[test]
fn of_questions_that_are_translated_in_a_way_of_their_own() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // Only for its files.
    cases("random_queries.py", folder.path())?;
    let path = folder.path().join("dictionary.parquet");
    let path = path.to_str().context("a path in UTF-8")?;
    let asked: Vec<Vec<&str>> = QUESTIONS
        .iter()
        .map(|question| [&[path], *question].concat())
        .collect();
    check(&asked, |ours, theirs| ours.expect(theirs))
}

#[test]
fn of_folders_and_members_of_structs_and_names_with_anything_in_them() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let told = peer::python("write_odd_names.py", &[folder.path()])?;
    let folder = folder.path().to_str().context("a path in UTF-8")?;
    let mut asked: Vec<Vec<&str>> = Vec::new();
    for question in told["questions"].as_array().context("questions")? {
        let words = question.as_array().context("words")?;
        asked.push(
            std::iter::once(folder)
                .chain(words.iter().filter_map(Value::as_str))
                .collect(),
        );
    }
    ensure!(asked.len() >= 6, "too few questions: {asked:?}");
    check(&asked, |ours, theirs| ours.expect(theirs))
}

#[test]
fn of_queries_put_together_at_random() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cases = cases("random_queries.py", folder.path())?;
    let asked: Vec<Vec<&str>> = cases.iter().map(|case| case.words()).collect();
    check(&asked, |ours, theirs| {
        rounded(ours).expect_unordered(&rounded(theirs))
    })
}

/// Asks each question of Questlog and its translation of DuckDB, and compares.
fn check(asked: &[Vec<&str>], same: impl Fn(&Table, &Table) -> Result<()>) -> Result<()> {
    let mut translated = Vec::new();
    for words in asked {
        translated
            .push(questlog(&[&["analyze", "--sql"], words.as_slice()].concat())?.succeeded()?);
    }
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), serde_json::to_string(&translated)?)?;
    let answers = peer::python("run_sql.py", &[file.path()])?;
    let answers = answers.as_array().context("no list of answers")?;
    ensure!(answers.len() == asked.len(), "{} answers", answers.len());
    let mut failures = Vec::new();
    for ((words, sql), theirs) in asked.iter().zip(&translated).zip(answers) {
        let all = [&["analyze"], words.as_slice(), &["--format", "json"]].concat();
        let ours = questlog(&all)?.table()?;
        if let Err(error) = same(&ours, &Table::read(theirs)?) {
            failures.push(format!("{words:?}: {error:#}\n{sql}"));
        }
    }
    ensure!(
        failures.is_empty(),
        "{} of {} translations answer otherwise:\n{}",
        failures.len(),
        asked.len(),
        failures.join("\n")
    );
    Ok(())
}

/// DuckDB rounds sums of floats as it goes, so the last digits are nobody's.
fn rounded(table: &Table) -> Table {
    let mut table = table.clone();
    for value in table.rows.iter_mut().flatten() {
        if let Some(number) = value.as_f64().filter(|_| value.is_f64()) {
            *value = Value::from(format!("{number:.6e}"));
        }
    }
    table
}
