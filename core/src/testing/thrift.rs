//! Thrift's compact protocol by hand, for files that no writer makes. Stands alone, because a test binary with a memory cap
//! takes it in, too.

/// A struct, field by field, in the order of their numbers.
#[derive(Clone, Default)]
pub(crate) struct Fields {
    bytes: Vec<u8>,
    last: u8,
}

/// A struct without fields.
pub(crate) fn fields() -> Fields {
    Fields::default()
}

impl Fields {
    /// The head of a field, whose value comes with [`Fields::raw`].
    pub(crate) fn head(mut self, id: u8, kind: u8) -> Self {
        self.bytes.push((id - self.last) << 4 | kind);
        self.last = id;
        self
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// 32 bits.
    pub(crate) fn int(self, id: u8, value: i64) -> Self {
        self.head(id, 5).raw(&zigzag(value))
    }

    /// 64 bits.
    pub(crate) fn long(self, id: u8, value: i64) -> Self {
        self.head(id, 6).raw(&zigzag(value))
    }

    pub(crate) fn text(self, id: u8, text: &str) -> Self {
        self.head(id, 8)
            .raw(&varint(text.len() as u64))
            .raw(text.as_bytes())
    }

    pub(crate) fn nested(self, id: u8, inner: &Self) -> Self {
        self.head(id, 12).raw(&inner.end())
    }

    /// A list of structs.
    pub(crate) fn list(self, id: u8, structs: &[Self]) -> Self {
        let elements: Vec<u8> = structs.iter().flat_map(Self::end).collect();
        self.elements(id, 12, structs.len() as u64, &elements)
    }

    /// A list of anything, its elements written already.
    pub(crate) fn elements(self, id: u8, kind: u8, count: u64, elements: &[u8]) -> Self {
        self.head(id, 9)
            .raw(&[0xf0 | kind])
            .raw(&varint(count))
            .raw(elements)
    }

    /// The bytes of the whole struct.
    pub(crate) fn end(&self) -> Vec<u8> {
        [&self.bytes[..], &[0]].concat()
    }
}

fn zigzag(value: i64) -> Vec<u8> {
    varint((value << 1 ^ value >> 63) as u64)
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
