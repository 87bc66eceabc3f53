//! Presentation and security contexts: negotiated and agreed.

use bytes::Bytes;
use winreach_auth as auth;

use super::{Association, Event, Exchange, NegotiationId};
use crate::client::negotiation::{Negotiation, Next, Proposal, Secured};
use crate::client::{Error, Security};
use crate::fragment::{LEAST_FRAGMENT, Outgoing};
use crate::pdu::{Auth, BindAck, Flags, Pdu, Type};
use crate::{Features, SyntaxId};

impl Association {
    /// Begins an exchange for `interfaces`.
    pub(super) fn negotiate(
        &mut self,
        id: Option<NegotiationId>,
        interfaces: &[SyntaxId],
        security: Option<Security>,
    ) -> Result<(), Error> {
        self.check_open()?;
        let security = security.map_or(Ok(None), Security::unless_none)?;
        if security.is_some()
            && !self.channels.is_empty()
            && !self.features.contains(Features::SECURITY_CONTEXT_MULTIPLEXING)
        {
            return Err(Error::Protocol("it does not allow a second security context"));
        }
        let security = security.map(|security| {
            self.next_security += 1;
            (security, self.next_security - 1)
        });
        let existing = match (id, interfaces.first()) {
            (None, Some(postponed)) => self.presentations.security_of(postponed),
            _ => self.security,
        };
        let offer = (!self.bound).then(Features::all);
        let proposal = Proposal {
            call_id: self.next_wire,
            is_bind: !self.bound,
            fragment: self.config.fragment(),
            assoc_group_id: self.assoc_group_id,
            multiplex: self.config.multiplex,
            interfaces: interfaces.to_vec(),
            elements: self.presentations.propose(interfaces, offer),
            security,
        };
        let (negotiation, first) = Negotiation::start(proposal)?;
        let first = encode(&first)?;
        self.release_held();
        self.queue.push(Outgoing::Pdu(first));
        self.negotiating = Some(Exchange { id, negotiation, security: existing });
        Ok(())
    }

    /// Takes the server's answer to a leg, and sends the next one if there is any.
    pub(super) fn handle_ack(
        &mut self,
        ptype: Type,
        call_id: u32,
        flags: Flags,
        ack: &BindAck,
        auth: Option<Auth>,
    ) -> Result<(), Error> {
        let Some(Exchange { negotiation, security, .. }) = &mut self.negotiating else {
            return Err(Error::Protocol("it answered a bind that was not sent"));
        };
        let expected = if self.bound { Type::AlterContextResp } else { Type::BindAck };
        if (ptype, call_id) != (expected, negotiation.call_id) {
            return Err(Error::Protocol("it answered another bind than the one that was sent"));
        }
        if !self.bound {
            if ack.max_recv_frag < LEAST_FRAGMENT {
                return Err(Error::Protocol("it takes only fragments below the least size"));
            }
            self.bound = true;
            self.max_xmit = self.max_xmit.min(ack.max_recv_frag);
            self.assoc_group_id = ack.assoc_group_id;
            self.multiplex = self.config.multiplex && flags.contains(Flags::CONC_MPX);
        }
        if negotiation.wants_header_signing() && !self.sign_header {
            self.sign_header = flags.contains(Flags::HEADER_SIGN);
            if !self.sign_header && self.config.require_header_signing {
                return Err(Error::Downgrade("it does not sign headers"));
            }
        }
        self.features |= self.presentations.record(negotiation.elements(), &ack.results);
        let next = negotiation.proceed(ack, auth)?;
        match next {
            Next::Leg(leg) => self.queue.push(Outgoing::Pdu(encode(&leg)?)),
            Next::Done { last, secured } => {
                self.held = last.as_ref().map(encode).transpose()?;
                if let Some(secured) = secured {
                    let Secured { channel, info } = *secured;
                    self.info = info;
                    *security = Some(channel.id);
                    self.security = Some(channel.id);
                    self.channels.insert(channel.id, channel);
                }
                self.end_negotiation(None);
            }
        }
        Ok(())
    }

    fn end_negotiation(&mut self, error: Option<Error>) {
        let Some(Exchange { id, negotiation, security }) = self.negotiating.take() else { return };
        let result = match error {
            Some(error) => {
                self.presentations.forget(negotiation.interfaces());
                Err(error)
            }
            None => self.presentations.settle(negotiation.interfaces(), security),
        };
        if let Some(id) = id {
            self.events.push_back(Event::Negotiated { id, result });
        }
    }

    /// Ends the exchange that the server refused. Without a first one there is no association.
    pub(super) fn fail_negotiation(&mut self, error: Error) -> Result<(), Error> {
        if !self.bound {
            return Err(error);
        }
        self.end_negotiation(Some(error));
        Ok(())
    }

    /// Whether the exchange that is on the wire has this call number.
    pub(super) fn is_negotiating(&self, wire: u32) -> bool {
        self.negotiating.as_ref().is_some_and(|exchange| exchange.negotiation.call_id == wire)
    }
}

/// The bytes of a leg. It is never cut, however long a fragment may be: a PDU holds 65535 bytes.
fn encode(leg: &Pdu) -> Result<Bytes, Error> {
    leg.to_bytes().map_err(|error| match error.field {
        "auth_length" | "frag_length" => auth::Error::TooLong("the security token").into(),
        _ => error.into(),
    })
}
