//! One exchange: who is asked when and in which way, and whose answer counts.
//!
//! Time is cut into slots. In each, the next address is asked in the way that suits the request;
//! the address of the slot before, if it is still silent, is asked in the other way as well. A slot
//! ends after a second, or at once when all that was begun in it has failed. What was begun goes on
//! until the first answer or the deadline, so that late answers count too.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, sleep_until};
use tracing::debug;
use winreach_kerberos::transport::{Attempt, Failure, Protocol};

use crate::answer::{Answer, RESPONSE_TOO_BIG, SVC_UNAVAILABLE};
use crate::{KdcAddress, tcp, udp};

/// How long a KDC has before the next one is asked beside it.
const SLOT: Duration = Duration::from_secs(1);
/// How long a KDC that took a connection has. It is there, and two KDCs that check the same wrong
/// password count it twice.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many addresses of one name are asked.
const MAX_ADDRESSES: usize = 16;

/// Who answered, for the next time.
#[derive(Debug, Clone)]
pub(crate) struct Hint {
    pub(crate) kdc: KdcAddress,
    pub(crate) address: SocketAddr,
    /// UDP was tried and did not work.
    pub(crate) without_udp: bool,
}

/// The answer of a KDC.
#[derive(Debug)]
pub(crate) struct Success {
    pub(crate) bytes: Vec<u8>,
    pub(crate) hint: Hint,
}

/// No KDC answered.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) attempts: Vec<Attempt>,
    /// The time was up, and somebody could still have answered.
    pub(crate) timeout: bool,
}

pub(crate) struct Exchange<'a> {
    request: &'a [u8],
    hint: Option<Hint>,
    /// The way that suits the request.
    first: Protocol,
    /// A KDC said that its answer is too big for UDP.
    tcp_only: bool,
    next: VecDeque<Next>,
    /// Asked in this slot in the first way, and in the next slot in the other way.
    silent: Vec<Target>,
    asked: HashSet<(Protocol, SocketAddr)>,
    running: FuturesUnordered<BoxFuture<'a, Event>>,
    slot: usize,
    slot_ends: Instant,
    /// How much of what was begun in this slot still runs.
    hopes: usize,
    /// What to say of each trial if it ended now; `None` for names that were found.
    attempts: Vec<Option<Attempt>>,
    /// An answer for want of a better one.
    unavailable: Option<Success>,
}

/// What to do next.
enum Next {
    LookUp(KdcAddress),
    Ask(Target),
}

/// A KDC at one of its addresses.
#[derive(Clone)]
struct Target {
    kdc: KdcAddress,
    address: SocketAddr,
}

/// Something that was begun.
#[derive(Clone, Copy)]
struct Trial {
    /// Its place among the attempts.
    id: usize,
    slot: usize,
}

enum Event {
    LookedUp(Trial, KdcAddress, io::Result<Vec<SocketAddr>>),
    Connected(Trial, Target, TcpStream),
    Asked(Trial, Target, Protocol, Result<Answer, Failure>),
}

impl<'a> Exchange<'a> {
    /// `kdcs` are asked in their order; of their addresses the one of the hint first.
    pub(crate) fn new(
        request: &'a [u8],
        kdcs: Vec<KdcAddress>,
        udp_preference_limit: usize,
        hint: Option<Hint>,
    ) -> Self {
        let without_udp = hint.as_ref().is_some_and(|hint| hint.without_udp);
        let udp = request.len() <= udp_preference_limit && !without_udp;
        Self {
            request,
            hint,
            first: if udp { Protocol::Udp } else { Protocol::Tcp },
            tcp_only: false,
            next: kdcs.into_iter().map(Next::LookUp).collect(),
            silent: Vec::new(),
            asked: HashSet::new(),
            running: FuturesUnordered::new(),
            slot: 0,
            slot_ends: Instant::now(),
            hopes: 0,
            attempts: Vec::new(),
            unavailable: None,
        }
    }

    pub(crate) async fn run(mut self, deadline: Instant) -> Result<Success, Failed> {
        loop {
            let more = !self.next.is_empty() || !self.silent.is_empty();
            if more && self.hopes == 0 {
                self.start_slot();
                continue;
            }
            if self.running.is_empty() {
                return self.end(false);
            }
            tokio::select! {
                biased;
                Some(event) = self.running.next() => {
                    if let Some(success) = self.take(event) {
                        return Ok(success);
                    }
                }
                () = sleep_until(deadline) => return self.end(true),
                () = sleep_until(self.slot_ends), if more => self.start_slot(),
            }
        }
    }

    fn start_slot(&mut self) {
        self.slot += 1;
        self.slot_ends = Instant::now() + SLOT;
        self.hopes = 0;
        let other = match self.first {
            Protocol::Udp => Protocol::Tcp,
            Protocol::Tcp => Protocol::Udp,
        };
        for target in std::mem::take(&mut self.silent) {
            self.ask(target, other);
        }
        while let Some(next) = self.next.pop_front() {
            let target = match next {
                Next::LookUp(kdc) => return self.look_up(kdc),
                Next::Ask(target) => target,
            };
            let only = target.kdc.protocol;
            if self.ask(target.clone(), only.unwrap_or(self.first)) {
                self.silent.extend(only.is_none().then_some(target));
                return;
            }
        }
    }

    fn look_up(&mut self, kdc: KdcAddress) {
        let unfinished = Failure::Name(Arc::new(io::ErrorKind::TimedOut.into()));
        let trial = self.begin(&kdc, None, unfinished);
        self.running.push(Box::pin(async move {
            let addresses = lookup_host((kdc.host.as_str(), kdc.port)).await;
            let addresses = addresses.map(|all| all.take(MAX_ADDRESSES).collect());
            Event::LookedUp(trial, kdc, addresses)
        }));
    }

    /// Asks, unless this address was asked in this way before.
    fn ask(&mut self, target: Target, protocol: Protocol) -> bool {
        let protocol = if self.tcp_only { Protocol::Tcp } else { protocol };
        let (request, address) = (self.request, target.address);
        if !self.asked.insert((protocol, address)) {
            return false;
        }
        let unfinished = match protocol {
            Protocol::Udp => Failure::Silent,
            Protocol::Tcp => Failure::Unconnected,
        };
        let trial = self.begin(&target.kdc, Some((protocol, address)), unfinished);
        self.running.push(Box::pin(async move {
            let result = match protocol {
                Protocol::Udp => udp::ask(address, request).await,
                Protocol::Tcp => match TcpStream::connect(address).await {
                    Ok(stream) => return Event::Connected(trial, target, stream),
                    Err(error) => Err(Failure::Io(Arc::new(error))),
                },
            };
            Event::Asked(trial, target, protocol, result)
        }));
        true
    }

    fn begin(
        &mut self,
        kdc: &KdcAddress,
        way: Option<(Protocol, SocketAddr)>,
        unfinished: Failure,
    ) -> Trial {
        let trial = Trial { id: self.attempts.len(), slot: self.slot };
        self.attempts.push(Some(Attempt { kdc: kdc.to_string(), way, failure: unfinished }));
        self.hopes += 1;
        trial
    }

    /// Takes up what happened; gives the answer that counts, if this was it.
    fn take(&mut self, event: Event) -> Option<Success> {
        match event {
            Event::LookedUp(trial, kdc, Ok(addresses)) if !addresses.is_empty() => {
                self.found(&kdc, addresses);
                self.finish(trial, None);
            }
            Event::LookedUp(trial, _, addresses) => {
                let error = addresses.err().unwrap_or_else(|| io::ErrorKind::NotFound.into());
                self.finish(trial, Some(Failure::Name(Arc::new(error))));
            }
            Event::Connected(trial, target, stream) => self.connected(trial, target, stream),
            Event::Asked(trial, _, _, Err(failure)) => self.finish(trial, Some(failure)),
            Event::Asked(trial, target, protocol, Ok(answer)) => {
                match (answer.error_code, protocol) {
                    (Some(RESPONSE_TOO_BIG), Protocol::Udp) => {
                        self.tcp_only = true;
                        self.slot_ends = Instant::now() + SLOT;
                        self.ask(target, Protocol::Tcp);
                        self.finish(trial, Some(Failure::TooBigForUdp));
                    }
                    (Some(SVC_UNAVAILABLE), _) => {
                        self.silent.retain(|silent| silent.address != target.address);
                        self.unavailable = Some(self.success(answer, target, protocol));
                        self.finish(trial, Some(Failure::Unavailable));
                    }
                    _ => return Some(self.success(answer, target, protocol)),
                }
            }
        }
        None
    }

    /// Puts the addresses of a KDC before everything else.
    fn found(&mut self, kdc: &KdcAddress, mut addresses: Vec<SocketAddr>) {
        if let Some(hint) = &self.hint {
            // Stable: the others keep the order that the system gave them.
            addresses.sort_by_key(|address| *address != hint.address);
        }
        for address in addresses.into_iter().rev() {
            self.next.push_front(Next::Ask(Target { kdc: kdc.clone(), address }));
        }
    }

    fn connected(&mut self, trial: Trial, target: Target, stream: TcpStream) {
        if let Some(Some(attempt)) = self.attempts.get_mut(trial.id) {
            attempt.failure = Failure::Silent;
        }
        self.slot_ends = self.slot_ends.max(Instant::now() + PATIENCE);
        let request = self.request;
        self.running.push(Box::pin(async move {
            Event::Asked(trial, target, Protocol::Tcp, tcp::ask(stream, request).await)
        }));
    }

    fn finish(&mut self, trial: Trial, failure: Option<Failure>) {
        if trial.slot == self.slot {
            self.hopes = self.hopes.saturating_sub(1);
        }
        let Some(place) = self.attempts.get_mut(trial.id) else { return };
        *place = place.take().zip(failure).map(|(attempt, failure)| Attempt { failure, ..attempt });
        if let Some(attempt) = place {
            debug!("a KDC is of no use: {attempt}");
        }
    }

    fn success(&self, answer: Answer, target: Target, protocol: Protocol) -> Success {
        let Target { kdc, address } = target;
        let udp_failed = !self.tcp_only && self.asked.contains(&(Protocol::Udp, address));
        let known = self.hint.as_ref().is_some_and(|hint| hint.without_udp);
        let without_udp = protocol == Protocol::Tcp && (udp_failed || known);
        Success { bytes: answer.bytes, hint: Hint { kdc, address, without_udp } }
    }

    fn end(self, timeout: bool) -> Result<Success, Failed> {
        let attempts = self.attempts.into_iter().flatten().collect();
        self.unavailable.ok_or(Failed { attempts, timeout })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_address_that_answered_goes_before_the_others_of_its_name() {
        let kdc = KdcAddress::new("dc1", 88);
        let addresses = ["[2001:db8::1]:88", "192.0.2.1:88", "192.0.2.2:88"];
        let addresses = addresses.map(|text| text.parse::<SocketAddr>().unwrap());
        let order = |hint: Option<SocketAddr>| {
            let hint = hint.map(|address| Hint { kdc: kdc.clone(), address, without_udp: false });
            let mut exchange = Exchange::new(b"", vec![], 0, hint);
            exchange.next.push_back(Next::LookUp(KdcAddress::new("dc2", 88)));
            exchange.found(&kdc, addresses.to_vec());
            assert!(matches!(exchange.next.pop_back(), Some(Next::LookUp(_))));
            let address = |next: &Next| match next {
                Next::Ask(target) => target.address,
                Next::LookUp(kdc) => panic!("{kdc}"),
            };
            exchange.next.iter().map(address).collect::<Vec<_>>()
        };
        let [first, second, third] = addresses;
        assert_eq!(order(None), [first, second, third]);
        assert_eq!(order(Some(third)), [third, first, second]);
    }
}
