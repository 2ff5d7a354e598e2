"""A Spark that stays on this machine: one thread, no web page, quiet."""

from pyspark.sql import SparkSession


def session():
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[1]").appName("questlog-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
