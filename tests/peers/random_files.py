"""Files with random schemas (the same ones on every run) by several writers, and questions about them: `random_files.py FOLDER`.

The right answers are counted here in Python, over the values that DuckDB and pyarrow read out of the file: each of them that
says the file is fine has to agree.
"""

import math
import sys
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import duckdb
import fastparquet
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import data
import truth

FILES = 48

folder = Path(sys.argv[1])
numbers = data.noise(4711)


def draw(limit):
    return next(numbers) % limit


def pick(values):
    return values[draw(len(values))]


def whole(bits, signed):
    """Mostly small numbers, and the ends of the range."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return pick([low, high, high - 1, 0, 1, draw(100), low + draw(100), (draw(2**31) << 31 | draw(2**31)) % (high + 1)])


def text():
    return pick(["", "a", "ab", "b", "Ä", "user1.cox.net", "🗡", "zz" * 40, "a" * draw(12), f"value {draw(40)}", "x'y", "100%", "\\", "\ufeff"])


def digits(precision, scale):
    limit = 10**precision - 1
    with localcontext() as context:
        context.prec = 80
        return Decimal(pick([0, 1, -1, limit, -limit, draw(1000), (draw(2**31) << 31) % limit])).scaleb(-scale)


def moment_us():
    return pick([0, -1, 1, 1_764_000_000_000_000 + draw(10**6) * 3_600_000_000, -(draw(2**31)) * 1_000_003, 86_399_999_999, 253_402_300_799_999_999])


def day():
    return pick([0, -1, 1, 20_000 + draw(40), -719_162, 2_932_896, draw(2**15)])


# What a column can be: Arrow's type, and how a value comes about.
KINDS = {
    "bool": (pa.bool_(), lambda: draw(2) == 0),
    **{f"int{bits}": (getattr(pa, f"int{bits}")(), lambda bits=bits: whole(bits, True)) for bits in [8, 16, 32, 64]},
    **{f"uint{bits}": (getattr(pa, f"uint{bits}")(), lambda bits=bits: whole(bits, False)) for bits in [8, 16, 32, 64]},
    # Floats that 16 and 32 bits hold exactly are one number however they are written.
    "float16": (pa.float16(), lambda: pick([0.0, -0.0, 1.5, math.nan, math.inf, -math.inf, draw(64) / 8, 0.0078125])),
    "float32": (pa.float32(), lambda: pick([0.0, -0.0, 1.5, math.nan, math.inf, -math.inf, draw(64) / 8, -(2.0**20)])),
    "float64": (pa.float64(), lambda: pick([0.0, -0.0, 0.1, math.nan, math.inf, -math.inf, draw(1000) / 7, 1e308, 5e-324, -1e308])),
    "text": (pa.string(), text),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), text),
    "bytes": (pa.binary(), lambda: pick([b"", b"\xff\x00", b"abc", bytes([draw(256), draw(256)])])),
    "fixed": (pa.binary(5), lambda: pick([b"abcde", b"\xff\xfe\xfd\xfc\xfb", bytes([draw(3), 200, 0, 0, 1])])),
    "date": (pa.date32(), day),
    "time_ms": (pa.time32("ms"), lambda: pick([0, 86_399_999, draw(86_400_000)])),
    "time_us": (pa.time64("us"), lambda: pick([0, 86_399_999_999, draw(86_400) * 1_000_000 + draw(3) * 250_000])),
    "stamp_ms": (pa.timestamp("ms", "UTC"), lambda: moment_us() // 1000),
    "stamp_us": (pa.timestamp("us", "UTC"), moment_us),
    "stamp_us_local": (pa.timestamp("us"), moment_us),
    "stamp_ns": (pa.timestamp("ns", "UTC"), lambda: pick([0, -1, 1_764_000_000_000_000_007, draw(2**31), -(2**63) + 1 + draw(9), 2**63 - 1 - draw(9)])),
    "stamp_ns_local": (pa.timestamp("ns"), lambda: pick([0, 1_764_000_000_000_000_000 + draw(5) * 1000])),
    "decimal4": (pa.decimal128(4, 1), lambda: digits(4, 1)),
    "decimal9": (pa.decimal128(9, 2), lambda: digits(9, 2)),
    "decimal18": (pa.decimal128(18, 4), lambda: digits(18, 4)),
    "decimal38": (pa.decimal128(38, 10), lambda: digits(38, 10)),
    "decimal76": (pa.decimal256(76, 30), lambda: digits(76, 30)),
    "nothing": (pa.null(), lambda: None),
}
# Not all writers can write all of it as it is.
OTHERS = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "text", "bytes", "date", "time_us", "stamp_us", "stamp_us_local", "decimal4", "decimal9", "decimal18", "decimal38"]
FAST = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "float32", "float64", "text", "bytes", "stamp_us_local"]


def column(kind, rows):
    """Some values over and over, or many; few nulls, many, or nothing else; in order or not."""
    ty, value = KINDS[kind]
    stock = [value() for _ in range(pick([1, 3, 20, max(rows, 1)]))]
    values = [pick(stock) for _ in range(rows)]
    if draw(4) == 0 and kind not in ["nothing", "float16", "float32", "float64"]:
        values.sort()
    nulls = pick([0, 0, 10, 50, 97, 100])
    values = [None if draw(100) < nulls else value for value in values]
    # Runs, so that levels and codes have some.
    for _ in range(draw(4)):
        at, length = draw(rows + 1), draw(rows + 1)
        values[at : at + length] = [values[at] if at < rows else None] * len(values[at : at + length])
    if pa.types.is_dictionary(ty):
        return pa.array(values, pa.string()).cast(ty)
    if kind in ["date", "time_ms", "time_us"] or kind.startswith("stamp"):
        return pa.array(values, pa.int32() if kind in ["date", "time_ms"] else pa.int64()).cast(ty)
    return pa.array(values, ty)


def arrow(path, table):
    plain = draw(2) == 0
    encodings = {}
    for name, ty in zip(table.column_names, table.schema.types):
        if pa.types.is_integer(ty):
            encodings[name] = pick(["PLAIN", "DELTA_BINARY_PACKED"] + (["BYTE_STREAM_SPLIT"] if ty.bit_width >= 32 else []))
        elif pa.types.is_floating(ty) and ty != pa.float16():
            encodings[name] = pick(["PLAIN", "BYTE_STREAM_SPLIT"])
        elif ty in [pa.string(), pa.binary()]:
            encodings[name] = pick(["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"])
        elif pa.types.is_boolean(ty):
            encodings[name] = pick(["PLAIN", "RLE"])
    pq.write_table(
        table,
        path,
        compression=pick(["none", "snappy", "gzip", "zstd", "brotli", "lz4"]),
        data_page_version=pick(["1.0", "2.0"]),
        use_dictionary=not plain,
        column_encoding=encodings if plain and encodings else None,
        row_group_size=pick([1, 64, 1000, 10**6]) if table.num_rows else None,
        data_page_size=pick([64, 1000, 2**20]),
        write_batch_size=pick([7, 100, 1024]),
        write_page_index=draw(2) == 0,
        write_page_checksum=draw(2) == 0,
        store_schema=draw(2) == 0,
        store_decimal_as_integer=draw(2) == 0,
    )


def duck(path, table):
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("origin", table)
    options = [f"COMPRESSION {pick(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'])}", f"PARQUET_VERSION {pick(['V1', 'V2'])}", "ROW_GROUP_SIZE 2048"]
    if draw(3) == 0:
        options.append("DICTIONARY_SIZE_LIMIT 1")
    connection.execute(f"COPY (FROM origin) TO '{path}' (FORMAT parquet, {', '.join(options)})")


def polars(path, table):
    pl.from_arrow(table).write_parquet(
        path,
        compression=pick(["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4"]),
        row_group_size=pick([64, 1000, 10**6]),
        data_page_size=pick([1000, 2**20]),
        statistics=pick([True, False, "full"]),
    )


def fast(path, table):
    integers = {pa.int8(): "Int8", pa.int16(): "Int16", pa.int32(): "Int32", pa.int64(): "Int64", pa.uint8(): "UInt8", pa.uint16(): "UInt16", pa.uint32(): "UInt32"}
    frame = table.to_pandas()
    for name, ty in zip(table.column_names, table.schema.types):
        if ty in integers:
            frame[name] = pd.array(table[name].to_pylist(), dtype=integers[ty])
    encoding = {name: "bytes" if ty == pa.binary() else "utf8" for name, ty in zip(table.column_names, table.schema.types) if ty in [pa.binary(), pa.string()]}
    fastparquet.write(
        str(path),
        frame,
        compression=pick([None, "SNAPPY", "GZIP", "ZSTD", "LZ4", "LZ4_RAW", "BROTLI"]),
        row_group_offsets=pick([100, 1000, 10**6]),
        object_encoding=encoding,
        has_nulls=True,
        write_index=False,
        stats=pick([True, False]),
    )


def read_by_arrow(path, names):
    table = pq.ParquetFile(path).read()
    columns = []
    for name in names:
        values = table[name]
        if pa.types.is_timestamp(values.type):
            step = {"s": 10**9, "ms": 10**6, "us": 1000, "ns": 1}[values.type.unit]
            columns.append([None if v is None else truth.moment(name)(v * step) for v in values.cast(pa.int64()).to_pylist()])
        elif pa.types.is_date(values.type):
            columns.append([None if v is None else Day(v) for v in values.cast(pa.int32()).to_pylist()])
        else:
            columns.append(values.to_pylist())
    return columns


def read_by_duckdb(path, names):
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()
    types = {name: kind for name, kind, *_ in described}
    if "decimal76" in names:
        raise ValueError("decimals of more than 38 digits become doubles")

    def word(name):
        if types[name].startswith("TIMESTAMP"):
            # Microseconds reach farther than nanoseconds do.
            return f'epoch_ns("{name}")' if types[name] == "TIMESTAMP_NS" else f'epoch_us("{name}")'
        return f'datediff(\'day\', DATE \'1970-01-01\', "{name}")' if types[name] == "DATE" else f'"{name}"'

    rows = connection.execute(f"SELECT {', '.join(map(word, names))} FROM read_parquet('{path}')").fetchall()
    columns = [list(column) for column in zip(*rows)] if rows else [[] for _ in names]
    for index, name in enumerate(names):
        if types[name].startswith("TIMESTAMP"):
            step = 1 if types[name] == "TIMESTAMP_NS" else 1000
            columns[index] = [None if v is None else truth.moment(name)(v * step) for v in columns[index]]
        if types[name] == "DATE":
            columns[index] = [None if v is None else Day(v) for v in columns[index]]
    return columns


class Day(int):
    """Days since 1970."""


def plain(value):
    """A value by which Python groups and compares as Questlog does: one NaN, one zero, bytes that are text are text."""
    if isinstance(value, float):
        return math.nan if math.isnan(value) else value + 0.0
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, uuid.UUID):
        return str(value)
    return value


def key(value):
    if value is None:
        return (2, 0)
    return (1, 0) if value != value else (0, value)


def same(value):
    return ("nan",) if value != value else value


def written(value):
    """A value as Questlog's JSON has it."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return "\\x" + value.hex()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Day):
        return (date(1970, 1, 1) + timedelta(days=int(value))).isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M:%S") + (f".{value.microsecond:06}".removesuffix("000") if value.microsecond else "")
    return "NaN" if value != value else truth.written(value)


def literal(value):
    """A value in a condition; none for those that are not written there."""
    if isinstance(value, bytes):
        try:
            return "'" + value.decode().replace("'", "''") + "'"
        except UnicodeDecodeError:
            return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return f"'{written(value)}'" if value != value or math.isinf(value) else repr(value)
    if isinstance(value, (Day, truth.Instant, time, str)):
        return f"'{written(value)}'"
    return str(value)


COMPARE = {"=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


def measured(function, values):
    there = [value for value in values if value is not None]
    if function == "count":
        return len(there)
    if function == "distinct":
        return len(set(map(same, there)))
    if function == "sum":
        if not there:
            return None
        odd = [v for v in there if isinstance(v, float) and not math.isfinite(v)]
        if odd:
            return sum(odd)
        if isinstance(there[0], Decimal):
            with localcontext() as context:
                context.prec = 200
                return sum(there)
        try:
            total = sum(map(Fraction, there))
            return float(total) if isinstance(there[0], float) else int(total)
        except OverflowError:
            return math.inf if total > 0 else -math.inf
    return (min if function == "min" else max)(there, key=key, default=None)


def questions(name, path, names, columns):
    """Each column measured, grouped and filtered; two columns grouped together."""
    columns = {name: list(map(plain, values)) for name, values in zip(names, columns)}
    rows = len(next(iter(columns.values())))

    def case(args, answered, answer):
        return {"name": f"{name}: {' '.join(args)}", "paths": [str(path)], "args": args, "columns": answered, "rows": answer}

    for column, values in columns.items():
        functions = ["count", "distinct", "min", "max"]
        is_number = any(isinstance(v, (int, float, Decimal)) and not isinstance(v, (bool, Day, truth.Instant)) for v in values)
        if is_number:
            functions.append("sum")
        measures = [f"{function}({column})" for function in functions]
        yield case(["--measure", ",".join(["count", *measures])], ["count", *measures], [[rows, *(written(measured(function, values)) for function in functions)]])
        some = [v for v in values if v is not None and literal(v) is not None]
        for sign in COMPARE if some else []:
            wanted = pick(some)
            held = sum(1 for v in values if v is not None and COMPARE[sign](key(v), key(wanted)))
            yield case(["--measure", "count", "--where", f"{column} {sign} {literal(wanted)}"], ["count"], [[held]])
        held = sum(1 for v in values if v is None)
        yield case(["--measure", "count", "--where", f"{column} is null"], ["count"], [[held]])
    for keys in [[name] for name in names] + ([names[:2]] if len(names) > 1 else []):
        groups = {}
        for row in zip(*(columns[name] for name in keys)):
            first = groups.setdefault(tuple(map(same, row)), [row, 0])
            first[1] += 1
        groups = sorted(groups.values(), key=lambda group: (-group[1], [key(value) for value in group[0]]))
        yield case(["--group-by", ",".join(keys)], [*keys, "count"], [[*map(written, row), count] for row, count in groups])


def all_cases():
    writers = [(arrow, list(KINDS)), (duck, OTHERS), (polars, OTHERS), (fast, FAST)]
    for number in range(FILES):
        write, kinds = writers[number % len(writers)]
        rows = pick([0, 1, 9, 200, 700, 3000]) if write is not fast else pick([1, 9, 200, 700, 3000])
        chosen = list(dict.fromkeys(pick(kinds) for _ in range(1 + draw(5))))
        table = pa.table({kind: column(kind, rows) for kind in chosen})
        # A list in between harms nobody.
        if write in [arrow, polars, duck] and draw(3) == 0:
            table = table.add_column(draw(len(chosen) + 1), "list", pa.array([[v % 3] * (v % 4) if v % 5 else None for v in range(rows)], pa.list_(pa.int32())))
        path = folder / f"{number:02}-{write.__name__}.parquet"
        write(path, table)
        fine = 0
        for read in [read_by_arrow, read_by_duckdb]:
            try:
                columns = read(path, chosen)
            except (OSError, pa.ArrowException, duckdb.Error, OverflowError, ValueError) as error:
                print(f"{path.name}: {read.__name__}: {error}".replace("\n", " "), file=sys.stderr)
                continue
            fine += 1
            yield from questions(f"{path.name} {read.__name__} {chosen}", path, chosen, columns)
        assert fine > 0, f"nobody reads {path}"


truth.tell(all_cases())
