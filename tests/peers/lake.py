"""What pyarrow, DuckDB and Polars see in a lake: `lake.py LAKE`; its columns, and every row in the order of its id."""

import json
import sys

import duckdb
import polars as pl
import pyarrow.dataset as ds

lake = sys.argv[1]
sets = {}
for name in ["purchases", "join_guild", "other"]:
    table = ds.dataset(f"{lake}/{name}", partitioning="hive").to_table().sort_by("id")
    files = f"{lake}/{name}/*/*.parquet"
    duck = duckdb.connect(config={"threads": 1}).execute(f"SELECT count(*), count(DISTINCT id) FROM read_parquet('{files}')").fetchone()
    assert duck == (table.num_rows, table.num_rows), (name, duck, table.num_rows)
    assert pl.scan_parquet(files).select(pl.len()).collect().item() == table.num_rows, name
    fields = {field.name: str(field.type) for field in table.schema}
    sets[name] = {"columns": fields, "rows": [{key: value if isinstance(value, str | None) else str(value) for key, value in row.items()} for row in table.to_pylist()]}
print(json.dumps(sets))
