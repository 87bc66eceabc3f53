//! A key as files hold it.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key as files hold it: its bytes, whether or not anybody knows the encryption type.
///
/// The bytes are wiped from memory on drop, never show in `Debug` and are compared in constant
/// time.
#[derive(Clone)]
pub struct RawKey {
    /// Encryption type (RFC 3961 section 8).
    pub etype: i32,
    /// The key itself.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl RawKey {
    /// A key of some encryption type.
    #[must_use]
    pub fn new(etype: i32, bytes: impl Into<Vec<u8>>) -> Self {
        Self { etype, bytes: Zeroizing::new(bytes.into()) }
    }
}

impl PartialEq for RawKey {
    fn eq(&self, other: &Self) -> bool {
        self.etype == other.etype && bool::from(self.bytes.as_slice().ct_eq(&other.bytes))
    }
}

impl Eq for RawKey {}

impl fmt::Debug for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawKey").field("etype", &self.etype).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_key() {
        let text = format!("{:?}", RawKey::new(18, [0x5a; 32]));
        assert!(text.contains("18") && !text.contains("90") && !text.contains("5a"), "{text}");
    }

    #[test]
    fn keys_are_equal_when_type_and_bytes_are() {
        let key = RawKey::new(18, [1; 32]);
        assert_eq!(key, RawKey::new(18, [1; 32]));
        assert_ne!(key, RawKey::new(20, [1; 32]));
        assert_ne!(key, RawKey::new(18, [2; 32]));
        assert_ne!(key, RawKey::new(18, [1; 31]));
    }
}
