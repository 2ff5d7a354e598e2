//! Any values, many of them nearly the same.

use proptest::prelude::*;

use crate::Value;

/// A value of any sort but decimals, which nothing looks into.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let whole = prop_oneof![
        -3_i128..3,
        any::<i64>().prop_map(i128::from),
        any::<i128>(),
        (1_i128 << 59) - 2..(1 << 59) + 2,
    ];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        whole.prop_map(Value::Int),
        prop_oneof![Just(f64::NAN), Just(-0.0), -2.0..2.0, any::<f64>()].prop_map(Value::Float),
        "(user12345678901)?[ab\0é]{0,3}".prop_map(|text| Value::text(&text)),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| Value::Text(bytes.into())),
        any::<i64>().prop_map(Value::Date),
        (any::<i64>(), any::<bool>()).prop_map(|(nanos, utc)| Value::Timestamp {
            nanos: i128::from(nanos),
            utc,
        }),
        prop_oneof![0_i128..9, any::<i128>()].prop_map(Value::Time),
        any::<[u8; 16]>().prop_map(Value::Uuid),
        (0_u32..3, 0_u32..3, 0_u32..3).prop_map(|(months, days, millis)| Value::Interval {
            months,
            days,
            millis,
        }),
    ]
}
