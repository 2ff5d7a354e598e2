"""Polars' answer as lines of CSV: `polars_peer.py THREADS QUESTION PATH`."""

import os
import sys

threads, question, path = sys.argv[1:]
# Polars makes its threads when it is imported.
os.environ["POLARS_MAX_THREADS"] = threads
import polars as pl  # noqa: E402

provider = pl
for name in ["comcast", "att", "google", "frontier", "cox", "earthlink"]:
    provider = provider.when(pl.col("Host").str.contains(name, literal=True)).then(pl.lit(name))
provider = provider.otherwise(None).alias("provider")

QUESTIONS = {
    "providers": lambda files: files.group_by(provider, "event_type").agg(pl.len()),
    # Each host is looked at once and not once a row: better where there are few of them.
    "providers, grouped first": lambda files: (
        files.group_by("Host", "event_type").agg(pl.len().alias("rows")).group_by(provider, "event_type").agg(pl.sum("rows"))
    ),
    "origins": lambda files: files.group_by("origin").agg(pl.len()),
    "delays": lambda files: files.group_by("origin").agg(pl.mean("delay"), pl.max("delay").alias("max")),
    "days": lambda files: files.filter(pl.col("distance") > 1000).group_by(pl.col("date").dt.date()).agg(pl.len()),
}

for row in QUESTIONS[question](pl.scan_parquet(path)).collect(engine="streaming").rows():
    print(*("" if value is None else value for value in row), sep=",")
