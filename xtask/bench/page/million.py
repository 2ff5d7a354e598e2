"""The first million rows of a file, as a file of its own: `million.py FROM TO`."""

import sys

import pyarrow.parquet as pq

source, target = sys.argv[1:]
# One row group of the source has as many.
table = pq.ParquetFile(source).read_row_group(0).slice(0, 1_000_000)
pq.write_table(table, target)
