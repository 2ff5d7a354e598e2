//! An enricher for Questlog: `item_price` from the item, `country` from the end of the player's host, each by a table.
//!
//! The tables in `prices.csv` and `countries.csv` are built in; `[config.prices]` and `[config.countries]` in the plugin's
//! TOML file add to them and go before them.

mod bindings;
mod tables;

use std::cell::RefCell;

use bindings::exports::questlog::plugin::enricher::{
    Column, Failure, Field, Guest, Kind, Manifest, Text, Values,
};
use tables::Tables;

thread_local! {
    static TABLES: RefCell<Tables> = RefCell::default();
}

/// What the component exports.
pub(crate) struct Plugin;

impl Guest for Plugin {
    fn configure(json: String) -> Result<(), String> {
        TABLES.set(Tables::with(&json)?);
        Ok(())
    }

    fn describe() -> Manifest {
        let field = |name: &str, kind| Field {
            name: name.to_owned(),
            kind,
        };
        Manifest {
            name: "item-table".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            reads: vec![field("item", Kind::Text), field("Host", Kind::Text)],
            writes: vec![
                field("item_price", Kind::Float),
                field("country", Kind::Text),
            ],
            deterministic: true,
        }
    }

    fn enrich(_rows: u32, columns: Vec<Column>) -> Result<Vec<Column>, Failure> {
        let [Values::Text(items), Values::Text(hosts)] = columns
            .iter()
            .map(|column| &column.values)
            .collect::<Vec<_>>()[..]
        else {
            return Err(Failure::Failed(
                "it was given other columns than it reads".to_owned(),
            ));
        };
        TABLES.with_borrow(|tables| {
            // A null item or host is an empty text, which no table has.
            let prices: Vec<Option<f64>> = texts(items).map(|item| tables.price(item)).collect();
            let countries: Vec<Option<&str>> =
                texts(hosts).map(|host| tables.country(host)).collect();
            Ok(vec![price_column(&prices), country_column(&countries)])
        })
    }
}

fn texts(text: &Text) -> impl Iterator<Item = &str> {
    let ends = text.offsets.windows(2);
    ends.map(|ends| {
        let bytes = text.bytes.get(ends[0] as usize..ends[1] as usize);
        std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    })
}

fn price_column(prices: &[Option<f64>]) -> Column {
    Column {
        name: "item_price".to_owned(),
        values: Values::Float(prices.iter().map(|price| price.unwrap_or(0.0)).collect()),
        valid: Some(bits(prices)),
    }
}

fn country_column(countries: &[Option<&str>]) -> Column {
    let mut text = Text {
        offsets: vec![0],
        bytes: Vec::new(),
    };
    for country in countries {
        text.bytes
            .extend_from_slice(country.unwrap_or_default().as_bytes());
        text.offsets
            .push(u32::try_from(text.bytes.len()).unwrap_or(u32::MAX));
    }
    Column {
        name: "country".to_owned(),
        values: Values::Text(text),
        valid: Some(bits(countries)),
    }
}

/// A bit for each row: 1 where there is a value.
fn bits<T>(values: &[Option<T>]) -> Vec<u8> {
    let eights = values.chunks(8);
    eights
        .map(|eight| {
            let bits = (0..).zip(eight).filter(|(_, value)| value.is_some());
            bits.map(|(bit, _)| 1 << bit).sum()
        })
        .collect()
}
