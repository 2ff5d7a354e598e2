//! The bytes of one page after another, decompressed into one buffer that is reused.

use bytes::{Bytes, BytesMut};

use super::chunk::{Codec, ColumnChunk};
use super::codec::Decompressor;
use super::fault::Fault;
use super::page::reclaim;

/// The bytes of the page that is open.
pub(super) struct PageBuffer {
    codec: Codec,
    decompressor: Decompressor,
    data: Bytes,
    /// Whether `data` is a buffer of this one's own, and not a part of the file.
    is_own: bool,
}

impl PageBuffer {
    /// An empty buffer for the pages of a chunk.
    pub(super) fn new(chunk: &ColumnChunk) -> Self {
        Self {
            codec: chunk.codec,
            decompressor: Decompressor::default(),
            data: Bytes::new(),
            is_own: false,
        }
    }

    /// Uses the memory of another one, whose page nobody needs any more.
    pub(super) fn reuse(&mut self, other: Self) {
        if other.is_own {
            (self.data, self.is_own) = (other.data, true);
        }
        self.decompressor = other.decompressor;
    }

    /// The page's bytes.
    pub(super) fn data(&self) -> &Bytes {
        &self.data
    }

    /// Leaves the page's bytes to whoever holds them, so that the next page gets a buffer of its own.
    pub(super) fn leave(&mut self) {
        self.is_own = false;
    }

    /// Takes in a page: its first `plain_len` bytes as stored, the rest decompressed to `claim` bytes.
    /// Nobody else may hold the bytes of the page before, or their buffer is lost.
    pub(super) fn load(
        &mut self,
        stored: &Bytes,
        plain_len: usize,
        claim: usize,
        compressed: bool,
    ) -> Result<(), Fault> {
        let before = std::mem::take(&mut self.data);
        let is_own = std::mem::take(&mut self.is_own);
        if !compressed || self.codec == Codec::None {
            self.data = stored.clone();
            return Ok(());
        }
        let mut out = if is_own {
            reclaim(before)
        } else {
            BytesMut::new()
        };
        let (plain, packed) = stored.split_at(plain_len);
        if out.len() < plain_len {
            out.resize(plain_len, 0);
        }
        out[..plain_len].copy_from_slice(plain);
        let place = (plain_len, claim);
        self.decompressor
            .decompress(self.codec, packed, place, &mut out)?;
        self.data = out.freeze();
        self.is_own = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_buffer_serves_page_after_page() {
        let page = |text: &[u8]| {
            let packed = snap::raw::Encoder::new().compress_vec(text).unwrap();
            Bytes::from([b"levels", &packed[..]].concat())
        };
        let mut buffer = PageBuffer {
            codec: Codec::Snappy,
            decompressor: Decompressor::default(),
            data: Bytes::new(),
            is_own: false,
        };
        buffer.load(&page(&[b'a'; 1000]), 6, 1000, true).unwrap();
        assert_eq!(buffer.data().len(), 1006);
        let place = buffer.data().as_ptr();
        buffer.load(&page(b"bbb"), 6, 3, true).unwrap();
        assert_eq!(&buffer.data()[..], b"levelsbbb");
        assert_eq!(buffer.data().as_ptr(), place);
        // What somebody else keeps is left alone.
        let kept = buffer.data().clone();
        buffer.leave();
        buffer.load(&page(b"cc"), 6, 2, true).unwrap();
        assert_eq!(&kept[..], b"levelsbbb");
        assert_eq!(&buffer.data()[..], b"levelscc");
        // What is not compressed is not copied.
        let stored = Bytes::from_static(b"levelsdd");
        buffer.load(&stored, 6, 2, false).unwrap();
        assert_eq!(buffer.data().as_ptr(), stored.as_ptr());
    }
}
