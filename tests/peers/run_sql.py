"""Runs statements in DuckDB: `run_sql.py FILE` reads a JSON list of SQL texts and prints, as one line of JSON, what each of them answers."""

import datetime
import json
import math
import sys
from decimal import Decimal
from pathlib import Path

import duckdb


def moment(value):
    """A date and time as Questlog's JSON has it."""
    text = value.strftime("%Y-%m-%dT%H:%M:%S")
    if value.microsecond:
        text += f".{value.microsecond:06}".removesuffix("000")
    return text + ("Z" if value.tzinfo else "")


def written(value):
    if isinstance(value, datetime.datetime):
        return moment(value.astimezone(datetime.timezone.utc) if value.tzinfo else value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, float):
        # The one zero.
        return value + 0.0
    return str(value) if isinstance(value, Decimal) else value


def answer(sql):
    # A connection for each, so that no setting of one statement reaches the next.
    with duckdb.connect(config={"threads": 1}) as connection:
        for statement in connection.extract_statements(sql):
            connection.execute(statement)
        columns = [column[0] for column in connection.description]
        rows = [[written(value) for value in row] for row in connection.fetchall()]
    return {"columns": columns, "rows": rows}


print(json.dumps([answer(sql) for sql in json.loads(Path(sys.argv[1]).read_text())], ensure_ascii=False))
