//! Zstandard: the C library where there is one, pure Rust in wasm.

use super::{DAMAGED, Fault, OTHER_LENGTH};

/// Decompresses frames one after the other.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Default)]
pub(super) struct Zstd {
    context: Option<zstd::bulk::Decompressor<'static>>,
}

#[cfg(not(target_arch = "wasm32"))]
impl Zstd {
    /// Fills `out` exactly.
    pub(super) fn decompress(&mut self, packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        let context = match &mut self.context {
            Some(context) => context,
            none => none.insert(zstd::bulk::Decompressor::new().map_err(|_| DAMAGED)?),
        };
        let len = context
            .decompress_to_buffer(packed, out)
            .map_err(|_| DAMAGED)?;
        if len == out.len() {
            Ok(())
        } else {
            Err(OTHER_LENGTH)
        }
    }
}

/// Decompresses frames one after the other.
#[cfg(target_arch = "wasm32")]
#[derive(Default)]
pub(super) struct Zstd {
    decoder: Option<ruzstd::decoding::FrameDecoder>,
}

#[cfg(target_arch = "wasm32")]
impl Zstd {
    /// Fills `out` exactly.
    pub(super) fn decompress(&mut self, packed: &[u8], out: &mut [u8]) -> Result<(), Fault> {
        let decoder = self
            .decoder
            .get_or_insert_with(ruzstd::decoding::FrameDecoder::new);
        let len = decoder.decode_all(packed, out).map_err(|_| DAMAGED)?;
        if len == out.len() {
            Ok(())
        } else {
            Err(OTHER_LENGTH)
        }
    }
}
