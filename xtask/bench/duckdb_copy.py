"""Lines of JSON to Parquet as DuckDB does it: `duckdb_copy.py LINES PARQUET`."""

import sys

import duckdb

lines, parquet = sys.argv[1:]
connection = duckdb.connect()
connection.execute(f"copy (select * from read_json('{lines}', format = 'newline_delimited')) to '{parquet}' (compression zstd)")
