//! Decompression ("Compression"): never more than the claim, which was checked before.
//!
//! Each codec stays a function of its own: a browser optimises a whole function when it is hot, and would otherwise spend
//! longer on the codecs that a file has not than on the one that it has.

mod brotli;
mod gzip;
mod lz4;
mod snappy;
mod zstd;

use bytes::{Bytes, BytesMut};

use super::chunk::Codec;
use super::fault::Fault;

const DAMAGED: Fault = Fault::corrupt("can't be decompressed");
const OTHER_LENGTH: Fault =
    Fault::corrupt("has another length after decompression than its header claims");

/// Decompresses pages of one chunk; keeps what the codecs reuse from page to page.
#[derive(Default)]
pub(super) struct Decompressor {
    gzip: gzip::Gzip,
    zstd: zstd::Zstd,
}

impl Decompressor {
    /// Whether pages in this codec can be decompressed.
    pub(super) fn supports(codec: Codec) -> bool {
        !matches!(codec, Codec::Lzo | Codec::Unknown(_))
    }

    /// Puts what `packed` becomes, exactly `claim` bytes, behind the first `at` bytes of `out`, which are there. What was
    /// behind them before is written over: making it zeros first would take as long as reading the file does.
    pub(super) fn decompress(
        &mut self,
        codec: Codec,
        packed: &[u8],
        (at, claim): (usize, usize),
        out: &mut BytesMut,
    ) -> Result<(), Fault> {
        if claim > most(codec, packed.len()) {
            return Err(Fault::corrupt(
                "claims to be larger than its bytes can ever become",
            ));
        }
        if packed.is_empty() {
            out.truncate(at);
            return if claim == 0 {
                Ok(())
            } else {
                Err(OTHER_LENGTH)
            };
        }
        match codec {
            Codec::None => {
                out.truncate(at);
                out.extend_from_slice(packed);
                if packed.len() == claim {
                    Ok(())
                } else {
                    Err(OTHER_LENGTH)
                }
            }
            Codec::Snappy => snappy::decompress(packed, room(out, at, claim)),
            Codec::Gzip => self.gzip.decompress(packed, room(out, at, claim)),
            #[cfg(not(target_arch = "wasm32"))]
            Codec::Zstd => self.zstd.decompress(packed, room(out, at, claim)),
            #[cfg(target_arch = "wasm32")]
            Codec::Zstd => appended(out, at, |out| self.zstd.decompress(packed, claim, out)),
            Codec::Brotli => appended(out, at, |out| brotli::decompress(packed, claim, out)),
            Codec::Lz4Raw => lz4::raw(packed, room(out, at, claim)),
            Codec::Lz4 => lz4::framed_somehow(packed, room(out, at, claim)),
            Codec::Lzo | Codec::Unknown(_) => Err(Fault::unsupported(
                "is compressed in a way that can't be read",
            )),
        }
    }
}

/// The `claim` bytes behind the first `at` of `out`, which has no more after that.
fn room(out: &mut BytesMut, at: usize, claim: usize) -> &mut [u8] {
    out.resize(at + claim, 0);
    out.get_mut(at..).unwrap_or_default()
}

/// Has a decoder append to the first `at` bytes of `out`.
fn appended(
    out: &mut BytesMut,
    at: usize,
    decompress: impl FnOnce(&mut Vec<u8>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    out.truncate(at);
    let mut grown = Vec::from(std::mem::take(out));
    let decompressed = decompress(&mut grown);
    *out = Bytes::from(grown).into();
    decompressed
}

/// The most bytes that `packed` bytes can become, by the way the codec writes its longest repetition.
fn most(codec: Codec, packed: usize) -> usize {
    let times = match codec {
        Codec::None => 1,
        // Three bytes copy at most 64.
        Codec::Snappy => 22,
        // Two bits copy at most 258.
        Codec::Gzip => 1_032,
        // A byte adds at most 255 to a length.
        Codec::Lz4 | Codec::Lz4Raw => 255,
        // A block of four bytes repeats one byte 128 Ki times.
        Codec::Zstd => 1 << 15,
        Codec::Brotli | Codec::Lzo | Codec::Unknown(_) => return usize::MAX,
    };
    packed.saturating_mul(times).saturating_add(64)
}
