//! The server's side of an exchange ([MS-NLMP] 3.2.5.1).

use std::mem;
use std::sync::Arc;

use subtle::{Choice, ConstantTimeEq};

use super::accounts::Accounts;
use super::flags::NegotiateFlags;
use super::keys::{self, Key, NtHash, Sender};
use super::messages::{Authenticate, AvFlags, AvId, Challenge, Negotiate, TargetInfo, Version};
use super::response::NtlmV2Response;
use super::session::Context;
use super::time::filetime_now;
use crate::{AuthLevel, AuthType, Error, Established, Identity, ImpersonationLevel, Problem, Step};

/// What the server takes of a client's offer.
const SUPPORTED: NegotiateFlags = NegotiateFlags::UNICODE
    .union(NegotiateFlags::SIGN)
    .union(NegotiateFlags::SEAL)
    .union(NegotiateFlags::EXTENDED_SESSION_SECURITY)
    .union(NegotiateFlags::IDENTIFY)
    .union(NegotiateFlags::VERSION)
    .union(NegotiateFlags::KEY_128)
    .union(NegotiateFlags::KEY_EXCH)
    .union(NegotiateFlags::KEY_56);

/// What the server says whatever the client offers.
const ALWAYS: NegotiateFlags = NegotiateFlags::REQUEST_TARGET
    .union(NegotiateFlags::NTLM)
    .union(NegotiateFlags::ALWAYS_SIGN)
    .union(NegotiateFlags::TARGET_INFO);

/// The names a server gives itself in its challenges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    computer: String,
    domain: Option<String>,
    dns_computer: String,
    dns_domain: String,
}

impl Target {
    /// A server in no domain, by its NetBIOS name, which becomes its DNS name in lower case.
    #[must_use]
    pub fn new(computer: &str) -> Self {
        Self {
            computer: computer.to_owned(),
            domain: None,
            dns_computer: computer.to_lowercase(),
            dns_domain: String::new(),
        }
    }

    /// The DNS name; what follows its first dot is the DNS domain.
    #[must_use]
    pub fn with_dns_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.dns_computer);
        self.dns_domain =
            name.split_once('.').map_or_else(String::new, |(_, domain)| domain.to_owned());
        self
    }

    /// Membership in a domain, by its NetBIOS name.
    #[must_use]
    pub fn with_domain(mut self, domain: &str) -> Self {
        self.domain = Some(domain.to_owned());
        self
    }

    /// Name and kind of the target, as the CHALLENGE gives them.
    fn name(&self) -> (&str, NegotiateFlags) {
        match &self.domain {
            Some(domain) => (domain, NegotiateFlags::TARGET_TYPE_DOMAIN),
            None => (&self.computer, NegotiateFlags::TARGET_TYPE_SERVER),
        }
    }

    /// The pairs in the order of recorded Windows traffic.
    fn info(&self, time: u64) -> TargetInfo {
        let mut info = TargetInfo::new();
        info.set_text(AvId::NB_DOMAIN_NAME, self.name().0);
        info.set_text(AvId::NB_COMPUTER_NAME, &self.computer);
        info.set_text(AvId::DNS_DOMAIN_NAME, &self.dns_domain);
        info.set_text(AvId::DNS_COMPUTER_NAME, &self.dns_computer);
        info.set(AvId::TIMESTAMP, time.to_le_bytes().to_vec());
        info
    }
}

/// Makes NTLM acceptors over the accounts of one server.
#[derive(Clone)]
pub struct Authenticator {
    accounts: Arc<dyn Accounts>,
    target: Arc<Target>,
    channel_binding: Option<[u8; 16]>,
}

impl Authenticator {
    /// Acceptors that look for callers in `accounts` and name themselves `target`.
    #[must_use]
    pub fn new(accounts: Arc<dyn Accounts>, target: Target) -> Self {
        Self { accounts, target: Arc::new(target), channel_binding: None }
    }

    /// Takes only callers bound to this channel: the MD5 hash of its
    /// `gss_channel_bindings_struct` (RFC 4121 section 4.1.1.2).
    #[must_use]
    pub fn with_channel_binding(mut self, hash: [u8; 16]) -> Self {
        self.channel_binding = Some(hash);
        self
    }
}

impl crate::Authenticator for Authenticator {
    fn acceptor(&self, auth_type: AuthType, level: AuthLevel) -> Option<Box<dyn crate::Acceptor>> {
        (auth_type == AuthType::Ntlm && level >= AuthLevel::Connect).then(|| {
            Box::new(Acceptor { server: self.clone(), level, state: State::Start })
                as Box<dyn crate::Acceptor>
        })
    }
}

/// One exchange that lets in whoever proves to know the password of an account by NTLMv2.
///
/// Made by [`Authenticator`]. The proof is checked always, whether or not the client sends a
/// message integrity code; anonymous callers and earlier versions are refused.
pub struct Acceptor {
    server: Authenticator,
    level: AuthLevel,
    state: State,
}

enum State {
    Start,
    Challenged(Box<Challenged>),
    Done,
}

/// What is kept between challenge and answer.
struct Challenged {
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
    flags: NegotiateFlags,
    server_challenge: [u8; 8],
    target_info: TargetInfo,
}

impl crate::Acceptor for Acceptor {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        match mem::replace(&mut self.state, State::Done) {
            State::Start => {
                let mut server_challenge = [0; 8];
                getrandom::fill(&mut server_challenge)?;
                let challenged = self.challenge(input, server_challenge)?;
                let token = challenged.challenge.clone();
                self.state = State::Challenged(Box::new(challenged));
                Ok(Step::reply(token))
            }
            State::Challenged(challenged) => {
                let established = self.authenticate(&challenged, input)?;
                Ok(Step { token: None, established: Some(established) })
            }
            State::Done => Err(Error::OutOfTurn("a token after the last one")),
        }
    }
}

impl Acceptor {
    fn challenge(&self, negotiate: &[u8], server_challenge: [u8; 8]) -> Result<Challenged, Error> {
        let offered = Negotiate::parse(negotiate)?.flags;
        offered.demand(NegotiateFlags::required(self.level), self.level)?;
        let (target_name, target_type) = self.server.target.name();
        let mut flags = (offered & SUPPORTED) | ALWAYS | target_type;
        if !flags.contains(NegotiateFlags::SIGN) {
            // Clients differ in whether they exchange a key that nobody will sign with.
            flags.remove(NegotiateFlags::KEY_EXCH);
        }
        let target_info = self.server.target.info(filetime_now());
        let challenge = Challenge {
            flags,
            server_challenge,
            target_name: target_name.to_owned(),
            target_info: Some(target_info.clone()),
            version: flags.contains(NegotiateFlags::VERSION).then_some(Version::CURRENT),
        };
        Ok(Challenged {
            negotiate: negotiate.to_vec(),
            challenge: challenge.encode()?,
            flags,
            server_challenge,
            target_info,
        })
    }

    fn authenticate(&self, challenged: &Challenged, input: &[u8]) -> Result<Established, Error> {
        let message = Authenticate::parse(input)?;
        if message.flags.contains(NegotiateFlags::ANONYMOUS) || message.user.is_empty() {
            return Err(Error::AnonymousRefused);
        }
        let response = NtlmV2Response::parse(&message.nt_response)?;
        let flags = challenged.flags & message.flags;
        flags.demand(NegotiateFlags::required(self.level), self.level)?;

        let name = CallerName::of(&message);
        let key_exchange_key =
            self.prove(&name, &message, &response, &challenged.server_challenge)?;
        let session_key = session_key(flags, key_exchange_key, &message)?;

        let answered = &response.challenge.target_info;
        challenged.check_echo(answered)?;
        challenged.check_mic(answered, &session_key, &message, input)?;
        self.check_channel_binding(answered)?;

        let identify = (challenged.flags | message.flags).contains(NegotiateFlags::IDENTIFY);
        let context = Context::new(flags, &session_key, Sender::Server)
            .with_protected_exchange(answered.flags().contains(AvFlags::MIC));
        let domain = if self.server.accounts.has_domains() { name.domain } else { "" };
        Ok(Established {
            context: Box::new(context),
            identity: Identity {
                workstation: Some(message.workstation.clone()).filter(|name| !name.is_empty()),
                impersonation: if identify {
                    ImpersonationLevel::Identify
                } else {
                    ImpersonationLevel::Impersonate
                },
                ..Identity::new(AuthType::Ntlm, domain, name.user)
            },
            mutual: true,
        })
    }

    /// The key exchange key, for a caller that knows the password of the account it names.
    ///
    /// An unknown account takes the same computations as a wrong password.
    fn prove(
        &self,
        name: &CallerName<'_>,
        message: &Authenticate,
        response: &NtlmV2Response<'_>,
        server_challenge: &[u8; 8],
    ) -> Result<Key, Error> {
        let found = self.server.accounts.nt_hash(name.domain, name.user);
        let known = Choice::from(u8::from(found.is_some()));
        let hash = found.unwrap_or_else(|| NtHash::from_bytes([0; 16]));

        // Some clients leave the domain out of the proof though they send it ([MS-NLMP]
        // 3.2.5.1.2).
        for domain in [message.domain.as_str(), ""] {
            let key = hash.response_key(domain, &message.user);
            let proof = key.proof(server_challenge, response.covered);
            let key_exchange_key = key.key_exchange_key(&proof);
            if bool::from(proof.ct_eq(&response.proof) & known) {
                return Ok(key_exchange_key);
            }
        }
        Err(Error::LogonDenied)
    }

    /// Compares the channel the caller is bound to with ours, where we are bound to one.
    fn check_channel_binding(&self, answered: &TargetInfo) -> Result<(), Error> {
        let Some(expected) = &self.server.channel_binding else {
            return Ok(());
        };
        let found = answered.get(AvId::CHANNEL_BINDINGS).unwrap_or_default();
        if found == expected { Ok(()) } else { Err(Error::ChannelBinding) }
    }
}

impl Challenged {
    /// Fails unless the answer repeats all that our challenge said. With another timestamp, or
    /// none, the client would have seen another challenge than the one we sent, and have left
    /// out the code that shows it.
    fn check_echo(&self, answered: &TargetInfo) -> Result<(), Error> {
        let echoed = |(id, value)| answered.get(id) == Some(value);
        if self.target_info.iter().all(echoed) { Ok(()) } else { Err(Error::Tampered) }
    }

    /// Checks the message integrity code, where the client says that it sends one. It says so
    /// under its proof, so nobody on the way can unsay it.
    fn check_mic(
        &self,
        answered: &TargetInfo,
        session_key: &Key,
        message: &Authenticate,
        input: &[u8],
    ) -> Result<(), Error> {
        if !answered.flags().contains(AvFlags::MIC) {
            return Ok(());
        }
        let (Some(mic), Some(head), Some(tail)) =
            (message.mic, input.get(..Authenticate::MIC.start), input.get(Authenticate::MIC.end..))
        else {
            return Err(Error::Malformed {
                message: "AUTHENTICATE",
                field: "MIC",
                offset: Authenticate::MIC.start,
                problem: Problem::Missing,
            });
        };
        let messages = [&self.negotiate, &self.challenge, head, &[0; 16], tail];
        let expected = keys::exchange_mic(session_key, &messages);
        if bool::from(expected.ct_eq(&mic)) { Ok(()) } else { Err(Error::Tampered) }
    }
}

/// The account that a message names.
struct CallerName<'a> {
    domain: &'a str,
    user: &'a str,
}

impl<'a> CallerName<'a> {
    /// A principal name in the user field is taken apart.
    fn of(message: &'a Authenticate) -> Self {
        let (domain, user) = match message.user.rsplit_once('@') {
            Some((user, realm)) if message.domain.is_empty() => (realm, user),
            _ => (message.domain.as_str(), message.user.as_str()),
        };
        Self { domain, user }
    }
}

/// The key the client chose, or the key exchange key where none is exchanged.
fn session_key(
    flags: NegotiateFlags,
    key_exchange_key: Key,
    message: &Authenticate,
) -> Result<Key, Error> {
    if !flags.contains(NegotiateFlags::KEY_EXCH) {
        return Ok(key_exchange_key);
    }
    let encrypted: &[u8; 16] =
        message.encrypted_session_key.as_slice().try_into().map_err(|_| Error::Malformed {
            message: "AUTHENTICATE",
            field: "EncryptedRandomSessionKey",
            offset: 52,
            problem: Problem::Length(message.encrypted_session_key.len()),
        })?;
    Ok(keys::exchange_key(&key_exchange_key, encrypted))
}
