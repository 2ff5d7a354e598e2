"""What pyarrow says of the files of a folder, under the names of `questlog inspect --format json`: `metadata.py FOLDER`."""

import json
import sys
from pathlib import Path

import pyarrow.parquet as pq


def chunk(column):
    statistics = column.statistics
    # To pyarrow one framing of LZ4 is the other, or unknown.
    codec = {} if column.compression in ["LZ4", "UNKNOWN"] else {"codec": column.compression}
    return {
        "column": column.path_in_schema,
        **codec,
        "encodings": sorted(set(column.encodings)),
        "values": column.num_values,
        "nulls": statistics.null_count if statistics is not None and statistics.has_null_count else None,
        "bytes_compressed": column.total_compressed_size,
        "bytes_uncompressed": column.total_uncompressed_size,
        "dictionary": column.dictionary_page_offset is not None,
        "column_index": column.has_column_index,
        "offset_index": column.has_offset_index,
    }


def file(path):
    metadata = pq.read_metadata(path)
    columns = [metadata.schema.column(index) for index in range(metadata.num_columns)]
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    return {
        "file": str(path),
        "size_bytes": path.stat().st_size,
        "rows": metadata.num_rows,
        "written_by": metadata.created_by,
        "columns": [{"name": column.path, "stored": stored(column), "nullable": column.max_definition_level > 0, "repeated": column.max_repetition_level > 0} for column in columns],
        "row_groups": [{"rows": group.num_rows, "chunks": [chunk(group.column(index)) for index in range(group.num_columns)]} for group in groups],
    }


def stored(column):
    length = f"({column.length})" if column.physical_type == "FIXED_LEN_BYTE_ARRAY" else ""
    return column.physical_type + length


print(json.dumps([file(path) for path in sorted(Path(sys.argv[1]).glob("*.parquet"))]))
