//! What goes wrong with protected messages.

/// Why a message could not be protected or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtectionError {
    /// The token's length is not the one that is due.
    #[error("a token of {actual} bytes where {expected} are due")]
    Length {
        /// Length that is due.
        expected: usize,
        /// Length that came.
        actual: usize,
    },
    /// A token of another kind.
    #[error("a token of kind {actual:#06x} where {expected:#06x} is due")]
    TokenId {
        /// The kind that is due.
        expected: u16,
        /// The kind that came.
        actual: u16,
    },
    /// A field of the token has a value that it cannot have.
    #[error("malformed token: {field} at offset {offset}")]
    Malformed {
        /// The field that is wrong.
        field: &'static str,
        /// Where it stands, in bytes from the start of the token.
        offset: usize,
    },
    /// The token says that it comes from our own side.
    #[error("the token was made by our own side of the exchange: it was sent back")]
    Direction,
    /// The token says that it was made with another key than the one that is shared.
    #[error("the token was made with another subkey than the one in use")]
    Subkey,
    /// A message that had to be sealed is only signed.
    #[error("the message is only signed where it has to be sealed")]
    NotSealed,
    /// The lengths that the token tells do not fit the token.
    #[error("extra count {extra} and rotation {rotation} do not fit a token of {actual} bytes")]
    Counts {
        /// EC.
        extra: u16,
        /// RRC.
        rotation: u16,
        /// Length of the token.
        actual: usize,
    },
    /// The message or its token is not what the peer made.
    #[error("the checksum of a message does not match: it was changed, or the keys differ")]
    Checksum,
    /// The message is genuine, and not the one that is due.
    #[error("message number {actual} where {expected} is due: replayed, lost or reordered")]
    Sequence {
        /// The number that is due.
        expected: u64,
        /// The number that came.
        actual: u64,
    },
    /// A message too long for its token.
    #[error("a message of {0} bytes is too long to be wrapped")]
    TooLong(usize),
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system: {0}")]
    Random(#[from] getrandom::Error),
}
