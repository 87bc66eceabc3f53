//! The client's side of an exchange ([MS-NLMP] 3.1.5.1).

use std::mem;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use zeroize::Zeroizing;

use super::flags::NegotiateFlags;
use super::keys::{self, Key, NtHash, Sender};
use super::messages::{Authenticate, AvFlags, AvId, Challenge, Negotiate, TargetInfo, Version};
use super::response::ClientChallenge;
use super::session::Context;
use super::time::filetime_now;
use crate::{
    Account, AuthLevel, AuthType, Credentials, Error, Established, Identity, ImpersonationLevel,
    InitiatorSource, Step,
};

/// What the client offers at every level.
///
/// Neither LAN Manager keys nor 8-bit text are among it: a server cannot choose what is not
/// offered.
const OFFER: NegotiateFlags = NegotiateFlags::UNICODE
    .union(NegotiateFlags::REQUEST_TARGET)
    .union(NegotiateFlags::SIGN)
    .union(NegotiateFlags::NTLM)
    .union(NegotiateFlags::ALWAYS_SIGN)
    .union(NegotiateFlags::EXTENDED_SESSION_SECURITY)
    .union(NegotiateFlags::TARGET_INFO)
    .union(NegotiateFlags::VERSION)
    .union(NegotiateFlags::KEY_128)
    .union(NegotiateFlags::KEY_EXCH)
    .union(NegotiateFlags::KEY_56);

/// Makes NTLM initiators for one account.
#[derive(Debug, Clone)]
pub struct Source {
    settings: Arc<Settings>,
}

/// What the exchanges of one account share.
#[derive(Debug, Clone)]
struct Settings {
    domain: String,
    user: String,
    hash: NtHash,
    workstation: String,
    impersonation: ImpersonationLevel,
    channel_binding: Option<[u8; 16]>,
}

impl Source {
    /// Initiators that authenticate with `credentials` and let the server impersonate.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        // A principal name goes into the user field whole, as Windows sends it.
        let (domain, user) = match credentials.account() {
            Account::Domain { domain, user } => (domain.clone(), user.clone()),
            principal_or_plain => (String::new(), principal_or_plain.to_string()),
        };
        Self {
            settings: Arc::new(Settings {
                domain,
                user,
                hash: NtHash::of_password(credentials.password()),
                workstation: String::new(),
                impersonation: ImpersonationLevel::Impersonate,
                channel_binding: None,
            }),
        }
    }

    /// Tells servers the name of this machine, which they may log; none by default.
    #[must_use]
    pub fn with_workstation(mut self, name: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.settings).workstation = name.into();
        self
    }

    /// Lets servers do so much in the account's name. NTLM cannot delegate and has no way to
    /// stay unknown, so it tells [`ImpersonationLevel::Identify`] and lower from the rest.
    #[must_use]
    pub fn with_impersonation(mut self, level: ImpersonationLevel) -> Self {
        Arc::make_mut(&mut self.settings).impersonation = level;
        self
    }

    /// Binds exchanges to a channel: the MD5 hash of its `gss_channel_bindings_struct`
    /// (RFC 4121 section 4.1.1.2).
    #[must_use]
    pub fn with_channel_binding(mut self, hash: [u8; 16]) -> Self {
        Arc::make_mut(&mut self.settings).channel_binding = Some(hash);
        self
    }
}

impl Source {
    /// The client's side of one exchange; as [`InitiatorSource::initiator`], which for NTLM waits
    /// for nobody.
    ///
    /// # Errors
    /// [`Error::AnonymousRefused`] where no user is named.
    pub fn begin(
        &self,
        target_spn: &str,
        level: AuthLevel,
    ) -> Result<Box<dyn crate::Initiator>, Error> {
        if self.settings.user.is_empty() {
            return Err(Error::AnonymousRefused);
        }
        Ok(Box::new(Initiator {
            settings: Arc::clone(&self.settings),
            target_spn: target_spn.to_owned(),
            level,
            state: State::Start,
        }))
    }
}

impl InitiatorSource for Source {
    fn initiator<'a>(
        &'a self,
        target_spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn crate::Initiator>, Error>> {
        Box::pin(std::future::ready(self.begin(target_spn, level)))
    }
}

/// One exchange with NTLMv2, as Windows 10 conducts it.
///
/// Made by [`Source`]. It never answers with an earlier version, always takes extended session
/// security, and refuses a server that chooses less than its level needs.
pub struct Initiator {
    settings: Arc<Settings>,
    target_spn: String,
    level: AuthLevel,
    state: State,
}

enum State {
    Start,
    Offered { negotiate: Vec<u8> },
    Done,
}

impl crate::Initiator for Initiator {
    fn auth_type(&self) -> AuthType {
        AuthType::Ntlm
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error> {
        match (mem::replace(&mut self.state, State::Done), input) {
            (State::Start, None) => {
                let negotiate = self.negotiate()?;
                self.state = State::Offered { negotiate: negotiate.clone() };
                Ok(Step::reply(negotiate))
            }
            (State::Offered { negotiate }, Some(challenge)) => {
                let fresh = Fresh::random()?;
                self.authenticate(&negotiate, challenge, &fresh)
            }
            (State::Start | State::Offered { .. }, _) => Err(Error::OutOfTurn("a CHALLENGE")),
            (State::Done, _) => Err(Error::OutOfTurn("a token after the last one")),
        }
    }
}

impl Initiator {
    fn offer(&self) -> NegotiateFlags {
        let mut flags = OFFER;
        flags.set(NegotiateFlags::SEAL, self.level.seals());
        flags.set(
            NegotiateFlags::IDENTIFY,
            self.settings.impersonation <= ImpersonationLevel::Identify,
        );
        flags
    }

    fn negotiate(&self) -> Result<Vec<u8>, Error> {
        Negotiate {
            flags: self.offer(),
            domain: Vec::new(),
            workstation: Vec::new(),
            version: Some(Version::CURRENT),
        }
        .encode()
    }

    fn authenticate(
        &self,
        negotiate: &[u8],
        challenge_bytes: &[u8],
        fresh: &Fresh,
    ) -> Result<Step, Error> {
        let challenge = Challenge::parse(challenge_bytes)?;
        let flags = self.agree(&challenge)?;
        let server_info = challenge.target_info.unwrap_or_default();
        let server_time = server_info.timestamp();

        let client_challenge = ClientChallenge {
            time: server_time.unwrap_or_else(filetime_now),
            nonce: fresh.nonce,
            target_info: self.target_info(server_info, fresh),
        };
        let covered = client_challenge.encode()?;
        let Settings { domain, user, .. } = &*self.settings;
        let key = self.settings.hash.response_key(domain, user);
        let proof = key.proof(&challenge.server_challenge, &covered);
        let key_exchange_key = key.key_exchange_key(&proof);
        let (session_key, encrypted_session_key) = if flags.contains(NegotiateFlags::KEY_EXCH) {
            let encrypted = keys::exchange_key(&key_exchange_key, &fresh.session_key);
            (fresh.session_key.clone(), encrypted.to_vec())
        } else {
            (key_exchange_key, Vec::new())
        };

        let mut authenticate = Authenticate {
            lm_response: match server_time {
                Some(_) => vec![0; 24],
                None => key.lm_response(&challenge.server_challenge, &fresh.nonce),
            },
            nt_response: [proof.as_slice(), &covered].concat(),
            domain: domain.clone(),
            user: user.clone(),
            workstation: self.settings.workstation.clone(),
            encrypted_session_key,
            flags,
            version: flags.contains(NegotiateFlags::VERSION).then_some(Version::CURRENT),
            mic: server_time.map(|_| [0; 16]),
        };
        let mut token = authenticate.encode()?;
        if authenticate.mic.is_some() {
            let mic = keys::exchange_mic(&session_key, &[negotiate, challenge_bytes, &token]);
            authenticate.mic = Some(mic);
            token = authenticate.encode()?;
        }

        Ok(Step {
            token: Some(token),
            established: Some(Established {
                context: Box::new(Context::new(flags, &session_key, Sender::Client)),
                identity: self.identity(),
                mutual: false,
            }),
        })
    }

    /// What both sides want, provided that it is enough.
    fn agree(&self, challenge: &Challenge) -> Result<NegotiateFlags, Error> {
        let mut flags = self.offer() & challenge.flags;
        let mut required = NegotiateFlags::required(self.level);
        if self.level.signs() {
            required |= NegotiateFlags::KEY_EXCH | NegotiateFlags::TARGET_INFO;
        }
        flags.demand(required, self.level)?;
        if !flags.contains(NegotiateFlags::SIGN) {
            // A key that nobody will sign with is not exchanged ([MS-NLMP] 3.1.5.1.2).
            flags.remove(NegotiateFlags::KEY_EXCH);
        }
        Ok(flags)
    }

    /// The server's pairs and our own, in the order of recorded Windows 10 traffic.
    fn target_info(&self, server_info: TargetInfo, fresh: &Fresh) -> TargetInfo {
        let mut info = server_info;
        if info.timestamp().is_some() {
            let flags = info.flags() | AvFlags::MIC | AvFlags::UNTRUSTED_SPN;
            info.set(AvId::FLAGS, flags.bits().to_le_bytes().to_vec());
        }
        info.set(AvId::SINGLE_HOST, fresh.single_host());
        info.set(
            AvId::CHANNEL_BINDINGS,
            self.settings.channel_binding.unwrap_or_default().to_vec(),
        );
        info.set_text(AvId::TARGET_NAME, &self.target_spn);
        info
    }

    fn identity(&self) -> Identity {
        let Settings { domain, user, impersonation, .. } = &*self.settings;
        Identity { impersonation: *impersonation, ..Identity::new(AuthType::Ntlm, domain, user) }
    }
}

/// The random values of one exchange.
struct Fresh {
    nonce: [u8; 8],
    session_key: Key,
    machine_id: [u8; 32],
}

impl Fresh {
    fn random() -> Result<Self, Error> {
        let mut fresh =
            Self { nonce: [0; 8], session_key: Zeroizing::new([0; 16]), machine_id: [0; 32] };
        getrandom::fill(&mut fresh.nonce)?;
        getrandom::fill(fresh.session_key.as_mut_slice())?;
        getrandom::fill(&mut fresh.machine_id)?;
        Ok(fresh)
    }

    /// Single_Host_Data ([MS-NLMP] 2.2.2.2). It lets a server find that its client is the same
    /// machine; a random identity says that it is not.
    fn single_host(&self) -> Vec<u8> {
        let size: u32 = 48;
        [size.to_le_bytes().as_slice(), &[0; 4], &[0; 8], &self.machine_id].concat()
    }
}
