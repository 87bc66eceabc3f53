//! Why bytes are not a PDU.

use std::fmt;

/// Bytes that are not a well-formed PDU, or a PDU that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// Where, counted from the first byte of the PDU.
    pub offset: usize,
    /// The field that was being read or written.
    pub field: &'static str,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What is wrong with a field of a PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The field needs more bytes than there are.
    Truncated {
        /// Bytes that the field takes.
        needed: usize,
        /// Bytes that are left.
        available: usize,
    },
    /// Another version than 5.0 (`[MS-RPCE] 3.3.1.5.1`).
    Version {
        /// Major version.
        major: u8,
        /// Minor version.
        minor: u8,
    },
    /// A value that the protocol does not know or does not allow here.
    Value(u32),
    /// A length that contradicts another one.
    Length(usize),
    /// More than the field can say.
    TooLong(usize),
}

impl Error {
    pub(crate) fn new(offset: usize, field: &'static str, kind: ErrorKind) -> Self {
        Self { offset, field, kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed PDU, {} at byte {}: {}", self.field, self.offset, self.kind)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, available } => {
                write!(f, "{needed} bytes needed, {available} left")
            }
            Self::Version { major, minor } => write!(f, "version {major}.{minor} instead of 5.0"),
            Self::Value(value) => write!(f, "unexpected value 0x{value:X}"),
            Self::Length(length) => write!(f, "length {length} contradicts the PDU"),
            Self::TooLong(length) => write!(f, "{length} does not fit"),
        }
    }
}

impl std::error::Error for Error {}
