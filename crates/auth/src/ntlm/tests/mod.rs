//! Initiator against acceptor in memory, and the clients that misbehave.

mod exchange;
mod hostile;
mod protection;
mod recorded;
mod vectors;

use std::sync::{Arc, Mutex};

use super::keys::{self, Sender};
use super::messages::{
    Authenticate, AvFlags, AvId, Challenge, ClientChallenge, Negotiate, TargetInfo,
};
use super::session::Context;
use super::{Accounts, Authenticator, NegotiateFlags, NtHash, Source, Target, UserTable};
use crate::{
    Acceptor, AuthLevel, AuthType, Authenticator as _, Credentials, Error, Established, Initiator,
};

const USER: &str = "Alice";
const PASSWORD: &str = "öpen sésame";
const SPN: &str = "HOST/server.example.com";

const LEVELS: [AuthLevel; 5] = [
    AuthLevel::Connect,
    AuthLevel::Call,
    AuthLevel::Packet,
    AuthLevel::Integrity,
    AuthLevel::Privacy,
];

fn target() -> Target {
    Target::new("SERVER").with_dns_name("server.example.com").with_domain("EXAMPLE")
}

fn server() -> Authenticator {
    let mut users = UserTable::new();
    users.insert(USER, NtHash::of_password(PASSWORD));
    Authenticator::new(Arc::new(users), target())
}

fn acceptor(level: AuthLevel) -> Box<dyn Acceptor> {
    server().acceptor(AuthType::Ntlm, level).unwrap()
}

fn source(account: &str, password: &str) -> Source {
    Source::new(Credentials::new(account, password.into()))
}

fn initiator(level: AuthLevel) -> Box<dyn Initiator> {
    source(USER, PASSWORD).begin(SPN, level).unwrap()
}

/// The whole exchange, each message through `meddle` on its way.
fn exchange_over(
    initiator: &mut dyn Initiator,
    acceptor: &mut dyn Acceptor,
    mut meddle: impl FnMut(u8, Vec<u8>) -> Vec<u8>,
) -> Result<(Established, Established), Error> {
    let negotiate = meddle(1, initiator.step(None)?.token.unwrap());
    let challenge = meddle(2, acceptor.step(&negotiate)?.token.unwrap());
    let last = initiator.step(Some(&challenge))?;
    let authenticate = meddle(3, last.token.unwrap());
    let accepted = acceptor.step(&authenticate)?;
    assert_eq!(accepted.token, None);
    Ok((last.established.unwrap(), accepted.established.unwrap()))
}

fn exchange(
    initiator: &mut dyn Initiator,
    acceptor: &mut dyn Acceptor,
) -> Result<(Established, Established), Error> {
    exchange_over(initiator, acceptor, |_, message| message)
}

/// A client that proves what it is told to, whether or not it makes sense.
struct TestClient {
    user: String,
    domain: String,
    password: String,
    /// The domain that goes into the proof.
    proof_domain: String,
    offer: NegotiateFlags,
    mic: bool,
    edit_pairs: fn(&mut TargetInfo),
    edit_message: fn(&mut Authenticate),
}

impl TestClient {
    /// As impacket does it: no version, no message integrity code.
    fn new(password: &str) -> Self {
        Self {
            user: USER.into(),
            domain: "EXAMPLE".into(),
            password: password.into(),
            proof_domain: "EXAMPLE".into(),
            offer: NegotiateFlags::UNICODE
                | NegotiateFlags::REQUEST_TARGET
                | NegotiateFlags::SIGN
                | NegotiateFlags::SEAL
                | NegotiateFlags::NTLM
                | NegotiateFlags::ALWAYS_SIGN
                | NegotiateFlags::EXTENDED_SESSION_SECURITY
                | NegotiateFlags::TARGET_INFO
                | NegotiateFlags::KEY_128
                | NegotiateFlags::KEY_EXCH
                | NegotiateFlags::KEY_56,
            mic: false,
            edit_pairs: |_| {},
            edit_message: |_| {},
        }
    }

    fn negotiate(&self) -> Vec<u8> {
        let message = Negotiate {
            flags: self.offer,
            domain: Vec::new(),
            workstation: Vec::new(),
            version: None,
        };
        message.encode().unwrap()
    }

    /// Authenticates, and returns the server's end and the client's context.
    fn run(&self, level: AuthLevel) -> Result<(Established, Context), Error> {
        let mut acceptor = acceptor(level);
        let negotiate = self.negotiate();
        let challenge_bytes = acceptor.step(&negotiate)?.token.unwrap();
        let challenge = Challenge::parse(&challenge_bytes).unwrap();

        let mut pairs = challenge.target_info.unwrap();
        if self.mic {
            pairs.set(AvId::FLAGS, AvFlags::MIC.bits().to_le_bytes().to_vec());
        }
        (self.edit_pairs)(&mut pairs);
        let covered = ClientChallenge { time: 0, nonce: [7; 8], target_info: pairs };
        let covered = covered.encode().unwrap();
        let key = NtHash::of_password(&self.password).response_key(&self.proof_domain, &self.user);
        let proof = key.proof(&challenge.server_challenge, &covered);
        let key_exchange_key = key.key_exchange_key(&proof);
        let flags = self.offer & challenge.flags;
        let exchanged = flags.contains(NegotiateFlags::KEY_EXCH);
        let session_key = if exchanged { [9; 16] } else { *key_exchange_key };

        let mut message = Authenticate {
            lm_response: vec![0; 24],
            nt_response: [proof.as_slice(), &covered].concat(),
            domain: self.domain.clone(),
            user: self.user.clone(),
            workstation: String::new(),
            encrypted_session_key: if exchanged {
                keys::exchange_key(&key_exchange_key, &session_key).to_vec()
            } else {
                Vec::new()
            },
            flags,
            version: None,
            mic: self.mic.then_some([0; 16]),
        };
        (self.edit_message)(&mut message);
        let mut token = message.encode().unwrap();
        if message.mic.is_some() {
            let messages = [&negotiate, &challenge_bytes, token.as_slice()];
            message.mic = Some(keys::exchange_mic(&session_key, &messages));
            token = message.encode().unwrap();
        }
        let established = acceptor.step(&token)?.established.unwrap();
        Ok((established, Context::new(flags, &session_key, Sender::Client)))
    }
}

/// Accounts that note what they were asked for.
#[derive(Default)]
struct Recorder(Mutex<Vec<(String, String)>>);

impl Accounts for Recorder {
    fn nt_hash(&self, domain: &str, user: &str) -> Option<NtHash> {
        self.0.lock().unwrap().push((domain.into(), user.into()));
        Some(NtHash::of_password(PASSWORD))
    }
}
