//! Parquet: footer, schema, pages, levels and encodings, from bytes to dictionary codes or values.
