//! The pure function at the heart of landing: records of a log range to Parquet files.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use questlog_core::event::{DataSet, Record, day_text};

use super::LandingError;
use super::chosen::Chosen;
use super::layout::Layout;
use super::parquet::Columns;
use crate::plugins::{PluginRecord, PluginSet};

/// Files of one batch: hostile timestamps, each of another day, can't make more at once.
const FILES_MAX: usize = 256;

/// What a range of the log becomes.
#[derive(Debug)]
pub struct Batch {
    /// The offset after the last record that is in it.
    pub to: u64,
    /// Its files, one for each data set and day, in that order.
    pub files: Vec<NewFile>,
    /// The records that are no events, which can't land.
    pub unreadable: Vec<Unreadable>,
}

/// A Parquet file that is not in the lake yet.
#[derive(Debug, PartialEq, Eq)]
pub struct NewFile {
    /// Where it belongs, from the lake's root: `purchases/date=2026-11-23/000000000000-000000000041.parquet`.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// The offset of its first record.
    pub first: u64,
    /// The offset of its last record; others between the two may be in other files.
    pub last: u64,
    /// The plugins that wrote columns of it.
    pub plugins: Vec<PluginRecord>,
    /// The file.
    pub bytes: Bytes,
}

impl NewFile {
    /// Where a file with these records belongs; no two files of a folder begin with the same record.
    pub(super) fn path_in(folder: &str, first: u64, last: u64) -> String {
        format!("{folder}/{first:012}-{last:012}.parquet")
    }
}

/// A log record that is no event.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Its offset.
    pub offset: u64,
    /// Why it can't land.
    pub reason: String,
    /// What it is.
    pub record: Bytes,
}

/// Turns records, given with their offsets in order, into files: same records and layout, same bytes and names.
///
/// Takes all of them unless they are of too many different days; [`Batch::to`] says how far it came, at least one record on.
pub fn to_parquet(records: &[(u64, Bytes)], layout: &Layout) -> Result<Batch, LandingError> {
    to_parquet_with(records, layout, &PluginSet::none())
}

/// The same with columns that plugins write; as long as they answer, the same generation of them writes the same.
pub fn to_parquet_with(
    records: &[(u64, Bytes)],
    layout: &Layout,
    plugins: &PluginSet,
) -> Result<Batch, LandingError> {
    let chosen = Chosen {
        // A matcher fills it.
        provider: !plugins.has_matcher(),
        ..Chosen::all(layout, &plugins.extras())
    };
    write(records, layout, &chosen, &layout.for_lake, plugins)
}

/// The same for a query's eyes only: columns that are not chosen are null, which takes no time and no room. Plugins have not
/// been asked yet, so their columns are null too.
pub(super) fn to_parquet_in_memory(
    records: &[(u64, Bytes)],
    layout: &Layout,
    chosen: &Chosen,
) -> Result<Batch, LandingError> {
    let none = PluginSet::none();
    write(records, layout, chosen, &layout.for_memory, &none)
}

/// A file without events that has all columns: of those that plugins will fill, none may be in any other file yet.
pub(super) fn without_events(layout: &Layout, chosen: &Chosen) -> Result<NewFile, LandingError> {
    let wide = layout.with_extras(chosen.extras.clone())?;
    let mut columns = Columns::new(layout);
    columns.add_blank(wide.extras());
    Ok(NewFile {
        path: "none.parquet".to_owned(),
        rows: 0,
        first: 0,
        last: 0,
        plugins: vec![],
        bytes: columns.write(&wide, &layout.for_memory, &[])?,
    })
}

fn write(
    records: &[(u64, Bytes)],
    layout: &Layout,
    chosen: &Chosen,
    properties: &Arc<WriterProperties>,
    plugins: &PluginSet,
) -> Result<Batch, LandingError> {
    let wide = layout.with_extras(chosen.extras.clone())?;
    let providers = layout.providers().names().iter();
    let providers: Vec<Bytes> = providers.map(|name| Bytes::from(name.clone())).collect();
    let mut groups: BTreeMap<(DataSet, i64), Group> = BTreeMap::new();
    let mut unreadable = vec![];
    let mut to = records.first().map_or(0, |(offset, _)| *offset);
    for (offset, bytes) in records {
        match Record::read(bytes, layout.headers()) {
            Ok(record) => {
                let day = record.timestamp_us.div_euclid(86_400_000_000);
                let key = (DataSet::of(&record.event_type), day);
                if groups.len() == FILES_MAX && !groups.contains_key(&key) {
                    break;
                }
                let group = groups
                    .entry(key)
                    .or_insert_with(|| Group::new(*offset, layout));
                group.push(*offset, bytes, record, layout, chosen, &providers);
            }
            Err(error) => unreadable.push(Unreadable {
                offset: *offset,
                reason: error.message().to_owned(),
                record: bytes.clone(),
            }),
        }
        to = offset + 1;
    }
    let files = groups.into_iter().map(|((data_set, day), mut group)| {
        let plugins = group.columns.enrich(layout, plugins);
        group.columns.add_blank(wide.extras());
        Ok(NewFile {
            path: NewFile::path_in(
                &format!(
                    "{}/date={}",
                    data_set.folder(),
                    day_text(day * 86_400_000_000)
                ),
                group.first,
                group.last,
            ),
            rows: group.columns.rows() as u64,
            first: group.first,
            last: group.last,
            bytes: group.columns.write(&wide, properties, &plugins)?,
            plugins,
        })
    });
    let files = files.collect::<Result<_, LandingError>>()?;
    Ok(Batch {
        to,
        files,
        unreadable,
    })
}

/// The records of one data set and day.
struct Group {
    first: u64,
    last: u64,
    columns: Columns,
}

impl Group {
    fn new(first: u64, layout: &Layout) -> Self {
        Self {
            first,
            last: first,
            columns: Columns::new(layout),
        }
    }

    fn push(
        &mut self,
        offset: u64,
        bytes: &Bytes,
        record: Record<'_>,
        layout: &Layout,
        chosen: &Chosen,
        providers: &[Bytes],
    ) {
        let provider = || {
            let host = record.headers[layout.host()?].as_ref()?;
            let at = layout.providers().find(host.as_bytes())?;
            Some(ByteArray::from(providers[at].clone()))
        };
        let properties = || Some(ByteArray::from(record.properties()?.into_bytes()));
        let optional = |is_chosen: bool, text: Option<Cow<'_, str>>| {
            text.filter(|_| is_chosen).map(|text| value(bytes, text))
        };
        let columns = &mut self.columns;
        self.last = offset;
        columns.timestamps.push(record.timestamp_us);
        let provider = if chosen.provider { provider() } else { None };
        columns.providers.push(provider);
        let properties = if chosen.properties {
            properties()
        } else {
            None
        };
        columns.properties.push(properties);
        columns
            .received_at
            .push(record.received_at_us.filter(|_| chosen.received_at));
        columns.event_types.push(value(bytes, record.event_type));
        columns.items.push(optional(chosen.item, record.item));
        columns.ids.push(optional(chosen.id, record.id));
        let headers = record.headers.into_iter().zip(&chosen.headers);
        for (column, (header, is_chosen)) in columns.headers.iter_mut().zip(headers) {
            column.push(optional(*is_chosen, header));
        }
    }
}

/// The text as a value that shares the record's memory where it stands there as it is.
fn value(record: &Bytes, text: Cow<'_, str>) -> ByteArray {
    match text {
        Cow::Borrowed(text) => ByteArray::from(record.slice_ref(text.as_bytes())),
        Cow::Owned(text) => ByteArray::from(text.into_bytes()),
    }
}
