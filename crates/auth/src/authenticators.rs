//! Several mechanisms behind one door.

use std::fmt;
use std::sync::Arc;

use crate::{Acceptor, AuthLevel, AuthType, Authenticator};

/// Asks several authenticators in turn; the first that takes a provider conducts the exchange.
///
/// ```
/// use std::sync::Arc;
/// use winreach_auth::{AuthLevel, AuthType, Authenticator as _, Authenticators, ntlm, spnego};
///
/// let target = ntlm::Target::new("SERVER");
/// let users = Arc::new(ntlm::UserTable::new());
/// let ntlm = Arc::new(ntlm::Authenticator::new(users, target));
/// let spnego = Arc::new(spnego::Authenticator::new(ntlm.clone()));
/// let server = Authenticators::new([ntlm as _, spnego as _]);
/// assert!(server.acceptor(AuthType::Ntlm, AuthLevel::Privacy).is_some());
/// assert!(server.acceptor(AuthType::Spnego, AuthLevel::Privacy).is_some());
/// assert!(server.acceptor(AuthType::Kerberos, AuthLevel::Privacy).is_none());
/// ```
#[derive(Clone)]
pub struct Authenticators(Arc<[Arc<dyn Authenticator>]>);

impl Authenticators {
    /// In this order.
    #[must_use]
    pub fn new(authenticators: impl IntoIterator<Item = Arc<dyn Authenticator>>) -> Self {
        Self(authenticators.into_iter().collect())
    }
}

impl Authenticator for Authenticators {
    fn acceptor(&self, auth_type: AuthType, level: AuthLevel) -> Option<Box<dyn Acceptor>> {
        self.0.iter().find_map(|authenticator| authenticator.acceptor(auth_type, level))
    }
}

impl fmt::Debug for Authenticators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticators").field("count", &self.0.len()).finish()
    }
}
