//! The client half of an association, without I/O.

mod binding;
mod calls;

use std::collections::{HashMap, VecDeque};

use bytes::{Bytes, BytesMut};

use super::negotiation::Negotiation;
use super::presentation::Presentations;
use super::{Call, Config, Error, Security, SecurityInfo};
use crate::channel::Channels;
use crate::fragment::{Outgoing, Reassembly, SendQueue, Withdrawn};
use crate::pdu::{AuthTrailer, Body, Flags, Frame, Pdu, Type};
use crate::{Fault, Features, SyntaxId};

/// Names a call of one association until its [`Event::Completed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallId(u32);

/// Names a [`Association::bind`] or [`Association::add_interfaces`] until its
/// [`Event::Negotiated`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NegotiationId(u32);

/// Something that an association has brought to an end.
#[derive(Debug)]
pub enum Event {
    /// An exchange of presentation and security contexts is over.
    Negotiated {
        /// Which one.
        id: NegotiationId,
        /// Fails when the server accepted none of the interfaces, or refused the caller.
        result: Result<(), Error>,
    },
    /// A call is over.
    Completed {
        /// Which one.
        id: CallId,
        /// The results, still encoded.
        result: Result<Bytes, Error>,
    },
}

/// The client half of an association: a state machine that is fed the bytes of the server and asked
/// for the bytes to send and for what has happened. It knows neither sockets nor time.
///
/// An error of [`handle_input`](Self::handle_input) or [`poll_transmit`](Self::poll_transmit) is
/// the end of the association: nothing more may be sent, and every outstanding call is lost.
///
/// ```
/// use winreach_rpc::client::{Association, Config};
/// use winreach_rpc::{SyntaxId, pdu};
/// use uuid::uuid;
///
/// let mgmt = SyntaxId::new(uuid!("afa8bd80-7d8a-11c9-bef4-08002b102989"), 1, 0);
/// let mut association = Association::new(Config::default());
/// association.bind(&[mgmt], None);
/// let bytes = association.poll_transmit()?.expect("a bind goes out at once");
/// assert_eq!(pdu::Pdu::parse(bytes)?.body.ptype(), pdu::Type::Bind);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: `[MS-RPCE] 3.3.1`, `3.3.2`.
pub struct Association {
    config: Config,
    /// Whether the server has acknowledged the bind.
    bound: bool,
    /// Whether the server has asked to close.
    draining: bool,
    max_xmit: u16,
    assoc_group_id: u32,
    features: Features,
    multiplex: bool,
    sign_header: bool,
    presentations: Presentations,
    channels: Channels,
    /// The security context for interfaces that are added without one of their own: the last one.
    security: Option<u32>,
    /// What there is to tell of it.
    info: SecurityInfo,
    next_security: u32,
    negotiating: Option<Exchange>,
    proposals: VecDeque<(NegotiationId, Vec<SyntaxId>, Option<Security>)>,
    next_negotiation: u32,
    waiting: VecDeque<(CallId, Call)>,
    outstanding: HashMap<u32, Outstanding>,
    /// Without multiplexing, the call whose answer must arrive before the next may go.
    exclusive: Option<u32>,
    next_call: u32,
    /// The wire's number of a call, which is given out when the call goes.
    wire_ids: HashMap<CallId, u32>,
    next_wire: u32,
    queue: SendQueue,
    /// A last leg that waits for something to travel with.
    held: Option<Bytes>,
    events: VecDeque<Event>,
}

/// A negotiation that is on the wire.
struct Exchange {
    /// Who waits for it; nobody for one that a postponed interface needs.
    id: Option<NegotiationId>,
    negotiation: Negotiation,
    /// The security context for its interfaces, unless it makes one of its own.
    security: Option<u32>,
}

/// A call that is on the wire.
struct Outstanding {
    id: CallId,
    security: Option<u32>,
    /// The presentation context that the call was the first to verify.
    verifies: Option<u16>,
    reassembly: Option<Reassembly>,
}

/// Windows rejects greater call numbers and does not let them start again (`[MS-RPCE] 3.3.3.5.2`).
const LAST_CALL: u32 = 0x7fff_ffff;

impl Association {
    /// An association that has nothing to do yet.
    pub fn new(config: Config) -> Self {
        Self {
            max_xmit: config.fragment(),
            assoc_group_id: config.assoc_group_id,
            config,
            bound: false,
            draining: false,
            features: Features::empty(),
            multiplex: false,
            sign_header: false,
            presentations: Presentations::default(),
            channels: Channels::default(),
            security: None,
            info: SecurityInfo::none(),
            next_security: 0,
            negotiating: None,
            proposals: VecDeque::new(),
            next_negotiation: 0,
            waiting: VecDeque::new(),
            outstanding: HashMap::new(),
            exclusive: None,
            next_call: 0,
            wire_ids: HashMap::new(),
            // The first number of a Windows client.
            next_wire: 2,
            queue: SendQueue::default(),
            held: None,
            events: VecDeque::new(),
        }
    }

    /// Opens the association for `interfaces`, all in one bind. With `security`, every call on them
    /// is protected.
    pub fn bind(&mut self, interfaces: &[SyntaxId], security: Option<Security>) -> NegotiationId {
        self.add_interfaces(interfaces, security)
    }

    /// Adds `interfaces`. With `security` a further security context is made for them; without,
    /// their calls are protected by the one that was made last.
    pub fn add_interfaces(
        &mut self,
        interfaces: &[SyntaxId],
        security: Option<Security>,
    ) -> NegotiationId {
        let id = NegotiationId(self.next_negotiation);
        self.next_negotiation = self.next_negotiation.wrapping_add(1);
        self.proposals.push_back((id, interfaces.to_vec(), security));
        self.pump();
        id
    }

    /// Makes a call, or queues it until it may go.
    pub fn call(&mut self, call: Call) -> CallId {
        let id = CallId(self.next_call);
        self.next_call = self.next_call.wrapping_add(1);
        self.waiting.push_back((id, call));
        self.pump();
        id
    }

    /// Asks the server to cancel a call, which then still completes one way or the other.
    pub fn cancel(&mut self, id: CallId) {
        if let Some(&wire) = self.wire_ids.get(&id) {
            self.send_bare(wire, Body::CoCancel);
        }
    }

    /// Gives a call up: it will not complete. What is not yet sent of it stays unsent; otherwise the
    /// server is told, if it agreed to keep the connection then (`[MS-RPCE] 3.3.1.5.10`), and its
    /// answer is thrown away.
    pub fn orphan(&mut self, id: CallId) {
        self.waiting.retain(|(waiting, _)| *waiting != id);
        let Some(wire) = self.wire_ids.remove(&id) else { return };
        let withdrawn = self.queue.withdraw(wire);
        self.outstanding.remove(&wire);
        let told = self.features.contains(Features::KEEP_CONNECTION_ON_ORPHAN);
        if withdrawn != Withdrawn::Unsent && told {
            self.send_bare(wire, Body::Orphaned);
        }
        if self.exclusive == Some(wire) && (withdrawn == Withdrawn::Unsent || told) {
            self.exclusive = None;
        }
        self.pump();
    }

    /// The group of the association, for [`Config::assoc_group_id`] of another connection.
    pub fn assoc_group_id(&self) -> u32 {
        self.assoc_group_id
    }

    /// The security in effect under the context that was made last.
    pub fn security(&self) -> SecurityInfo {
        let signs_headers = self.sign_header && self.info.level.signs();
        SecurityInfo { signs_headers, ..self.info.clone() }
    }

    /// Whether nothing is outstanding on a connection that the server has asked to close.
    pub fn is_drained(&self) -> bool {
        self.draining && self.outstanding.is_empty() && self.negotiating.is_none()
    }

    /// The next bytes to send. Several fragments come together, and a last leg of authentication
    /// comes together with the first request.
    ///
    /// # Errors
    /// When a message cannot be protected.
    pub fn poll_transmit(&mut self) -> Result<Option<Bytes>, Error> {
        Ok(self.queue.next_batch(self.max_xmit, &mut self.channels)?)
    }

    /// The next thing that has come to an end.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Takes all whole PDUs off `input`; the beginning of another one stays there.
    ///
    /// # Errors
    /// When the server sent what it must not send: malformed, unprotected or out of turn.
    pub fn handle_input(&mut self, input: &mut BytesMut) -> Result<(), Error> {
        while let Some(frame) = Frame::split_from(input)? {
            self.handle_frame(frame)?;
        }
        self.pump();
        Ok(())
    }

    fn handle_frame(&mut self, mut frame: Frame) -> Result<(), Error> {
        let ptype = frame.header().ptype;
        let trailer = match ptype {
            Type::Response | Type::Fault => self.open(&mut frame)?,
            _ => None,
        };
        let Pdu { flags, call_id, body, auth, .. } = frame.parse()?;
        match body {
            Body::BindAck(ack) | Body::AlterContextResp(ack) => {
                self.handle_ack(ptype, call_id, flags, &ack, auth)
            }
            Body::BindNak(nak) if self.is_negotiating(call_id) => {
                self.fail_negotiation(Error::BindRefused(nak.reason))
            }
            Body::Response(response) => {
                self.handle_response(call_id, flags, trailer, response.stub)
            }
            Body::Fault(fault) => {
                let error = Error::Fault {
                    fault: Fault(fault.status),
                    did_not_execute: flags.contains(Flags::DID_NOT_EXECUTE),
                };
                self.handle_fault(call_id, trailer, error)
            }
            Body::Shutdown => {
                self.draining = true;
                Ok(())
            }
            _ => Err(Error::Protocol("it sent a PDU that only clients send, or out of turn")),
        }
    }

    /// Opens a PDU that carries a trailer. Every signature is verified, also of answers that nobody
    /// waits for any more: the state of a cipher must follow the peer's.
    fn open(&mut self, frame: &mut Frame) -> Result<Option<AuthTrailer>, Error> {
        let Some(trailer) = frame.auth_trailer()? else { return Ok(None) };
        let channel = self
            .channels
            .get_mut(&trailer.context_id)
            .ok_or(Error::Protocol("it used a security context that does not exist"))?;
        channel.open(frame, &trailer, self.sign_header)?;
        Ok(Some(trailer))
    }

    /// Sends whatever may go now: negotiations first, then calls.
    fn pump(&mut self) {
        while self.negotiating.is_none() && self.exclusive.is_none() {
            if let Some((id, interfaces, security)) = self.proposals.pop_front() {
                if let Err(error) = self.negotiate(Some(id), &interfaces, security) {
                    self.events.push_back(Event::Negotiated { id, result: Err(error) });
                }
            } else if let Some((id, call)) = self.waiting.pop_front() {
                let sent = match self.presentations.is_postponed(&call.interface) {
                    true => self.negotiate(None, &[call.interface], None).map(|()| {
                        self.waiting.push_front((id, call));
                    }),
                    false => self.dispatch(id, call),
                };
                if let Err(error) = sent {
                    self.events.push_back(Event::Completed { id, result: Err(error) });
                }
            } else {
                return;
            }
        }
    }

    fn check_open(&self) -> Result<(), Error> {
        match self {
            Self { draining: true, .. } => Err(Error::Closed),
            Self { next_wire: LAST_CALL.., .. } => Err(Error::Exhausted),
            _ => Ok(()),
        }
    }

    fn release_held(&mut self) {
        if let Some(held) = self.held.take() {
            self.queue.push(Outgoing::Pdu(held));
        }
    }

    fn send_bare(&mut self, wire: u32, body: Body) {
        // A PDU of sixteen bytes always fits.
        if let Ok(bytes) = Pdu::new(wire, Flags::WHOLE, body).to_bytes() {
            self.queue.push(Outgoing::Pdu(bytes));
        }
    }
}
