//! Presentation and security contexts: proposed and answered.

use bytes::Bytes;

use super::Association;
use crate::fragment::{LEAST_FRAGMENT, Outgoing};
use crate::pdu::{
    Auth, Bind, BindAck, Body, ContextElement, ContextResult, Flags, Pdu, RejectReason,
};
use crate::server::Error;
use crate::{Fault, Features, SyntaxId};

impl Association {
    /// Answers the bind that opens the connection, unless the client is refused.
    pub(super) fn handle_bind(
        &mut self,
        call_id: u32,
        flags: Flags,
        bind: &Bind,
        auth: Option<&Auth>,
    ) -> Result<(), Error> {
        if self.is_bound() {
            return Err(Error::Protocol("a second bind"));
        }
        if bind.max_recv_frag < LEAST_FRAGMENT {
            return Err(Error::Protocol("it takes only fragments below the least size"));
        }
        if bind.contexts.len() > self.config.max_presentation_contexts {
            self.send_nak(call_id, RejectReason::LOCAL_LIMIT_EXCEEDED);
            return Ok(());
        }
        let token = match auth.map(|auth| self.security.leg(auth)).transpose() {
            Ok(token) => token.flatten(),
            Err(refusal) => {
                self.send_nak(call_id, refusal.reject_reason());
                return Ok(());
            }
        };
        let peer = self.info.peer.map(|peer| peer.ip());
        self.group = Some(self.config.groups.join(bind.assoc_group_id, peer));
        self.max_xmit = self.max_xmit.min(bind.max_recv_frag);
        self.multiplex = flags.contains(Flags::CONC_MPX);
        let secondary_address = match self.info.local {
            Some(local) => format!("{}\0", local.port()).into(),
            None => Bytes::new(),
        };
        let ack = self.acknowledge(bind, secondary_address);
        self.send_ack(call_id, flags, auth, Body::BindAck(ack), token);
        Ok(())
    }

    /// Answers an alter_context: more interfaces, another leg, or both.
    pub(super) fn handle_alter(
        &mut self,
        call_id: u32,
        flags: Flags,
        bind: &Bind,
        auth: Option<&Auth>,
    ) -> Result<(), Error> {
        let known = |element: &&ContextElement| !self.presentations.contains_key(&element.id);
        let added = bind.contexts.iter().filter(known).count();
        if self.presentations.len() + added > self.config.max_presentation_contexts {
            self.send_nak(call_id, RejectReason::LOCAL_LIMIT_EXCEEDED);
            return Ok(());
        }
        match auth.map(|auth| self.security.leg(auth)).transpose() {
            Ok(token) => {
                let ack = self.acknowledge(bind, Bytes::new());
                self.send_ack(call_id, flags, auth, Body::AlterContextResp(ack), token.flatten());
            }
            Err(refusal) => self.reject(call_id, 0, refusal.fault()),
        }
        Ok(())
    }

    fn acknowledge(&mut self, bind: &Bind, secondary_address: Bytes) -> BindAck {
        let fragment = self.config.max_fragment.max(LEAST_FRAGMENT);
        BindAck {
            max_xmit_frag: self.max_xmit,
            max_recv_frag: fragment.min(bind.max_xmit_frag.max(LEAST_FRAGMENT)),
            assoc_group_id: self.group.as_ref().map_or(0, |group| group.id),
            secondary_address,
            results: bind.contexts.iter().map(|element| self.accept(element)).collect(),
        }
    }

    /// Answers one proposed context: NDR 2.0 for interfaces that are offered, an acknowledgement for
    /// an offer of features, a reason for the rest (`[MS-RPCE] 3.3.1.5.3`, `3.3.1.5.6`).
    fn accept(&mut self, element: &ContextElement) -> ContextResult {
        let rejected = |reason| ContextResult {
            result: ContextResult::PROVIDER_REJECTION,
            reason,
            transfer_syntax: SyntaxId::NIL,
        };
        if let [syntax] = element.transfer_syntaxes.as_slice()
            && let Some(offer) = Features::from_syntax(syntax)
        {
            return ContextResult {
                result: ContextResult::NEGOTIATE_ACK,
                reason: offer.bits(),
                transfer_syntax: SyntaxId::NIL,
            };
        }
        if !self.service.supports(&element.abstract_syntax) {
            return rejected(ContextResult::ABSTRACT_SYNTAX_NOT_SUPPORTED);
        }
        if !element.transfer_syntaxes.contains(&SyntaxId::NDR) {
            return rejected(ContextResult::TRANSFER_SYNTAXES_NOT_SUPPORTED);
        }
        self.presentations.insert(element.id, element.abstract_syntax);
        ContextResult {
            result: ContextResult::ACCEPTANCE,
            reason: 0,
            transfer_syntax: SyntaxId::NDR,
        }
    }

    /// Sends the answer to a bind or alter_context. Header signing is agreed by an authenticated
    /// offer of it, also in the middle of a connection, and holds from the next PDU on.
    fn send_ack(
        &mut self,
        call_id: u32,
        offered: Flags,
        leg: Option<&Auth>,
        body: Body,
        token: Option<Auth>,
    ) {
        let mut flags = Flags::WHOLE | (offered & Flags::CONC_MPX);
        if leg.is_some() && offered.contains(Flags::HEADER_SIGN) {
            flags |= Flags::HEADER_SIGN;
            self.sign_header = true;
        }
        let ack = Pdu { auth: token, ..Pdu::new(call_id, flags, body) };
        match ack.to_bytes() {
            Ok(bytes) => self.queue.push(Outgoing::Pdu(bytes)),
            Err(error) => {
                // Binds are never cut, so that a token of a mechanism can be too long.
                tracing::error!(%error, "an answer does not fit into a PDU");
                match ack.body {
                    Body::BindAck(_) => {
                        self.group = None;
                        self.send_nak(call_id, RejectReason::LOCAL_LIMIT_EXCEEDED);
                    }
                    _ => self.reject(call_id, 0, Fault::PROTOCOL_ERROR),
                }
            }
        }
    }
}
