"""Files for the tests of the page, and the right answers by DuckDB: `fixtures.py FOLDER` ends with one line of JSON."""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "peers"))

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import data
import truth

folder = Path(sys.argv[1])

ODD_NAMES = ['"quoted" $(x) %41 #?.parquet', "<img src=x onerror=alert(1)>.parquet", "line\nbreak.parquet", "\u202egnp.parquet", "💥" * 40 + ".parquet", "no ending"]


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


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def one_page(path, compression):
    """A file of a single column in a single page, and its bytes."""
    table = pa.table({"event_type": [f"event {row}" for row in range(200)]})
    pq.write_table(table, path, use_dictionary=False, compression=compression)
    return path.read_bytes()


# A page that claims to hold 2 GiB: in Thrift a number is doubled, and written seven bits at a time.
bomb = folder / "bomb.parquet"
plain = one_page(bomb, "gzip")
chunk = pq.read_metadata(bomb).row_group(0).column(0)
claimed, begin = varint(2 * (2**31 - 1)), chunk.data_page_offset + 3
known = plain[begin : begin + 2]
assert plain[begin - 3 : begin] == b"\x15\x00\x15" and known[0] > 127 > known[1], "the header is not as it was"
longer = len(claimed) - len(known)
sizes = b"\x16" + varint(2 * chunk.total_compressed_size) + b"\x26"
grown = b"\x16" + varint(2 * (chunk.total_compressed_size + longer)) + b"\x26"
assert plain.count(sizes) == 1 and len(sizes) == len(grown), "the footer is not as it was"
bomb.write_bytes((plain[:begin] + claimed + plain[begin + 2 :]).replace(sizes, grown))

# A codec that nobody reads any more, LZO, in the place of snappy.
lzo = folder / "lzo.parquet"
snappy = one_page(lzo, "snappy")
codec = b"event_type\x15\x02"
assert snappy.count(codec) == 1, "the footer is not as it was"
lzo.write_bytes(snappy.replace(codec, b"event_type\x15\x06"))

# Encrypted by DuckDB (well enough for a test, as its setting says), whose key nobody has.
encrypted = folder / "encrypted.parquet"
duckdb.sql("SET force_mbedtls_unsafe = 'true'")
duckdb.sql("PRAGMA add_parquet_key('ours', '0123456789112345')")
duckdb.sql(f"COPY (SELECT 'knife' AS event_type) TO '{encrypted}' (FORMAT parquet, ENCRYPTION_CONFIG {{footer_key: 'ours'}})")

# Names that a shell, a page or a reader could stumble over.
odd = folder / "odd"
odd.mkdir()
for name in ODD_NAMES:
    pq.write_table(pa.table({"event_type": ["knife"]}), odd / name)

# A folder in which nothing is Parquet.
letters = folder / "letters"
letters.mkdir()
(letters / "a.csv").write_text("event_type\nknife\n")
(letters / "b.txt").write_text("")

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
            "odd": ODD_NAMES,
            "byDate": rows(counts.count(["date"])),
        }
    )
)
