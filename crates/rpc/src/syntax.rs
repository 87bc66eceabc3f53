//! Names of interfaces and of the encodings of their arguments.

use std::fmt;

use uuid::{Uuid, uuid};

/// An interface or a transfer syntax with its version (`p_syntax_id_t`, `[MS-RPCE] 2.2.2.7`).
///
/// ```
/// use winreach_rpc::SyntaxId;
/// assert_eq!(SyntaxId::NDR.to_string(), "8a885d04-1ceb-11c9-9fe8-08002b104860 2.0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SyntaxId {
    /// Which interface or syntax.
    pub uuid: Uuid,
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
}

impl SyntaxId {
    /// NDR 2.0, the only transfer syntax that this crate speaks (`[MS-RPCE] 2.2.4.12`).
    pub const NDR: Self = Self::new(uuid!("8a885d04-1ceb-11c9-9fe8-08002b104860"), 2, 0);
    /// NDR64, which Windows offers beside NDR (`[MS-RPCE] 2.2.5.1`).
    pub const NDR64: Self = Self::new(uuid!("71710533-beba-4937-8319-b5dbef9ccc36"), 1, 0);
    /// No syntax: what an answer holds for a rejected presentation context.
    pub const NIL: Self = Self::new(Uuid::nil(), 0, 0);

    /// A syntax of the given version.
    pub const fn new(uuid: Uuid, major: u16, minor: u16) -> Self {
        Self { uuid, major, minor }
    }
}

impl fmt::Display for SyntaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}", self.uuid, self.major, self.minor)
    }
}

bitflags::bitflags! {
    /// What two peers agree on at bind time (`[MS-RPCE] 2.2.2.14`).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Features: u16 {
        /// Several security contexts may share the connection.
        const SECURITY_CONTEXT_MULTIPLEXING = 1;
        /// The connection outlives an orphaned call.
        const KEEP_CONNECTION_ON_ORPHAN = 2;
    }
}

impl Features {
    /// The first half of the transfer syntax that carries a feature mask instead of a syntax.
    const PREFIX: [u8; 8] = [0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45];

    /// The transfer syntax that offers these features.
    pub fn to_syntax(self) -> SyntaxId {
        let mut bytes = [0; 16];
        let (prefix, mask) = bytes.split_at_mut(Self::PREFIX.len());
        prefix.copy_from_slice(&Self::PREFIX);
        for (byte, value) in mask.iter_mut().zip(self.bits().to_le_bytes()) {
            *byte = value;
        }
        SyntaxId::new(Uuid::from_bytes_le(bytes), 1, 0)
    }

    /// The features that `syntax` offers, when it is such an offer and not a syntax. Bits that this
    /// crate does not know are dropped.
    pub fn from_syntax(syntax: &SyntaxId) -> Option<Self> {
        let bytes = syntax.uuid.to_bytes_le();
        let [low, high, ..] = *bytes.strip_prefix(&Self::PREFIX)? else { return None };
        (syntax.major == 1).then(|| Self::from_bits_truncate(u16::from_le_bytes([low, high])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_travel_as_a_transfer_syntax() {
        let syntax = Features::all().to_syntax();
        // The sixteen bytes that Windows 10 sends.
        let wire = [0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45, 3, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(syntax.uuid.to_bytes_le(), wire);
        assert_eq!(Features::from_syntax(&syntax), Some(Features::all()));
        assert_eq!(Features::from_syntax(&SyntaxId::NDR), None);
    }
}
