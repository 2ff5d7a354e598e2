"""Two files in Hive folders, with a struct and names of any sort: `write_odd_names.py FOLDER` prints questions about the folder."""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(sys.argv[1])
names = ["it's \"quoted\", a.b", "select", "ü b"]
for number, region in enumerate(["north", "so%2Futh"]):
    people = [None if row % 5 == 0 else {"name": f"p{row % 3}", "address": {"city": f"c{row % 2}"}} for row in range(40)]
    columns = {names[0]: [row % 4 for row in range(40)], names[1]: [f"x{row % 2}" for row in range(40)], "who": people}
    if number:
        # Only one of the files has it: null in the other's rows.
        columns[names[2]] = list(range(40))
    path = folder / f"region={region}" / "it's a [file].parquet"
    path.parent.mkdir()
    pq.write_table(pa.table(columns), path)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


questions = [
    ["--group-by", "region"],
    ["--group-by", "who.name,region", "--measure", "count,max(who.address.city)"],
    ["--group-by", quoted(names[0]), "--order-by", f"{quoted(names[0])}:desc"],
    ["--group-by", "select", "--measure", f"sum({quoted(names[2])})"],
    ["--where", f"{quoted(names[2])} is null and region = 'north'"],
    ["--where", "who.name in ('p1', 'p2') and region <> 'so/uth'"],
]
print(json.dumps({"questions": questions}))
