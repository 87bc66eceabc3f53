//! The interfaces of an association and the numbers by which requests name them.

use super::Error;
use crate::pdu::{ContextElement, ContextResult};
use crate::{Features, SyntaxId};

/// An interface that was proposed to the server.
pub(super) struct Presentation {
    pub(super) id: u16,
    interface: SyntaxId,
    answer: Option<ContextResult>,
    /// Whether other interfaces were proposed in the same exchange.
    in_company: bool,
    /// The security context of its calls.
    pub(super) security: Option<u32>,
    /// Whether a request has asserted the interface in its verification trailer.
    pub(super) verified: bool,
}

/// All interfaces of an association.
#[derive(Default)]
pub(super) struct Presentations {
    table: Vec<Presentation>,
    next_id: u16,
    bitmask_sent: bool,
}

impl Presentations {
    /// Proposes `interfaces` in NDR 2.0 and `offer` behind the last of them (`[MS-RPCE] 3.3.1.5.3`).
    pub(super) fn propose(
        &mut self,
        interfaces: &[SyntaxId],
        offer: Option<Features>,
    ) -> Vec<ContextElement> {
        let mut elements = Vec::with_capacity(interfaces.len() + 1);
        for &interface in interfaces {
            let id = self.take_id();
            // An interface that is negotiated again moves to the new context.
            self.table.retain(|presentation| presentation.interface != interface);
            self.table.push(Presentation {
                id,
                interface,
                answer: None,
                in_company: interfaces.len() > 1,
                security: None,
                verified: false,
            });
            elements.push(element(id, interface, SyntaxId::NDR));
        }
        if let (Some(offer), Some(&interface)) = (offer, interfaces.last()) {
            elements.push(element(self.next_id, interface, offer.to_syntax()));
        }
        elements
    }

    fn take_id(&mut self) -> u16 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        id
    }

    /// Whether `element` is an offer of features and not of an encoding.
    fn is_offer(element: &ContextElement) -> bool {
        element.transfer_syntaxes.iter().any(|syntax| Features::from_syntax(syntax).is_some())
    }

    /// Records the server's answers; gives back the features that it agreed to.
    pub(super) fn record(
        &mut self,
        elements: &[ContextElement],
        results: &[ContextResult],
    ) -> Features {
        let mut features = Features::empty();
        for (element, result) in elements.iter().zip(results) {
            if Self::is_offer(element) {
                if result.result == ContextResult::NEGOTIATE_ACK {
                    features |= Features::from_bits_truncate(result.reason);
                }
            } else if let Some(presentation) = self.by_id(element.id) {
                presentation.answer = Some(*result);
            }
        }
        features
    }

    fn by_id(&mut self, id: u16) -> Option<&mut Presentation> {
        self.table.iter_mut().find(|presentation| presentation.id == id)
    }

    fn by_interface(&mut self, interface: &SyntaxId) -> Option<&mut Presentation> {
        self.table.iter_mut().find(|presentation| presentation.interface == *interface)
    }

    /// Ends a negotiation: calls on its interfaces go under `security` from now on.
    ///
    /// Fails with the first refusal when no interface was accepted.
    pub(super) fn settle(
        &mut self,
        interfaces: &[SyntaxId],
        security: Option<u32>,
    ) -> Result<(), Error> {
        let mut refusal = None;
        let mut accepted = false;
        for presentation in &mut self.table {
            if interfaces.contains(&presentation.interface) {
                presentation.security = security;
                match presentation.check() {
                    Ok(()) => accepted = true,
                    Err(error) => refusal = refusal.or(Some(error)),
                }
            }
        }
        match refusal {
            Some(error) if !accepted => Err(error),
            _ => Ok(()),
        }
    }

    /// Drops the interfaces of a negotiation that failed.
    pub(super) fn forget(&mut self, interfaces: &[SyntaxId]) {
        self.table.retain(|presentation| !interfaces.contains(&presentation.interface));
    }

    /// Whether `interface` should be proposed once more, alone. Samba accepts one new interface in
    /// each exchange and answers to the others that their encoding is not supported; a client must
    /// not take that as final (`[MS-RPCE] 3.3.1.5.6`).
    pub(super) fn is_postponed(&mut self, interface: &SyntaxId) -> bool {
        self.by_interface(interface).is_some_and(|presentation| {
            presentation.in_company
                && presentation.answer.is_some_and(|answer| {
                    answer.result == ContextResult::PROVIDER_REJECTION
                        && answer.reason == ContextResult::TRANSFER_SYNTAXES_NOT_SUPPORTED
                })
        })
    }

    /// The security context that `interface` was negotiated under.
    pub(super) fn security_of(&mut self, interface: &SyntaxId) -> Option<u32> {
        self.by_interface(interface)?.security
    }

    /// The presentation context for calls on `interface`.
    pub(super) fn find(&mut self, interface: &SyntaxId) -> Result<&mut Presentation, Error> {
        let presentation = self.by_interface(interface).ok_or(Error::NotBound(*interface))?;
        presentation.check()?;
        Ok(presentation)
    }

    /// Lets the next request on context `id` assert its interface again.
    pub(super) fn verify_again(&mut self, id: u16) {
        if let Some(presentation) = self.by_id(id) {
            presentation.verified = false;
        }
    }

    /// Whether this is the first time that anybody asks.
    pub(super) fn first_bitmask(&mut self) -> bool {
        !std::mem::replace(&mut self.bitmask_sent, true)
    }
}

impl Presentation {
    fn check(&self) -> Result<(), Error> {
        let answer = self.answer.ok_or(Error::NotBound(self.interface))?;
        let ContextResult { result, reason, transfer_syntax } = answer;
        match result {
            ContextResult::ACCEPTANCE if transfer_syntax == SyntaxId::NDR => Ok(()),
            ContextResult::ACCEPTANCE => {
                Err(Error::Protocol("it accepted an encoding that was not proposed"))
            }
            _ => Err(Error::InterfaceRefused { interface: self.interface, result, reason }),
        }
    }
}

fn element(id: u16, abstract_syntax: SyntaxId, transfer_syntax: SyntaxId) -> ContextElement {
    ContextElement { id, abstract_syntax, transfer_syntaxes: vec![transfer_syntax] }
}
