"""One row group that takes a while to count, and the right answer by DuckDB: `giant.py FOLDER` ends with a line of JSON."""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import truth

ROWS = 1_500_000
path = Path(sys.argv[1]) / "giant.parquet"

# Long hosts, each another one: there is much to search and nothing is a dictionary.
number = pa.array(range(ROWS)).cast(pa.string())
host = pc.binary_join_element_wise("user", number, "x" * 300 + ".cox.net", ".")
event = pc.binary_join_element_wise("event", pc.utf8_slice_codeunits(number, 0, 1), " ")
table = pa.table({"event_type": event, "Host": host})
pq.write_table(table, path, row_group_size=ROWS, use_dictionary=["event_type"])

counts = truth.ordered(truth.DuckDB([path]).count(["event_type"]))
print(json.dumps({"path": str(path), "rows": ROWS, "popular": [[*values, count] for values, count in counts]}))
