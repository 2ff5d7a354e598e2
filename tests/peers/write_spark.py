"""Files of Spark in the ways it can write flat columns; the truth is DuckDB's. One Spark for all, because its start is what costs."""

import sys
from pathlib import Path

from pyspark.sql.types import (
    BooleanType,
    ByteType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

import data
import spark
import truth

folder = Path(sys.argv[1])
session = spark.session()
rows = data.columns(seed=4)
types = {
    "event_type": StringType(),
    "Host": StringType(),
    "Accept": StringType(),
    "flag": BooleanType(),
    "level": IntegerType(),
    "gold": LongType(),
    "price": DoubleType(),
    "ratio": FloatType(),
    "at": TimestampType(),
    "at_local": TimestampNTZType(),
}
schema = StructType([StructField(name, kind) for name, kind in types.items()])
frame = session.createDataFrame(list(zip(*(rows[name] for name in types))), schema).coalesce(2).cache()


def parts(path):
    return [path / "**/*.parquet"] if any("=" in part.name for part in path.iterdir()) else [path / "*.parquet"]


def written(name, writer, columns=None):
    path = folder / name
    writer.parquet(str(path))
    return truth.cases(name, [path], truth.DuckDB, parts(path), columns)


def all_cases():
    for codec in ["uncompressed", "snappy", "gzip", "zstd"]:
        session.conf.set("spark.sql.parquet.outputTimestampType", "INT96" if codec == "snappy" else "TIMESTAMP_MICROS")
        yield from written(codec, frame.write.option("compression", codec))
    session.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS")
    yield from written("no-dictionary", frame.write.option("parquet.enable.dictionary", "false"))
    yield from written("v2-pages", frame.write.option("parquet.writer.version", "PARQUET_2_0").option("compression", "zstd"))
    yield from written("v2-no-dictionary", frame.write.option("parquet.writer.version", "PARQUET_2_0").option("parquet.enable.dictionary", "false"))
    yield from written("small-pages", frame.write.option("parquet.page.size", "600").option("parquet.page.row.count.limit", "90"))
    yield from written("many-row-groups", frame.write.option("parquet.block.size", "8192").option("parquet.page.size.row.check.min", "50"))
    widths = frame.select(frame.level.cast(ByteType()).alias("int8"), frame.level.cast(ShortType()).alias("int16"))
    yield from written("widths", widths.write)
    hive = frame.selectExpr("*", "CASE level % 4 WHEN 0 THEN 'a/b' WHEN 1 THEN 'c=d' WHEN 2 THEN 'é' END AS zone", "to_date(at_local) AS day")
    yield from written("hive", hive.coalesce(1).write.partitionBy("zone", "day"), ["zone", "day", "event_type", "Host"])


truth.tell(all_cases())
