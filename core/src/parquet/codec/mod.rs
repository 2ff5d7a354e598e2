//! Decompression ("Compression"): never more than the claim, which was checked before.

mod brotli;
mod gzip;
mod lz4;
mod zstd;

use super::chunk::Codec;
use super::fault::Fault;

const DAMAGED: Fault = Fault::corrupt("can't be decompressed");
const OTHER_LENGTH: Fault =
    Fault::corrupt("has another length after decompression than its header claims");

/// Decompresses pages of one chunk; keeps what the codecs reuse from page to page.
#[derive(Default)]
pub(super) struct Decompressor {
    snappy: snap::raw::Decoder,
    gzip: gzip::Gzip,
    zstd: zstd::Zstd,
}

impl Decompressor {
    /// Whether pages in this codec can be decompressed.
    pub(super) fn supports(codec: Codec) -> bool {
        !matches!(codec, Codec::Lzo | Codec::Unknown(_))
    }

    /// Appends what `packed` becomes, exactly `claim` bytes, to `out`.
    pub(super) fn decompress(
        &mut self,
        codec: Codec,
        packed: &[u8],
        claim: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        if claim > most(codec, packed.len()) {
            return Err(Fault::corrupt(
                "claims to be larger than its bytes can ever become",
            ));
        }
        if packed.is_empty() {
            return if claim == 0 {
                Ok(())
            } else {
                Err(OTHER_LENGTH)
            };
        }
        let old = out.len();
        match codec {
            Codec::None if packed.len() == claim => out.extend_from_slice(packed),
            Codec::None => return Err(OTHER_LENGTH),
            Codec::Snappy => {
                let len = snap::raw::decompress_len(packed).map_err(|_| DAMAGED)?;
                if len != claim {
                    return Err(OTHER_LENGTH);
                }
                out.resize(old + claim, 0);
                self.snappy
                    .decompress(packed, &mut out[old..])
                    .map_err(|_| DAMAGED)?;
            }
            Codec::Gzip => {
                out.resize(old + claim, 0);
                self.gzip.decompress(packed, &mut out[old..])?;
            }
            Codec::Zstd => self.zstd.decompress(packed, claim, out)?,
            Codec::Brotli => brotli::decompress(packed, claim, out)?,
            Codec::Lz4Raw => {
                out.resize(old + claim, 0);
                lz4::raw(packed, &mut out[old..])?;
            }
            Codec::Lz4 => {
                out.resize(old + claim, 0);
                lz4::framed_somehow(packed, &mut out[old..])?;
            }
            Codec::Lzo | Codec::Unknown(_) => {
                return Err(Fault::unsupported(
                    "is compressed in a way that can't be read",
                ));
            }
        }
        Ok(())
    }
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
