//! `questlog plugin new` and `plugin pack`: from an idea to a component.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use wit_component::ComponentEncoder;

use crate::cli::{Usage, query};
use crate::plugins::{IngestLimits, check_shape};
use crate::units;

/// Options of `questlog plugin new`.
#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// What it is called, and its folder: small letters, digits and hyphens
    #[arg(value_name = "NAME")]
    name: String,
    /// What it does: a matcher finds the provider that a host tells of, an enricher adds columns
    #[arg(long, value_enum, default_value = "enricher")]
    kind: Kind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Matcher,
    Enricher,
}

/// Options of `questlog plugin pack`.
#[derive(Debug, clap::Args)]
pub(super) struct PackArgs {
    /// The module that `cargo build --target wasm32-unknown-unknown` made
    #[arg(value_name = "MODULE")]
    module: PathBuf,
    /// Where the component goes [default: the module's name with .component.wasm]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub(super) fn new(args: &NewArgs) -> anyhow::Result<ExitCode> {
    let name = &args.name;
    let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let begins_well = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_lowercase());
    if !begins_well
        || !name.bytes().all(is_fit)
        || name.len() > IngestLimits::default().name_bytes_max
    {
        return Err(Usage::new(format!(
            "`{name}` is no name for a plugin; use small letters, digits and hyphens, up to {}, a letter first",
            IngestLimits::default().name_bytes_max
        ))
        .into());
    }
    let folder = Path::new(name);
    ensure!(
        !folder.exists(),
        "{name}: there is something of this name already; choose another name"
    );
    let code = match args.kind {
        Kind::Matcher => include_str!("template/matcher.rs.txt"),
        Kind::Enricher => include_str!("template/enricher.rs.txt"),
    };
    let fill = |text: &str| {
        text.replace("{name}", name)
            .replace("{module}", &name.replace('-', "_"))
    };
    let files = [
        ("Cargo.toml", fill(include_str!("template/Cargo.toml.txt"))),
        ("README.md", fill(include_str!("template/README.md.txt"))),
        ("src/lib.rs", fill(code)),
        (
            "wit/plugin.wit",
            include_str!("../../../../wasm/ingest/wit/plugin.wit").to_owned(),
        ),
    ];
    let settings = (
        format!("{name}.toml"),
        fill(include_str!("template/settings.toml.txt")),
    );
    let files = files
        .map(|(path, text)| (path.to_owned(), text))
        .into_iter();
    for (path, text) in files.chain([settings]) {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .with_context(|| format!("{}: can't make it", parent.display()))?;
        fs::write(&path, text).with_context(|| format!("{}: can't write it", path.display()))?;
    }
    query::print(&format!(
        "made {name}/; {name}/README.md says how it is built\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn pack(args: &PackArgs) -> anyhow::Result<ExitCode> {
    let module = &args.module;
    let name = module.display();
    let bytes = fs::read(module).with_context(|| format!("{name}: can't read it"))?;
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|mut encoder| encoder.encode());
    let component = match encoded {
        Ok(component) => component,
        Err(error) => bail!(
            "{name} is no module of a plugin: {}",
            error
                .root_cause()
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
        ),
    };
    check_shape(&component, &IngestLimits::default())
        .map_err(|error| anyhow::anyhow!("{name} {error}"))?;
    let to = args
        .to
        .clone()
        .unwrap_or_else(|| module.with_extension("component.wasm"));
    fs::write(&to, &component).with_context(|| format!("{}: can't write it", to.display()))?;
    query::print(&format!(
        "{}: {}\n",
        to.display(),
        units::bytes(component.len() as u64)
    ))?;
    Ok(ExitCode::SUCCESS)
}
