//! The server half of an association, without I/O.

mod binding;
mod calls;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use winreach_auth::Authenticator;

use self::calls::{Arriving, Fragment};
use super::groups::Membership;
use super::security::Contexts;
use super::{Config, ConnectionInfo, Error, Request, Service};
use crate::fragment::{LEAST_FRAGMENT, Message, Outgoing, SendQueue};
use crate::pdu::{
    self, AuthTrailer, BindNak, Body, FaultBody, Flags, Frame, Pdu, RejectReason, Type,
};
use crate::{Fault, SyntaxId};

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

/// A call that was handed out and is not yet answered.
struct Running {
    context_id: u16,
    security: Option<u32>,
    bytes: usize,
}

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
        match pdu.to_bytes() {
            Ok(bytes) => self.queue.push(Outgoing::Pdu(bytes)),
            // Nothing of what is sent so is that long.
            Err(error) => tracing::error!(%error, "an answer does not fit into a PDU"),
        }
    }
}
