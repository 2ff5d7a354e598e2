//! The same query in DuckDB's SQL, for whoever wants to check an answer with another engine.

use super::expression::{Bucket, Lens, Of};
use super::filter::{Comparison, Filter, Literal, Test};
use super::lists::{Function, Measure, Order};
use super::{Query, like::Like};
use crate::value::parse_instant;
use crate::{MatchRule, Providers};

impl Query {
    /// The query as statements for DuckDB over the files `paths`.
    ///
    /// `members` are those columns whose names are a path into a struct: only a file can tell `a.b`, a name, from `a.b`,
    /// a member. The answers are the same, except that DuckDB rounds sums and means of floats as it goes.
    ///
    /// ```
    /// use questlog_core::{Limits, Query, QueryOptions};
    ///
    /// let options = QueryOptions { group_by: Some("day(at)".into()), limit: Some(3), ..QueryOptions::default() };
    /// let query = Query::new(&options, &Limits::default()).unwrap();
    /// assert_eq!(
    ///     query.to_duckdb(&["a.parquet"], &[]),
    ///     "SET TimeZone = 'UTC';\n\
    ///      SELECT date_trunc('day', \"at\")::DATE AS \"day\", count(*) AS \"count\"\n\
    ///      FROM read_parquet(['a.parquet'], union_by_name = true, hive_partitioning = true, hive_types_autocast = false, \
    ///      binary_as_string = true)\n\
    ///      GROUP BY 1\nORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST\nLIMIT 3;"
    /// );
    /// ```
    pub fn to_duckdb<S: AsRef<str>>(&self, paths: &[S], members: &[S]) -> String {
        let words = Sql {
            names: self
                .columns()
                .iter()
                .map(|name| column(name, members.iter().any(|member| member.as_ref() == name)))
                .collect(),
            providers: self.matcher(),
        };
        let keys = self.keys();
        let selected = keys
            .iter()
            .map(|key| (words.lens(key.lens), key.name.as_str()))
            .chain(
                self.measures()
                    .iter()
                    .map(|measure| (words.measure(measure), measure.written.as_str())),
            )
            .map(|(value, name)| format!("{value} AS {}", quoted(name)));
        let mut sql = String::new();
        if self.tells_time() {
            sql.push_str("SET TimeZone = 'UTC';\n");
        }
        sql += &format!("SELECT {}\n", joined(selected, ", "));
        let files = paths.iter().map(|path| text(&exactly(path.as_ref())));
        sql += &format!(
            "FROM read_parquet([{}], union_by_name = true, hive_partitioning = true, hive_types_autocast = false, \
             binary_as_string = true)",
            joined(files, ", ")
        );
        if let Some(filter) = self.filter() {
            sql += &format!("\nWHERE {}", words.filter(filter));
        }
        if !keys.is_empty() {
            let places = (1..=keys.len()).map(|place| place.to_string());
            sql += &format!("\nGROUP BY {}", joined(places, ", "));
            sql += &format!("\nORDER BY {}", joined(self.sql_order().into_iter(), ", "));
        }
        if let Some(limit) = self.options().limit {
            sql += &format!("\nLIMIT {limit}");
        }
        sql.push(';');
        sql
    }

    /// The order as asked for, or by the first measure; then by the group, as every answer is.
    fn sql_order(&self) -> Vec<String> {
        let keys = self.keys().len();
        let by_measure = Order {
            column: keys,
            descending: true,
        };
        let asked = match self.order() {
            [] => vec![by_measure],
            order => order.to_vec(),
        };
        let by_group = (0..keys).map(|column| Order {
            column,
            descending: false,
        });
        let mut named = Vec::new();
        let mut words = Vec::new();
        for Order { column, descending } in asked.into_iter().chain(by_group) {
            // What has decided once decides nothing more.
            if !named.contains(&column) {
                named.push(column);
                let way = if descending { "DESC" } else { "ASC" };
                words.push(format!("{} {way} NULLS LAST", column + 1));
            }
        }
        words
    }

    /// Whether the answer depends on the clock that instants are read on.
    fn tells_time(&self) -> bool {
        let has_bucket = |lens: Lens| matches!(lens.of, Of::Bucket(_));
        let measured = self.measures().iter().filter_map(|measure| measure.lens);
        let mut lenses = self.keys().iter().map(|key| key.lens).chain(measured);
        lenses.any(has_bucket) || self.filter().is_some_and(has_instant)
    }
}

/// Whether a condition looks at a time bucket, or compares with what may be an instant.
fn has_instant(filter: &Filter) -> bool {
    let dated =
        |literal: &Literal| matches!(literal, Literal::Text(text) if parse_instant(text).is_some());
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().any(has_instant),
        Filter::Not(part) => has_instant(part),
        Filter::Test { lens, test, .. } => {
            matches!(lens.of, Of::Bucket(_))
                || match test {
                    Test::Compare(_, literal) => dated(literal),
                    Test::In(list) => list.iter().any(dated),
                    Test::Like(_) | Test::IsNull | Test::IsTrue => false,
                }
        }
    }
}

/// What a query's words need to become SQL.
struct Sql<'a> {
    /// The columns, quoted.
    names: Vec<String>,
    providers: &'a Providers,
}

impl Sql<'_> {
    fn lens(&self, lens: Lens) -> String {
        let name = self.names.get(lens.column).map_or("NULL", String::as_str);
        match lens.of {
            Of::Value => name.to_owned(),
            Of::Provider => self.provider(name),
            Of::Bucket(bucket) => {
                let word = lens.of.name().unwrap_or_default();
                let day = match bucket {
                    Bucket::Minute | Bucket::Hour => "",
                    Bucket::Day | Bucket::Week | Bucket::Month => "::DATE",
                };
                format!("date_trunc('{word}', {name}){day}")
            }
        }
    }

    /// The first provider of the list that is found, as both rules find it.
    fn provider(&self, name: &str) -> String {
        let mut sql = "CASE".to_owned();
        for provider in self.providers.names() {
            let found = match self.providers.rule() {
                MatchRule::Contains => format!("contains({name}, {})", text(provider)),
                MatchRule::Domain => {
                    format!(
                        "regexp_matches({name}, {})",
                        text(&labels_pattern(provider))
                    )
                }
            };
            sql += &format!(" WHEN {found} THEN {}", text(provider));
        }
        sql + " END"
    }

    fn measure(&self, measure: &Measure) -> String {
        let Some(lens) = measure.lens else {
            return "count(*)".to_owned();
        };
        let value = self.lens(lens);
        match measure.function {
            Function::Count => format!("count({value})"),
            Function::Sum => format!("sum({value})"),
            Function::Min => format!("min({value})"),
            Function::Max => format!("max({value})"),
            Function::Mean => format!("avg({value})"),
            Function::Distinct => format!("count(DISTINCT {value})"),
        }
    }

    fn filter(&self, filter: &Filter) -> String {
        // Brackets around whatever is joined by the other word: what binds stronger need not be known then.
        let part = |part: &Filter| match part {
            Filter::And(_) | Filter::Or(_) => format!("({})", self.filter(part)),
            _ => self.filter(part),
        };
        let parts = |list: &[Filter], word: &str| joined(list.iter().map(part), word);
        match filter {
            Filter::And(list) => parts(list, " AND "),
            Filter::Or(list) => parts(list, " OR "),
            Filter::Not(negated) => format!("NOT ({})", self.filter(negated)),
            Filter::Test { lens, test, .. } => {
                let value = self.lens(*lens);
                match test {
                    Test::Compare(comparison, literal_value) => {
                        format!("{value} {} {}", sign(*comparison), literal(literal_value))
                    }
                    Test::In(list) => {
                        format!("{value} IN ({})", joined(list.iter().map(literal), ", "))
                    }
                    Test::Like(like) => {
                        let escape = Like::escape(like)
                            .map(|sign| format!(" ESCAPE {}", text(&sign.to_string())));
                        let pattern = text(Like::pattern(like));
                        format!("{value} LIKE {pattern}{}", escape.unwrap_or_default())
                    }
                    Test::IsNull => format!("{value} IS NULL"),
                    Test::IsTrue => value,
                }
            }
        }
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::Unequal => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "NULL".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Number(number) => number.clone(),
        Literal::Text(value) => text(value),
    }
}

/// A regular expression that finds a provider as whole labels of a host name: any case, with or without a port.
fn labels_pattern(provider: &str) -> String {
    let mut escaped = String::new();
    for letter in provider.trim_end_matches('.').chars() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    format!(r"(?i)^\s*([^:\[\s][^:]*\.|\.)?{escaped}(\.[^:]*)?(:[^:]*)?\s*$")
}

/// A column: its name in quotes, or the path of a struct's member with each part in quotes.
fn column(name: &str, is_member: bool) -> String {
    if is_member {
        return joined(name.split('.').map(quoted), ".");
    }
    quoted(name)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A path in which no sign is taken for a pattern.
fn exactly(path: &str) -> String {
    let mut exact = String::new();
    for sign in path.chars() {
        match sign {
            '*' | '?' | '[' => exact.extend(['[', sign, ']']),
            _ => exact.push(sign),
        }
    }
    exact
}

fn joined(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use crate::{Limits, Query, QueryOptions};

    fn sql(group_by: &str, measure: &str, filter: &str) -> String {
        let options = QueryOptions {
            group_by: Some(group_by.into()),
            measure: Some(measure.into()),
            filter: Some(filter.into()),
            providers: Some("cox,o'hare.net".into()),
            ..QueryOptions::default()
        };
        let query = Query::new(&options, &Limits::default()).unwrap();
        query.to_duckdb(&["it's [1].parquet"], &["user.name"])
    }

    #[test]
    fn names_and_texts_are_quoted_whatever_is_in_them() {
        let sql = sql(
            "\"a \"\"b\"\"\",user.name,x.y",
            "sum( price )",
            "\"it's\" = 'x''y'",
        );
        for part in [
            r#""a ""b""" AS "a ""b""","#,
            r#""user"."name" AS "user.name","#,
            r#""x.y" AS "x.y","#,
            r#"sum("price") AS "sum( price )""#,
            "['it''s [[]1].parquet']",
            r#"WHERE "it's" = 'x''y'"#,
            "GROUP BY 1, 2, 3",
            "ORDER BY 4 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC",
        ] {
            assert!(sql.contains(part), "{part} is not in {sql}");
        }
        assert!(!sql.contains("TimeZone"));
    }

    #[test]
    fn providers_are_cases_and_conditions_keep_their_brackets() {
        let sql = sql(
            "provider(h)",
            "count",
            "(a = 1 or b) and c not in (1, null) or d like '%_'",
        );
        for part in [
            r#"CASE WHEN contains("h", 'cox') THEN 'cox' WHEN contains("h", 'o''hare.net') THEN 'o''hare.net' END"#,
            r#"WHERE (("a" = 1 OR "b") AND NOT ("c" IN (1, NULL))) OR "d" LIKE '%_'"#,
        ] {
            assert!(sql.contains(part), "{part} is not in {sql}");
        }
    }
}
