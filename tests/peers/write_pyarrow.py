"""Files of pandas and pyarrow in the ways they can write flat columns; the truth is DuckDB's."""

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import data
import truth

folder = Path(sys.argv[1])
rows = data.columns()
table = pa.table(
    {
        **rows,
        "level": pa.array(rows["level"], pa.int32()),
        "ratio": pa.array(rows["ratio"], pa.float32()),
        "at": pa.array(rows["at"], pa.timestamp("us", "UTC")),
        "at_local": pa.array(rows["at_local"], pa.timestamp("us")),
    }
)


def widths():
    """Integers of every width and sign, and times of every unit."""
    small = [None if level is None else abs(level) for level in rows["level"]]
    more = {}
    for bits in [8, 16, 32, 64]:
        signed, unsigned = getattr(pa, f"int{bits}")(), getattr(pa, f"uint{bits}")()
        more[f"int{bits}"] = pa.array([v if i % 9 else -(2 ** (bits - 1)) for i, v in enumerate(small)], signed)
        more[f"uint{bits}"] = pa.array([v if i % 9 else 2**bits - 1 for i, v in enumerate(small)], unsigned)
    instants = pa.array(rows["at"], pa.timestamp("us", "UTC"))
    more["at_s"] = instants.cast(pa.timestamp("s", "UTC"), safe=False)
    more["at_ms"] = instants.cast(pa.timestamp("ms", "UTC"), safe=False)
    more["at_ns"] = pa.array([None if v is None else v * 1000 + 7 for v in instants.cast(pa.int64()).to_pylist()], pa.timestamp("ns", "UTC"))
    more["ns_local"] = more["at_ns"].cast(pa.int64()).cast(pa.timestamp("ns"))
    return pa.table(more)


def pages(name, written=table, **options):
    path = folder / f"{name}.parquet"
    pq.write_table(written, path, **options)
    return truth.cases(name, [path], truth.DuckDB)


def all_cases():
    yield from pages("v1-plain-uncompressed", use_dictionary=False, compression="none")
    yield from pages("v1-dictionary-snappy", compression="snappy")
    yield from pages("v2-dictionary-zstd", data_page_version="2.0", compression="zstd")
    yield from pages("v2-plain-gzip", data_page_version="2.0", use_dictionary=False, compression="gzip")
    yield from pages("v2-uncompressed", data_page_version="2.0", compression="none")
    yield from pages("many-row-groups", row_group_size=97, compression="zstd")
    yield from pages("small-pages", data_page_size=512, write_batch_size=50, write_page_index=True)
    # The dictionary fills up in the middle of a chunk and plain pages follow.
    yield from pages("dictionary-then-plain", dictionary_pagesize_limit=300, data_page_size=700, write_batch_size=100)
    yield from pages("codec-of-each-column", compression={name: codec for name, codec in zip(table.column_names, ["none", "snappy", "gzip", "zstd"] * 3)})
    yield from pages("delta-lengths", use_dictionary=False, column_encoding={"event_type": "DELTA_LENGTH_BYTE_ARRAY", "Host": "DELTA_BYTE_ARRAY"})
    yield from pages("delta-numbers", use_dictionary=False, column_encoding={"level": "DELTA_BINARY_PACKED", "gold": "DELTA_BINARY_PACKED"})
    yield from pages("byte-streams", use_dictionary=False, column_encoding={"price": "BYTE_STREAM_SPLIT", "ratio": "BYTE_STREAM_SPLIT"})
    yield from pages("lz4", compression="lz4")
    yield from pages("brotli", compression="brotli")
    yield from pages("widths", widths(), compression="snappy")
    yield from pages("times-as-int96", table.select(["at"]), use_deprecated_int96_timestamps=True)
    yield from pages("no-rows", table.slice(0, 0))
    yield from pages("only-nulls", pa.table({"event_type": pa.nulls(500, pa.string()), "Host": pa.nulls(500, pa.string())}))

    # As pandas does it when nobody says how: an index of its own, categories, numbers with nulls as floats.
    frame = table.to_pandas()
    frame["event_type"] = frame["event_type"].astype("category")
    frame = frame[frame["at"].notna()].set_index("at")
    path = folder / "pandas.parquet"
    frame.to_parquet(path)
    yield from truth.cases("pandas", [path], truth.DuckDB)
    path = folder / "pandas-gzip.parquet"
    pd.DataFrame({"event_type": rows["event_type"], "Host": rows["Host"]}).to_parquet(path, compression="gzip")
    yield from truth.cases("pandas-gzip", [path], truth.DuckDB)

    # Folders whose names are a column, with a null and with letters that a path does not bear.
    regions = [[None, "eu", "us/west", "ö = é", "1"][i % 5] for i in range(table.num_rows)]
    partitioned = folder / "hive"
    pq.write_to_dataset(table.append_column("region", pa.array(regions, pa.string())), partitioned, partition_cols=["region", "flag"])
    yield from truth.cases("hive", [partitioned], truth.DuckDB, [partitioned / "**/*.parquet"], ["region", "flag", "event_type", "Host", "level"])

    # One table in files that disagree: a column that one lacks, a narrower integer, an integer where the other has a float.
    first, second = folder / "drift/first.parquet", folder / "drift/second.parquet"
    first.parent.mkdir()
    pq.write_table(table.select(["event_type", "Host", "level"]), first)
    wider = pa.array([None if v is None else v * 3_000_000_000 for v in rows["level"]], pa.int64())
    pq.write_table(pa.table({"level": wider, "event_type": table["event_type"], "flag": table["flag"]}), second)
    yield from truth.cases("drift", [first, second], truth.DuckDB)


truth.tell(all_cases())
