//! The exchange of `mechListMIC` (RFC 4178 section 5): each side signs the list of mechanisms that
//! the client offered, with the keys of the one that was chosen. Whoever changes the list on its
//! way, so that the peers choose a weaker mechanism, would have to forge that.

use super::Failure;
use crate::{Error, SecurityContext};

/// How far the two signatures are on this side.
pub(super) struct MicExchange {
    /// The DER of the list, as it was sent.
    list: Vec<u8>,
    /// Whether the choice of the mechanism cannot be trusted without.
    due: bool,
    /// Whether there is none at all.
    waived: bool,
    sent: bool,
    verified: bool,
}

impl MicExchange {
    pub(super) fn new(list: &[u8], due: bool) -> Self {
        Self { list: list.to_vec(), due, waived: false, sent: false, verified: false }
    }

    /// Makes the exchange obligatory, where it is not yet.
    pub(super) fn demand_if(&mut self, due: bool) {
        self.due |= due;
    }

    /// Does without: the mechanism cannot sign (RFC 4178 section 5).
    pub(super) fn waive(&mut self) {
        (self.waived, self.due) = (true, false);
    }

    pub(super) fn is_due(&self) -> bool {
        self.due
    }

    pub(super) fn is_sent(&self) -> bool {
        self.sent
    }

    pub(super) fn is_verified(&self) -> bool {
        self.verified
    }

    /// Verifies the peer's signature, if it sent one.
    pub(super) fn verify(
        &mut self,
        context: &mut dyn SecurityContext,
        mic: Option<&[u8]>,
    ) -> Result<(), Error> {
        let Some(mic) = mic.filter(|_| !self.waived) else { return Ok(()) };
        if self.verified {
            return Err(Error::OutOfTurn("a second mechListMIC"));
        }
        context.verify_mechanisms(&self.list, mic).map_err(|error| match error {
            Error::Signature | Error::TokenLength { .. } => Error::Tampered,
            other => other,
        })?;
        self.verified = true;
        Ok(())
    }

    /// Our signature, unless it is sent already. A mechanism that cannot sign sends none, as long
    /// as none is due.
    pub(super) fn sign(
        &mut self,
        context: &mut dyn SecurityContext,
    ) -> Result<Option<Vec<u8>>, Error> {
        if self.sent || self.waived {
            return Ok(None);
        }
        match context.sign_mechanisms(&self.list) {
            Ok(mic) => {
                self.sent = true;
                Ok(Some(mic))
            }
            Err(Error::LevelNotNegotiated(_)) if !self.due => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fails where the peer's signature is due and did not come.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.due && !self.verified { Err(Failure::MicMissing) } else { Ok(()) }
    }
}
