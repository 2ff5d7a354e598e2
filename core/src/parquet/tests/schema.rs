//! What the columns of a file mean, and what they are called.

use std::sync::Arc;

use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::footer;
use crate::{Limits, TimeUnit, Type};

#[test]
fn every_annotation_has_its_meaning() {
    use TimeUnit::{Micro, Milli, Nano};
    let int = |bits, signed| Type::Int { bits, signed };
    let decimal = Type::Decimal {
        precision: 9,
        scale: 2,
    };
    let timestamp = |unit, utc| Type::Timestamp { unit, utc };
    let meanings = [
        ("boolean c", Type::Bool),
        ("int32 c", int(32, true)),
        ("int64 c", int(64, true)),
        ("int96 c", timestamp(Nano, true)),
        ("float c", Type::Float { bits: 32 }),
        ("double c", Type::Float { bits: 64 }),
        ("binary c", Type::Bytes),
        ("fixed_len_byte_array(5) c", Type::Bytes),
        ("binary c (UTF8)", Type::Text),
        ("binary c (STRING)", Type::Text),
        ("binary c (ENUM)", Type::Text),
        ("binary c (JSON)", Type::Text),
        ("binary c (BSON)", Type::Bytes),
        ("int32 c (INT_8)", int(8, true)),
        ("int32 c (INTEGER(16,true))", int(16, true)),
        ("int32 c (UINT_8)", int(8, false)),
        ("int32 c (INTEGER(16,false))", int(16, false)),
        ("int32 c (UINT_32)", int(32, false)),
        ("int64 c (INTEGER(64,false))", int(64, false)),
        ("int64 c (UINT_64)", int(64, false)),
        ("int32 c (DECIMAL(9,2))", decimal),
        ("int64 c (DECIMAL(9,2))", decimal),
        ("binary c (DECIMAL(9,2))", decimal),
        ("fixed_len_byte_array(4) c (DECIMAL(9,2))", decimal),
        ("int32 c (DATE)", Type::Date),
        ("int32 c (TIME_MILLIS)", Type::Time { unit: Milli }),
        ("int32 c (TIME(MILLIS,false))", Type::Time { unit: Milli }),
        ("int64 c (TIME_MICROS)", Type::Time { unit: Micro }),
        ("int64 c (TIME(NANOS,true))", Type::Time { unit: Nano }),
        ("int64 c (TIMESTAMP_MILLIS)", timestamp(Milli, true)),
        ("int64 c (TIMESTAMP_MICROS)", timestamp(Micro, true)),
        ("int64 c (TIMESTAMP(MILLIS,false))", timestamp(Milli, false)),
        ("int64 c (TIMESTAMP(MICROS,true))", timestamp(Micro, true)),
        ("int64 c (TIMESTAMP(NANOS,false))", timestamp(Nano, false)),
        (
            "fixed_len_byte_array(2) c (FLOAT16)",
            Type::Float { bits: 16 },
        ),
        ("fixed_len_byte_array(16) c (UUID)", Type::Uuid),
        ("fixed_len_byte_array(12) c (INTERVAL)", Type::Interval),
        ("int32 c (UNKNOWN)", Type::Null),
    ];
    for (column, meaning) in meanings {
        let schema = parse_message_type(&format!("message m {{ optional {column}; }}")).unwrap();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::default()).unwrap();
        let file = file.into_inner().unwrap().into();
        let leaves = footer(&file, &Limits::default())
            .unwrap()
            .schema()
            .leaves
            .clone();
        assert_eq!(leaves[0].ty, meaning, "{column}");
        assert_eq!((leaves[0].max_def, leaves[0].max_rep), (1, 0));
    }
}

#[test]
fn members_have_paths_and_lists_are_flagged() {
    let schema = "message m {
        required int32 a.b;
        optional group a { required int32 b; optional group c { optional int32 d; } }
        repeated int32 many;
        optional group list (LIST) { repeated group list { optional binary element (UTF8); } }
    }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let file = file.into_inner().unwrap().into();
    let footer = footer(&file, &Limits::default()).unwrap();
    let schema = footer.schema();
    let levels = |name: &str| {
        let leaf = &schema.leaves[schema.find(name).unwrap()];
        (leaf.top_level, leaf.max_def, leaf.max_rep)
    };
    // A whole column's name wins over a path.
    assert_eq!(levels("a.b"), (true, 0, 0));
    assert_eq!(levels("a.c.d"), (false, 3, 0));
    assert_eq!(levels("many"), (true, 1, 1));
    assert_eq!(levels("list.list.element"), (false, 3, 1));
    assert_eq!(schema.find("a.c"), None);
    assert!(schema.is_group("a.c") && schema.is_group("list"));
    assert!(!schema.is_group("many") && !schema.is_group("lis"));
}
