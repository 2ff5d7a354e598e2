//! A query and a footer: which columns are to be read, and what they are.

use crate::aggregate::{Class, FileColumns, Seen};
use crate::query::{Filter, Function, Measure, Of, nearest};
use crate::{Error, ErrorKind, FileInfo, Footer, Partial, Query};

/// What a query means for one file.
pub(crate) struct Plan {
    /// Where each of the query's columns comes from.
    pub(crate) columns: Vec<Source>,
    /// Their classes; none for a column that has only nulls here.
    pub(crate) classes: Vec<Option<Class>>,
    /// The file's columns that are read, each once, as places in its schema.
    pub(crate) leaves: Vec<usize>,
}

/// Where a column comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It is not in this file: null in every row.
    Missing,
    /// The name of a folder says it for every row.
    Folder(Option<String>),
    /// It is in the file and never null, and nothing else is asked of it.
    Present,
    /// The file's: a place in [`Plan::leaves`].
    Leaf(usize),
}

impl Query {
    /// Whether a file has every column that the query names.
    pub fn has_columns(&self, file: &FileInfo, footer: &Footer) -> bool {
        let schema = footer.schema();
        self.columns().iter().all(|name| {
            file.partition.iter().any(|(column, _)| column == name)
                || schema.find(name).is_some()
                || schema.is_group(name)
        })
    }
}

impl Partial {
    /// What a file says of the query's columns, with nothing counted.
    ///
    /// Merged over many files it brings to light, before anything is read, columns that none of them has, and columns
    /// whose types don't go together.
    pub fn of_columns(query: &Query, file: &FileInfo, footer: &Footer) -> Result<Self, Error> {
        let mut partial = Self::empty(query);
        let plan = Plan::new(query, file, footer).map_err(|error| error.within(&file.name))?;
        partial.content.columns = plan.seen(file);
        partial.content.first_file = Some(file_columns(file, footer));
        Ok(partial)
    }
}

impl Plan {
    /// Finds the query's columns in a file.
    pub(crate) fn new(query: &Query, file: &FileInfo, footer: &Footer) -> Result<Self, Error> {
        let mut plan = Self {
            columns: Vec::new(),
            classes: Vec::new(),
            leaves: Vec::new(),
        };
        for (column, name) in query.columns().iter().enumerate() {
            let only_counted = is_only_counted(query, column);
            let (source, class) = plan.find(name, only_counted, file, footer)?;
            plan.columns.push(source);
            plan.classes.push(class);
        }
        Ok(plan)
    }

    fn find(
        &mut self,
        name: &str,
        only_counted: bool,
        file: &FileInfo,
        footer: &Footer,
    ) -> Result<(Source, Option<Class>), Error> {
        // As in Spark, a folder's value wins over the file's column; the innermost folder over those around it.
        if let Some((_, value)) = file
            .partition
            .iter()
            .rev()
            .find(|(column, _)| column == name)
        {
            return Ok((Source::Folder(value.clone()), Some(Class::Text)));
        }
        let schema = footer.schema();
        let Some(leaf) = schema.find(name) else {
            if schema.is_group(name) {
                return Err(group_error(name, footer));
            }
            return Ok((Source::Missing, None));
        };
        let described = schema.leaves.get(leaf);
        if described.is_some_and(|leaf| leaf.max_rep > 0) {
            return Err(repeated(name));
        }
        let class = described.and_then(|leaf| Class::of(leaf.ty));
        if class.is_some_and(|class| !class.is_readable()) {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "column `{name}` is a decimal with more digits after the point than can be read"
                ),
            ));
        }
        if only_counted && described.is_some_and(|leaf| leaf.max_def == 0) {
            return Ok((Source::Present, class));
        }
        let place = self
            .leaves
            .iter()
            .position(|known| *known == leaf)
            .unwrap_or_else(|| {
                self.leaves.push(leaf);
                self.leaves.len() - 1
            });
        Ok((Source::Leaf(place), class))
    }

    /// What a partial remembers of the file's columns.
    pub(crate) fn seen(&self, file: &FileInfo) -> Vec<Seen> {
        let seen = |(source, class): (&Source, &Option<Class>)| match source {
            Source::Missing => Seen::default(),
            _ => Seen {
                file: Some(file.name.clone()),
                class: *class,
            },
        };
        self.columns.iter().zip(&self.classes).map(seen).collect()
    }
}

/// Whether a query asks of a column only how many rows have a value there.
fn is_only_counted(query: &Query, column: usize) -> bool {
    let counts = |measure: &Measure| match measure.lens {
        Some(lens) if lens.column == column => {
            measure.function == Function::Count && lens.of == Of::Value
        }
        _ => true,
    };
    query.measures().iter().all(counts)
        && query.keys().iter().all(|key| key.lens.column != column)
        && query
            .filter()
            .is_none_or(|filter| !looks_at(filter, column))
}

fn looks_at(filter: &Filter, column: usize) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| looks_at(part, column)),
        Filter::Not(part) => looks_at(part, column),
        Filter::Test { lens, .. } => lens.column == column,
    }
}

/// The names that errors suggest from.
pub(crate) fn file_columns(file: &FileInfo, footer: &Footer) -> FileColumns {
    let folders = file.partition.iter().map(|(name, _)| name.clone());
    let leaves = footer
        .schema()
        .leaves
        .iter()
        .filter(|leaf| leaf.max_rep == 0)
        .map(|leaf| leaf.name.clone());
    FileColumns {
        file: file.name.clone(),
        names: leaves.chain(folders).take(FileColumns::NAMES_MAX).collect(),
    }
}

/// The error for a struct, list or map that is named as a whole.
fn group_error(name: &str, footer: &Footer) -> Error {
    let prefix = format!("{name}.");
    let members = footer
        .schema()
        .leaves
        .iter()
        .filter(|leaf| !leaf.top_level && leaf.name.starts_with(&prefix));
    let flat: Vec<&str> = members
        .filter(|leaf| leaf.max_rep == 0)
        .map(|leaf| leaf.name.as_str())
        .collect();
    match nearest(name, flat.iter().copied()).or(flat.first().copied()) {
        None => repeated(name),
        Some(member) => Error::new(
            ErrorKind::Column,
            format!(
                "column `{name}` is a struct and has no value of its own; name one of its members, such as `{member}`"
            ),
        ),
    }
}

fn repeated(name: &str) -> Error {
    Error::new(
        ErrorKind::Column,
        format!(
            "column `{name}` is repeated (a list or a map) and can't be grouped, measured or filtered yet; leave it out"
        ),
    )
}
