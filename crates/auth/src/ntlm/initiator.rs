//! The client's side of an exchange ([MS-NLMP] 3.1.5.1).

use std::mem;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::flags::NegotiateFlags;
use super::keys::{self, Key, Sender};
use super::messages::{Authenticate, AvFlags, AvId, Challenge, Negotiate, TargetInfo, Version};
use super::response::ClientChallenge;
use super::session::Context;
use super::source::{Login, Settings};
use super::time::filetime_now;
use crate::{AuthLevel, AuthType, Error, Established, Step};

/// What the client offers at every level.
///
/// Neither LAN Manager keys nor 8-bit text are among it: a server cannot choose what is not
/// offered.
const OFFER: NegotiateFlags = NegotiateFlags::UNICODE
    .union(NegotiateFlags::REQUEST_TARGET)
    .union(NegotiateFlags::NTLM)
    .union(NegotiateFlags::ALWAYS_SIGN)
    .union(NegotiateFlags::EXTENDED_SESSION_SECURITY)
    .union(NegotiateFlags::TARGET_INFO)
    .union(NegotiateFlags::VERSION)
    .union(NegotiateFlags::KEY_128)
    .union(NegotiateFlags::KEY_EXCH)
    .union(NegotiateFlags::KEY_56);

/// One exchange with NTLMv2, as Windows 10 conducts it.
///
/// Made by [`Source`](super::Source). It never answers with an earlier version, always takes extended session
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
    pub(super) fn new(settings: Arc<Settings>, target_spn: &str, level: AuthLevel) -> Self {
        Self { settings, target_spn: target_spn.to_owned(), level, state: State::Start }
    }

    fn offer(&self) -> NegotiateFlags {
        let mut flags = OFFER;
        // Windows offers signatures even where nothing will be signed; Samba then fails to answer.
        flags.set(NegotiateFlags::SIGN, self.level.signs());
        flags.set(NegotiateFlags::SEAL, self.level.seals());
        flags.set(NegotiateFlags::IDENTIFY, self.settings.identifies_only());
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
        let mut flags = self.agree(&challenge)?;
        let Answer { lm_response, nt_response, key_exchange_key, mic } =
            match &self.settings.account {
                Some(account) => self.answer(account, challenge, fresh)?,
                None => Answer::anonymous(&challenge),
            };
        let (session_key, encrypted_session_key) = if flags.contains(NegotiateFlags::KEY_EXCH) {
            let encrypted = keys::exchange_key(&key_exchange_key, &fresh.session_key);
            (fresh.session_key.clone(), encrypted.to_vec())
        } else {
            (key_exchange_key, Vec::new())
        };

        let (domain, user) = match &self.settings.account {
            Some(Login { domain, user, .. }) => (domain.clone(), user.clone()),
            None => {
                flags |= NegotiateFlags::ANONYMOUS;
                Default::default()
            }
        };
        let mut authenticate = Authenticate {
            lm_response,
            nt_response,
            domain,
            user,
            workstation: self.settings.workstation.clone(),
            encrypted_session_key,
            flags,
            version: flags.contains(NegotiateFlags::VERSION).then_some(Version::CURRENT),
            mic: mic.then_some([0; 16]),
        };
        let mut token = authenticate.encode()?;
        if mic {
            let mic = keys::exchange_mic(&session_key, &[negotiate, challenge_bytes, &token]);
            authenticate.mic = Some(mic);
            token = authenticate.encode()?;
        }

        Ok(Step {
            token: Some(token),
            established: Some(Established {
                context: Box::new(Context::new(flags, &session_key, Sender::Client)),
                identity: self.settings.identity(),
                mutual: false,
            }),
        })
    }

    /// The account's answer to a challenge ([MS-NLMP] 3.3.2).
    fn answer(
        &self,
        account: &Login,
        challenge: Challenge,
        fresh: &Fresh,
    ) -> Result<Answer, Error> {
        let Challenge { server_challenge, target_info, .. } = challenge;
        let server_info = target_info.unwrap_or_default();
        let server_time = server_info.timestamp();
        let covered = ClientChallenge {
            time: server_time.unwrap_or_else(filetime_now),
            nonce: fresh.nonce,
            target_info: self.target_info(server_info, fresh),
        }
        .encode()?;
        let key = account.hash.response_key(&account.domain, &account.user);
        let proof = key.proof(&server_challenge, &covered);
        Ok(Answer {
            lm_response: match server_time {
                Some(_) => vec![0; 24],
                None => key.lm_response(&server_challenge, &fresh.nonce),
            },
            nt_response: [proof.as_slice(), &covered].concat(),
            key_exchange_key: key.key_exchange_key(&proof),
            mic: server_time.is_some(),
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
}

/// What answers a challenge.
struct Answer {
    lm_response: Vec<u8>,
    nt_response: Vec<u8>,
    key_exchange_key: Key,
    /// Whether a message integrity code goes along.
    mic: bool,
}

impl Answer {
    /// The answer of nobody, who has no key ([MS-NLMP] 3.3.2 and 3.2.5.1.2).
    fn anonymous(challenge: &Challenge) -> Self {
        let server_time = challenge.target_info.as_ref().and_then(TargetInfo::timestamp);
        Self {
            lm_response: vec![0],
            nt_response: Vec::new(),
            key_exchange_key: Zeroizing::new([0; 16]),
            mic: server_time.is_some(),
        }
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
