//! Calls and answers in fragments: cut on the way out, joined on the way in.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use uuid::Uuid;
use winreach_auth as auth;

use crate::channel::{Channel, Channels};
use crate::pdu::{AuthTrailer, ByteOrder, Flags, Header, Type, Writer};

/// Fragments of this size every peer must take (C706 12.6.3.1, `MustRecvFragSize`).
pub(crate) const LEAST_FRAGMENT: u16 = 1432;
/// Fragments of this size Windows offers on TCP.
pub(crate) const DEFAULT_FRAGMENT: u16 = 5840;
/// Stubs are padded to this where a trailer follows, counted from the first byte of the stub.
const STUB_ALIGN: usize = 16;
/// At least so many bytes are written with one system call, when there are as many.
const BATCH: usize = 64 * 1024;

/// A request or response on its way out.
pub(crate) struct Message {
    pub(crate) ptype: Type,
    pub(crate) call_id: u32,
    pub(crate) context_id: u16,
    /// 0 in a response, where cancel count and reserved byte stand in its place.
    pub(crate) opnum: u16,
    pub(crate) object: Option<Uuid>,
    /// What is left of the stub.
    pub(crate) stub: Bytes,
    /// The verification trailer with the padding before it; it is never cut.
    pub(crate) verification: Bytes,
    /// The security context of the call.
    pub(crate) security: Option<u32>,
    /// Whether header signing was agreed when the message was queued.
    pub(crate) sign_header: bool,
    /// Whether its first fragment is gone.
    pub(crate) started: bool,
}

/// What waits to be written, in order.
pub(crate) enum Outgoing {
    /// A PDU that is written as it is.
    Pdu(Bytes),
    /// A message that is cut and protected only when its turn comes: the order of protection is
    /// the order on the wire, and what is not yet sent can still be taken back.
    Message(Message),
}

impl Outgoing {
    /// Bytes that are still to be written, roughly.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Pdu(bytes) => bytes.len(),
            Self::Message(message) => message.remaining(),
        }
    }
}

impl Message {
    fn remaining(&self) -> usize {
        self.stub.len() + self.verification.len()
    }

    /// Appends the next fragment of at most `limit` bytes to `out` and protects it there; says
    /// whether it was the last.
    fn write_fragment(
        &mut self,
        limit: u16,
        channel: Option<&mut Channel>,
        out: &mut BytesMut,
    ) -> Result<bool, auth::Error> {
        let token_len = channel.as_ref().and_then(|channel| channel.token_len());
        let closing = token_len.map_or(0, |length| AuthTrailer::LEN + length);
        let header_len = if self.object.is_some() { 40 } else { 24 };
        let room = usize::from(limit).saturating_sub(header_len + closing) & !(STUB_ALIGN - 1);

        let alloc_hint = u32::try_from(self.remaining()).unwrap_or(u32::MAX);
        let last = self.remaining() <= room;
        let stub = match self.stub.len() {
            length if last => self.stub.split_to(length),
            length if length > room => self.stub.split_to(room),
            // Only the verification trailer does not fit: leave the end of the stub to it.
            length => self.stub.split_to(length & !(STUB_ALIGN - 1)),
        };
        let verification = if last { std::mem::take(&mut self.verification) } else { Bytes::new() };
        let body_len = stub.len() + verification.len();
        if body_len == 0 && !last {
            return Err(auth::Error::TooLong("security token"));
        }
        let padding = token_len.map_or(0, |_| body_len.wrapping_neg() % STUB_ALIGN);

        let mut flags = if self.started { Flags::empty() } else { Flags::FIRST };
        flags.set(Flags::LAST, last);
        flags.set(Flags::OBJECT, self.object.is_some());
        self.started = true;

        let start = out.len();
        let frag_length = header_len + body_len + padding + closing;
        out.reserve(frag_length);
        let mut writer = Writer::new(out, ByteOrder::Little);
        let header = Header {
            ptype: self.ptype,
            flags,
            order: ByteOrder::Little,
            frag_length: u16::try_from(frag_length).unwrap_or(u16::MAX),
            auth_length: u16::try_from(token_len.unwrap_or(0)).unwrap_or(u16::MAX),
            call_id: self.call_id,
        };
        header.write(&mut writer);
        writer.u32(alloc_hint);
        writer.u16(self.context_id);
        writer.u16(self.opnum);
        if let Some(object) = self.object {
            writer.uuid(object);
        }
        writer.bytes(&stub);
        writer.bytes(&verification);
        if let (Some(channel), Some(token_len)) = (channel, token_len) {
            writer.zeros(padding);
            channel.trailer(u8::try_from(padding).unwrap_or(0)).write(&mut writer);
            writer.zeros(token_len);
            channel.protect(out, start, header_len, self.sign_header)?;
        }
        Ok(last)
    }
}

/// The queue of a connection.
#[derive(Default)]
pub(crate) struct SendQueue {
    queue: VecDeque<Outgoing>,
}

impl SendQueue {
    pub(crate) fn push(&mut self, outgoing: Outgoing) {
        self.queue.push_back(outgoing);
    }

    /// Bytes that wait, roughly.
    pub(crate) fn len(&self) -> usize {
        self.queue.iter().map(Outgoing::len).sum()
    }

    /// Takes back what is not yet sent of a call and says how far it had got.
    pub(crate) fn withdraw(&mut self, call_id: u32) -> Withdrawn {
        let ours = |outgoing: &Outgoing| match outgoing {
            Outgoing::Message(message) => message.call_id == call_id,
            Outgoing::Pdu(_) => false,
        };
        let Some(position) = self.queue.iter().position(ours) else { return Withdrawn::Sent };
        match self.queue.get(position) {
            Some(Outgoing::Message(message)) if message.started => Withdrawn::Partly,
            _ => {
                self.queue.remove(position);
                Withdrawn::Unsent
            }
        }
    }

    /// The next bytes to write: as many whole fragments as make a batch.
    pub(crate) fn next_batch(
        &mut self,
        limit: u16,
        channels: &mut Channels,
    ) -> Result<Option<Bytes>, auth::Error> {
        let mut out = BytesMut::with_capacity(self.len().min(BATCH) + 1024);
        while out.len() < BATCH {
            match self.queue.front_mut() {
                None => break,
                Some(Outgoing::Pdu(bytes)) => out.extend_from_slice(bytes),
                Some(Outgoing::Message(message)) => {
                    let channel = message.security.and_then(|id| channels.get_mut(&id));
                    if !message.write_fragment(limit, channel, &mut out)? {
                        continue;
                    }
                }
            }
            self.queue.pop_front();
        }
        Ok((!out.is_empty()).then(|| out.freeze()))
    }
}

/// How far a withdrawn message had got.
#[derive(Debug, PartialEq)]
pub(crate) enum Withdrawn {
    /// It is gone as a whole.
    Sent,
    /// Some of its fragments are gone; the rest is still in the queue.
    Partly,
    /// Nothing of it was sent, and nothing will be.
    Unsent,
}

/// A stub that arrives in fragments. What arrives decides how much memory it takes, never a hint.
#[derive(Default)]
pub(crate) struct Reassembly {
    first: Bytes,
    joined: BytesMut,
}

/// More stub than this side takes.
#[derive(Debug)]
pub(crate) struct TooLarge;

impl Reassembly {
    /// Adds a fragment; one that stands alone is not copied.
    pub(crate) fn push(&mut self, stub: Bytes, limit: usize) -> Result<(), TooLarge> {
        if self.len() + stub.len() > limit {
            return Err(TooLarge);
        }
        if self.len() == 0 {
            self.first = stub;
            return Ok(());
        }
        if self.joined.is_empty() {
            self.joined.reserve(2 * (self.first.len() + stub.len()));
            self.joined.extend_from_slice(&self.first);
            self.first = Bytes::new();
        }
        self.joined.extend_from_slice(&stub);
        Ok(())
    }

    fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    /// The whole stub.
    pub(crate) fn finish(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.freeze() }
    }
}
