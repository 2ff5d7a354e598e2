//! One value in the PLAIN form that statistics have.

use super::class::{Cell, Class};
use super::form::Form;
use crate::Value;
use crate::parquet::{Leaf, Physical, Values};

impl Leaf {
    /// The value that `plain` is, a bound of this column's statistics; `None` when it is not of the column's length.
    pub fn value(&self, plain: &[u8]) -> Option<Value> {
        let class = Class::of(self.ty).filter(|class| class.is_readable())?;
        Some(class.value(cell(self, plain)?))
    }
}

/// The cell that `plain` is.
pub(crate) fn cell<'a>(leaf: &Leaf, plain: &'a [u8]) -> Option<Cell<'a>> {
    let form = Form::of(leaf);
    let values = match leaf.physical {
        Physical::Bool => Values::Bool(vec![plain.first().filter(|_| plain.len() == 1)? & 1 == 1]),
        Physical::I32 => Values::I32(vec![i32::from_le_bytes(plain.try_into().ok()?)]),
        Physical::I64 => Values::I64(vec![i64::from_le_bytes(plain.try_into().ok()?)]),
        Physical::I96 => Values::I96(vec![plain.try_into().ok()?]),
        Physical::F32 => Values::F32(vec![f32::from_le_bytes(plain.try_into().ok()?)]),
        Physical::F64 => Values::F64(vec![f64::from_le_bytes(plain.try_into().ok()?)]),
        Physical::Fixed(width) if plain.len() != width as usize => return None,
        Physical::Bytes | Physical::Fixed(_) => return form.bytes(plain).ok(),
    };
    // Numbers borrow nothing, so what the values are kept in may go.
    match form.cell(&values, 0).ok()? {
        Cell::Int(value) => Some(Cell::Int(value)),
        Cell::Float(value) => Some(Cell::Float(value)),
        Cell::Null | Cell::Bytes(_) | Cell::Wide(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    #[test]
    fn bounds_are_values_of_their_columns_type() {
        let leaf = |physical, ty| Leaf {
            name: "c".into(),
            top_level: true,
            physical,
            ty,
            max_def: 1,
            max_rep: 0,
            ordered: true,
        };
        let shown = |leaf: Leaf, plain: &[u8]| leaf.value(plain).map(|value| value.to_string());
        assert_eq!(
            shown(leaf(Physical::I32, Type::Date), &[1, 0, 0, 0]).as_deref(),
            Some("1970-01-02")
        );
        let decimal = Type::Decimal {
            precision: 9,
            scale: 2,
        };
        assert_eq!(
            shown(leaf(Physical::Fixed(2), decimal), &[0xff, 0x9c]).as_deref(),
            Some("-1.00")
        );
        assert_eq!(shown(leaf(Physical::Fixed(2), decimal), &[0x9c]), None);
        assert_eq!(
            shown(leaf(Physical::Bytes, Type::Text), b"abc").as_deref(),
            Some("abc")
        );
        assert_eq!(
            shown(
                leaf(
                    Physical::I64,
                    Type::Int {
                        bits: 64,
                        signed: true
                    }
                ),
                b"abc"
            ),
            None
        );
        assert_eq!(
            shown(leaf(Physical::Bool, Type::Bool), &[1]).as_deref(),
            Some("true")
        );
    }
}
