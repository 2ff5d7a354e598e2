"""Files for the tests of the page, and the right answers by DuckDB: `fixtures.py FOLDER` ends with one line of JSON."""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))

import pyarrow as pa
import pyarrow.parquet as pq

import data
import truth

folder = Path(sys.argv[1])


def events(rows, seed):
    columns = data.columns(rows, seed)
    return pa.table({name: columns[name] for name in ["event_type", "Host"]})


# A data set as Spark leaves it: Hive folders, row groups, another codec each day, and what is no Parquet beside it.
days = folder / "events"
parts = []
for day, (rows, codec) in enumerate([(3000, "snappy"), (2500, "zstd"), (1, "none")]):
    part = days / f"date=2026-11-{23 + day}" / "part-0.parquet"
    part.parent.mkdir(parents=True)
    pq.write_table(events(rows, seed=day + 1), part, row_group_size=700, compression=codec)
    parts.append(part)
(days / "_SUCCESS").write_text("")
(days / "notes.txt").write_text("Not Parquet, and no harm in that.")
(days / "being-written.parquet").write_bytes(parts[0].read_bytes()[:9000])

# A flat file about something else.
pq.write_table(pa.table({"origin": ["JFK", "LAX", "JFK", None], "delay": [3, -1, 2**53 + 1, 0]}), folder / "flights.parquet")

# Files that can't be read.
(folder / "letter.parquet").write_text("Dear reader, this is a letter.")
whole = parts[0].read_bytes()
(folder / "truncated.parquet").write_bytes(whole[: len(whole) // 2])
damaged = bytearray(whole)
damaged[40:400] = bytes(360)
(folder / "damaged.parquet").write_bytes(damaged)
(folder / "empty.parquet").write_bytes(b"")

counts = truth.DuckDB(parts)
hosts = counts.count(["Host", "event_type"])


def rows(groups):
    return [[*values, count] for values, count in truth.ordered(groups)]


def providers(rule):
    return rows([([rule(host), event], count) for (host, event), count in hosts])


print(
    json.dumps(
        {
            "files": [str(part) for part in parts],
            "rows": sum(count for _, count in hosts),
            "popular": rows(counts.count(["event_type"])),
            "contains": providers(truth.contains),
            "domain": providers(truth.domain),
            "byDate": rows(counts.count(["date"])),
        }
    )
)
