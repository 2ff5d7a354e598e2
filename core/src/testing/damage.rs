//! Damage to files, the same on each run. Stands alone, because the test binary with a memory cap takes it in, too.

/// One to four changes of eight sorts.
pub(crate) fn damage(file: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=random.below(4) {
        if bytes.len() < 16 {
            break;
        }
        let footer_len = u32::from_le_bytes([0, 1, 2, 3].map(|at| bytes[bytes.len() - 8 + at]));
        let footer = bytes
            .len()
            .saturating_sub(8 + footer_len as usize)
            .min(bytes.len() - 8);
        let at = random.below(bytes.len());
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.below(256) as u8,
            // In the footer, and in the first pages.
            2 => {
                let at = footer + random.below(bytes.len() - footer);
                bytes[at] = random.below(256) as u8;
            }
            3 => {
                let at = 4 + at % (bytes.len() - 4).min(60);
                bytes[at] = random.below(256) as u8;
            }
            4 => bytes.truncate(at),
            5 => {
                bytes.insert(at, random.below(256) as u8);
            }
            6 => {
                let len = random.below(8) + 1;
                for byte in bytes.iter_mut().skip(at).take(len) {
                    // Long varints and huge lengths.
                    *byte = 0xff;
                }
            }
            _ => {
                let end = (at + random.below(20)).min(bytes.len());
                bytes.drain(at..end);
            }
        }
    }
    // Most cuts would be found at the very end already; a good trailer lets them in.
    if random.below(2) == 0 && bytes.len() > 12 {
        let end = bytes.len();
        bytes[..4].copy_from_slice(b"PAR1");
        bytes[end - 4..].copy_from_slice(b"PAR1");
        if random.below(2) == 0 {
            bytes[end - 8..end - 4].copy_from_slice(&file[file.len() - 8..file.len() - 4]);
        }
    }
    bytes
}

/// A small generator of numbers that look random (SplitMix64), the same on each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`, which is above 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % end as u64) as usize
    }
}
