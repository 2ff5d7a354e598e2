//! The columns of a lake file.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::{ColumnPath, Type};
use questlog_core::Providers;
use questlog_core::event::RESERVED_COLUMNS;

use super::LandingError;
use crate::plugins::{Field, Kind};

/// Rows of a row group: enough for its dictionaries to pay, few enough for a reader to deal groups out.
const ROW_GROUP_ROWS_MAX: usize = 128 << 10;
/// Rows of a page: what a query skips at least by the page index.
const PAGE_ROWS_MAX: usize = 16 << 10;
/// Bytes of a page before compression.
const PAGE_BYTES_MAX: usize = 512 << 10;
/// Bytes of a column chunk's dictionary; beyond it the rest of the chunk is plain.
const DICTIONARY_BYTES_MAX: usize = 1 << 20;

/// Columns that are not text, or stand before the headers; the order of a file is this, the headers, then the last two.
pub(super) const LEADING: [&str; 5] = ["timestamp", "event_type", "item", "id", "received_at"];
pub(super) const TRAILING: [&str; 2] = ["provider", "properties"];

/// Which columns a landing writes and how; together with the records it decides every byte.
#[derive(Debug)]
pub struct Layout {
    headers: Vec<String>,
    providers: Providers,
    /// Which of the headers names the player's host.
    host: Option<usize>,
    /// Columns that plugins write, after all others.
    extras: Vec<Field>,
    schema: Arc<Type>,
    /// How files of the lake are written.
    pub(super) for_lake: Arc<WriterProperties>,
    /// How files are written that only live in memory until what is in them has landed.
    pub(super) for_memory: Arc<WriterProperties>,
    /// Rows of a row group at most.
    pub(super) row_group_rows_max: usize,
}

impl Layout {
    /// The layout with one text column per header in `headers`, and the provider that the rule finds in `Host`.
    pub fn new(headers: &[String], providers: Providers) -> Result<Self, LandingError> {
        for (at, header) in headers.iter().enumerate() {
            // Spark and DuckDB tell columns apart without regard to case.
            let is_same = |other: &str| other.eq_ignore_ascii_case(header);
            if RESERVED_COLUMNS.iter().any(|column| is_same(column))
                || headers[..at].iter().any(|earlier| is_same(earlier))
            {
                return Err(LandingError::Header(header.clone()));
            }
        }
        Ok(Self {
            headers: headers.to_vec(),
            providers,
            host: headers
                .iter()
                .position(|header| header.eq_ignore_ascii_case("host")),
            schema: Arc::new(schema(headers, &[])?),
            extras: vec![],
            for_lake: Arc::new(lake_properties()?),
            for_memory: Arc::new(memory_properties()),
            row_group_rows_max: ROW_GROUP_ROWS_MAX,
        })
    }

    /// This layout with columns of plugins after its own.
    pub(super) fn with_extras(&self, extras: Vec<Field>) -> Result<Self, LandingError> {
        Ok(Self {
            headers: self.headers.clone(),
            providers: self.providers.clone(),
            host: self.host,
            schema: Arc::new(schema(&self.headers, &extras)?),
            extras,
            for_lake: Arc::clone(&self.for_lake),
            for_memory: Arc::clone(&self.for_memory),
            row_group_rows_max: self.row_group_rows_max,
        })
    }

    /// The columns that plugins write.
    pub(super) fn extras(&self) -> &[Field] {
        &self.extras
    }

    /// The headers that have columns.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The names of its own columns, in their order.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        columns(&self.headers)
    }

    pub(super) fn providers(&self) -> &Providers {
        &self.providers
    }

    pub(super) fn host(&self) -> Option<usize> {
        self.host
    }

    pub(super) fn schema(&self) -> Arc<Type> {
        Arc::clone(&self.schema)
    }
}

fn columns(headers: &[String]) -> impl Iterator<Item = &str> {
    let headers = headers.iter().map(String::as_str);
    LEADING.into_iter().chain(headers).chain(TRAILING)
}

fn schema(headers: &[String], extras: &[Field]) -> Result<Type, LandingError> {
    let own = columns(headers).map(column);
    let fields = own.chain(extras.iter().map(extra));
    let fields: Result<Vec<_>, LandingError> = fields.map(|field| Ok(Arc::new(field?))).collect();
    Ok(Type::group_type_builder("questlog")
        .with_fields(fields?)
        .build()?)
}

fn extra(field: &Field) -> Result<Type, LandingError> {
    let (physical, logical) = match field.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Integer => (Physical::INT64, None),
        Kind::Float => (Physical::DOUBLE, None),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    let column = Type::primitive_type_builder(&field.name, physical);
    Ok(column
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()?)
}

fn column(name: &str) -> Result<Type, LandingError> {
    let is_instant = matches!(name, "timestamp" | "received_at");
    let is_required = matches!(name, "timestamp" | "event_type");
    let (physical, logical) = if is_instant {
        (
            Physical::INT64,
            LogicalType::timestamp(true, TimeUnit::MICROS),
        )
    } else {
        (Physical::BYTE_ARRAY, LogicalType::String)
    };
    let repetition = if is_required {
        Repetition::REQUIRED
    } else {
        Repetition::OPTIONAL
    };
    let column = Type::primitive_type_builder(name, physical);
    Ok(column
        .with_repetition(repetition)
        .with_logical_type(Some(logical))
        .build()?)
}

/// Everything that could depend on a clock, a version of a library or chance is fixed here: same records, same bytes.
fn lake_properties() -> Result<WriterProperties, LandingError> {
    let compression = Compression::ZSTD(ZstdLevel::try_new(1)?);
    Ok(properties(compression, EnabledStatistics::Page).build())
}

/// Read a few times, perhaps once: quick to write matters more than small, and nothing is sorted that could be left out.
fn memory_properties() -> WriterProperties {
    properties(Compression::SNAPPY, EnabledStatistics::None).build()
}

fn properties(compression: Compression, statistics: EnabledStatistics) -> WriterPropertiesBuilder {
    let mut properties = WriterProperties::builder()
        // In the form `NAME version X`, without which older readers believe no text statistics.
        .set_created_by(concat!("questlog version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(compression)
        .set_statistics_enabled(statistics)
        .set_data_page_row_count_limit(PAGE_ROWS_MAX)
        .set_data_page_size_limit(PAGE_BYTES_MAX)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX);
    // A dictionary of values that hardly repeat only costs.
    for unique in ["timestamp", "id", "received_at"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(unique), false);
    }
    properties
}
