"""The files that `cargo xtask bench analyze` counts, the same on every run: `data.py FOLDER`."""

import datetime
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROWS = 10_000_000
FEW_USERS, MANY_USERS = 100, 5_000_000
SMALL_FILES, SMALL_FILE_ROWS, FILES_A_DAY = 500, 2_000, 10
TINY_ROWS = 236
DOMAINS = pa.array(["comcast.com", "att.com", "google.com", "frontier.com", "cox.com", "earthlink.com", "example.org", "mail.net"])
EVENTS = pa.array(
    ["sword purchased", "knife purchased", "helmet purchased", "shield purchased", "gauntlet purchased", "join_guild"]
)

noise = np.random.default_rng(1)


def drawn(values, rows):
    """Each value about as often as the others."""
    indices = pa.array(noise.integers(0, len(values), rows).astype("int32"))
    return pa.DictionaryArray.from_arrays(indices, values).cast(pa.string())


def events(rows, users):
    """So many events of so many users, each of whom comes from any of the domains."""
    user = pa.array(noise.integers(0, users, rows)).cast(pa.string())
    host = pc.binary_join_element_wise(pc.binary_join_element_wise("user", user, ""), drawn(DOMAINS, rows), ".")
    return pa.table({"Host": host, "event_type": drawn(EVENTS, rows), "Accept": pa.repeat("*/*", rows)})


folder = pathlib.Path(sys.argv[1])
for name, users in [("few-hosts", FEW_USERS), ("many-hosts", MANY_USERS)]:
    table = events(ROWS, users)
    for codec in ["snappy", "zstd"]:
        # With so many hosts the writer gives its dictionary up after the first mebibyte of it.
        pq.write_table(table, folder / f"{name}-{codec}.parquet", compression=codec)
    pq.write_table(table, folder / f"{name}-one-row-group.parquet", row_group_size=ROWS)

first_day = datetime.date(2026, 1, 1)
for number in range(SMALL_FILES):
    day = folder / "days" / f"date={first_day + datetime.timedelta(days=number // FILES_A_DAY)}"
    day.mkdir(parents=True, exist_ok=True)
    pq.write_table(events(SMALL_FILE_ROWS, FEW_USERS), day / f"{number}.parquet")

pq.write_table(events(TINY_ROWS, FEW_USERS), folder / "tiny.parquet")
