//! `questlog config`: every option, its value, and where that comes from.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args as _, Command};

use crate::config::{Config, ListenSettings, Settings};

/// Options of `questlog config`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  questlog config
  questlog config --data /var/lib/questlog --format toml > questlog.toml
  QUESTLOG_LAND_EVERY=5m questlog config --format json

It takes the options of `questlog serve`, checks them as that would, and starts nothing.
With --format toml it prints a file with every option, its meaning, and its value where it is not the default.")]
pub(crate) struct Args {
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    listen: ListenSettings,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Json,
    Toml,
}

/// An option as it is now.
#[derive(Debug, serde::Serialize)]
struct Row {
    option: String,
    /// None where nobody said anything and the default is to do without.
    value: Option<String>,
    from: String,
    #[serde(skip)]
    help: String,
    #[serde(skip)]
    is_default: bool,
    /// Whether its value is written without quotes.
    #[serde(skip)]
    is_plain: bool,
}

pub(crate) fn run(args: Args, matches: &ArgMatches) -> anyhow::Result<ExitCode> {
    let file = args.settings.read_file()?;
    Config::resolve_listening(args.settings, args.listen)?;
    let rows: Vec<Row> = options()
        .get_arguments()
        .filter(|option| option.get_id() != "config")
        .filter_map(|option| Row::new(option, matches, file.as_ref()))
        .collect();
    match args.format {
        Format::Table => print!("{}", table(&rows)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&rows)?),
        Format::Toml => print!("{}", toml(&rows)),
    }
    Ok(ExitCode::SUCCESS)
}

/// The one table of all options.
fn options() -> Command {
    ListenSettings::augment_args(Settings::augment_args(Command::new("questlog")))
}

impl Row {
    fn new(
        option: &Arg,
        matches: &ArgMatches,
        file: Option<&(toml::Table, std::path::PathBuf)>,
    ) -> Option<Self> {
        let name = option.get_long()?;
        let id = option.get_id().as_str();
        let help = option.get_help()?.to_string();
        let (help, default) = match help.split_once("[default: ") {
            Some((help, default)) => (help.trim().to_owned(), default.trim_end_matches(']')),
            None => (help.clone(), "none"),
        };
        let given = matches
            .get_raw(id)
            .and_then(|mut values| values.next())
            .map(|value| value.to_string_lossy().into_owned());
        let in_file = file.and_then(|(keys, path)| Some((keys.get(name)?, path)));
        let (value, from) = match (matches.value_source(id), in_file) {
            (Some(ValueSource::CommandLine), _) => (given, "flag".to_owned()),
            (Some(ValueSource::EnvVariable), _) => {
                let variable = option.get_env().unwrap_or_default().to_string_lossy();
                (given, format!("variable {variable}"))
            }
            (_, Some((value, path))) => {
                let text = value.as_str().map(str::to_owned);
                let text = text.unwrap_or_else(|| value.to_string());
                (Some(text), path.display().to_string())
            }
            _ => {
                let is_none = default.starts_with("none");
                ((!is_none).then(|| default.to_owned()), "default".to_owned())
            }
        };
        let is_plain = value
            .as_deref()
            .is_some_and(|value| value.parse::<u64>().is_ok() || matches!(value, "true" | "false"));
        Some(Self {
            option: name.to_owned(),
            is_default: from == "default",
            value,
            from,
            help,
            is_plain,
        })
    }
}

fn table(rows: &[Row]) -> String {
    let width = |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).len()).max().unwrap_or(0);
    let names = width(|row| &row.option);
    let values = width(|row| row.value.as_deref().unwrap_or("none"));
    let mut out = String::new();
    for row in rows {
        let value = row.value.as_deref().unwrap_or("none");
        // Writing to a String can't fail.
        let _ = writeln!(
            out,
            "{:<names$}  {value:<values$}  {}",
            row.option, row.from
        );
    }
    out
}

fn toml(rows: &[Row]) -> String {
    let mut out =
        String::from("# questlog.toml: a flag beats a variable, a variable beats this file.\n");
    for row in rows {
        let value = match &row.value {
            Some(value) if row.is_plain => value.clone(),
            Some(value) => toml::Value::from(value.as_str()).to_string(),
            None => "\"\"".to_owned(),
        };
        let off = if row.is_default { "# " } else { "" };
        let _ = write!(
            out,
            "\n# {}\n{off}{} = {value}\n",
            row.help.replace('\n', " "),
            row.option
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(words: &[&str], file: &str) -> Vec<Row> {
        let matches = options().try_get_matches_from(words).unwrap();
        let keys = file.parse::<toml::Table>().unwrap();
        let file = (keys, std::path::PathBuf::from("questlog.toml"));
        options()
            .get_arguments()
            .filter_map(|option| Row::new(option, &matches, Some(&file)))
            .collect()
    }

    fn row<'a>(rows: &'a [Row], name: &str) -> (Option<&'a str>, &'a str) {
        let row = rows.iter().find(|row| row.option == name).unwrap();
        (row.value.as_deref(), &row.from)
    }

    #[test]
    fn each_value_says_where_it_comes_from() {
        let rows = rows(
            &["questlog", "--land-every", "5s", "--open"],
            "land-every = \"9s\"\nconnections = 7\n",
        );
        assert_eq!(row(&rows, "land-every"), (Some("5s"), "flag"));
        assert_eq!(row(&rows, "open"), (Some("true"), "flag"));
        assert_eq!(row(&rows, "connections"), (Some("7"), "questlog.toml"));
        assert_eq!(row(&rows, "listen"), (Some("127.0.0.1:8080"), "default"));
        assert_eq!(row(&rows, "keys"), (None, "default"));
        assert!(
            table(&rows)
                .lines()
                .any(|line| line.starts_with("land-every ") && line.ends_with("flag"))
        );
    }

    #[test]
    fn every_option_is_documented_with_its_variable_and_its_default() {
        for option in options().get_arguments() {
            let name = option.get_long().unwrap();
            let variable = format!("QUESTLOG_{}", name.replace('-', "_").to_uppercase());
            assert_eq!(option.get_env().unwrap().to_str(), Some(variable.as_str()));
            let help = option.get_help().unwrap().to_string();
            assert!(help.contains("[default: "), "--{name} says no default");
        }
    }

    #[test]
    fn the_file_it_prints_is_read_again() {
        let rows = rows(&["questlog", "--connections", "7", "--data", "a \"b\""], "");
        let keys = toml(&rows).parse::<toml::Table>().unwrap();
        assert_eq!(keys["connections"].as_integer(), Some(7));
        assert_eq!(keys["data"].as_str(), Some("a \"b\""));
        assert_eq!(keys.len(), 2, "defaults are comments");
        // Without the comment signs every key is one that is known.
        let all: String = toml(&rows)
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest)
                    if rest
                        .split_once(" = ")
                        .is_some_and(|(key, _)| !key.contains(' ')) =>
                {
                    format!("{rest}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        assert_eq!(all.parse::<toml::Table>().unwrap().len(), rows.len());
    }
}
