"""Files for the tests of the page, and the right answers by DuckDB: `fixtures.py FOLDER` ends with one line of JSON."""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))

import pyarrow as pa
import pyarrow.compute as pc
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

# Four days of events with the time of each, for what happens over time and for filters.
timed = data.columns(2000, seed=9)
hours = [datetime(2026, 11, 20 + row // 500, row % 24, 30, tzinfo=timezone.utc) for row in range(2000)]
pq.write_table(
    pa.table({"timestamp": pa.array(hours, pa.timestamp("us", tz="UTC")), **{name: timed[name] for name in ["event_type", "Host"]}}),
    folder / "timed.parquet",
)

# More kinds of event than a page can hold rows of.
KINDS = 30_000
pq.write_table(pa.table({"event_type": [f"event {kind:05}" for kind in range(KINDS)]}), folder / "kinds.parquet")

# Long to count: every host is another one, and nothing is a dictionary.
number = pa.array(range(300_000)).cast(pa.string())
long = pa.table(
    {
        "event_type": pc.binary_join_element_wise("event", pc.utf8_slice_codeunits(number, 0, 1), " "),
        "Host": pc.binary_join_element_wise("user", number, ".cox.net", ""),
    }
)
pq.write_table(long, folder / "long.parquet", row_group_size=100_000, use_dictionary=False, compression="none")

# One of ten row groups has a page of Host whose header is no header.
hurt = folder / "hurt.parquet"
pq.write_table(events(5000, seed=5), hurt, row_group_size=500, compression="none")
chunk = pq.read_metadata(hurt).row_group(3).column(1)
start = chunk.dictionary_page_offset or chunk.data_page_offset
patched = bytearray(hurt.read_bytes())
patched[start : start + 40] = b"\xff" * 40
hurt.write_bytes(patched)

# Files that can't be read.
(folder / "letter.parquet").write_text("Dear reader, this is a letter.")
whole = parts[0].read_bytes()
(folder / "truncated.parquet").write_bytes(whole[: len(whole) // 2])
damaged = bytearray(whole)
damaged[40:400] = bytes(360)
(folder / "damaged.parquet").write_bytes(damaged)
(folder / "empty.parquet").write_bytes(b"")

counts = truth.DuckDB(parts)
timely = truth.DuckDB([folder / "timed.parquet"])
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
            "hosts": rows(counts.count(["Host"])),
            "timed": [[*values, count] for values, count in timely.count(["event_type", "Host"])],
            "kinds": KINDS,
            "byDate": rows(counts.count(["date"])),
        }
    )
)
