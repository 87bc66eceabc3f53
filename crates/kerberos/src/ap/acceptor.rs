//! The service's side.

use std::time::{Duration, SystemTime};

use subtle::ConstantTimeEq;

use super::replay::Replay;
use super::{ReplayCache, Session};
use crate::Principal;
use crate::crypto::{Key, KeyUsage};
use crate::error::Error;
use crate::messages::{
    ApOptions, ApRep, ApReq, Authenticator, EncApRepPart, EncTicketPart, EncryptedData,
    EncryptionKey, GssChecksum, GssFlags, KerberosTime, LooseU32, Message, Ticket, TicketFlags,
    framed, unframed,
};
use crate::pac::Pac;
use crate::protection::Role;
use crate::random::random_sequence;

/// Where a service's keys are.
pub trait KeySource: Send + Sync {
    /// The keys of `server` of this encryption type; of this version, where the ticket tells one and
    /// the source knows it, first. None where the service is not known here.
    fn keys(&self, server: &Principal, etype: i32, kvno: Option<u32>) -> Vec<Key>;
}

/// What a service takes.
#[derive(Debug, Clone)]
pub struct AcceptorPolicy {
    /// How far the client's clock and this machine's may be apart. Default: five minutes.
    pub clock_skew: Duration,
    /// The MD5 hash of the channel that clients must be bound to. Default: none.
    pub channel_bindings: Option<[u8; 16]>,
    /// What clients must ask for. Default: nothing.
    pub required: GssFlags,
}

impl Default for AcceptorPolicy {
    fn default() -> Self {
        Self {
            clock_skew: Duration::from_secs(300),
            channel_bindings: None,
            required: GssFlags::default(),
        }
    }
}

/// Why a service does not take a ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The ticket is for a service whose key is not here.
    #[error("the ticket is for {0}, of which there is no key here of encryption type {1}")]
    NoKey(Principal, i32),
    /// The key does not open the ticket, or the key of the ticket not what goes with it.
    #[error("{0} is under another key, or was changed")]
    Integrity(&'static str),
    /// The ticket is not good now.
    #[error("the ticket is not good now: {0}")]
    TicketTime(&'static str),
    /// The client's clock and this machine's differ.
    #[error("the client's clock is {} s {} that of this machine", .0.unsigned_abs(), if *.0 < 0 { "behind" } else { "ahead of" })]
    Skew(i64),
    /// Ticket and authenticator name different clients.
    #[error("ticket and authenticator name different clients")]
    Client,
    /// The request was seen before.
    #[error("the request is a replay")]
    Replay,
    /// Too many requests within the time that they must be remembered.
    #[error("too many requests at once")]
    Busy,
    /// The client is bound to another channel.
    #[error("the channel binding does not match this connection")]
    ChannelBinding,
    /// The client asks for less than this service takes.
    #[error("the client does not ask for protection that the service insists on (flags {0:#x})")]
    Flags(u32),
    /// The privilege attribute certificate is not the KDC's.
    #[error("the privilege attribute certificate cannot be trusted: {0}")]
    Pac(String),
    /// The client comes by way of realms that nobody vouches for.
    #[error("the ticket of {0} passed through realms that its KDC has not checked")]
    Transited(Principal),
    /// The ticket is under the session key of another ticket, which no service here has.
    #[error("the ticket is for user-to-user authentication")]
    UserToUser,
    /// The third leg does not answer the second.
    #[error("the client did not prove that it read the answer")]
    ThirdLeg,
}

/// A service that has read a ticket and waits for the client's last leg, or is done.
#[derive(Debug)]
pub struct Acceptor {
    /// Who the client is and what it asked for.
    pub acceptance: Acceptance,
    session: Session,
    ticket_key: Key,
}

/// What a ticket says about its client.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The client.
    pub client: Principal,
    /// The service that the ticket is for.
    pub server: Principal,
    /// What the client asks for.
    pub flags: GssFlags,
    /// Until when the ticket is good.
    pub end_time: KerberosTime,
    /// What the domain controller says about the client's rights; nothing from KDCs without that.
    pub pac: Option<Pac>,
}

impl Acceptor {
    /// Takes the first leg; gives the service's proof as the answer, unless the client wants none.
    ///
    /// # Errors
    /// When the ticket is not for this service, or the client does not prove that it is its own.
    pub fn accept(
        token: &[u8],
        keys: &dyn KeySource,
        replays: &ReplayCache,
        policy: &AcceptorPolicy,
        now: SystemTime,
    ) -> Result<(Self, Option<Vec<u8>>), Error> {
        let (is_framed, message) = match unframed(token)? {
            Some(([1, 0], message)) => (true, message),
            Some(_) => return Err(Error::Mismatch("a frame around something else than an AP-REQ")),
            None => (false, token),
        };
        let request = ApReq::parse(message)?;
        if request.ap_options.contains(ApOptions::USE_SESSION_KEY) {
            return Err(Refusal::UserToUser.into());
        }
        let (ticket, server, service_key) = open_ticket(&request, keys)?;
        check_times(&ticket, policy, now)?;
        let ticket_key = ticket.key.to_key().map_err(Error::crypto("reading the ticket's key"))?;
        let authenticator = request
            .authenticator
            .open(&ticket_key, KeyUsage::AP_REQ_AUTHENTICATOR)
            .map_err(|_| Refusal::Integrity("the authenticator"))?;
        let authenticator = Authenticator::parse(&authenticator)?;
        let client = ticket.cname.in_realm(&ticket.crealm);
        if authenticator.cname.in_realm(&authenticator.crealm) != client {
            return Err(Refusal::Client.into());
        }
        check_skew(&authenticator, policy, now)?;
        note(&request, &authenticator, replays, policy, now)?;
        let checksum = authenticator.cksum.as_ref().map(GssChecksum::parse).transpose()?;
        let checksum = checksum.unwrap_or_default();
        check_wishes(&checksum, policy)?;
        let pac = Pac::of_ticket(&ticket, &client, &service_key)
            .map_err(|error| Refusal::Pac(error.to_string()))?;
        check_transited(&ticket, &client, pac.as_ref())?;
        let acceptance =
            Acceptance { client, server, flags: checksum.flags, end_time: ticket.endtime, pac };
        respond(acceptance, &authenticator, ticket_key, is_framed)
    }

    /// Whether the client owes a third leg.
    #[must_use]
    pub fn awaits_client(&self) -> bool {
        self.acceptance.flags.contains(GssFlags::DCE_STYLE)
    }

    /// The session, where no leg is owed.
    #[must_use]
    pub fn session(self) -> (Acceptance, Session) {
        (self.acceptance, self.session)
    }

    /// Takes the third leg of DCE style.
    ///
    /// # Errors
    /// When the client cannot have read the second one.
    pub fn finish(self, token: &[u8]) -> Result<(Acceptance, Session), Error> {
        let message = match unframed(token)? {
            Some(([2, 0], message)) => message,
            Some(_) => return Err(Error::Mismatch("a frame around something else than an AP-REP")),
            None => token,
        };
        let part = ApRep::parse(message)?
            .enc_part
            .open(&self.ticket_key, KeyUsage::AP_REP)
            .map_err(|_| Refusal::ThirdLeg)?;
        let part = EncApRepPart::parse(&part)?;
        // Our own second leg, sent back, would have the number too; it also has a key, which the
        // client's never has.
        let is_ours = part.subkey.is_some();
        if is_ours || part.seq_number.map(|number| number.0) != Some(self.session.send_sequence) {
            return Err(Refusal::ThirdLeg.into());
        }
        Ok((self.acceptance, self.session))
    }
}

/// The ticket, opened with one of the service's keys.
fn open_ticket(
    request: &ApReq,
    keys: &dyn KeySource,
) -> Result<(EncTicketPart, Principal, Key), Error> {
    let ticket: Ticket = request.ticket.open()?;
    let server = ticket.sname.in_realm(&ticket.realm);
    let kvno = ticket.enc_part.kvno.map(|kvno| kvno.0);
    let candidates = keys.keys(&server, ticket.enc_part.etype, kvno);
    if candidates.is_empty() {
        return Err(Refusal::NoKey(server, ticket.enc_part.etype).into());
    }
    for key in candidates {
        if let Ok(part) = ticket.enc_part.open(&key, KeyUsage::TICKET) {
            return Ok((EncTicketPart::parse(&part)?, server, key));
        }
    }
    Err(Refusal::Integrity("the ticket").into())
}

fn check_times(
    ticket: &EncTicketPart,
    policy: &AcceptorPolicy,
    now: SystemTime,
) -> Result<(), Refusal> {
    let now = KerberosTime::of(now);
    if ticket.flags.contains(TicketFlags::INVALID) {
        return Err(Refusal::TicketTime("it is marked invalid"));
    }
    if ticket.starttime.unwrap_or(ticket.authtime) > now.plus(policy.clock_skew) {
        return Err(Refusal::TicketTime("it begins later"));
    }
    if ticket.endtime.plus(policy.clock_skew) < now {
        return Err(Refusal::TicketTime("it has expired"));
    }
    Ok(())
}

/// A service must check the realms between the client's and its own where the KDC has not (RFC 4120
/// section 2.7). This one has no list to check them by, and so takes neighbours alone. Domain
/// controllers vouch for their clients otherwise: by the PAC that the last of them has filtered and
/// signed.
fn check_transited(
    ticket: &EncTicketPart,
    client: &Principal,
    pac: Option<&Pac>,
) -> Result<(), Refusal> {
    let is_checked = ticket.flags.contains(TicketFlags::TRANSITED_POLICY_CHECKED);
    let is_neighbour = ticket.transited.contents.as_bytes().is_empty();
    let is_vouched_for = pac.is_some_and(|pac| pac.logon.is_some());
    if is_checked || is_neighbour || is_vouched_for {
        return Ok(());
    }
    Err(Refusal::Transited(client.clone()))
}

fn check_skew(
    authenticator: &Authenticator,
    policy: &AcceptorPolicy,
    now: SystemTime,
) -> Result<(), Refusal> {
    let (theirs, ours) = (authenticator.ctime.0, KerberosTime::of(now).0);
    if theirs.abs_diff(ours) > policy.clock_skew.as_secs() {
        return Err(Refusal::Skew(theirs.cast_signed().saturating_sub(ours.cast_signed())));
    }
    Ok(())
}

/// Refuses what was seen before. An authenticator is good as long as its time is.
fn note(
    request: &ApReq,
    authenticator: &Authenticator,
    replays: &ReplayCache,
    policy: &AcceptorPolicy,
    now: SystemTime,
) -> Result<(), Refusal> {
    let until = authenticator.ctime.plus(policy.clock_skew).0;
    let sealed = request.authenticator.cipher.as_bytes();
    replays.note(sealed, KerberosTime::of(now).0, until).map_err(|replay| match replay {
        Replay::Repeated => Refusal::Replay,
        Replay::Full => Refusal::Busy,
    })
}

fn check_wishes(checksum: &GssChecksum, policy: &AcceptorPolicy) -> Result<(), Refusal> {
    if !checksum.flags.contains(policy.required) {
        return Err(Refusal::Flags(checksum.flags.0));
    }
    match &policy.channel_bindings {
        Some(wanted) if !bool::from(wanted.ct_eq(&checksum.channel_bindings)) => {
            Err(Refusal::ChannelBinding)
        }
        _ => Ok(()),
    }
}

/// The service's proof, with a key of its own.
fn respond(
    acceptance: Acceptance,
    authenticator: &Authenticator,
    ticket_key: Key,
    is_framed: bool,
) -> Result<(Acceptor, Option<Vec<u8>>), Error> {
    let receive_sequence = authenticator.seq_number.map_or(0, |number| number.0);
    let theirs = authenticator.subkey.as_ref().map(EncryptionKey::to_key).transpose();
    let theirs = theirs.map_err(Error::crypto("reading the client's key"))?;
    let flags = acceptance.flags;
    if !flags.contains(GssFlags::MUTUAL) && !flags.contains(GssFlags::DCE_STYLE) {
        let session = Session {
            key: theirs.unwrap_or_else(|| ticket_key.clone()),
            acceptor_subkey: false,
            role: Role::Acceptor,
            // MIT Kerberos takes the client's number where no AP-REP names one.
            send_sequence: receive_sequence,
            receive_sequence,
        };
        return Ok((Acceptor { acceptance, session, ticket_key }, None));
    }
    // A key of the same type as the client's: it speaks that one for sure.
    let etype = theirs.as_ref().unwrap_or(&ticket_key).etype();
    let key = Key::random(etype).map_err(Error::crypto("choosing a key"))?;
    let send_sequence = random_sequence().map_err(Error::crypto("choosing a number"))?;
    let part = EncApRepPart {
        ctime: authenticator.ctime,
        cusec: authenticator.cusec,
        subkey: Some(EncryptionKey::new(&key)?),
        seq_number: Some(LooseU32(send_sequence)),
    };
    let part = zeroize::Zeroizing::new(part.to_bytes()?);
    let enc_part = EncryptedData::seal(&ticket_key, KeyUsage::AP_REP, &part)?;
    let answer = ApRep { pvno: 5, msg_type: 15, enc_part }.to_bytes()?;
    // DCE style knows no frames (`[MS-KILE] 3.4.5.1`). Some clients put one around their request all the
    // same, and take none around the answer.
    let is_framed = is_framed && !flags.contains(GssFlags::DCE_STYLE);
    let answer = if is_framed { framed([2, 0], &answer)? } else { answer };
    let session = Session {
        key,
        acceptor_subkey: true,
        role: Role::Acceptor,
        send_sequence,
        receive_sequence,
    };
    Ok((Acceptor { acceptance, session, ticket_key }, Some(answer)))
}
