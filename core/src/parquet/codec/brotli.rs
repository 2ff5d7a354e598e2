//! Brotli (RFC 7932). How large a stream becomes can't be guessed from its bytes, so the output grows only as it comes.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{DAMAGED, Fault, OTHER_LENGTH};

/// Bytes of output that are made room for at first.
const OUTPUT_BYTES_FIRST: usize = 256 << 10;

/// Appends what `packed` becomes, exactly `claim` bytes, to `out`.
#[inline(never)]
pub(super) fn decompress(packed: &[u8], claim: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
    let allocator = StandardAlloc::default;
    let mut state = BrotliState::new_strict(allocator(), allocator(), allocator());
    let (mut left_in, mut at_in, mut total) = (packed.len(), 0, 0);
    let (mut at_out, end) = (out.len(), out.len() + claim);
    let mut room = claim.min(OUTPUT_BYTES_FIRST);
    loop {
        out.resize((at_out + room).min(end), 0);
        let mut left_out = out.len() - at_out;
        let result = BrotliDecompressStream(
            &mut left_in,
            &mut at_in,
            packed,
            &mut left_out,
            &mut at_out,
            out,
            &mut total,
            &mut state,
        );
        match result {
            BrotliResult::ResultSuccess if at_out == end => return Ok(()),
            BrotliResult::ResultSuccess => return Err(OTHER_LENGTH),
            BrotliResult::NeedsMoreOutput if at_out < end => room = room.saturating_mul(2),
            BrotliResult::NeedsMoreOutput => return Err(OTHER_LENGTH),
            BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => return Err(DAMAGED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "guild" in one uncompressed metablock, then an empty last one (RFC 7932, chapter 9).
    const GUILD: [u8; 9] = [0x40, 0x00, 0x10, b'g', b'u', b'i', b'l', b'd', 0x03];

    #[test]
    fn the_output_is_as_long_as_claimed_or_refused() {
        let mut out = b"levels ".to_vec();
        decompress(&GUILD, 5, &mut out).unwrap();
        assert_eq!(out, b"levels guild");
        assert!(decompress(&GUILD, 4, &mut out).is_err());
        assert!(decompress(&GUILD, 6, &mut out).is_err());
        for cut in 0..GUILD.len() {
            assert!(decompress(&GUILD[..cut], 5, &mut out).is_err());
        }
    }

    #[test]
    fn a_lie_about_the_length_costs_little() {
        let mut out = Vec::new();
        assert!(decompress(&GUILD, 1 << 40, &mut out).is_err());
        assert!(out.capacity() < 1 << 20);
    }
}
