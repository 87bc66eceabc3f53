//! Why somebody cannot even begin to log on.

use std::sync::Arc;

use winreach_kdc::AddressError;
use winreach_kerberos::PrincipalError;
use winreach_kerberos::credentials::{ConfigError, FileError, NameError};

/// What a user said of himself is contradictory, or cannot be used on this machine.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LogonError {
    /// `krb5.conf` is wrong.
    #[error("{0}")]
    Config(Arc<ConfigError>),
    /// A credential cache or a keytab cannot be read.
    #[error("{0}")]
    File(Arc<FileError>),
    /// The name of a credential cache or a keytab is none that can be read.
    #[error("{0}")]
    Name(Arc<NameError>),
    /// The name of a KDC is none.
    #[error("KDC {0:?}: {1}")]
    Kdc(String, AddressError),
    /// The name of a principal is none.
    #[error("{0:?} is no principal: {1}")]
    Principal(String, PrincipalError),
    /// Nothing says which realm an account belongs to.
    #[error("nothing says which Kerberos realm {0} belongs to: {1}")]
    NoRealm(String, &'static str),
    /// A keytab has no key of the client.
    #[error("the keytab {path} holds no key of {client}; it holds: {held}")]
    NoClientKey {
        /// The keytab.
        path: String,
        /// The client.
        client: String,
        /// Whose keys are there.
        held: String,
    },
    /// The mechanism cannot do what was asked.
    #[error("{0}")]
    Mechanism(&'static str),
}

impl LogonError {
    /// What to try, for what is well known.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::File(error) if matches!(**error, FileError::Io { .. }) => Some(
                "log on with kinit, or say who you are (--user), or name the file (--ccache, --keytab)",
            ),
            Self::NoRealm(..) => {
                Some("write user@REALM, name the realm (--realm), or use NTLM (--auth ntlm)")
            }
            _ => None,
        }
    }
}

impl From<ConfigError> for LogonError {
    fn from(error: ConfigError) -> Self {
        Self::Config(Arc::new(error))
    }
}

impl From<FileError> for LogonError {
    fn from(error: FileError) -> Self {
        Self::File(Arc::new(error))
    }
}

impl From<NameError> for LogonError {
    fn from(error: NameError) -> Self {
        Self::Name(Arc::new(error))
    }
}
