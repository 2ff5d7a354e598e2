"""The predecessor's own analysis, as its write-up has it, over a lake: `seed.py LAKE`.

Its two questions, in its own way: Spark counts the events, pandas finds the providers.
Only the reading of its results as JSON is ours. The same pandas code runs on what Spark read and on what pandas read itself.
"""

import json
import sys

import numpy as np
import pandas as pd
from pyspark.sql.functions import col

import spark

lake = sys.argv[1]
session = spark.session()

host_provider_list = ["comcast", "att", "google", "frontier", "cox", "earthlink"]


def matcher(x):
    for i in host_provider_list:
        if i in x:
            return i
    else:
        return np.nan


def providers(purchases_2):
    purchases_2["Host"] = purchases_2["Host"].apply(matcher)
    purchases_3 = purchases_2.groupby(["Host", "event_type"]).count()[["Accept"]]
    return [[*group, int(count)] for group, count in purchases_3["Accept"].items()]


purchases = session.read.parquet(f"{lake}/purchases")
join = session.read.parquet(f"{lake}/join_guild")
events = purchases.groupBy("event_type").count().sort(col("count").desc())

print(
    json.dumps(
        {
            "popular_events": {"columns": ["event_type", "count"], "rows": [list(row) for row in events.collect()]},
            "providers": {"columns": ["provider", "event_type", "count"], "rows": providers(purchases.toPandas())},
            "providers_by_pandas": {
                "columns": ["provider", "event_type", "count"],
                "rows": providers(pd.read_parquet(f"{lake}/purchases")),
            },
            "purchases": purchases.count(),
            "joins": join.count(),
            "ids": sorted(row.id for row in purchases.select("id").union(join.select("id")).collect()),
        }
    )
)
