"""Small files for the tests of errors, formats and plugins: `write_samples.py FOLDER`."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

import data

folder = Path(sys.argv[1])
rows = data.columns(rows=600, seed=5)
events = pa.table(
    {
        "event_type": rows["event_type"],
        "Host": rows["Host"],
        "Accept": rows["Accept"],
        "level": pa.array(rows["level"], pa.int32()),
        "price": rows["price"],
        "at": pa.array(rows["at"], pa.timestamp("us", "UTC")),
    }
)
pq.write_table(events, folder / "events.parquet", row_group_size=100)
pq.write_table(events.drop_columns(["Host"]), folder / "hostless.parquet")
pq.write_table(pa.table({"level": ["eleven"], "event_type": ["join_guild"]}), folder / "other-level.parquet")
lists = pa.table({"event_type": ["join_guild"] * 3, "items": pa.array([["knife"], [], None])})
pq.write_table(lists, folder / "lists.parquet")
# Text with everything in it that a table, a CSV file or Markdown has to take care of.
awkward = ['a,b', 'say "hi"', "two\nlines", "pipe | bar", "müller\t🗡", "", " padded ", "<b>&amp;</b>", "-0", None]
pq.write_table(pa.table({"event_type": awkward, "Host": [f"user1.{name}.com" for name in ["cox", "att"] * 5]}), folder / "awkward.parquet")


class KeyService(pe.KmsClient):
    """Wraps a key by not wrapping it: what counts here is that the file is encrypted."""

    def __init__(self, _config):
        super().__init__()

    def wrap_key(self, key_bytes, _master_key):
        return key_bytes

    def unwrap_key(self, wrapped_key, _master_key):
        return wrapped_key


factory = pe.CryptoFactory(KeyService)
for name, plain_footer in [("encrypted", False), ("encrypted-columns", True)]:
    config = pe.EncryptionConfiguration(footer_key="footer", column_keys={"column": ["Host"]}, plaintext_footer=plain_footer)
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(folder / f"{name}.parquet", events.schema, encryption_properties=properties) as writer:
        writer.write_table(events)

print("true")
