"""The right answers, by engines that are not ours: groups counted by DuckDB or Arrow, providers found by a few lines of Python."""

import json
import math
import re
from collections import Counter
from datetime import datetime, timedelta, timezone

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

PROVIDERS = ["comcast", "att", "google", "frontier", "cox", "earthlink"]


def contains(host):
    """The classic rule: the first provider of the list that occurs anywhere in the text."""
    return next((name for name in PROVIDERS if host is not None and name in host), None)


def domain(host):
    """Whole labels of the host's name, in any case, without the port."""
    labels = re.sub(r":\d*$", "", host or "").lower().split(".")
    return next((name for name in PROVIDERS if name in labels), None)


class Instant(int):
    """Nanoseconds since 1970; `utc` tells an instant from a local time."""

    utc = True


class Local(Instant):
    """A time on some wall's clock."""

    utc = False


def moment(column):
    """Which of both a column of ours holds; not every engine keeps that apart for every unit, so the name tells it."""
    return Local if column.endswith("_local") else Instant


class DuckDB:
    """Counts by DuckDB over files that it opens itself."""

    def __init__(self, paths):
        self.connection = duckdb.connect(config={"threads": 1})
        files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        self.table = f"read_parquet([{files}], union_by_name = true, hive_types_autocast = false)"
        described = self.connection.execute(f"DESCRIBE SELECT * FROM {self.table}").fetchall()
        self.types = {name: kind for name, kind, *_ in described}

    def columns(self):
        return list(self.types)

    def count(self, names):
        wrap = {name: moment(name) for name, kind in self.types.items() if kind.startswith("TIMESTAMP")}
        quoted = ['"' + name + '"' for name in names]
        select = ", ".join(f"epoch_ns({q})" if n in wrap else q for n, q in zip(names, quoted))
        rows = self.connection.execute(f"SELECT {select}, count(*) FROM {self.table} GROUP BY ALL").fetchall()
        return [([wrap.get(n, lambda v: v)(v) if v is not None else None for n, v in zip(names, row)], row[-1]) for row in rows]


class Arrow:
    """Counts by Arrow's own group-by, for the files that DuckDB wrote."""

    def __init__(self, paths):
        parts = [ds.dataset(str(path), partitioning=ds.HivePartitioning.discover(infer_dictionary=False)) for path in paths]
        self.data = pa.concat_tables([part.to_table() for part in parts], promote_options="default")

    def columns(self):
        return self.data.column_names

    def count(self, names):
        taken, wrap = [], {}
        for name in names:
            column = self.data[name]
            if pa.types.is_timestamp(column.type):
                wrap[name] = moment(name)
                column = pc.cast(pc.cast(column, pa.timestamp("ns", column.type.tz)), pa.int64())
            taken.append(column)
        rows = pa.table(taken, names=names).group_by(names).aggregate([([], "count_all")]).to_pylist()
        return [([wrap.get(n, lambda v: v)(row[n]) if row[n] is not None else None for n in names], row["count_all"]) for row in rows]


def ordered(groups):
    """Merges groups that are one value to Questlog, and puts them in its order: by count, then by value, nulls last."""
    counts = Counter()
    for values, count in groups:
        counts[tuple(("nan",) if isinstance(v, float) and math.isnan(v) else v + 0.0 if isinstance(v, float) else v for v in values)] += count

    def key(value):
        if value is None:
            return (2, 0)
        if value == ("nan",):
            return (1, 0)
        return (0, value.encode() if isinstance(value, str) else value)

    return sorted(counts.items(), key=lambda group: (-group[1], [key(value) for value in group[0]]))


def written(value):
    """A value as Questlog's JSON has it."""
    if value == ("nan",):
        return "NaN"
    if isinstance(value, Instant):
        seconds, nanos = divmod(int(value), 10**9)
        text = (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
        if nanos:
            # As many thousandths, millionths or billionths as it takes.
            digits = next(d for d in [3, 6, 9] if nanos % 10 ** (9 - d) == 0)
            text += "." + f"{nanos:09}"[:digits]
        return text + ("Z" if value.utc else "")
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def answer(columns, groups):
    """The table under the names that Questlog gives its columns."""
    rows = [[*map(written, values), count] for values, count in ordered(groups)]
    return {"columns": [*columns, "count"], "rows": rows}


def cases(name, paths, engine, asked=None, columns=None):
    """Every question of a flat file: both of Questlog's own, each column alone, and two columns at once."""
    counts = engine(asked or paths)
    names = columns or counts.columns()

    def case(group_by, table, *more):
        args = ["--group-by", ",".join(group_by), *more]
        return {"name": f"{name}: {' '.join(args)}", "paths": [str(path) for path in paths], "args": args, **table}

    for column in names:
        yield case([column], answer([column], counts.count([column])))
    if {"Host", "event_type"} <= set(names):
        hosts = counts.count(["Host", "event_type"])
        for rule in [contains, domain]:
            groups = [([rule(host), event], count) for (host, event), count in hosts]
            yield case(["provider(Host)", "event_type"], answer(["provider", "event_type"], groups), "--match", rule.__name__)
    if {"flag", "level"} <= set(names):
        yield case(["flag", "level"], answer(["flag", "level"], counts.count(["flag", "level"])))


def tell(all_cases):
    """Hands the cases over to the test: one line of JSON."""
    print(json.dumps({"cases": list(all_cases)}, ensure_ascii=False))
