//! One running instance of an ingest plugin; every call of it goes through a deadline, and no answer is believed.

use wasmtime::Store;

use super::component::{Linked, World as Ready};
use super::description::{Description, PluginKind};
use super::log::Lines;
use super::settings::Own;
use super::values::{Input, Output, take};
use super::world::enrich::Enrich;
use super::world::enrich::exports::questlog::plugin::enricher;
use super::world::hosts::Match;
use super::world::hosts::exports::questlog::plugin::matcher;
use crate::plugins::IngestLimits;
use crate::plugins::budget::Budget;
use crate::plugins::clock::epochs;
use crate::plugins::trouble::{Trouble, TroubleKind};

/// What an instance is accountable for.
pub(super) struct Host {
    pub(super) budget: Budget,
    pub(super) lines: Lines,
}

/// Why a batch has no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// This row can't be answered, the plugin says; the instance is as good as before.
    BadRow(usize, String),
    /// The instance is to be thrown away.
    Trouble(Trouble),
}

pub(super) struct Guest {
    store: Store<Host>,
    world: World,
    calls: u32,
}

enum World {
    Match(Match),
    Enrich(Enrich),
}

impl Guest {
    /// A new instance, configured; and what it says of itself.
    pub(super) fn start(
        name: &str,
        linked: &Linked,
        own: &Own,
    ) -> Result<(Self, Description), Trouble> {
        let limits = &own.limits;
        let host = Host {
            budget: Budget::new(
                &linked.memory,
                limits.memory_bytes_max,
                limits.table_elements_max,
                limits.parts_max,
            ),
            lines: Lines::new(name, limits),
        };
        let mut store = Store::new(&linked.engine, host);
        store.limiter(|host| &mut host.budget);
        store.epoch_deadline_trap();
        store.set_epoch_deadline(epochs(limits.start_deadline_ms));
        // What it hands over is copied out of its memory: so much at most, whatever its lists claim.
        store.set_hostcall_fuel(limits.output_bytes_max);
        let world = match &linked.world {
            Ready::Match(plugin) => plugin.instantiate(&mut store).map(World::Match),
            Ready::Enrich(plugin) => plugin.instantiate(&mut store).map(World::Enrich),
        };
        let world = world.map_err(|error| {
            trouble(
                &error,
                "its start",
                limits.start_deadline_ms,
                limits,
                &store,
            )
        })?;
        let mut guest = Self {
            store,
            world,
            calls: 0,
        };
        guest.configure(&own.config_json, limits)?;
        let description = guest.describe(limits)?;
        Ok((guest, description))
    }

    fn configure(&mut self, config: &str, limits: &IngestLimits) -> Result<(), Trouble> {
        let told = self.call(
            "`configure`",
            limits.start_deadline_ms,
            limits,
            |world, store| match world {
                World::Match(plugin) => {
                    let matcher = plugin.questlog_plugin_matcher();
                    matcher.call_configure(store, config)
                }
                World::Enrich(plugin) => {
                    let enricher = plugin.questlog_plugin_enricher();
                    enricher.call_configure(store, config)
                }
            },
        )?;
        told.map_err(|reason| Trouble {
            kind: TroubleKind::Refused,
            sentence: format!("does not take its [config]: {}", short(&reason, limits)),
        })
    }

    fn describe(&mut self, limits: &IngestLimits) -> Result<Description, Trouble> {
        let description = self.call(
            "`describe`",
            limits.start_deadline_ms,
            limits,
            |world, store| {
                Ok(match world {
                    World::Match(plugin) => {
                        let told = plugin.questlog_plugin_matcher().call_describe(store)?;
                        Description::of_matcher(told, limits)
                    }
                    World::Enrich(plugin) => {
                        let told = plugin.questlog_plugin_enricher().call_describe(store)?;
                        Description::of_enricher(told, limits)
                    }
                })
            },
        )?;
        description.map_err(lie)
    }

    /// The answers to these rows of the columns that it reads.
    pub(super) fn ask(
        &mut self,
        description: &Description,
        inputs: &[Input<'_>],
        rows: &[u32],
        limits: &IngestLimits,
    ) -> Result<Vec<Output>, Failure> {
        self.calls += 1;
        let deadline_ms = limits.batch_deadline_ms;
        let answer = match description.kind {
            PluginKind::Matcher => {
                let hosts = inputs[0].text(rows);
                let hosts = matcher::Text {
                    offsets: hosts.offsets,
                    bytes: hosts.bytes,
                };
                let told =
                    self.call(
                        "`match-hosts`",
                        deadline_ms,
                        limits,
                        |world, store| match world {
                            World::Match(plugin) => plugin
                                .questlog_plugin_matcher()
                                .call_match_hosts(store, &hosts),
                            World::Enrich(_) => Ok(Ok(Vec::new())),
                        },
                    );
                match told.map_err(Failure::Trouble)? {
                    Ok(hits) => {
                        providers(&hits, description, rows.len()).map(|column| vec![column])
                    }
                    Err(matcher::Failure::BadRow((row, reason))) => {
                        return Err(bad_row(row, &reason, rows.len(), limits));
                    }
                    Err(matcher::Failure::Failed(reason)) => return Err(refused(&reason, limits)),
                }
            }
            PluginKind::Enricher => {
                let columns = description.reads.iter().zip(inputs);
                let columns: Vec<_> = columns
                    .map(|(field, input)| input.column(&field.name, rows))
                    .collect();
                // A batch has far fewer rows than that.
                let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                let told = self.call(
                    "`enrich`",
                    deadline_ms,
                    limits,
                    |world, store| match world {
                        World::Enrich(plugin) => {
                            let enricher = plugin.questlog_plugin_enricher();
                            enricher.call_enrich(store, count, &columns)
                        }
                        World::Match(_) => Ok(Ok(Vec::new())),
                    },
                );
                match told.map_err(Failure::Trouble)? {
                    Ok(columns) => written(columns, description, rows.len()),
                    Err(enricher::Failure::BadRow((row, reason))) => {
                        return Err(bad_row(row, &reason, rows.len(), limits));
                    }
                    Err(enricher::Failure::Failed(reason)) => return Err(refused(&reason, limits)),
                }
            }
        };
        answer.map_err(|what| Failure::Trouble(lie(format!("answered {what}"))))
    }

    /// Whether a new instance should take over: this one has worked long enough, or has nearly all the memory it may have.
    pub(super) fn is_due_to_retire(&self, limits: &IngestLimits) -> bool {
        self.calls >= limits.calls_max || self.memory_bytes() > limits.memory_bytes_max / 4 * 3
    }

    /// The memory that it has.
    pub(super) fn memory_bytes(&self) -> usize {
        self.store.data().budget.memory_bytes()
    }

    /// The only way into the plugin: the deadline and the log's lines begin anew with each call.
    fn call<T>(
        &mut self,
        what: &str,
        deadline_ms: u64,
        limits: &IngestLimits,
        call: impl FnOnce(&World, &mut Store<Host>) -> wasmtime::Result<T>,
    ) -> Result<T, Trouble> {
        self.store.set_epoch_deadline(epochs(deadline_ms));
        let outcome = call(&self.world, &mut self.store);
        self.store.data_mut().lines.end();
        outcome.map_err(|error| trouble(&error, what, deadline_ms, limits, &self.store))
    }
}

fn trouble(
    error: &wasmtime::Error,
    what: &str,
    deadline_ms: u64,
    limits: &IngestLimits,
    store: &Store<Host>,
) -> Trouble {
    let budget = &store.data().budget;
    Trouble::of(error, what, deadline_ms, limits.stack_bytes_max, budget)
}

fn lie(sentence: String) -> Trouble {
    Trouble {
        kind: TroubleKind::Lie,
        sentence,
    }
}

fn refused(reason: &str, limits: &IngestLimits) -> Failure {
    Failure::Trouble(Trouble {
        kind: TroubleKind::Refused,
        sentence: format!("says: {}", short(reason, limits)),
    })
}

fn bad_row(row: u32, reason: &str, rows: usize, limits: &IngestLimits) -> Failure {
    match usize::try_from(row) {
        Ok(row) if row < rows => Failure::BadRow(row, format!("says: {}", short(reason, limits))),
        _ => Failure::Trouble(lie(format!("complains of row {row} of {rows}"))),
    }
}

/// What a plugin says, as far as it is worth keeping, without what a terminal would obey.
fn short(reason: &str, limits: &IngestLimits) -> String {
    let end = reason.floor_char_boundary(limits.reason_bytes_max);
    questlog_core::printable(&reason[..end]).into_owned()
}

fn providers(
    hits: &[matcher::Hit],
    description: &Description,
    rows: usize,
) -> Result<Output, String> {
    let mut providers = vec![None; rows];
    for hit in hits {
        let Some(provider) = providers.get_mut(hit.host as usize) else {
            return Err(format!("a hit for host {} of {rows}", hit.host));
        };
        let Some(rule) = description.rules.get(hit.rule as usize) else {
            return Err(format!("rule {} of {}", hit.rule, description.rules.len()));
        };
        if provider.replace(rule.clone()).is_some() {
            return Err(format!("two hits for host {}", hit.host));
        }
    }
    Ok(Output::Text(providers))
}

fn written(
    columns: Vec<enricher::Column>,
    description: &Description,
    rows: usize,
) -> Result<Vec<Output>, String> {
    let fields = &description.writes;
    if columns.len() != fields.len() {
        return Err(format!(
            "{} columns instead of {}",
            columns.len(),
            fields.len()
        ));
    }
    let columns = columns.into_iter().zip(fields);
    columns
        .map(|(column, field)| take(column, field, rows))
        .collect()
}
