//! Why the engine refuses.

use winreach_cim::WbemStatus;

use crate::provider::ProviderError;

/// A request was refused or failed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message} ({status})")]
pub struct Error {
    /// What the client gets.
    pub status: WbemStatus,
    /// What is wrong, for people.
    pub message: String,
}

impl Error {
    pub(crate) fn new(status: WbemStatus, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// A provider panicked.
    pub(crate) fn crashed() -> Self {
        Self::new(WbemStatus::E_CRITICAL_ERROR, "a provider crashed")
    }
}

impl From<ProviderError> for Error {
    fn from(error: ProviderError) -> Self {
        Self::new(WbemStatus(error.status), error.message)
    }
}
