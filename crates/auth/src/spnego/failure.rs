//! How a negotiation comes to nothing.

use crate::AuthType;

/// Why peers did not agree on a mechanism, or must not trust that they did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// There is no mechanism to offer.
    #[error("no mechanism to offer: neither Kerberos nor NTLM may be used")]
    NothingToOffer,
    /// The client offers nothing that the server speaks.
    #[error("no common mechanism: the client offers {0}")]
    NoCommonMechanism(String),
    /// The peer gave the negotiation up.
    #[error("the other side rejected the negotiation")]
    Rejected,
    /// The server chose what was not offered; somebody may be tampering with the negotiation.
    #[error("the server chose {0}, which was not offered (downgrade refused)")]
    NotOffered(String),
    /// The signature of the offer is missing where the choice cannot be trusted without it.
    #[error(
        "the offer of mechanisms came back unsigned, so that anybody may have changed it (downgrade refused)"
    )]
    MicMissing,
    /// The peer says that all is done before the mechanism is.
    #[error("the other side ended the exchange before {0} was through")]
    CompletedEarly(AuthType),
    /// A token of the mechanism should have come.
    #[error("the other side sent no token of {0} where one was due")]
    NoToken(AuthType),
}
