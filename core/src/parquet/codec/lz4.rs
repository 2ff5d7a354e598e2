//! LZ4: raw blocks, and the two framings that went by the same name before ("Compression", LZ4 and LZ4_RAW).

use lz4_flex::block::{decompress_into, decompress_into_with_dict};

use super::{DAMAGED, Fault, OTHER_LENGTH};

/// What a frame of LZ4's own format begins with.
const FRAME_MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();

/// Fills `out` exactly from one raw block.
#[inline(never)]
pub(super) fn raw(packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
    let len = decompress_into(packed, out).map_err(|_| DAMAGED)?;
    if len == out.len() {
        Ok(())
    } else {
        Err(OTHER_LENGTH)
    }
}

/// Fills `out` exactly from what was once called LZ4: Hadoop's framing, LZ4's own, or none.
#[inline(never)]
pub(super) fn framed_somehow(packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
    if hadoop(packed, out).is_some() {
        return Ok(());
    }
    if packed.starts_with(&FRAME_MAGIC) && frame(packed, out).is_some() {
        return Ok(());
    }
    raw(packed, out)
}

/// Hadoop's framing: the length of some output, then blocks with their lengths until it is reached, and so on; big-endian.
fn hadoop(packed: &[u8], out: &mut [u8]) -> Option<()> {
    let mut input = packed;
    let mut filled = 0;
    while !input.is_empty() {
        let end = filled + take_u32(&mut input, u32::from_be_bytes)?;
        if end > out.len() {
            return None;
        }
        while filled < end {
            let len = take_u32(&mut input, u32::from_be_bytes)?;
            let (block, rest) = input.split_at_checked(len)?;
            let made = decompress_into(block, &mut out[filled..end]).ok()?;
            if made == 0 {
                return None;
            }
            filled += made;
            input = rest;
        }
    }
    (filled == out.len()).then_some(())
}

/// Frames of LZ4's own format; checksums are not looked at.
fn frame(packed: &[u8], out: &mut [u8]) -> Option<()> {
    const INDEPENDENT: u8 = 0x20;
    const BLOCK_CHECKSUM: u8 = 0x10;
    const CONTENT_SIZE: u8 = 0x08;
    const CONTENT_CHECKSUM: u8 = 0x04;
    const DICTIONARY: u8 = 0x01;
    const STORED: usize = 1 << 31;
    /// How far back a block can copy from.
    const WINDOW_BYTES: usize = 64 << 10;
    let mut input = packed;
    let mut filled = 0;
    while !input.is_empty() {
        input = input.strip_prefix(&FRAME_MAGIC)?;
        let flags = *input.first()?;
        let has = |flag: u8| flags & flag != 0;
        if has(DICTIONARY) {
            return None;
        }
        // Flags, block size, an optional content size, the header's checksum.
        input = input.get(3 + if has(CONTENT_SIZE) { 8 } else { 0 }..)?;
        let frame_start = filled;
        loop {
            let head = take_u32(&mut input, u32::from_le_bytes)?;
            if head == 0 {
                break;
            }
            let (block, rest) = input.split_at_checked(head & !STORED)?;
            let (done, free) = out.split_at_mut(filled);
            filled += if head & STORED != 0 {
                free.get_mut(..block.len())?.copy_from_slice(block);
                block.len()
            } else if has(INDEPENDENT) {
                decompress_into(block, free).ok()?
            } else {
                let window = frame_start.max(filled.saturating_sub(WINDOW_BYTES));
                decompress_into_with_dict(block, free, &done[window..]).ok()?
            };
            input = rest.get(if has(BLOCK_CHECKSUM) { 4 } else { 0 }..)?;
        }
        input = input.get(if has(CONTENT_CHECKSUM) { 4 } else { 0 }..)?;
    }
    (filled == out.len()).then_some(())
}

fn take_u32(input: &mut &[u8], convert: fn([u8; 4]) -> u32) -> Option<usize> {
    let (head, rest) = input.split_first_chunk()?;
    *input = rest;
    Some(convert(*head) as usize)
}

#[cfg(test)]
mod tests {
    use lz4_flex::block::compress;

    use super::*;

    const TEXT: &[u8] = b"knife purchased, knife purchased, knife purchased, helmet purchased";

    fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut out = vec![0; TEXT.len()];
        framed_somehow(packed, &mut out).map(|()| out)
    }

    fn be(number: usize) -> [u8; 4] {
        (number as u32).to_be_bytes()
    }

    fn le(number: usize) -> [u8; 4] {
        (number as u32).to_le_bytes()
    }

    #[test]
    fn hadoop_frames_hold_one_or_more_blocks() {
        let (first, second) = (compress(&TEXT[..20]), compress(&TEXT[20..]));
        let one = [
            &be(TEXT.len())[..],
            &be(compress(TEXT).len()),
            &compress(TEXT),
        ]
        .concat();
        assert_eq!(unpacked(&one).unwrap(), TEXT);
        let blocks = [
            &be(TEXT.len())[..],
            &be(first.len()),
            &first,
            &be(second.len()),
            &second,
        ];
        assert_eq!(unpacked(&blocks.concat()).unwrap(), TEXT);
        let frames = [
            &be(20)[..],
            &be(first.len()),
            &first,
            &be(TEXT.len() - 20),
            &be(second.len()),
            &second,
        ];
        assert_eq!(unpacked(&frames.concat()).unwrap(), TEXT);
        assert!(unpacked(&one[..one.len() - 1]).is_err());
    }

    #[test]
    fn frames_of_its_own_format_with_linked_and_stored_blocks() {
        let linked = lz4_flex::block::compress_with_dict(&TEXT[20..], &TEXT[..20]);
        let mut packed = [&FRAME_MAGIC[..], &[0x44, 0x40, 0]].concat();
        packed.extend(le(20 | 1 << 31));
        packed.extend(&TEXT[..20]);
        packed.extend(le(linked.len()));
        packed.extend(&linked);
        packed.extend([0; 8]);
        assert_eq!(unpacked(&packed).unwrap(), TEXT);
        for cut in 0..packed.len() {
            assert!(unpacked(&packed[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn a_bare_block_is_still_a_block() {
        assert_eq!(unpacked(&compress(TEXT)).unwrap(), TEXT);
        assert_eq!(
            raw(&compress(TEXT), &mut vec![0; TEXT.len() + 1]),
            Err(OTHER_LENGTH)
        );
        assert!(raw(&compress(TEXT), &mut vec![0; TEXT.len() - 1]).is_err());
    }
}
