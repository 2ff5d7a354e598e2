//! What is known of one measure in one group, in a form that merges.

use hashbrown::HashSet;

use super::class::Class;
use super::sum::{FloatSum, WholeSum};
use crate::Value;
use crate::query::Function;

/// A hash set of values with the fixed hash of this crate, which needs no randomness.
pub(crate) type ValueSet = HashSet<Value, foldhash::fast::FixedState>;

/// One measure of one group.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// Rows, or values that are there.
    Count(u64),
    /// Values that are there, and their sum; for `sum` and `mean`.
    Sum { values: u64, sum: Sum },
    /// The least or the greatest value; for `min` and `max`.
    Extreme(Option<Value>),
    /// The different values.
    Distinct(ValueSet),
}

/// A sum, once there is a value.
#[derive(Clone, Debug)]
pub(crate) enum Sum {
    None,
    Whole(WholeSum),
    Float(Box<FloatSum>),
}

impl State {
    /// Nothing measured yet.
    pub(crate) fn empty(function: Function) -> Self {
        match function {
            Function::Count => Self::Count(0),
            Function::Sum | Function::Mean => Self::Sum {
                values: 0,
                sum: Sum::None,
            },
            Function::Min | Function::Max => Self::Extreme(None),
            Function::Distinct => Self::Distinct(ValueSet::default()),
        }
    }

    /// Adds what another one measured; both are of `function` and of columns of one class.
    pub(crate) fn merge(&mut self, other: Self, function: Function) {
        match (self, other) {
            (Self::Count(count), Self::Count(more)) => *count = count.saturating_add(more),
            (
                Self::Sum { values, sum },
                Self::Sum {
                    values: more,
                    sum: added,
                },
            ) => {
                *values = values.saturating_add(more);
                sum.merge(added);
            }
            (Self::Extreme(best), Self::Extreme(Some(new))) => {
                let better = best.as_ref().is_none_or(|old| {
                    if function == Function::Min {
                        new < *old
                    } else {
                        new > *old
                    }
                });
                if better {
                    *best = Some(new);
                }
            }
            (Self::Distinct(set), Self::Distinct(mut more)) => {
                if more.len() > set.len() {
                    std::mem::swap(set, &mut more);
                }
                set.extend(more);
            }
            _ => {}
        }
    }

    /// Turns whole numbers into floats, because another file's column holds floats.
    pub(crate) fn into_float(self) -> Self {
        match self {
            Self::Sum {
                values,
                sum: Sum::Whole(whole),
            } => {
                let mut sum = FloatSum::default();
                sum.add_whole(&whole);
                Self::Sum {
                    values,
                    sum: Sum::Float(Box::new(sum)),
                }
            }
            Self::Extreme(Some(value)) => Self::Extreme(Some(to_float(value))),
            Self::Distinct(set) => Self::Distinct(set.into_iter().map(to_float).collect()),
            same => same,
        }
    }

    /// The measure's value. `class` is that of what was measured.
    pub(crate) fn value(&self, function: Function, class: Option<Class>) -> Value {
        let scale = match class {
            Some(Class::Decimal { scale }) => Some(scale),
            _ => None,
        };
        match (self, function) {
            (Self::Count(count), _) => Value::Int(i128::from(*count)),
            (
                Self::Sum {
                    sum: Sum::Whole(sum),
                    ..
                },
                Function::Sum,
            ) => sum.value(scale),
            (
                Self::Sum {
                    values,
                    sum: Sum::Whole(sum),
                },
                _,
            ) => Value::Float(sum.mean(*values, scale.unwrap_or(0))),
            (
                Self::Sum {
                    sum: Sum::Float(sum),
                    ..
                },
                Function::Sum,
            ) => Value::Float(sum.value()),
            (
                Self::Sum {
                    values,
                    sum: Sum::Float(sum),
                },
                _,
            ) => Value::Float(sum.mean(*values)),
            (Self::Sum { sum: Sum::None, .. }, _) => Value::Null,
            (Self::Extreme(best), _) => shown(best.as_ref().unwrap_or(&Value::Null), class),
            (Self::Distinct(set), _) => Value::Int(set.len() as i128),
        }
    }
}

impl Sum {
    fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (_, Self::None) => {}
            (Self::None, other) => *self = other,
            (Self::Whole(sum), Self::Whole(more)) => sum.merge(&more),
            (Self::Float(sum), Self::Float(more)) => sum.merge(&more),
            (Self::Float(sum), Self::Whole(more)) => sum.add_whole(&more),
            (Self::Whole(whole), Self::Float(mut sum)) => {
                sum.add_whole(whole);
                *self = Self::Float(sum);
            }
        }
    }
}

/// A whole number as the nearest double; other values as they are.
pub(crate) fn to_float(value: Value) -> Value {
    match value {
        Value::Int(whole) => Value::Float(whole as f64),
        other => other,
    }
}

/// A value as an answer shows it: a 32-bit float by its own shortest digits, not by those of the double it became.
/// Those of the tiniest floats are too few to tell their size, so they stay doubles.
pub(crate) fn shown(value: &Value, class: Option<Class>) -> Value {
    match (value, class) {
        (Value::Float(float), Some(Class::Float { bits: 32 }))
            if float.abs() >= f64::from(f32::MIN_POSITIVE) && float.is_finite() =>
        {
            Value::Float((*float as f32).to_string().parse().unwrap_or(*float))
        }
        _ => value.clone(),
    }
}
