//! Attribute/value pairs: what a server says of itself, and what a client adds to it.

use super::wire::{Reader, decode_utf16, encode_utf16};
use crate::{Error, Problem};

/// The meaning of an attribute/value pair ([MS-NLMP] 2.2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AvId(pub u16);

impl AvId {
    /// Ends the list.
    pub const EOL: Self = Self(0);
    /// The server's NetBIOS name.
    pub const NB_COMPUTER_NAME: Self = Self(1);
    /// The server's NetBIOS domain name.
    pub const NB_DOMAIN_NAME: Self = Self(2);
    /// The server's DNS name.
    pub const DNS_COMPUTER_NAME: Self = Self(3);
    /// The server's DNS domain name.
    pub const DNS_DOMAIN_NAME: Self = Self(4);
    /// The forest's DNS name.
    pub const DNS_TREE_NAME: Self = Self(5);
    /// [`AvFlags`].
    pub const FLAGS: Self = Self(6);
    /// The server's time, a FILETIME.
    pub const TIMESTAMP: Self = Self(7);
    /// Data about the client's machine.
    pub const SINGLE_HOST: Self = Self(8);
    /// The service name (SPN) that the client wants.
    pub const TARGET_NAME: Self = Self(9);
    /// MD5 of the channel bindings; zero where there are none.
    pub const CHANNEL_BINDINGS: Self = Self(10);
}

bitflags::bitflags! {
    /// The value of [`AvId::FLAGS`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AvFlags: u32 {
        /// Account authentication is constrained.
        const CONSTRAINED = 1;
        /// The AUTHENTICATE carries a message integrity code.
        const MIC = 2;
        /// The service name comes from a source that nobody vouches for.
        const UNTRUSTED_SPN = 4;

        const _ = !0;
    }
}

/// A list of attribute/value pairs in the order of the wire, each attribute at most once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TargetInfo {
    pairs: Vec<(AvId, Vec<u8>)>,
}

impl TargetInfo {
    /// A list without pairs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads pairs up to the one that ends the list; what follows it is ignored.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a list that does not end, names an attribute twice or holds a
    /// value of a length it cannot have. Offsets count from the start of the list.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        const FIELD: &str = "AvPairs";
        let reader = Reader::new("target information", bytes);
        let mut info = Self::new();
        let mut offset = 0;
        loop {
            let id = AvId(reader.u16(offset, FIELD)?);
            let len = usize::from(reader.u16(offset + 2, FIELD)?);
            if id == AvId::EOL {
                return Ok(info);
            }
            let value = reader.bytes(offset + 4, len, FIELD)?;
            if info.get(id).is_some() {
                return Err(reader.error(FIELD, offset, Problem::Repeated));
            }
            let fixed = match id {
                AvId::FLAGS => Some(4),
                AvId::TIMESTAMP => Some(8),
                AvId::CHANNEL_BINDINGS => Some(16),
                _ => None,
            };
            if fixed.is_some_and(|fixed| fixed != len) {
                return Err(reader.error(FIELD, offset, Problem::Length(len)));
            }
            info.pairs.push((id, value.to_vec()));
            offset += 4 + len;
        }
    }

    /// The bytes of the list, its end included.
    ///
    /// # Errors
    /// [`Error::TooLong`] for a value beyond 65535 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        for (id, value) in &self.pairs {
            let len = u16::try_from(value.len()).map_err(|_| Error::TooLong("an AV pair"))?;
            bytes.extend_from_slice(&id.0.to_le_bytes());
            bytes.extend_from_slice(&len.to_le_bytes());
            bytes.extend_from_slice(value);
        }
        bytes.extend_from_slice(&[0; 4]);
        Ok(bytes)
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (AvId, &[u8])> {
        self.pairs.iter().map(|(id, value)| (*id, value.as_slice()))
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, id: AvId) -> Option<&[u8]> {
        self.iter().find_map(|(found, value)| (found == id).then_some(value))
    }

    /// Sets an attribute: in its place where it is there, at the end where it is not.
    pub fn set(&mut self, id: AvId, value: Vec<u8>) {
        match self.pairs.iter_mut().find(|(found, _)| *found == id) {
            Some((_, old)) => *old = value,
            None => self.pairs.push((id, value)),
        }
    }

    /// Sets an attribute to UTF-16 text.
    pub fn set_text(&mut self, id: AvId, text: &str) {
        self.set(id, encode_utf16(text));
    }

    /// The text of an attribute; `None` where it is not there or is no text.
    #[must_use]
    pub fn text(&self, id: AvId) -> Option<String> {
        self.get(id).and_then(decode_utf16)
    }

    /// The flags; none where the pair is not there.
    #[must_use]
    pub fn flags(&self) -> AvFlags {
        let bits = self.get(AvId::FLAGS).and_then(|v| v.try_into().ok());
        AvFlags::from_bits_retain(bits.map_or(0, u32::from_le_bytes))
    }

    /// The server's time: 100 ns since 1601-01-01 UTC.
    #[must_use]
    pub fn timestamp(&self) -> Option<u64> {
        let bytes = self.get(AvId::TIMESTAMP)?.try_into().ok()?;
        Some(u64::from_le_bytes(bytes))
    }
}
