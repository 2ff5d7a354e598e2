//! The types that a column can have.

/// What a column's values mean, whatever carries them in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number of 8, 16, 32 or 64 bits.
    Int {
        /// Width in bits.
        bits: u8,
        /// Whether it can be negative; an unsigned one is carried by the same bits.
        signed: bool,
    },
    /// A floating point number of 16, 32 or 64 bits.
    Float {
        /// Width in bits; 16 is carried by two bytes, little-endian.
        bits: u8,
    },
    /// UTF-8 text, also JSON documents and the names of an enumeration.
    Text,
    /// Bytes that nothing is known about.
    Bytes,
    /// A decimal number: an unscaled whole number divided by ten to the power of `scale`.
    Decimal {
        /// Digits in all.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    },
    /// Days since 1970-01-01.
    Date,
    /// Time of day since midnight.
    Time {
        /// What one step is.
        unit: TimeUnit,
    },
    /// An instant (`utc`), or a local date and time of a place that the file does not name.
    Timestamp {
        /// What one step is.
        unit: TimeUnit,
        /// Whether it counts from 1970-01-01T00:00:00Z, or from that moment on a local clock.
        utc: bool,
    },
    /// Sixteen bytes, shown as 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// Months, days and milliseconds, each a little-endian 32-bit number.
    Interval,
    /// Nothing but nulls.
    Null,
}

/// What one step of a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// A thousandth of a second.
    Milli,
    /// A millionth of a second.
    Micro,
    /// A billionth of a second.
    Nano,
}
