//! Whose exchanges a client begins.

use std::sync::Arc;

use futures_core::future::BoxFuture;

use super::initiator::Initiator;
use super::keys::NtHash;
use crate::{
    Account, AuthLevel, AuthType, Credentials, Error, Identity, ImpersonationLevel, InitiatorSource,
};

/// Makes NTLM initiators for one account, or for nobody.
#[derive(Debug, Clone)]
pub struct Source {
    settings: Arc<Settings>,
}

/// What the exchanges of one account share.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Nobody's exchanges have none.
    pub(super) account: Option<Login>,
    pub(super) workstation: String,
    pub(super) impersonation: ImpersonationLevel,
    pub(super) channel_binding: Option<[u8; 16]>,
}

/// An account by the names that go over the wire, and what proves it.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) domain: String,
    pub(super) user: String,
    pub(super) hash: NtHash,
}

impl Source {
    /// Initiators that authenticate with `credentials` and let the server impersonate.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        // A principal name goes into the user field whole, as Windows sends it.
        let (domain, user) = match credentials.account() {
            Account::Domain { domain, user } => (domain.clone(), user.clone()),
            principal_or_plain => (String::new(), principal_or_plain.to_string()),
        };
        let hash = NtHash::of_password(credentials.password());
        Self::with_settings(Some(Login { domain, user, hash }), ImpersonationLevel::Impersonate)
    }

    /// Initiators that name no account, for services that answer everybody.
    ///
    /// Messages are signed and sealed as the level says, but by keys that whoever saw the exchange
    /// can compute: they are safe from accidents alone ([MS-NLMP] 3.2.5.1.2 and 5.1).
    ///
    /// ```
    /// use winreach_auth::{AuthLevel, ntlm};
    ///
    /// # fn main() -> Result<(), winreach_auth::Error> {
    /// let mut initiator = ntlm::Source::anonymous().begin("HOST/server", AuthLevel::Integrity)?;
    /// let negotiate = initiator.step(None)?.token;
    /// assert!(negotiate.is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn anonymous() -> Self {
        Self::with_settings(None, ImpersonationLevel::Anonymous)
    }

    fn with_settings(account: Option<Login>, impersonation: ImpersonationLevel) -> Self {
        let settings =
            Settings { account, workstation: String::new(), impersonation, channel_binding: None };
        Self { settings: Arc::new(settings) }
    }

    /// Tells servers the name of this machine, which they may log; none by default.
    #[must_use]
    pub fn with_workstation(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.settings).workstation = name.into();
        self
    }

    /// Lets servers do so much in the account's name.
    ///
    /// Over a network [`ImpersonationLevel::Anonymous`] hides no account: as on Windows, the
    /// server then gets [`ImpersonationLevel::Identify`]. To name none is
    /// [`anonymous`](Self::anonymous). [`ImpersonationLevel::Delegate`] is an error when an
    /// exchange begins.
    #[must_use]
    pub fn with_impersonation(mut self, level: ImpersonationLevel) -> Self {
        Arc::make_mut(&mut self.settings).impersonation = level;
        self
    }

    /// Binds exchanges to a channel: the MD5 hash of its `gss_channel_bindings_struct`
    /// (RFC 4121 section 4.1.1.2).
    #[must_use]
    pub fn with_channel_binding(mut self, hash: [u8; 16]) -> Self {
        Arc::make_mut(&mut self.settings).channel_binding = Some(hash);
        self
    }

    /// The client's side of one exchange; as [`InitiatorSource::initiator`], which for NTLM waits
    /// for nobody.
    ///
    /// # Errors
    /// [`Error::AnonymousRefused`] where the credentials name no user, [`Error::NoDelegation`]
    /// where the server is to act in the account's name on other machines.
    pub fn begin(
        &self,
        target_spn: &str,
        level: AuthLevel,
    ) -> Result<Box<dyn crate::Initiator>, Error> {
        if self.settings.account.as_ref().is_some_and(|account| account.user.is_empty()) {
            return Err(Error::AnonymousRefused);
        }
        if self.settings.impersonation == ImpersonationLevel::Delegate {
            return Err(Error::NoDelegation(AuthType::Ntlm));
        }
        Ok(Box::new(Initiator::new(Arc::clone(&self.settings), target_spn, level)))
    }
}

impl InitiatorSource for Source {
    fn initiator<'a>(
        &'a self,
        target_spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn crate::Initiator>, Error>> {
        Box::pin(std::future::ready(self.begin(target_spn, level)))
    }
}

impl Settings {
    /// Who we are to a server.
    pub(super) fn identity(&self) -> Identity {
        match &self.account {
            Some(Login { domain, user, .. }) => Identity {
                impersonation: self.impersonation.max(ImpersonationLevel::Identify),
                ..Identity::new(AuthType::Ntlm, domain, user)
            },
            None => Identity::anonymous(AuthType::Ntlm),
        }
    }

    /// Whether servers are told that they may know the caller and not act in its name. Of nobody
    /// there is nothing to hold back.
    pub(super) fn identifies_only(&self) -> bool {
        self.account.is_some() && self.impersonation <= ImpersonationLevel::Identify
    }
}
