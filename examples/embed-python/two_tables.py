"""Reads Parquet files with Questlog's analysis component inside wasmtime, and prints the two tables.

    python two_tables.py questlog_analysis.wasm events.parquet
"""
import json
import sys

from wasmtime import Engine, Store
from wasmtime import component as wit

QUESTIONS = {
    "Popular events": {"group-by": "event_type"},
    "Providers": {"group-by": "provider(Host),event_type"},
}

engine = Engine()
store = Store(engine)
component = wit.Component.from_file(engine, sys.argv[1])
instance = wit.Linker(engine).instantiate(store, component)
task = instance.get_export_index(store, "questlog:analysis/task@1.0.0")


def call(name, *args):
    """Calls a function of the component; its errors are sentences for a person."""
    function = instance.get_func(store, instance.get_export_index(store, name, task))
    result = function(store, *args)
    if hasattr(result, "message"):
        sys.exit(result.message)
    return result


def record(**fields):
    """A WIT record with these fields."""
    made = wit.Record()
    made.__dict__.update(fields)
    return made


def count(path):
    """Counts a file: the component reads nothing itself, but says which bytes it needs next."""
    with open(path, "rb") as file:
        size_bytes = file.seek(0, 2)
        about = {"name": path, "size-bytes": size_bytes, "partition": [], "row-groups": None}
        call("begin-file", record(**about))
        while (step := call("advance", 65_536)).tag != "done":
            chunks = []
            for needed in step.payload or []:
                file.seek(needed.start)
                chunks.append(record(start=needed.start, data=file.read(needed.end - needed.start)))
            call("feed", chunks)


for question, query in QUESTIONS.items():
    call("open", json.dumps(query))
    for path in sys.argv[2:]:
        count(path)
    table = call("render", call("partial"), "table", record(**{"elapsed-ms": 0.0, "skipped": []}))
    print(f"{question}\n\n{table}")
