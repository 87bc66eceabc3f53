//! The server half of an association, without I/O.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use winreach_auth::{AuthLevel, Authenticator};

use super::groups::Membership;
use super::security::{Contexts, Protection};
use super::{Config, ConnectionInfo, Error, Request, Service};
use crate::fragment::{LEAST_FRAGMENT, Message, Outgoing, Reassembly, SendQueue, Withdrawn};
use crate::pdu::verification::{Header2, Verification};
use crate::pdu::{
    self, Auth, AuthTrailer, Bind, BindAck, BindNak, Body, ByteOrder, ContextElement,
    ContextResult, FaultBody, Flags, Frame, Pdu, RejectReason, Type,
};
use crate::{Fault, Features, SyntaxId};

/// Names a call of one association until it is answered or given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallId(u32);

/// Something that an association wants done.
#[derive(Debug)]
pub enum Event {
    /// A call is to be carried out and then answered with [`Association::respond`].
    Request(CallId, Request),
    /// The client asks to cancel a call. It must still be answered.
    Cancel(CallId),
    /// The client has given up a call; an answer is not wanted any more.
    Abandoned(CallId),
}

/// The server half of an association: a state machine that is fed the bytes of the client and asked
/// for the bytes to send and for the calls to carry out. It knows neither sockets nor time.
///
/// After an error of [`handle_input`](Self::handle_input) what [`poll_transmit`](Self::poll_transmit)
/// still gives should be sent, since it tells the client why, and the connection be closed.
///
/// Source: `[MS-RPCE] 3.3.1`, `3.3.3`.
pub struct Association {
    config: Config,
    service: Arc<dyn Service>,
    info: Arc<ConnectionInfo>,
    security: Contexts,
    /// Set by the bind.
    group: Option<Membership>,
    max_xmit: u16,
    multiplex: bool,
    sign_header: bool,
    presentations: HashMap<u16, SyntaxId>,
    arriving: Option<Arriving>,
    last_call: u32,
    running: HashMap<u32, Running>,
    running_bytes: usize,
    queue: SendQueue,
    events: VecDeque<Event>,
}

/// A request of which more fragments are to come.
struct Arriving {
    call_id: u32,
    context_id: u16,
    opnum: u16,
    object: Option<uuid::Uuid>,
    order: ByteOrder,
    protection: Protection,
    reassembly: Reassembly,
}

/// A call that was handed out and is not yet answered.
struct Running {
    context_id: u16,
    security: Option<u32>,
    bytes: usize,
}

/// Fragments of a call that is over are ignored if they are not older than this
/// (`[MS-RPCE] 3.3.3.5.6`).
const LATE: u32 = 150;

impl Association {
    /// An association that waits for a bind.
    pub fn new(
        service: Arc<dyn Service>,
        authenticator: Arc<dyn Authenticator>,
        config: Config,
        info: ConnectionInfo,
    ) -> Self {
        Self {
            service,
            info: Arc::new(info),
            security: Contexts::new(authenticator, config.max_security_contexts),
            group: None,
            max_xmit: config.max_fragment.max(LEAST_FRAGMENT),
            config,
            multiplex: false,
            sign_header: false,
            presentations: HashMap::new(),
            arriving: None,
            last_call: 0,
            running: HashMap::new(),
            running_bytes: 0,
            queue: SendQueue::default(),
            events: VecDeque::new(),
        }
    }

    /// Whether the client has bound.
    pub fn is_bound(&self) -> bool {
        self.group.is_some()
    }

    /// Calls that were handed out and are not yet answered.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Bytes of answers that wait to be sent, roughly.
    pub fn unsent(&self) -> usize {
        self.queue.len()
    }

    /// The next bytes to send.
    ///
    /// # Errors
    /// When an answer cannot be protected; the association is over then.
    pub fn poll_transmit(&mut self) -> Result<Option<Bytes>, Error> {
        Ok(self.queue.next_batch(self.max_xmit, &mut self.security.channels)?)
    }

    /// The next thing to do.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Answers a call. Nothing happens when the client has given it up.
    pub fn respond(&mut self, id: CallId, result: Result<Bytes, Fault>) {
        let Some(call) = self.running.remove(&id.0) else { return };
        self.running_bytes -= call.bytes;
        match result {
            Ok(stub) => self.queue.push(Outgoing::Message(Message {
                ptype: Type::Response,
                call_id: id.0,
                context_id: call.context_id,
                opnum: 0,
                object: None,
                stub,
                verification: Bytes::new(),
                security: call.security,
                sign_header: self.sign_header,
                started: false,
            })),
            Err(fault) => self.send_fault(id.0, call.context_id, fault, Flags::WHOLE),
        }
    }

    /// Takes all whole PDUs off `input`; the beginning of another one stays there.
    ///
    /// # Errors
    /// When the client sent what it must not send. The connection cannot be used any more.
    pub fn handle_input(&mut self, input: &mut BytesMut) -> Result<(), Error> {
        loop {
            let frame = match Frame::split_from(input) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.refuse_malformed(&error);
                    return Err(error.into());
                }
            };
            let header = *frame.header();
            if let Err(error) = self.handle_frame(frame) {
                let fault = match error {
                    Error::Tampered(_) => Fault::SEC_PKG_ERROR,
                    _ => Fault::PROTOCOL_ERROR,
                };
                match header.ptype {
                    Type::Bind => self.send_nak(header.call_id, RejectReason::NOT_SPECIFIED),
                    _ => self.reject(header.call_id, 0, fault),
                }
                return Err(error);
            }
        }
    }

    /// Tells a client of another protocol version which one is spoken here.
    fn refuse_malformed(&mut self, error: &pdu::Error) {
        match error.kind {
            pdu::ErrorKind::Version { .. } if !self.is_bound() => {
                self.send_nak(0, RejectReason::PROTOCOL_VERSION_NOT_SPECIFIED);
            }
            _ => self.reject(0, 0, Fault::PROTOCOL_ERROR),
        }
    }

    fn handle_frame(&mut self, mut frame: Frame) -> Result<(), Error> {
        let header = *frame.header();
        let trailer = match header.ptype {
            Type::Request | Type::CoCancel | Type::Orphaned => self.open(&mut frame)?,
            _ => None,
        };
        let Pdu { flags, order, call_id, body, auth } = frame.parse()?;
        if !self.is_bound() && !matches!(body, Body::Bind(_)) {
            return Err(Error::Protocol("it did not begin with a bind"));
        }
        match body {
            Body::Bind(bind) => self.handle_bind(call_id, flags, &bind, auth.as_ref()),
            Body::AlterContext(bind) => self.handle_alter(call_id, flags, &bind, auth.as_ref()),
            Body::Auth3 => {
                let auth = auth.ok_or(Error::Protocol("auth3 without a token"))?;
                self.security
                    .last_leg(&auth)
                    .map_err(|_| Error::Protocol("auth3 for no exchange that waits for it"))
            }
            Body::Request(request) => {
                let fragment = Fragment { call_id, flags, order, trailer, request };
                self.handle_request(fragment)
            }
            Body::CoCancel => {
                if self.running.contains_key(&call_id) {
                    self.events.push_back(Event::Cancel(CallId(call_id)));
                }
                Ok(())
            }
            Body::Orphaned => {
                self.abandon(call_id);
                Ok(())
            }
            _ => Err(Error::Protocol("it sent a PDU that only servers send")),
        }
    }

    /// Opens a PDU that carries a trailer. What cannot be verified is not looked at.
    fn open(&mut self, frame: &mut Frame) -> Result<Option<AuthTrailer>, Error> {
        let Some(trailer) = frame.auth_trailer()? else { return Ok(None) };
        let failed = self.security.has_failed(trailer.context_id);
        match self.security.channels.get_mut(&trailer.context_id) {
            Some(channel) => channel.open(frame, &trailer, self.sign_header)?,
            // The caller failed to authenticate, as it is about to be told.
            None if failed => {}
            None => return Err(Error::Protocol("it used a security context that does not exist")),
        }
        Ok(Some(trailer))
    }

    fn handle_bind(
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

    fn handle_alter(
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
        self.send(&Pdu { auth: token, ..Pdu::new(call_id, flags, body) });
    }

    fn handle_request(&mut self, fragment: Fragment) -> Result<(), Error> {
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
        let same = (request.context_id, request.opnum, request.object)
            == (arriving.context_id, arriving.opnum, arriving.object);
        if !same_context || !same {
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

    fn abandon(&mut self, call_id: u32) {
        if self.arriving.as_ref().is_some_and(|arriving| arriving.call_id == call_id) {
            self.arriving = None;
        }
        if let Some(call) = self.running.remove(&call_id) {
            self.running_bytes -= call.bytes;
            self.events.push_back(Event::Abandoned(CallId(call_id)));
        } else if self.queue.withdraw(call_id) == Withdrawn::Unsent {
            tracing::trace!(call_id, "an answer was not wanted any more");
        }
    }

    /// Fails a call that was not begun.
    fn reject(&mut self, call_id: u32, context_id: u16, fault: Fault) {
        self.send_fault(call_id, context_id, fault, Flags::WHOLE | Flags::DID_NOT_EXECUTE);
    }

    /// Faults go out unsigned, as from Windows. A client that does not look at signatures of faults
    /// would lose the state of its cipher otherwise.
    fn send_fault(&mut self, call_id: u32, context_id: u16, fault: Fault, flags: Flags) {
        let fault = if fault.may_be_sent() { fault } else { Fault::UNSPECIFIED };
        let body = FaultBody {
            // The length of a fault without extended error information (`[MS-RPCE] 2.2.2.8`).
            alloc_hint: 0x20,
            context_id,
            cancel_count: 0,
            flags: 0,
            status: fault.0,
            rest: Bytes::from_static(&[0; 4]),
        };
        self.send(&Pdu::new(call_id, flags, Body::Fault(body)));
    }

    fn send_nak(&mut self, call_id: u32, reason: RejectReason) {
        let nak = BindNak { reason, versions: vec![(5, 0)], rest: Bytes::from_static(&[0; 3]) };
        self.send(&Pdu::new(call_id, Flags::WHOLE, Body::BindNak(nak)));
    }

    fn send(&mut self, pdu: &Pdu) {
        let mut out = BytesMut::new();
        match pdu.write(&mut out) {
            Ok(()) => self.queue.push(Outgoing::Pdu(out.freeze())),
            // Only a token of a mechanism could be that long.
            Err(error) => tracing::error!(%error, "an answer does not fit into a PDU"),
        }
    }
}

/// A call that fails before it begins, and the presentation context to say so on.
type Refused = (u16, Fault);

/// One fragment of a request, opened.
struct Fragment {
    call_id: u32,
    flags: Flags,
    order: ByteOrder,
    trailer: Option<AuthTrailer>,
    request: pdu::Request,
}
