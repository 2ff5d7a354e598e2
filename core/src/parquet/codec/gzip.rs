//! Gzip: one or several members, each a header, a deflate stream and a trailer (RFC 1952); also one zlib stream, which some writers take for it.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{DAMAGED, Fault, OTHER_LENGTH};
use crate::parquet::fault::WRONG_CHECKSUM;

/// Inflates members one after the other.
#[derive(Default)]
pub(super) struct Gzip {
    inflate: Option<Decompress>,
}

impl Gzip {
    /// Fills `out` exactly.
    #[inline(never)]
    pub(super) fn decompress(&mut self, packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        if !packed.starts_with(&MAGIC) {
            let (_, made) = self.inflate(packed, out, true)?;
            return if made == out.len() {
                Ok(())
            } else {
                Err(OTHER_LENGTH)
            };
        }
        let (mut at, mut filled) = (0, 0);
        while at < packed.len() {
            let rest = &packed[at..];
            if !rest.starts_with(&MAGIC) && filled == out.len() {
                // Padding after the last member.
                break;
            }
            let header = header_len(rest).ok_or(DAMAGED)?;
            let (taken, made) = self.inflate(&rest[header..], &mut out[filled..], false)?;
            let trailer = rest
                .get(header + taken..header + taken + 8)
                .ok_or(DAMAGED)?;
            let mut crc = Crc::new();
            crc.update(&out[filled..filled + made]);
            if trailer[..4] != crc.sum().to_le_bytes() {
                return Err(WRONG_CHECKSUM);
            }
            at += header + taken + 8;
            filled += made;
        }
        if filled == out.len() {
            Ok(())
        } else {
            Err(OTHER_LENGTH)
        }
    }

    /// Inflates one stream; returns the bytes taken and made.
    fn inflate(
        &mut self,
        packed: &[u8],
        out: &mut [u8],
        zlib: bool,
    ) -> Result<(usize, usize), Fault> {
        let inflate = self.inflate.get_or_insert_with(|| Decompress::new(zlib));
        inflate.reset(zlib);
        loop {
            let (taken, made) = (inflate.total_in() as usize, inflate.total_out() as usize);
            let (input, output) = (&packed[taken..], &mut out[made..]);
            let status = inflate.decompress(input, output, FlushDecompress::Finish);
            let now = (inflate.total_in() as usize, inflate.total_out() as usize);
            match status {
                Ok(Status::StreamEnd) => return Ok(now),
                Ok(_) if now == (taken, made) => {
                    return Err(if made == out.len() {
                        OTHER_LENGTH
                    } else {
                        DAMAGED
                    });
                }
                Ok(_) => {}
                Err(_) => return Err(DAMAGED),
            }
        }
    }
}

const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Bytes of a member's header.
fn header_len(member: &[u8]) -> Option<usize> {
    const CRC: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    let flags = *member.strip_prefix(&MAGIC)?.first()?;
    let mut at = 10;
    if flags & EXTRA != 0 {
        let len = member.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([len[0], len[1]]));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            at += member.get(at..)?.iter().position(|&byte| byte == 0)? + 1;
        }
    }
    if flags & CRC != 0 {
        at += 2;
    }
    (at <= member.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    fn member(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8], len: usize) -> Result<Vec<u8>, Fault> {
        let mut out = vec![0; len];
        Gzip::default().decompress(packed, &mut out).map(|()| out)
    }

    #[test]
    fn all_members_count() {
        let packed = [member(b"knife "), member(b""), member(b"purchased")].concat();
        assert_eq!(unpacked(&packed, 15).unwrap(), b"knife purchased");
        assert!(unpacked(&packed, 14).is_err());
        assert!(unpacked(&packed, 16).is_err());
        for cut in 1..packed.len() {
            assert!(unpacked(&packed[..cut], 15).is_err(), "{cut}");
        }
    }

    #[test]
    fn a_header_may_have_a_name_and_more() {
        let plain = member(b"guild");
        let mut packed = plain[..10].to_vec();
        packed[3] = 2 | 4 | 8 | 16;
        packed.extend(b"\x03\0abcname\0comment\0\x12\x34");
        packed.extend(&plain[10..]);
        assert_eq!(unpacked(&packed, 5).unwrap(), b"guild");
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut packed = member(&[b'a'; 1000]);
        let end = packed.len();
        packed[end - 6] ^= 1;
        assert!(unpacked(&packed, 1000).is_err());
    }

    #[test]
    fn zlib_passes_for_gzip() {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"guild").unwrap();
        assert_eq!(unpacked(&encoder.finish().unwrap(), 5).unwrap(), b"guild");
    }
}
