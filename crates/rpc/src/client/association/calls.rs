//! Calls: sent, answered, failed.

use bytes::Bytes;
use winreach_auth::AuthLevel;

use super::{Association, CallId, Event, Outstanding};
use crate::SyntaxId;
use crate::channel::Violation;
use crate::client::{Call, Error};
use crate::fragment::{Message, Outgoing};
use crate::pdu::verification::{Header2, Verification};
use crate::pdu::{AuthTrailer, ByteOrder, Flags, Type};

impl Association {
    /// Sends a call.
    pub(super) fn dispatch(&mut self, id: CallId, call: Call) -> Result<(), Error> {
        self.check_open()?;
        let wire = self.next_wire;
        let presentation = self.presentations.find(&call.interface)?;
        let (context_id, security) = (presentation.id, presentation.security);
        let level = security.and_then(|id| self.channels.get(&id)).map(|channel| channel.level);
        let signed = level >= Some(AuthLevel::Integrity);
        let verifies = signed && !std::mem::replace(&mut presentation.verified, true);
        let verification = match signed {
            true => self.verification(wire, context_id, &call, verifies),
            false => Verification::default(),
        };
        self.next_wire += 1;
        self.release_held();
        self.queue.push(Outgoing::Message(Message {
            ptype: Type::Request,
            call_id: wire,
            context_id,
            opnum: call.opnum,
            object: call.object,
            verification: verification.to_bytes(call.stub.len()),
            stub: call.stub,
            security,
            sign_header: self.sign_header,
            started: false,
        }));
        self.wire_ids.insert(id, wire);
        let verifies = verifies.then_some(context_id);
        self.outstanding.insert(wire, Outstanding { id, security, verifies, reassembly: None });
        if !self.multiplex {
            self.exclusive = Some(wire);
        }
        Ok(())
    }

    /// What a signed request asserts: as Windows, the interface on its first use and, on the first
    /// request of the connection, that this client signs headers; the header itself only where
    /// header signing does not cover it (`[MS-RPCE] 2.2.2.13`, notes 41 to 43).
    fn verification(
        &mut self,
        wire: u32,
        context_id: u16,
        call: &Call,
        first: bool,
    ) -> Verification {
        let header =
            Header2 { order: ByteOrder::Little, call_id: wire, context_id, opnum: call.opnum };
        Verification {
            bitmask: self.presentations.first_bitmask().then_some(Verification::HEADER_SIGNING),
            context: first.then_some((call.interface, SyntaxId::NDR)),
            header: (!self.sign_header).then_some(header),
        }
    }

    /// Takes a fragment of an answer, already verified.
    pub(super) fn handle_response(
        &mut self,
        wire: u32,
        flags: Flags,
        trailer: Option<AuthTrailer>,
        stub: Bytes,
    ) -> Result<(), Error> {
        let limit = self.config.max_response;
        let Some(call) = self.answered(wire, flags, trailer, false)? else { return Ok(()) };
        let first = flags.contains(Flags::FIRST);
        if first == call.reassembly.is_some() {
            return Err(Error::Protocol("the fragments of an answer are out of order"));
        }
        let reassembly = call.reassembly.get_or_insert_default();
        if reassembly.push(stub, limit).is_err() {
            let id = call.id;
            self.orphan(id);
            let result = Err(Error::TooLarge(limit));
            self.events.push_back(Event::Completed { id, result });
            return Ok(());
        }
        if flags.contains(Flags::LAST) {
            let stub = call.reassembly.take().unwrap_or_default().finish();
            self.complete(wire, Ok(stub));
        }
        Ok(())
    }

    /// Fails the call or the negotiation that `wire` names.
    pub(super) fn handle_fault(
        &mut self,
        wire: u32,
        trailer: Option<AuthTrailer>,
        error: Error,
    ) -> Result<(), Error> {
        if self.outstanding.contains_key(&wire) || !self.is_negotiating(wire) {
            if let Some(call) = self.answered(wire, Flags::WHOLE, trailer, true)? {
                if let Some(context) = call.verifies {
                    self.presentations.verify_again(context);
                }
                self.complete(wire, Err(error));
            }
            return Ok(());
        }
        self.fail_negotiation(error)
    }

    /// The call that a PDU answers; nothing when it was given up.
    fn answered(
        &mut self,
        wire: u32,
        flags: Flags,
        trailer: Option<AuthTrailer>,
        is_fault: bool,
    ) -> Result<Option<&mut Outstanding>, Error> {
        let Some(call) = self.outstanding.get_mut(&wire) else {
            if wire >= self.next_wire {
                return Err(Error::Protocol("it answered a call that was not made"));
            }
            if self.exclusive == Some(wire) && flags.contains(Flags::LAST) {
                self.exclusive = None;
            }
            return Ok(None);
        };
        let protected = call.security.and_then(|id| self.channels.get(&id));
        let signs = protected.is_some_and(|channel| channel.level.signs());
        match trailer {
            // Windows sends its faults without a signature. They can fail a call, no more.
            None if signs && !is_fault => Err(Violation::Missing.into()),
            Some(trailer) if Some(trailer.context_id) != call.security => {
                Err(Error::Protocol("it answered under another security context"))
            }
            _ => Ok(Some(call)),
        }
    }

    fn complete(&mut self, wire: u32, result: Result<Bytes, Error>) {
        if let Some(call) = self.outstanding.remove(&wire) {
            self.wire_ids.remove(&call.id);
            self.events.push_back(Event::Completed { id: call.id, result });
        }
        if self.exclusive == Some(wire) {
            self.exclusive = None;
        }
    }
}
