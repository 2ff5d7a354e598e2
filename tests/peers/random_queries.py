"""Queries put together at random (the same ones on every run) over one file; DuckDB filters and groups, Python adds up exactly: `random_queries.py FOLDER`."""

import math
import sys
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import data
import truth

QUERIES = 200

folder = Path(sys.argv[1])
rows = data.columns(rows=1500, seed=6)
table = pa.table(
    {
        **rows,
        "level": pa.array(rows["level"], pa.int32()),
        "ratio": pa.array(rows["ratio"], pa.float32()),
        "at": pa.array(rows["at"], pa.timestamp("us", "UTC")),
        "at_local": pa.array(rows["at_local"], pa.timestamp("us")),
    }
)
paths = [folder / "dictionary.parquet", folder / "plain.parquet"]
pq.write_table(table, paths[0], row_group_size=400, write_page_index=True, data_page_size=800, write_batch_size=64)
pq.write_table(table, paths[1], row_group_size=400, use_dictionary=False, compression="zstd", data_page_version="2.0")
engines = [truth.DuckDB([path]) for path in paths]

LITERALS = {
    "event_type": ["'knife purchased'", "'join_guild'", "'no such event'", "''"],
    "Host": ["'user3.cox.com'", "'m'", "''"],
    "Accept": ["'*/*'", "'a'"],
    "flag": ["true", "false"],
    "level": ["-5", "0", "7", "21"],
    "gold": ["0", "10", "-1", "9007199254740993", "9223372036854775807"],
    "price": ["0", "0.1", "12.5", "1e300", "-1"],
    "ratio": ["0.5", "-0.25", "0", "1"],
    "at": ["'2026-11-23T00:00:00Z'", "'2026-11-24T10:00:00Z'", "'1970-01-01T00:00:00Z'"],
    "at_local": ["'2026-11-23T00:00:00'", "'2026-11-24T10:00:00'"],
}
PATTERNS = ["%cox%", "user_.%", "%d", "%", "", "k%e%", "%purchased", "m_ller%"]
NUMBERS = ["level", "gold", "price", "ratio"]

numbers = data.noise(2026)


def draw(limit):
    return next(numbers) % limit


def pick(values):
    return values[draw(len(values))]


def condition(depth=0):
    """A condition, and the same in DuckDB's words, where `at` wants quotes."""
    kind = draw(10)
    if depth < 3 and kind < 3:
        (left, left_sql), (right, right_sql), word = condition(depth + 1), condition(depth + 1), pick(["and", "or"])
        return f"({left} {word} {right})", f"({left_sql} {word} {right_sql})"
    if depth < 3 and kind == 3:
        inner, inner_sql = condition(depth + 1)
        return f"not ({inner})", f"NOT ({inner_sql})"
    column = pick(list(LITERALS))
    if kind == 4:
        test = pick(["is null", "is not null"])
    elif kind == 5:
        test = pick(["in", "not in"]) + f" ({', '.join(pick(LITERALS[column]) for _ in range(1 + draw(3)))})"
    elif kind == 6 and column in ["event_type", "Host"]:
        test = pick(["like", "not like"]) + f" '{pick(PATTERNS)}'"
    else:
        test = f"{pick(['=', '!=', '<', '<=', '>', '>='])} {pick(LITERALS[column])}"
    return f"{column} {test}", f'"{column}" {test}'


def measure():
    function = pick(["count", "count", "min", "max", "distinct", "sum", "mean"])
    column = pick(NUMBERS if function in ["sum", "mean"] else list(LITERALS))
    return "count" if function == "count" and draw(2) else f"{function}({column})"


def exact(values, is_integer, mean):
    """A sum or mean without any rounding but the last."""
    if not values:
        return None
    odd = [value for value in values if isinstance(value, float) and not math.isfinite(value)]
    if odd:
        return sum(odd)
    total = sum(map(Fraction, values))
    if mean:
        total /= len(values)
    return int(total) if is_integer and not mean else float(total)


def plain(values):
    """A group's values of one column as one list of what Python compares as Questlog does."""
    return [value + 0.0 if isinstance(value, float) else value for value in values if value is not None]


def measured(name, values, rows):
    if name == "count":
        return rows
    function, column = name[:-1].split("(")
    values = plain(values)
    if function == "count":
        return len(values)
    if function == "distinct":
        return len({"nan" if value != value else value for value in values})
    if function in ["sum", "mean"]:
        return exact(values, column in ["level", "gold"], function == "mean")
    # NaN is the greatest.
    key = lambda value: (value != value, value)
    return (min if function == "min" else max)(values, key=key, default=None)


def query(number):
    path, engine = pick(list(zip(paths, engines)))
    columns = list(LITERALS)
    group_by = sorted({pick(columns) for _ in range(draw(3))}, key=columns.index)
    measures = list(dict.fromkeys(measure() for _ in range(1 + draw(3))))
    where, sql = condition() if draw(5) else (None, "true")

    needed = list(dict.fromkeys(group_by + [name[:-1].split("(")[1] for name in measures if "(" in name]))
    wrap = {name: truth.moment(name) for name in needed if name.startswith("at")}
    select = ", ".join([f'epoch_ns("{n}")' if n in wrap else f'"{n}"' for n in needed] or ["1"])
    found = engine.connection.execute(f"SELECT {select} FROM {engine.table} WHERE {sql}").fetchall()
    groups = {} if group_by else {(): []}
    for row in found:
        row = {n: wrap[n](v) if n in wrap and v is not None else v for n, v in zip(needed, row)}
        key = tuple(("nan",) if row[n] != row[n] else row[n] + 0.0 if isinstance(row[n], float) else row[n] for n in group_by)
        groups.setdefault(key, []).append(row)

    answer = []
    for key, members in groups.items():
        values = [measured(m, [row[m[:-1].split("(")[1]] for row in members] if "(" in m else [], len(members)) for m in measures]
        values = ["NaN" if value != value else truth.written(value) for value in values]
        answer.append([*map(truth.written, key), *values])
    args = ["--measure", ",".join(measures)]
    if group_by:
        args += ["--group-by", ",".join(group_by)]
    if where:
        args += ["--where", where]
    return {"name": f"query {number} {path.name} {args}", "paths": [str(path)], "args": args, "columns": [*group_by, *measures], "rows": answer}


truth.tell(query(number) for number in range(QUERIES))
