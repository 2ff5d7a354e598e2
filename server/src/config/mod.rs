//! Options in two steps: [`Settings`] as the user wrote them, [`Config`] checked and complete.

mod duration;
mod headers;
mod limits;
mod settings;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use questlog_core::Limits;

pub use self::limits::ServerLimits;
pub use self::settings::{ListenSettings, Settings};
use crate::cli::Usage;
use crate::http::Origins;
use crate::landing::LandingOptions;
use crate::log::DiskLogOptions;
use crate::plugins::{Compiler, IngestLimits, Registry};
use crate::room::RoomLimits;

/// Everything about the log and the lake, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of everything.
    pub data_dir: PathBuf,
    /// The log's folder.
    pub log_dir: PathBuf,
    /// The lake's folder.
    pub lake_dir: PathBuf,
    /// The folder of what could not be taken.
    pub quarantine_dir: PathBuf,
    /// The folder of ingest plugins.
    pub plugins_dir: PathBuf,
    /// What is kept in the quarantine, in bytes. Default 1 GiB.
    pub quarantine_bytes_max: u64,
    /// How often a server lands.
    pub land_every: Duration,
    /// How long events are kept; for ever if there is no such time.
    pub retain: Option<Duration>,
    /// Names of the headers that are part of an event, as they are logged: `Host`, `User-Agent`.
    pub headers: Vec<String>,
    /// The file of keys, if not everyone may come in.
    pub keys: Option<PathBuf>,
    /// Certificate chain and private key, for https.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether the server's own log is JSON, one object a line.
    pub trace_json: bool,
    /// Which pages may send events.
    pub origins: Origins,
    /// Whose files the page may read beside the server's own.
    pub page_reads: Vec<String>,
    /// Limits of the log.
    pub log_options: DiskLogOptions,
    /// Room on the disk.
    pub room_limits: RoomLimits,
    /// Limits of the core: events, queries, Parquet.
    pub limits: Limits,
    /// Limits of the server.
    pub server_limits: ServerLimits,
}

impl Config {
    /// Reads the configuration file too, then checks and completes everything.
    pub fn resolve(settings: Settings) -> Result<Self, Usage> {
        let (settings, _) = settings.with_file(ListenSettings::default())?;
        Self::check(settings)
    }

    /// The same with what `serve` alone wants: the address to listen on.
    pub fn resolve_listening(
        settings: Settings,
        listen: ListenSettings,
    ) -> Result<(Self, SocketAddr), Usage> {
        let (settings, listen) = settings.with_file(listen)?;
        let config = Self::check(settings)?;
        let address = check_listen(&listen, config.keys.is_some())?;
        Ok((config, address))
    }

    /// The headers that are part of an event where nobody says otherwise.
    pub fn default_headers() -> Vec<String> {
        headers::parse(None).unwrap_or_default()
    }

    /// The ingest plugins of this configuration, loaded.
    pub fn plugins(&self, compiler: Compiler) -> Registry {
        Registry::open(
            &self.plugins_dir,
            &self.headers,
            compiler,
            IngestLimits::default(),
        )
    }

    /// How this configuration wants the log to land.
    pub fn landing_options(&self) -> LandingOptions {
        LandingOptions {
            keep_records: self.server_limits.dedup_ids_max as u64,
            retain: self.retain,
            ..LandingOptions::new(&self.quarantine_dir)
        }
    }

    fn check(settings: Settings) -> Result<Self, Usage> {
        refuse_what_comes_later(&settings)?;
        let data_dir = settings
            .data
            .unwrap_or_else(|| PathBuf::from("questlog-data"));
        let defaults = Limits::default();
        let server = ServerLimits::default();
        let log = DiskLogOptions::default();
        let room = RoomLimits::default();
        Ok(Self {
            log_dir: data_dir.join("log"),
            quarantine_dir: data_dir.join("quarantine"),
            plugins_dir: data_dir.join("plugins"),
            quarantine_bytes_max: settings.quarantine_bytes.unwrap_or(1 << 30),
            lake_dir: settings
                .lake
                .map_or_else(|| data_dir.join("lake"), PathBuf::from),
            land_every: time("--land-every", settings.land_every, Duration::from_secs(60))?,
            retain: settings
                .retain
                .map(|text| read_time("--retain", &text))
                .transpose()?,
            headers: headers::parse(settings.headers.as_deref())?,
            keys: settings.keys,
            tls: tls(settings.tls_cert, settings.tls_key)?,
            trace_json: match settings.trace_format.as_deref() {
                None | Some("text") => false,
                Some("json") => true,
                Some(other) => {
                    return Err(Usage::new(format!(
                        "--trace-format {other}: it is text or json"
                    )));
                }
            },
            origins: origins(settings.origins.as_deref())?,
            page_reads: page_reads(settings.page_reads.as_deref())?,
            log_options: DiskLogOptions {
                segment_bytes_max: settings.segment_bytes.unwrap_or(log.segment_bytes_max),
                queue_bytes_max: settings.queue_bytes.unwrap_or(log.queue_bytes_max),
            },
            room_limits: RoomLimits {
                reserve_bytes: settings.reserve_bytes.unwrap_or(room.reserve_bytes),
                unlanded_bytes_max: settings.unlanded_bytes.unwrap_or(room.unlanded_bytes_max),
            },
            limits: Limits {
                event_bytes_max: event_bytes(settings.event_bytes, &defaults)?,
                ..defaults
            },
            server_limits: ServerLimits {
                body_bytes_max: settings.body_bytes.unwrap_or(server.body_bytes_max),
                body_decoded_bytes_max: settings
                    .body_decoded_bytes
                    .unwrap_or(server.body_decoded_bytes_max),
                bodies_bytes_max: settings.bodies_bytes.unwrap_or(server.bodies_bytes_max),
                connections_max: settings
                    .connections
                    .unwrap_or(server.connections_max)
                    .max(1),
                request_time_max: time(
                    "--request-time",
                    settings.request_time,
                    server.request_time_max,
                )?,
                query_time_max: time("--query-time", settings.query_time, server.query_time_max)?,
                dedup_time: time("--dedup-time", settings.dedup_time, server.dedup_time)?,
                dedup_ids_max: settings.dedup_ids.unwrap_or(server.dedup_ids_max),
                ..server
            },
            data_dir,
        })
    }
}

/// Options of the product that this version knows and can't do; silence would be a lie.
fn refuse_what_comes_later(settings: &Settings) -> Result<(), Usage> {
    let log = settings.log.as_deref().unwrap_or("disk");
    if log.starts_with("kafka://") {
        return Err(Usage::new(format!(
            "--log {log}: this version can't keep its log in Kafka yet; leave --log out to keep it on disk"
        )));
    }
    if log != "disk" {
        return Err(Usage::new(format!(
            "--log {log}: a log is `disk` or `kafka://HOST:PORT/TOPIC`"
        )));
    }
    if let Some(lake) = settings.lake.as_deref().filter(|lake| lake.contains("://")) {
        return Err(Usage::new(format!(
            "--lake {lake}: this version can't write to an object store yet; name a folder"
        )));
    }
    Ok(())
}

fn check_listen(settings: &ListenSettings, has_keys: bool) -> Result<SocketAddr, Usage> {
    let listen = settings.listen.as_deref().unwrap_or("127.0.0.1:8080");
    let unusable = |why: &str| {
        Usage::new(format!(
            "--listen {listen}: {why}; write HOST:PORT, such as 127.0.0.1:8080"
        ))
    };
    let mut addresses =
        std::net::ToSocketAddrs::to_socket_addrs(listen).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput => unusable("this is not an address"),
            _ => unusable("the name can't be resolved"),
        })?;
    let address = addresses
        .next()
        .ok_or_else(|| unusable("the name has no address"))?;
    if !address.ip().is_loopback() && settings.open != Some(true) && !has_keys {
        return Err(Usage::new(format!(
            "--listen {listen} can be reached from other machines; give --keys, say --open to let everyone in, or listen on 127.0.0.1"
        )));
    }
    Ok(address)
}

fn tls(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<(PathBuf, PathBuf)>, Usage> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        _ => Err(Usage::new(
            "--tls-cert and --tls-key belong together; give both, or none",
        )),
    }
}

fn origins(list: Option<&str>) -> Result<Origins, Usage> {
    let words = list.unwrap_or_default().split(',').map(str::trim);
    let mut allowed = vec![];
    for word in words.filter(|word| !word.is_empty()) {
        let host = word.split_once("://").map(|(_, host)| host);
        let is_origin = host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ']));
        if word != "*" && !is_origin {
            return Err(Usage::new(format!(
                "--origins: `{word}` is no origin; write it as in https://game.example, or * for all"
            )));
        }
        allowed.push(word.to_owned());
    }
    Ok(Origins { allowed })
}

/// Origins for a policy, in which nothing may stand that ends a word of it.
fn page_reads(list: Option<&str>) -> Result<Vec<String>, Usage> {
    let words = list.unwrap_or_default().split(',').map(str::trim);
    let mut reads = vec![];
    for word in words.filter(|word| !word.is_empty()) {
        let host = word
            .strip_prefix("https://")
            .or_else(|| word.strip_prefix("http://"));
        let is_host = |host: &str| {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-:[]".contains(letter);
            !host.is_empty() && host.chars().all(plain)
        };
        if !host.is_some_and(is_host) {
            return Err(Usage::new(format!(
                "--page-reads: `{word}` is no origin; write it as in https://data.example"
            )));
        }
        reads.push(word.to_owned());
    }
    Ok(reads)
}

fn time(option: &str, text: Option<String>, default: Duration) -> Result<Duration, Usage> {
    text.map_or(Ok(default), |text| read_time(option, &text))
}

fn read_time(option: &str, text: &str) -> Result<Duration, Usage> {
    match duration::parse(text) {
        Some(time) if !time.is_zero() => Ok(time),
        _ => Err(Usage::new(format!(
            "{option} {text}: write a number and a unit, such as 500ms, 60s, 5m, 24h or 400d"
        ))),
    }
}

fn event_bytes(bytes: Option<usize>, defaults: &Limits) -> Result<usize, Usage> {
    // A record holds the event once more escaped, and the headers.
    let bytes_max = crate::log::RECORD_BYTES_MAX / 2;
    match bytes {
        Some(bytes) if bytes > bytes_max => Err(Usage::new(format!(
            "--event-bytes {bytes}: the log's records allow at most {bytes_max}"
        ))),
        Some(bytes) => Ok(bytes),
        None => Ok(defaults.event_bytes_max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(settings: Settings) -> String {
        Config::check(settings).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let config = Config::check(Settings::default()).unwrap();
        assert_eq!(config.log_dir, PathBuf::from("questlog-data/log"));
        assert_eq!(config.lake_dir, PathBuf::from("questlog-data/lake"));
        assert_eq!(config.land_every, Duration::from_secs(60));
    }

    #[test]
    fn events_are_kept_for_ever_unless_a_time_is_said() {
        let retain = |text: Option<&str>| {
            Config::check(Settings {
                retain: text.map(str::to_owned),
                ..Settings::default()
            })
        };
        let kept = |text| retain(text).unwrap().landing_options().retain;
        assert_eq!(kept(None), None);
        assert_eq!(
            kept(Some("400d")),
            Some(Duration::from_secs(400 * 24 * 60 * 60))
        );
        for text in ["0d", "400", "for ever"] {
            let sentence = retain(Some(text)).unwrap_err().to_string();
            assert!(
                sentence.starts_with(&format!("--retain {text}: ")),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_flag_beats_the_file_and_unknown_keys_are_errors() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("questlog.toml");
        let with = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let settings = Settings {
                config: Some(path.clone()),
                land_every: Some("5s".to_owned()),
                ..Settings::default()
            };
            settings
                .with_file(ListenSettings::default())
                .map_err(|error| error.to_string())
        };
        let (settings, listen) =
            with("data = \"here\"\nland-every = \"9s\"\nlisten = \"[::1]:1\"\n").unwrap();
        assert_eq!(settings.data, Some(PathBuf::from("here")));
        assert_eq!(settings.land_every.as_deref(), Some("5s"));
        assert_eq!(listen.listen.as_deref(), Some("[::1]:1"));
        for (text, word) in [
            ("dta = 1", "dta"),
            ("data = 1", "data"),
            ("queue-bytes = -1", "queue-bytes"),
            ("x", "line 1"),
        ] {
            let sentence = with(text).unwrap_err();
            assert!(
                sentence.contains("questlog.toml") && !sentence.trim().contains('\n'),
                "{sentence}"
            );
            assert!(sentence.contains(word), "{sentence}");
        }
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let settings = Settings {
            config: Some(PathBuf::from("no/such.toml")),
            ..Settings::default()
        };
        assert!(
            Config::resolve(settings)
                .unwrap_err()
                .to_string()
                .starts_with("no/such.toml: ")
        );
    }

    #[test]
    fn what_this_version_cannot_do_is_said() {
        let text = |text: &str| Some(text.to_owned());
        assert!(
            refusal(Settings {
                log: text("kafka://h:1/t"),
                ..Settings::default()
            })
            .contains("Kafka")
        );
        assert!(
            refusal(Settings {
                log: text("tape"),
                ..Settings::default()
            })
            .contains("`disk`")
        );
        assert!(
            refusal(Settings {
                lake: text("s3://b/p"),
                ..Settings::default()
            })
            .contains("object store")
        );
        assert!(
            refusal(Settings {
                tls_cert: Some(PathBuf::from("c")),
                ..Settings::default()
            })
            .contains("--tls-key")
        );
        assert!(
            refusal(Settings {
                origins: text("https://a.example,game.example"),
                ..Settings::default()
            })
            .contains("`game.example`")
        );
        for unfit in [
            "data.example",
            "https://a.example; script-src *",
            "https://a/b",
            "*",
        ] {
            assert!(
                refusal(Settings {
                    page_reads: text(unfit),
                    ..Settings::default()
                })
                .contains(unfit)
            );
        }
        assert!(
            refusal(Settings {
                land_every: text("soon"),
                ..Settings::default()
            })
            .contains("--land-every soon")
        );
    }

    #[test]
    fn an_address_that_others_can_reach_must_be_said_out_loud() {
        let listen = |listen: &str, open| {
            let listen = Some(listen.to_owned());
            check_listen(&ListenSettings { listen, open }, false)
        };
        let settings = ListenSettings {
            listen: Some("0.0.0.0:0".to_owned()),
            open: None,
        };
        assert!(check_listen(&settings, true).is_ok(), "keys are enough");
        assert!(listen("127.0.0.1:0", None).is_ok());
        assert!(listen("[::1]:0", None).is_ok());
        assert!(
            listen("0.0.0.0:0", None)
                .unwrap_err()
                .to_string()
                .contains("--open")
        );
        assert!(listen("0.0.0.0:0", Some(false)).is_err());
        assert!(listen("0.0.0.0:0", Some(true)).is_ok());
        assert!(
            listen("here", None)
                .unwrap_err()
                .to_string()
                .contains("not an address")
        );
    }
}
