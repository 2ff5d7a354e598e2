//! What the user wrote: flags over `QUESTLOG_…` variables over `questlog.toml`, nothing checked yet.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::Usage;

/// The file that is read if it is in the working directory and no other is named.
const FILE_NAME: &str = "questlog.toml";

/// Options that `serve`, `land`, `tail` and `verify` share.
///
/// Each is also a variable (`--land-every` is `QUESTLOG_LAND_EVERY`) and a key of `questlog.toml` (`land-every`).
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// File with these options as keys; a flag beats a variable, a variable beats the file [default: questlog.toml if it is there]
    #[arg(long, env = "QUESTLOG_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    pub config: Option<PathBuf>,

    /// Folder of the log, the lake and the quarantine [default: questlog-data]
    #[arg(long, env = "QUESTLOG_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Where events are made durable: disk, or kafka://HOST:PORT/TOPIC [default: disk]
    #[arg(long, env = "QUESTLOG_LOG", value_name = "WHERE")]
    pub log: Option<String>,

    /// Where Parquet files go: a folder, or s3://BUCKET/PREFIX [default: DATA/lake]
    #[arg(long, env = "QUESTLOG_LAKE", value_name = "WHERE")]
    pub lake: Option<String>,

    /// How often a running server lands the log, such as 10s, 5m, 24h [default: 60s]
    #[arg(long, env = "QUESTLOG_LAND_EVERY", value_name = "TIME")]
    pub land_every: Option<String>,

    /// Days that are over for longer than this are deleted from the lake at the next landing, such as 400d
    /// [default: none, everything is kept for ever]
    #[arg(long, env = "QUESTLOG_RETAIN", value_name = "TIME")]
    pub retain: Option<String>,

    /// Request headers that become part of an event, comma separated
    /// [default: Host,User-Agent,Accept,Accept-Encoding,Accept-Language,Referer]
    #[arg(long, env = "QUESTLOG_HEADERS", value_name = "NAMES")]
    pub headers: Option<String>,

    /// File of the keys that clients must show; `questlog key new` makes them [default: none, everyone may come in]
    #[arg(long, env = "QUESTLOG_KEYS", value_name = "FILE")]
    pub keys: Option<PathBuf>,

    /// Certificate chain in PEM, for https [default: none, plain http]
    #[arg(long, env = "QUESTLOG_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// Private key in PEM, for https [default: none, plain http]
    #[arg(long, env = "QUESTLOG_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Origins of pages that may send events, comma separated, such as `https://game.example`; * for all
    /// [default: none but the server's own]
    #[arg(long, env = "QUESTLOG_ORIGINS", value_name = "ORIGINS")]
    pub origins: Option<String>,

    /// Origins whose files the page may read, comma separated, such as `https://data.example`: its
    /// Content-Security-Policy names them [default: none but the server's own]
    #[arg(long, env = "QUESTLOG_PAGE_READS", value_name = "ORIGINS")]
    pub page_reads: Option<String>,

    /// A log segment is closed when it would grow beyond this [default: 67108864]
    #[arg(
        long,
        env = "QUESTLOG_SEGMENT_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub segment_bytes: Option<u64>,

    /// Events that wait for the disk; beyond it the answer is 503 [default: 67108864]
    #[arg(
        long,
        env = "QUESTLOG_QUEUE_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub queue_bytes: Option<usize>,

    /// A request's body as it is sent [default: 16777216]
    #[arg(
        long,
        env = "QUESTLOG_BODY_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub body_bytes: Option<usize>,

    /// A request's body after decompression [default: 67108864]
    #[arg(
        long,
        env = "QUESTLOG_BODY_DECODED_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub body_decoded_bytes: Option<usize>,

    /// One event's JSON [default: 262144]
    #[arg(
        long,
        env = "QUESTLOG_EVENT_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub event_bytes: Option<usize>,

    /// What was refused, kept on disk; beyond it the oldest goes and only its count stays [default: 1073741824]
    #[arg(
        long,
        env = "QUESTLOG_QUARANTINE_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub quarantine_bytes: Option<u64>,

    /// Bodies in memory at once, of all requests; beyond it the answer is 503 [default: 100663296]
    #[arg(
        long,
        env = "QUESTLOG_BODIES_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub bodies_bytes: Option<usize>,

    /// So much of the disk is left free; with less no events are taken until there is room again [default: 268435456]
    #[arg(
        long,
        env = "QUESTLOG_RESERVE_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub reserve_bytes: Option<u64>,

    /// Log that waits to be landed; beyond it the answer is 503 [default: 17179869184]
    #[arg(
        long,
        env = "QUESTLOG_UNLANDED_BYTES",
        value_name = "BYTES",
        help_heading = "Limits"
    )]
    pub unlanded_bytes: Option<u64>,

    /// Open connections; more wait [default: 10000]
    #[arg(
        long,
        env = "QUESTLOG_CONNECTIONS",
        value_name = "N",
        help_heading = "Limits"
    )]
    pub connections: Option<usize>,

    /// A request must have arrived whole after this time [default: 30s]
    #[arg(
        long,
        env = "QUESTLOG_REQUEST_TIME",
        value_name = "TIME",
        help_heading = "Limits"
    )]
    pub request_time: Option<String>,

    /// A query is stopped after this time [default: 60s]
    #[arg(
        long,
        env = "QUESTLOG_QUERY_TIME",
        value_name = "TIME",
        help_heading = "Limits"
    )]
    pub query_time: Option<String>,

    /// How the server's own log is written: text or json [default: text]
    #[arg(long, env = "QUESTLOG_TRACE_FORMAT", value_name = "FORMAT")]
    pub trace_format: Option<String>,

    /// An event's id is remembered so long, to notice that it is sent again [default: 24h]
    #[arg(
        long,
        env = "QUESTLOG_DEDUP_TIME",
        value_name = "TIME",
        help_heading = "Limits"
    )]
    pub dedup_time: Option<String>,

    /// So many ids are remembered at most [default: 4000000]
    #[arg(
        long,
        env = "QUESTLOG_DEDUP_IDS",
        value_name = "N",
        help_heading = "Limits"
    )]
    pub dedup_ids: Option<usize>,
}

/// Options of `serve` alone.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ListenSettings {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "QUESTLOG_LISTEN", value_name = "HOST:PORT")]
    pub listen: Option<String>,

    /// Let everyone in who can reach the address; needed beyond this machine where there are no --keys [default: false]
    #[arg(long, env = "QUESTLOG_OPEN",
        value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub open: Option<bool>,
}

impl Settings {
    /// Fills in from the file what flags and variables left open.
    pub fn with_file(self, listen: ListenSettings) -> Result<(Self, ListenSettings), Usage> {
        let Some((mut keys, path)) = self.read_file()? else {
            return Ok((self, listen));
        };
        // The whole error names the key on a line of its own.
        let wrong = |error: toml::de::Error| {
            let said = error.to_string();
            let said = said.trim_end().replace('\n', " ");
            Usage::new(format!("{}: {said}", path.display()))
        };
        let mut listen_keys = toml::Table::new();
        for key in ["listen", "open"] {
            listen_keys.extend(keys.remove(key).map(|value| (key.to_owned(), value)));
        }
        let file: Self = keys.try_into().map_err(wrong)?;
        let file_listen: ListenSettings = listen_keys.try_into().map_err(wrong)?;
        Ok((
            self.or(file),
            ListenSettings {
                listen: listen.listen.or(file_listen.listen),
                open: listen.open.or(file_listen.open),
            },
        ))
    }

    /// The keys of the file, and its path; none where there is no file and none was named.
    pub fn read_file(&self) -> Result<Option<(toml::Table, PathBuf)>, Usage> {
        let path = self
            .config
            .clone()
            .unwrap_or_else(|| Path::new(FILE_NAME).to_owned());
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.config.is_none() => {
                return Ok(None);
            }
            Err(error) => {
                return Err(Usage::new(format!(
                    "{}: can't read the configuration: {error}",
                    path.display()
                )));
            }
        };
        let keys = text.parse::<toml::Table>().map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text[..span.start].lines().count().max(1));
            Usage::new(format!(
                "{}: line {line}: {}",
                path.display(),
                error.message()
            ))
        })?;
        Ok(Some((keys, path)))
    }

    fn or(self, file: Self) -> Self {
        Self {
            config: self.config,
            data: self.data.or(file.data),
            log: self.log.or(file.log),
            lake: self.lake.or(file.lake),
            land_every: self.land_every.or(file.land_every),
            retain: self.retain.or(file.retain),
            headers: self.headers.or(file.headers),
            keys: self.keys.or(file.keys),
            tls_cert: self.tls_cert.or(file.tls_cert),
            tls_key: self.tls_key.or(file.tls_key),
            origins: self.origins.or(file.origins),
            page_reads: self.page_reads.or(file.page_reads),
            segment_bytes: self.segment_bytes.or(file.segment_bytes),
            queue_bytes: self.queue_bytes.or(file.queue_bytes),
            body_bytes: self.body_bytes.or(file.body_bytes),
            body_decoded_bytes: self.body_decoded_bytes.or(file.body_decoded_bytes),
            event_bytes: self.event_bytes.or(file.event_bytes),
            quarantine_bytes: self.quarantine_bytes.or(file.quarantine_bytes),
            bodies_bytes: self.bodies_bytes.or(file.bodies_bytes),
            reserve_bytes: self.reserve_bytes.or(file.reserve_bytes),
            unlanded_bytes: self.unlanded_bytes.or(file.unlanded_bytes),
            connections: self.connections.or(file.connections),
            request_time: self.request_time.or(file.request_time),
            query_time: self.query_time.or(file.query_time),
            trace_format: self.trace_format.or(file.trace_format),
            dedup_time: self.dedup_time.or(file.dedup_time),
            dedup_ids: self.dedup_ids.or(file.dedup_ids),
        }
    }
}
