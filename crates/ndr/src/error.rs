//! What can be wrong with bytes that a peer sent.

/// Bytes that are not what the interface definition says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}, at byte {offset} of the stub: {kind}")]
pub struct Error {
    /// Where the field begins, counted from the first byte of the outermost stub.
    pub offset: usize,
    /// The field, such as `REMINTERFACEREF.ipid`.
    pub field: &'static str,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// The ways in which a field can be wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The stub ends before the field does.
    #[error("{needed} bytes wanted, {available} left")]
    Truncated {
        /// How many bytes the field takes.
        needed: usize,
        /// How many there are.
        available: usize,
    },
    /// A count promises more elements than there can be in the bytes that are left.
    #[error("{count} elements cannot fit into the {available} bytes left")]
    Count {
        /// The count that the peer sent.
        count: u32,
        /// How many bytes are left.
        available: usize,
    },
    /// Two fields that must agree do not.
    #[error("{found} where another field says {expected}")]
    Disagreement {
        /// The value that the other field has.
        expected: u32,
        /// The value of this field.
        found: u32,
    },
    /// The units are not UTF-16.
    #[error("not UTF-16")]
    Utf16,
    /// The value is not one that the definition allows.
    #[error("{0}")]
    Invalid(&'static str),
    /// There are bytes after the last field.
    #[error("{0} bytes left over")]
    Trailing(usize),
}

impl Error {
    /// The same error under a field name, where it has none yet: the innermost name stays.
    #[must_use]
    pub fn named(mut self, field: &'static str) -> Self {
        if self.field.is_empty() {
            self.field = field;
        }
        self
    }
}
