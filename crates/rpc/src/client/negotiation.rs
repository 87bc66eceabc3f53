//! Agreeing on presentation and security contexts: the client's legs (`[MS-RPCE] 3.3.1.5.2.1`).

use bytes::Bytes;
use winreach_auth::{self as auth, AuthLevel, AuthType, Established, Initiator};

use super::{Error, Security, SecurityInfo};
use crate::SyntaxId;
use crate::channel::Channel;
use crate::pdu::{Auth, Bind, BindAck, Body, ContextElement, ContextResult, Flags, Pdu};

/// One exchange of a bind or alter_context and what follows it.
pub(super) struct Negotiation {
    pub(super) call_id: u32,
    /// The first exchange of a connection begins with a bind.
    is_bind: bool,
    fragment: u16,
    assoc_group_id: u32,
    multiplex: bool,
    interfaces: Vec<SyntaxId>,
    /// What the last leg proposed; the offer of features, if any, came last.
    elements: Vec<ContextElement>,
    handshake: Option<Handshake>,
}

/// The authentication that goes along.
struct Handshake {
    initiator: Box<dyn Initiator>,
    auth_type: AuthType,
    asked: AuthLevel,
    level: AuthLevel,
    requires_mutual: bool,
    context_id: u32,
    context: Option<Established>,
}

/// A finished security context, and what is to be told of it.
pub(super) struct Secured {
    pub(super) channel: Channel,
    /// Without whether headers are signed, which is a matter of the whole connection.
    pub(super) info: SecurityInfo,
}

/// What follows an answer of the server.
pub(super) enum Next {
    /// Another leg that the server will answer.
    Leg(Pdu),
    /// The exchange is over; the PDU, if any, is the last leg and will not be answered.
    Done { last: Option<Pdu>, secured: Option<Box<Secured>> },
}

/// What a negotiation is made from.
pub(super) struct Proposal {
    pub(super) call_id: u32,
    pub(super) is_bind: bool,
    pub(super) fragment: u16,
    pub(super) assoc_group_id: u32,
    pub(super) multiplex: bool,
    pub(super) interfaces: Vec<SyntaxId>,
    pub(super) elements: Vec<ContextElement>,
    /// With the number of the security context to make.
    pub(super) security: Option<(Security, u32)>,
}

impl Negotiation {
    /// Begins the exchange: the negotiation and its first PDU.
    pub(super) fn start(proposal: Proposal) -> Result<(Self, Pdu), Error> {
        let mut handshake = proposal.security.map(|(security, context_id)| Handshake {
            auth_type: security.initiator.auth_type(),
            asked: security.asked,
            level: security.level(),
            requires_mutual: security.requires_mutual,
            initiator: security.initiator,
            context_id,
            context: None,
        });
        let token = match &mut handshake {
            Some(handshake) => Some(handshake.step(None)?.ok_or(NO_TOKEN)?),
            None => None,
        };
        let mut negotiation = Self {
            call_id: proposal.call_id,
            is_bind: proposal.is_bind,
            fragment: proposal.fragment,
            assoc_group_id: proposal.assoc_group_id,
            multiplex: proposal.multiplex,
            interfaces: proposal.interfaces,
            elements: proposal.elements,
            handshake,
        };
        let first = negotiation.leg(token);
        Ok((negotiation, first))
    }

    /// The interfaces that are negotiated.
    pub(super) fn interfaces(&self) -> &[SyntaxId] {
        &self.interfaces
    }

    /// What the last leg proposed.
    pub(super) fn elements(&self) -> &[ContextElement] {
        &self.elements
    }

    /// A bind or alter_context with `token`.
    fn leg(&mut self, token: Option<Vec<u8>>) -> Pdu {
        let bind = Bind {
            max_xmit_frag: self.fragment,
            max_recv_frag: self.fragment,
            assoc_group_id: self.assoc_group_id,
            contexts: self.elements.clone(),
        };
        let body = match std::mem::take(&mut self.is_bind) {
            true => Body::Bind(bind),
            false => Body::AlterContext(bind),
        };
        let mut flags = self.flags();
        flags.set(Flags::CONC_MPX, self.multiplex);
        Pdu { auth: self.auth(token), ..Pdu::new(self.call_id, flags, body) }
    }

    fn flags(&self) -> Flags {
        let mut flags = Flags::WHOLE;
        flags.set(Flags::HEADER_SIGN, self.wants_header_signing());
        flags
    }

    fn auth(&self, token: Option<Vec<u8>>) -> Option<Auth> {
        let (handshake, token) = self.handshake.as_ref().zip(token)?;
        Some(Auth {
            auth_type: handshake.auth_type.code(),
            auth_level: handshake.level.code(),
            context_id: handshake.context_id,
            padding: Bytes::new(),
            token: token.into(),
        })
    }

    /// Whether this exchange asks for header signing (`[MS-RPCE] 3.3.1.5.2.2`).
    pub(super) fn wants_header_signing(&self) -> bool {
        self.handshake.as_ref().is_some_and(|handshake| handshake.level >= AuthLevel::Integrity)
    }

    /// Takes the server's answer and says what follows.
    pub(super) fn proceed(&mut self, ack: &BindAck, auth: Option<Auth>) -> Result<Next, Error> {
        if ack.results.len() != self.elements.len() {
            return Err(Error::Protocol("it did not answer each presentation context"));
        }
        self.assoc_group_id = ack.assoc_group_id;
        // A further leg proposes again what was accepted, as Windows does.
        let mut results = ack.results.iter();
        let accepted = |result: &ContextResult| result.result == ContextResult::ACCEPTANCE;
        self.elements.retain(|_| results.next().is_some_and(accepted));
        let Some(handshake) = &mut self.handshake else {
            return match auth {
                None => Ok(Next::Done { last: None, secured: None }),
                Some(_) => Err(Error::Protocol("it authenticates although nobody asked")),
            };
        };
        let token = match auth.map(|auth| handshake.check(auth)).transpose()? {
            Some(token) => handshake.step(Some(&token))?,
            None if handshake.context.is_some() => None,
            None => return Err(Error::Downgrade("it did not answer the authentication")),
        };
        match token {
            None => {
                let secured = self.handshake.take().and_then(Handshake::finish);
                let secured = secured.ok_or(NO_TOKEN)?;
                Ok(Next::Done { last: None, secured: Some(Box::new(secured)) })
            }
            // The third leg of three is not answered; of an even number of legs each one is.
            Some(token) if handshake.context.is_some() && handshake.has_three_legs() => {
                let pdu = Pdu::new(self.call_id, self.flags(), Body::Auth3);
                let last = Pdu { auth: self.auth(Some(token)), ..pdu };
                let secured = self.handshake.take().and_then(Handshake::finish);
                Ok(Next::Done { last: Some(last), secured: secured.map(Box::new) })
            }
            Some(token) => Ok(Next::Leg(self.leg(Some(token)))),
        }
    }
}

const NO_TOKEN: Error = Error::Authentication(auth::Error::OutOfTurn("the end of the exchange"));

impl Handshake {
    fn step(&mut self, input: Option<&[u8]>) -> Result<Option<Vec<u8>>, Error> {
        if self.context.is_some() {
            return Err(Error::Protocol("it went on with an authentication that was over"));
        }
        let step = self.initiator.step(input)?;
        if let Some(Established { identity, mutual: false, .. }) = &step.established
            && self.requires_mutual
        {
            return Err(Error::NotMutual(identity.auth_type));
        }
        self.context = step.established;
        Ok(step.token)
    }

    /// The token of an answer that belongs to this exchange.
    fn check(&self, auth: Auth) -> Result<Bytes, Error> {
        if auth.auth_type != self.auth_type.code() || auth.context_id != self.context_id {
            return Err(Error::Downgrade("it answered with another security context"));
        }
        if auth.auth_level != self.level.code() {
            return Err(Error::Downgrade("it answered at another level"));
        }
        Ok(auth.token)
    }

    /// `[MS-RPCE] 2.2.1.1.7`
    fn has_three_legs(&self) -> bool {
        matches!(self.auth_type, AuthType::Ntlm | AuthType::Netlogon)
    }

    fn finish(self) -> Option<Secured> {
        let Self { initiator, auth_type, asked, level, context_id, .. } = self;
        self.context.map(|Established { context, identity, mutual }| Secured {
            channel: Channel { auth_type, level, id: context_id, context },
            info: SecurityInfo {
                provider: auth_type,
                asked,
                level,
                signs_headers: false,
                mutual,
                identity,
                left_out: initiator.left_out().cloned().map(Box::new),
            },
        })
    }
}
