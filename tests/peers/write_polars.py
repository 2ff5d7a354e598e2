"""Files of Polars in the ways it can write flat columns; the truth is DuckDB's."""

import sys
from pathlib import Path

import polars as pl

import data
import truth

folder = Path(sys.argv[1])
rows = data.columns(seed=3)
frame = pl.DataFrame(
    rows,
    schema_overrides={
        "level": pl.Int32,
        "ratio": pl.Float32,
        "at": pl.Datetime("us", "UTC"),
        "at_local": pl.Datetime("us"),
    },
)


def pages(name, written=frame, columns=None, **options):
    path = folder / f"{name}.parquet"
    written.write_parquet(path, **options)
    return truth.cases(name, [path], truth.DuckDB, columns=columns)


def all_cases():
    for codec in ["uncompressed", "snappy", "gzip", "zstd"]:
        yield from pages(codec, compression=codec)
    yield from pages("many-row-groups", row_group_size=131)
    yield from pages("small-pages", data_page_size=600, statistics="full")
    yield from pages("no-statistics", statistics=False)
    yield from pages("no-rows", frame.clear())
    yield from pages("categories", frame.with_columns(pl.col("event_type").cast(pl.Categorical), pl.col("Host").cast(pl.Categorical)))
    widths = frame.select(
        pl.col("level").cast(pl.Int8).alias("int8"),
        pl.col("level").cast(pl.Int16).alias("int16"),
        pl.col("level").abs().cast(pl.UInt8).alias("uint8"),
        (pl.col("level").abs().cast(pl.UInt32) * 170_000_000).alias("uint32"),
        (pl.col("level").abs().cast(pl.UInt64) * 700_000_000_000_000_000).alias("uint64"),
        pl.col("at").dt.cast_time_unit("ms").alias("at_ms"),
        pl.col("at").dt.cast_time_unit("ns").alias("at_ns"),
    )
    yield from pages("widths", widths)

    partitioned = folder / "hive"
    frame.with_columns((pl.col("level") % 4).alias("shard")).write_parquet(partitioned, partition_by=["shard"], mkdir=True)
    yield from truth.cases("hive", [partitioned], truth.DuckDB, [partitioned / "**/*.parquet"], ["shard", "event_type", "Host"])


truth.tell(all_cases())
