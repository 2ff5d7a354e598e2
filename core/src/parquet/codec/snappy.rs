//! Snappy's raw blocks, as pages hold them.

use super::{DAMAGED, Fault, OTHER_LENGTH};

/// Fills `out` exactly.
pub(super) fn decompress(packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
    // The decoder would take a longer buffer and leave its end as it was.
    let len = snap::raw::decompress_len(packed).map_err(|_| DAMAGED)?;
    if len != out.len() {
        return Err(OTHER_LENGTH);
    }
    let filled = snap::raw::Decoder::new().decompress(packed, out);
    filled.map(drop).map_err(|_| DAMAGED)
}
