//! The self-test: some odd rows, before a plugin is let at those that count.

use super::description::{Description, Kind};
use super::guest::{Failure, Guest};
use super::values::Input;
use crate::plugins::IngestLimits;

const TEXTS: [Option<&[u8]>; 6] = [
    Some(b"user1.comcast.com"),
    None,
    Some(b""),
    Some("\u{fc}n\u{ef} \u{1f5e1}".as_bytes()),
    Some(b"{\"a\":[1,2],\"b\":null}"),
    Some(&[b'x'; 300]),
];
const TIMES_US: [Option<i64>; 6] = [
    Some(1_795_428_000_000_000),
    None,
    Some(0),
    Some(-1),
    Some(1_795_428_000_999_999),
    Some(253_402_300_799_999_999),
];

/// Has the plugin answer no rows, then the samples. It may call a row bad; it may not break off, lie, or take too long.
pub(super) fn test(
    guest: &mut Guest,
    description: &Description,
    limits: &IngestLimits,
) -> Result<(), String> {
    let fields = description.reads.iter();
    let inputs: Vec<Input<'_>> = fields
        .map(|field| match field.kind {
            Kind::Text => Input::Text(TEXTS.to_vec()),
            _ => Input::Integer(TIMES_US.to_vec()),
        })
        .collect();
    for rows in [&[][..], &[0, 1, 2, 3, 4, 5]] {
        match guest.ask(description, &inputs, rows, limits) {
            Ok(_) | Err(Failure::BadRow(..)) => {}
            Err(Failure::Trouble(trouble)) => {
                return Err(format!("fails its self-test: it {}", trouble.sentence));
            }
        }
    }
    Ok(())
}
