//! Both sides against each other, with real NTLM and a Kerberos made up for the tests, and peers
//! that misbehave.

mod fallback;
mod hostile;
mod kerberos;
mod negotiation;
mod tampering;
mod wire;

use std::sync::Arc;

use futures_util::FutureExt as _;

use self::kerberos::Legs;
use super::messages::{MechTypes, NegState, NegTokenInit, NegTokenResp};
use super::{Authenticator, Failure, MechType, Mechanism, Source};
use crate::{
    AuthLevel, AuthType, Authenticator as _, Authenticators, Credentials, Error, Established,
    Initiator, InitiatorSource, Pdu, Problem, ntlm,
};

const SPN: &str = "HOST/server.example.com";
const LEVEL: AuthLevel = AuthLevel::Integrity;

fn ntlm_source() -> Arc<dyn InitiatorSource> {
    Arc::new(ntlm::Source::new(Credentials::new("alice", "open sesame".into())))
}

fn ntlm_server() -> Arc<dyn crate::Authenticator> {
    let mut users = ntlm::UserTable::new();
    users.insert("alice", ntlm::NtHash::of_password("open sesame"));
    Arc::new(ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("SERVER")))
}

/// A client of both mechanisms, as Windows is.
fn client(legs: Legs) -> Source {
    Source::new().with_kerberos(kerberos::source(legs)).with_ntlm(ntlm_source())
}

/// A server of both mechanisms.
fn server(legs: Legs) -> Authenticator {
    Authenticator::new(Arc::new(Authenticators::new([kerberos::server(legs), ntlm_server()])))
}

fn ntlm_only_server() -> Authenticator {
    Authenticator::new(ntlm_server())
}

fn begin(source: &Source) -> Result<Box<dyn Initiator>, Error> {
    source.initiator(SPN, LEVEL).now_or_never().expect("nobody is waited for")
}

/// What went over the wire, and how it ended on both sides.
#[derive(Default)]
struct Exchange {
    /// The tokens, the client's at even places.
    tokens: Vec<Vec<u8>>,
    client: Option<Result<Established, Error>>,
    server: Option<Result<Established, Error>>,
}

impl Exchange {
    /// Runs until nothing moves, each token through `meddle` on its way.
    fn run_over(
        source: &Source,
        server: &Authenticator,
        mut meddle: impl FnMut(usize, Vec<u8>) -> Vec<u8>,
    ) -> Self {
        let mut initiator = begin(source).unwrap();
        let mut acceptor = server.acceptor(AuthType::Spnego, LEVEL).unwrap();
        let mut exchange = Self::default();
        let mut input: Option<Vec<u8>> = None;
        while exchange.tokens.len() < 12 {
            let step = initiator.step(input.as_deref());
            let Some(token) = end(step, &mut exchange.client) else { break };
            let token = meddle(exchange.tokens.len(), token);
            exchange.tokens.push(token.clone());

            let step = acceptor.step(&token);
            let Some(token) = end(step, &mut exchange.server) else { break };
            let token = meddle(exchange.tokens.len(), token);
            exchange.tokens.push(token.clone());
            input = Some(token);
        }
        exchange
    }

    fn run(source: &Source, server: &Authenticator) -> Self {
        Self::run_over(source, server, |_, token| token)
    }

    fn init(&self) -> NegTokenInit<'_> {
        NegTokenInit::parse(&self.tokens[0]).unwrap()
    }

    fn resp(&self, index: usize) -> NegTokenResp<'_> {
        NegTokenResp::parse(&self.tokens[index]).unwrap()
    }

    /// What the fields of an answer are: state, mechanism, whether there are token and signature.
    fn shape(&self, index: usize) -> (Option<NegState>, Option<Mechanism>, bool, bool) {
        let resp = self.resp(index);
        let mechanism = resp.supported_mech.map(|mech_type| mech_type.mechanism().unwrap());
        (resp.state, mechanism, resp.response_token.is_some(), resp.mech_list_mic.is_some())
    }

    fn established(self) -> (Established, Established) {
        (self.client.unwrap().unwrap(), self.server.unwrap().unwrap())
    }

    fn client_error(&self) -> Option<&Error> {
        self.client.as_ref()?.as_ref().err()
    }

    fn server_error(&self) -> Option<&Error> {
        self.server.as_ref()?.as_ref().err()
    }
}

/// Notes how a side ended; the token it sends.
fn end(
    step: Result<crate::Step, Error>,
    outcome: &mut Option<Result<Established, Error>>,
) -> Option<Vec<u8>> {
    match step {
        Ok(step) => {
            if let Some(established) = step.established {
                assert!(outcome.is_none(), "a side ends once");
                *outcome = Some(Ok(established));
            }
            step.token
        }
        Err(error) => {
            *outcome = Some(Err(error));
            None
        }
    }
}

/// Messages go both ways under the keys of the mechanism.
fn talk(mut client: Established, mut server: Established) {
    for round in 0..3 {
        for level in [AuthLevel::Integrity, AuthLevel::Integrity] {
            let (from, to) = if round % 2 == 0 {
                (&mut client, &mut server)
            } else {
                (&mut server, &mut client)
            };
            let mut token = vec![0; from.context.token_len(level)];
            let mut body = *b"a message";
            from.context.protect(level, pdu(&mut body), &mut token).unwrap();
            to.context.unprotect(level, pdu(&mut body), &token).unwrap();
        }
    }
}

fn pdu(body: &mut [u8]) -> Pdu<'_> {
    Pdu { header: b"header", body, trailer: b"trailer", sign_header: true }
}

/// An answer of a server that is not ours.
fn answer(state: NegState, mechanism: Option<Mechanism>, token: Option<&[u8]>) -> Vec<u8> {
    let message = NegTokenResp {
        state: Some(state),
        supported_mech: mechanism.map(MechType::from),
        response_token: token,
        mech_list_mic: None,
    };
    message.encode().unwrap()
}
