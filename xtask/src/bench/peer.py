"""DuckDB's side of `cargo xtask bench analyze`: milliseconds of each run, then the answer as sorted CSV lines.

Measured: one query on an open connection, from the call to the last row. Not measured: Python's start and DuckDB's import.
"""

import sys
import time

import duckdb

path, columns, threads, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
connection = duckdb.connect(config={"threads": threads})
names = ", ".join(f'"{column}"' for column in columns.split(","))
query = f"select {names}, count(*) from read_parquet(?) group by all"
rows = []
for _ in range(runs):
    start = time.perf_counter()
    rows = connection.execute(query, [path]).fetchall()
    print(f"ms {1000 * (time.perf_counter() - start):.3f}")
for line in sorted(",".join("" if value is None else str(value) for value in row) for row in rows):
    print(line)
