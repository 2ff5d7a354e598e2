//! What items cost and which country the end of a host name belongs to.

use std::collections::HashMap;

use serde::Deserialize;

/// Two tables.
#[derive(Default)]
pub(crate) struct Tables {
    prices: HashMap<String, f64>,
    countries: HashMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    prices: HashMap<String, f64>,
    countries: HashMap<String, String>,
}

impl Tables {
    /// The built-in tables with what the plugin's configuration adds.
    pub(crate) fn with(json: &str) -> Result<Self, String> {
        let config: Config = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut prices = HashMap::new();
        for (item, price) in rows(include_str!("prices.csv")) {
            let price = price
                .parse()
                .map_err(|_| format!("`{price}` is no price"))?;
            prices.insert(item.to_owned(), price);
        }
        prices.extend(config.prices);
        let mut countries: HashMap<String, String> = rows(include_str!("countries.csv"))
            .map(|(end, country)| (end.to_owned(), country.to_owned()))
            .collect();
        countries.extend(config.countries);
        Ok(Self { prices, countries })
    }

    /// What an item costs.
    pub(crate) fn price(&self, item: &str) -> Option<f64> {
        self.prices.get(item).copied()
    }

    /// The country of a host, by its last label.
    pub(crate) fn country(&self, host: &str) -> Option<&str> {
        let name = host.split(':').next().unwrap_or_default();
        let name = name.strip_suffix('.').unwrap_or(name);
        let end = name.rsplit_once('.')?.1.to_ascii_lowercase();
        self.countries.get(&end).map(String::as_str)
    }
}

/// The lines of a table with a head and two columns.
fn rows(csv: &str) -> impl Iterator<Item = (&str, &str)> {
    csv.lines().skip(1).filter_map(|line| line.split_once(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_tables_is_found() {
        let tables = Tables::with("{}").unwrap();
        assert_eq!(tables.price("knife"), Some(12.5));
        assert_eq!(tables.price(""), None);
        for (host, country) in [
            ("user1.comcast.com", Some("US")),
            ("a.example.CO.UK:8080", Some("GB")),
            ("b.example.de.", Some("DE")),
            ("localhost", None),
            ("", None),
            ("10.0.0.1", None),
        ] {
            assert_eq!(tables.country(host), country, "{host}");
        }
    }

    #[test]
    fn a_configuration_goes_before_what_is_built_in() {
        let tables =
            Tables::with(r#"{"prices":{"knife":1,"bow":2.5},"countries":{"zz":"ZZ"}}"#).unwrap();
        assert_eq!(
            (tables.price("knife"), tables.price("bow")),
            (Some(1.0), Some(2.5))
        );
        assert_eq!(tables.price("sword"), Some(49.0));
        assert_eq!(tables.country("a.zz"), Some("ZZ"));
        assert!(
            Tables::with(r#"{"price":{}}"#)
                .err()
                .unwrap()
                .contains("unknown field `price`")
        );
        assert!(Tables::with(r#"{"prices":{"knife":"cheap"}}"#).is_err());
    }
}
