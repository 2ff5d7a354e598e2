//! Zstandard: the C library where there is one, safe Rust in wasm, which tests hold against each other.

#[cfg(not(target_arch = "wasm32"))]
pub(super) use native::Zstd;
#[cfg(target_arch = "wasm32")]
pub(super) use portable::Zstd;

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use crate::parquet::codec::{DAMAGED, Fault, OTHER_LENGTH};

    /// Decompresses frames one after the other.
    #[derive(Default)]
    pub(in crate::parquet::codec) struct Zstd {
        context: Option<zstd::bulk::Decompressor<'static>>,
    }

    impl Zstd {
        /// Fills `out` exactly.
        pub(in crate::parquet::codec) fn decompress(
            &mut self,
            packed: &[u8],
            out: &mut [u8],
        ) -> Result<(), Fault> {
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
}

#[cfg(any(test, target_arch = "wasm32"))]
mod portable {
    use zrip::DecompressContext;

    use crate::parquet::codec::{DAMAGED, Fault, OTHER_LENGTH};

    /// Decompresses frames one after the other.
    #[derive(Default)]
    pub(in crate::parquet::codec) struct Zstd {
        context: Option<DecompressContext>,
    }

    impl Zstd {
        /// Appends exactly `claim` bytes to `out`, and never writes more.
        #[inline(never)]
        pub(in crate::parquet::codec) fn decompress(
            &mut self,
            packed: &[u8],
            claim: usize,
            out: &mut Vec<u8>,
        ) -> Result<(), Fault> {
            let context = self.context.get_or_insert_with(DecompressContext::new);
            let len = context
                .decompress_into_with_limit(packed, out, claim)
                .map_err(|_| DAMAGED)?;
            if len == claim {
                Ok(())
            } else {
                Err(OTHER_LENGTH)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{native, portable};

    /// Text with repetitions of all sorts of lengths.
    fn text(len: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let mut number = 7_u64;
        while text.len() < len {
            number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number >> 29;
            text.extend(
                format!("user{}.cox.net ", number % 1000)
                    .repeat(number as usize % 4)
                    .bytes(),
            );
        }
        text.truncate(len);
        text
    }

    fn both(packed: &[u8], len: usize) -> [Option<Vec<u8>>; 2] {
        let (mut one, mut other) = (vec![0; len], Vec::new());
        let native = native::Zstd::default().decompress(packed, &mut one);
        let portable = portable::Zstd::default().decompress(packed, len, &mut other);
        [native.ok().map(|()| one), portable.ok().map(|()| other)]
    }

    #[test]
    fn both_decoders_read_every_level_and_several_frames() {
        for level in [-5, 1, 3, 9, 19] {
            for len in [0, 1, 100, 5_000, 300_000] {
                let text = text(len);
                let packed = zstd::bulk::compress(&text, level).unwrap();
                assert_eq!(both(&packed, len), [Some(text.clone()), Some(text.clone())]);
                let twice = [&packed[..], &packed].concat();
                let text = [&text[..], &text].concat();
                assert_eq!(both(&twice, len * 2), [Some(text.clone()), Some(text)]);
                assert_eq!(both(&packed, len + 1), [None, None]);
            }
        }
    }

    #[test]
    fn neither_falls_over_damage() {
        let text = text(3_000);
        let packed = zstd::bulk::compress(&text, 3).unwrap();
        for at in 0..packed.len() {
            for bit in 0..8 {
                let mut damaged = packed.clone();
                damaged[at] ^= 1 << bit;
                // One of them may notice more than the other; neither may panic.
                both(&damaged, text.len());
            }
            assert_eq!(both(&packed[..at], text.len()), [None, None]);
        }
    }
}
