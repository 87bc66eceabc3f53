//! By which mechanisms callers can prove who they are.

use std::sync::Arc;

use winreach_auth::kerberos::{self, Clock, KeySource};
use winreach_auth::ntlm::{self, Accounts, Target};
use winreach_auth::{AuthType, Authenticator, Authenticators, spnego};

use super::authorize::Authorize;
use crate::accounts::Admission;

/// What a server has to know callers by.
pub(super) struct Mechanisms {
    pub(super) accounts: Arc<dyn Accounts>,
    pub(super) list: Arc<dyn Admission>,
    pub(super) keys: Option<Arc<dyn KeySource>>,
    pub(super) clock: Option<Clock>,
    pub(super) has_ntlm: bool,
}

impl Mechanisms {
    /// The security providers that clients can name, the best first.
    pub(super) fn services(&self) -> Vec<AuthType> {
        let (kerberos, ntlm) = (self.keys.is_some(), self.has_ntlm);
        let services = [
            (AuthType::Spnego, kerberos || ntlm),
            (AuthType::Kerberos, kerberos),
            (AuthType::Ntlm, ntlm),
        ];
        services.into_iter().filter_map(|(service, is_here)| is_here.then_some(service)).collect()
    }

    /// All of them behind one door, with one memory of what was seen before.
    pub(super) fn authenticator(self, target: Target) -> Arc<dyn Authenticator> {
        let Self { accounts, list, keys, clock, has_ntlm } = self;
        let kerberos = keys.map(|keys| {
            let kerberos = kerberos::Authenticator::new(keys);
            Arc::new(match clock {
                Some(clock) => kerberos.with_clock(clock),
                None => kerberos,
            }) as Arc<dyn Authenticator>
        });
        let ntlm = has_ntlm.then(|| {
            Arc::new(ntlm::Authenticator::new(accounts, target)) as Arc<dyn Authenticator>
        });
        let bare: Vec<_> = kerberos.into_iter().chain(ntlm).collect();
        let spnego = spnego::Authenticator::new(Arc::new(Authenticators::new(bare.clone())));
        let all = Authenticators::new(bare.into_iter().chain([Arc::new(spnego) as _]));
        Arc::new(Authorize::new(Arc::new(all), list))
    }
}
