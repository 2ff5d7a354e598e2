"""DuckDB's answer as lines of CSV: `duckdb_peer.py THREADS QUESTION PATH`."""

import os
import sys

import duckdb

PROVIDERS = ["comcast", "att", "google", "frontier", "cox", "earthlink"]
CASE = "case " + " ".join(f"when contains(Host, '{name}') then '{name}'" for name in PROVIDERS) + " end"
QUESTIONS = {
    "providers": f"select {CASE} as provider, event_type, count(*) from files group by all",
    # Each host is looked at once and not once a row: better where there are few of them.
    "providers, grouped first": f"""
        select {CASE} as provider, event_type, sum(rows)
        from (select Host, event_type, count(*) as rows from files group by all) group by all""",
    "origins": "select origin, count(*) from files group by all",
    "delays": "select origin, avg(delay), max(delay) from files group by all",
    "days": "select cast(date as date), count(*) from files where distance > 1000 group by all",
}

threads, question, path = sys.argv[1:]
if os.path.isdir(path):
    path += "/**/*.parquet"
connection = duckdb.connect()
connection.execute(f"set threads = {int(threads)}")
files = connection.read_parquet(path)
for row in connection.sql(QUESTIONS[question]).fetchall():
    print(*("" if value is None else value for value in row), sep=",")
