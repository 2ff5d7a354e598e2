"""Files of DuckDB in the ways it can write flat columns; the truth is Arrow's."""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa

import data
import truth

folder = Path(sys.argv[1])
rows = data.columns(seed=2)
# DuckDB finds this table by the variable's name.
events = pa.table(
    {
        **rows,
        "level": pa.array(rows["level"], pa.int32()),
        "ratio": pa.array(rows["ratio"], pa.float32()),
        "at": pa.array(rows["at"], pa.timestamp("us", "UTC")),
        "at_local": pa.array(rows["at_local"], pa.timestamp("us")),
    }
)
connection = duckdb.connect(config={"threads": 1})


def copy(name, options, query="FROM events"):
    path = folder / f"{name}.parquet"
    connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, {options})")
    return path


def all_cases():
    for codec in ["uncompressed", "snappy", "gzip", "zstd"]:
        path = copy(codec, f"COMPRESSION {codec}")
        yield from truth.cases(path.stem, [path], truth.Arrow)
    path = copy("many-row-groups", "ROW_GROUP_SIZE 2048", "FROM events UNION ALL BY NAME FROM events UNION ALL BY NAME FROM events")
    yield from truth.cases("many-row-groups", [path], truth.Arrow)
    path = copy("no-dictionary", "DICTIONARY_SIZE_LIMIT 1, COMPRESSION zstd")
    yield from truth.cases("no-dictionary", [path], truth.Arrow)
    path = copy("v2", "PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 1, COMPRESSION zstd")
    yield from truth.cases("v2", [path], truth.Arrow)
    path = copy("no-rows", "COMPRESSION snappy", "FROM events LIMIT 0")
    yield from truth.cases("no-rows", [path], truth.Arrow)
    path = copy(
        "widths",
        "COMPRESSION snappy",
        "SELECT level::TINYINT AS int8, level::SMALLINT AS int16, abs(level)::UTINYINT AS uint8, abs(level)::USMALLINT AS uint16, "
        "(abs(level)::BIGINT * 170_000_000)::UINTEGER AS uint32, CASE WHEN flag THEN 18446744073709551615 ELSE abs(level) END::UBIGINT AS uint64, "
        "at_local::TIMESTAMP_S AS s_local, at_local::TIMESTAMP_MS AS ms_local, at_local::TIMESTAMP_NS AS ns_local FROM events",
    )
    yield from truth.cases("widths", [path], truth.Arrow)

    partitioned = folder / "hive"
    connection.execute(
        f"COPY (SELECT *, date_trunc('day', at_local)::DATE::VARCHAR AS day, CASE level % 3 WHEN 0 THEN 'a b' WHEN 1 THEN 'c/d' ELSE 'é' END AS zone FROM events) "
        f"TO '{partitioned}' (FORMAT parquet, PARTITION_BY (day, zone))"
    )
    yield from truth.cases("hive", [partitioned], truth.Arrow, columns=["day", "zone", "event_type", "Host", "gold"])


truth.tell(all_cases())
