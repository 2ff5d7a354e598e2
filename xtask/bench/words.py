"""Ten million rows whose hosts are made of words, so that more than their digits differ: `words.py FOLDER`."""

import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROWS, ROWS_AT_ONCE = 10_000_000, 1_000_000
WORDS, LETTERS_MIN, LETTERS_MAX = 20_000, 3, 10
DOMAINS = pa.array(["comcast.com", "att.com", "google.com", "frontier.com", "cox.com", "earthlink.com", "example.org", "mail.net"])
EVENTS = pa.array(["sword purchased", "knife purchased", "helmet purchased", "shield purchased", "join_guild"])

noise = np.random.default_rng(2)


def word():
    letters = noise.integers(ord("a"), ord("z") + 1, noise.integers(LETTERS_MIN, LETTERS_MAX + 1))
    return bytes(letters.astype("uint8")).decode()


words = pa.array([word() for _ in range(WORDS)])


def drawn(values):
    """Each value about as often as the others."""
    return values.take(pa.array(noise.integers(0, len(values), ROWS_AT_ONCE)))


folder = pathlib.Path(sys.argv[1])
schema = pa.schema([("Host", pa.string()), ("event_type", pa.string())])
files = {codec: pq.ParquetWriter(folder / f"word-hosts-{codec}.parquet", schema, compression=codec) for codec in ["snappy", "zstd"]}
for _ in range(ROWS // ROWS_AT_ONCE):
    names = pc.binary_join_element_wise(drawn(words), drawn(words), "-")
    hosts = pc.binary_join_element_wise(names, drawn(DOMAINS), ".")
    for file in files.values():
        file.write_table(pa.table({"Host": hosts, "event_type": drawn(EVENTS)}, schema=schema))
for file in files.values():
    file.close()
