//! Requests: joined from fragments, checked and handed out.

use bytes::Bytes;
use uuid::Uuid;
use winreach_auth::AuthLevel;

use super::{Association, CallId, Event, Running};
use crate::fragment::Reassembly;
use crate::pdu::verification::{Header2, Verification};
use crate::pdu::{self, AuthTrailer, ByteOrder, Flags};
use crate::server::security::Protection;
use crate::server::{Error, Request};
use crate::{Fault, SyntaxId};

/// Fragments of a call that is over are ignored if they are not older than this
/// (`[MS-RPCE] 3.3.3.5.6`).
const LATE: u32 = 150;

/// One fragment of a request, opened.
pub(super) struct Fragment {
    pub(super) call_id: u32,
    pub(super) flags: Flags,
    pub(super) order: ByteOrder,
    pub(super) trailer: Option<AuthTrailer>,
    pub(super) request: pdu::Request,
}

/// A request of which more fragments are to come.
pub(super) struct Arriving {
    call_id: u32,
    context_id: u16,
    opnum: u16,
    object: Option<Uuid>,
    order: ByteOrder,
    protection: Protection,
    reassembly: Reassembly,
}

/// A call that fails before it begins, and the presentation context to say so on.
type Refused = (u16, Fault);

impl Association {
    /// Takes a fragment of a request, already verified.
    pub(super) fn handle_request(&mut self, fragment: Fragment) -> Result<(), Error> {
        let Fragment { call_id, flags, .. } = fragment;
        let begun = match self.arriving.take() {
            Some(arriving) if flags.contains(Flags::FIRST) || arriving.call_id != call_id => {
                return Err(Error::Protocol("a request began before the last one was whole"));
            }
            Some(arriving) => Ok(arriving),
            None if flags.contains(Flags::FIRST) => self.begin(&fragment)?,
            None if call_id <= self.last_call && self.last_call - call_id < LATE => return Ok(()),
            None => return Err(Error::Protocol("a request without its first fragment")),
        };
        let outcome = begun.and_then(|arriving| self.join(arriving, fragment));
        if let Err((context_id, fault)) = outcome {
            self.reject(call_id, context_id, fault);
        }
        Ok(())
    }

    /// Checks the first fragment of a request; the inner error fails the call alone.
    fn begin(&mut self, fragment: &Fragment) -> Result<Result<Arriving, Refused>, Error> {
        let Fragment { call_id, order, ref trailer, ref request, .. } = *fragment;
        if self.running.contains_key(&call_id) {
            return Err(Error::Protocol("two calls of the same number"));
        }
        if !self.multiplex && !self.running.is_empty() {
            return Err(Error::Protocol("a second call on a connection without multiplexing"));
        }
        self.last_call = call_id;
        let context_id = request.context_id;
        let arriving = self.security.protection(trailer.as_ref()).map(|protection| Arriving {
            call_id,
            context_id,
            opnum: request.opnum,
            object: request.object,
            order,
            protection,
            reassembly: Reassembly::default(),
        });
        Ok(arriving.map_err(|fault| (context_id, fault)).and_then(|arriving| {
            if !self.presentations.contains_key(&context_id) {
                Err((context_id, Fault::INVALID_PRES_CONTEXT_ID))
            } else if self.running.len() >= self.config.max_outstanding_calls {
                Err((context_id, Fault::SERVER_TOO_BUSY))
            } else {
                Ok(arriving)
            }
        }))
    }

    /// Adds a fragment; hands the request out when it was the last.
    fn join(&mut self, mut arriving: Arriving, fragment: Fragment) -> Result<(), Refused> {
        let refused = |fault| (arriving.context_id, fault);
        let Fragment { flags, trailer, request, .. } = fragment;
        let same_context = match &trailer {
            Some(trailer) => arriving.protection.id == Some(trailer.context_id),
            None => !arriving.protection.level.signs(),
        };
        let same_call =
            (request.context_id, request.opnum) == (arriving.context_id, arriving.opnum);
        if !same_context || !same_call {
            return Err(refused(Fault::PROTOCOL_ERROR));
        }
        arriving
            .reassembly
            .push(request.stub, self.config.max_request)
            .map_err(|_| refused(Fault::ACCESS_DENIED))?;
        if !flags.contains(Flags::LAST) {
            self.arriving = Some(arriving);
            return Ok(());
        }
        self.hand_out(arriving)
    }

    fn hand_out(&mut self, arriving: Arriving) -> Result<(), Refused> {
        let Arriving { call_id, context_id, opnum, object, order, protection, reassembly } =
            arriving;
        let refused = |fault| (context_id, fault);
        let interface =
            *self.presentations.get(&context_id).ok_or(refused(Fault::INVALID_PRES_CONTEXT_ID))?;
        let mut stub = reassembly.finish();
        if protection.level >= AuthLevel::Integrity {
            let header = Header2 { order, call_id, context_id, opnum };
            self.check_verification(&mut stub, &interface, header).map_err(refused)?;
        }
        let bytes = stub.len();
        if self.running_bytes + bytes > self.config.max_outstanding_bytes {
            return Err(refused(Fault::SERVER_TOO_BUSY));
        }
        self.running_bytes += bytes;
        self.running.insert(call_id, Running { context_id, security: protection.id, bytes });
        let request = Request {
            interface,
            opnum,
            object,
            stub,
            byte_order: order,
            level: protection.level,
            identity: protection.identity,
            connection: self.info.clone(),
        };
        self.events.push_back(Event::Request(CallId(call_id), request));
        Ok(())
    }

    /// Compares what the client asserts with what arrived and cuts it off the stub
    /// (`[MS-RPCE] 2.2.2.13`).
    fn check_verification(
        &self,
        stub: &mut Bytes,
        interface: &SyntaxId,
        header: Header2,
    ) -> Result<(), Fault> {
        let found = Verification::find(stub).map_err(|_| Fault::ACCESS_DENIED)?;
        let Some((start, verification)) = found else { return Ok(()) };
        let signs_headers =
            verification.bitmask.is_some_and(|bits| bits & Verification::HEADER_SIGNING != 0);
        let right = (!signs_headers || self.sign_header)
            && verification.context.is_none_or(|found| found == (*interface, SyntaxId::NDR))
            && verification.header.is_none_or(|found| found == header);
        if !right {
            return Err(Fault::ACCESS_DENIED);
        }
        stub.truncate(start);
        Ok(())
    }

    /// Forgets a call that the client has given up.
    pub(super) fn abandon(&mut self, call_id: u32) {
        if self.arriving.as_ref().is_some_and(|arriving| arriving.call_id == call_id) {
            self.arriving = None;
        }
        if let Some(call) = self.running.remove(&call_id) {
            self.running_bytes -= call.bytes;
            self.events.push_back(Event::Abandoned(CallId(call_id)));
        } else {
            // Its answer may wait to be sent.
            self.queue.withdraw(call_id);
        }
    }
}
