//! What a client may offer.

use std::fmt;
use std::sync::Arc;

use futures_core::future::BoxFuture;

use super::Failure;
use super::initiator::{Initiator, Offer};
use super::mechanism::Mechanism;
use crate::{AuthLevel, AuthType, Error, InitiatorSource, LeftOut};

/// Makes SPNEGO initiators out of the sources of mechanisms.
///
/// They offer what Windows offers, Kerberos before NTLM, and begin with Kerberos at once. Where
/// Kerberos cannot be used, they offer NTLM alone, unless that is forbidden, and can tell why:
/// [`crate::Initiator::left_out`].
#[derive(Clone, Default)]
pub struct Source {
    kerberos: Option<Arc<dyn InitiatorSource>>,
    ntlm: Option<Arc<dyn InitiatorSource>>,
    ntlm_first: bool,
    without_ntlm: bool,
}

impl Source {
    /// A source that has nothing to offer yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers Kerberos, by both of its names.
    #[must_use]
    pub fn with_kerberos(mut self, source: Arc<dyn InitiatorSource>) -> Self {
        self.kerberos = Some(source);
        self
    }

    /// Offers NTLM.
    #[must_use]
    pub fn with_ntlm(mut self, source: Arc<dyn InitiatorSource>) -> Self {
        self.ntlm = Some(source);
        self
    }

    /// Prefers NTLM to Kerberos.
    #[must_use]
    pub fn ntlm_first(mut self) -> Self {
        self.ntlm_first = true;
        self
    }

    /// Never offers NTLM, which cannot show that the server is the one that was asked for.
    #[must_use]
    pub fn without_ntlm(mut self) -> Self {
        self.without_ntlm = true;
        self
    }

    /// The sources that may be used, the best first.
    fn candidates(&self) -> Vec<(AuthType, &'static [Mechanism], &Arc<dyn InitiatorSource>)> {
        const KERBEROS: &[Mechanism] = &[Mechanism::MsKerberos, Mechanism::Kerberos];
        const NTLM: &[Mechanism] = &[Mechanism::Ntlm];
        let kerberos = self.kerberos.as_ref().map(|source| (AuthType::Kerberos, KERBEROS, source));
        let ntlm = self.ntlm.as_ref().filter(|_| !self.without_ntlm);
        let ntlm = ntlm.map(|source| (AuthType::Ntlm, NTLM, source));
        let order = if self.ntlm_first { [ntlm, kerberos] } else { [kerberos, ntlm] };
        order.into_iter().flatten().collect()
    }

    async fn begin(&self, target_spn: &str, level: AuthLevel) -> Result<Initiator, Error> {
        let mut offers = Vec::new();
        let mut left_out: Option<LeftOut> = None;
        for (mechanism, mechanisms, source) in self.candidates() {
            let level = level_within(mechanisms, level);
            match source.initiator(target_spn, level).await {
                Ok(initiator) => offers.push(Offer { mechanisms, initiator }),
                Err(reason) if reason.allows_fallback() => {
                    tracing::info!(%reason, target = target_spn, "{mechanism} is not offered");
                    left_out = left_out.or(Some(LeftOut { mechanism, reason }));
                }
                Err(error) => return Err(error),
            }
        }
        let mut offers = offers.into_iter();
        match offers.next() {
            Some(first) => Initiator::new(first, offers.collect(), left_out),
            None => Err(left_out
                .map_or_else(|| Failure::NothingToOffer.into(), |LeftOut { reason, .. }| reason)),
        }
    }
}

/// The level for which a mechanism begins. NTLM does not agree on signatures where no message will
/// be signed, and the negotiation itself is to be signed at every level, as Windows does.
fn level_within(mechanisms: &[Mechanism], level: AuthLevel) -> AuthLevel {
    if mechanisms.contains(&Mechanism::Ntlm) { level.max(AuthLevel::Packet) } else { level }
}

impl InitiatorSource for Source {
    fn initiator<'a>(
        &'a self,
        target_spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn crate::Initiator>, Error>> {
        Box::pin(async move {
            let initiator = self.begin(target_spn, level).await?;
            Ok(Box::new(initiator) as Box<dyn crate::Initiator>)
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mechanisms: Vec<_> =
            self.candidates().into_iter().flat_map(|(_, mechanisms, _)| mechanisms).collect();
        f.debug_struct("Source").field("mechanisms", &mechanisms).finish()
    }
}
