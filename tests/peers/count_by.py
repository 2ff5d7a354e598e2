"""DuckDB's count of a file's rows by one column: `count_by.py FILE COLUMN`."""

import json
import sys

import truth

path, column = sys.argv[1:]
print(json.dumps(truth.answer([column], truth.DuckDB([path]).count([column]))))
