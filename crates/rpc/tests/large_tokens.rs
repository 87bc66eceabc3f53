//! Tokens longer than a fragment, as Kerberos has them for accounts in many groups: a leg is never
//! cut, and a PDU takes 65535 bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test"
)]

mod common;

use std::sync::Arc;

use common::mechanism::established;
use common::{FIRST, Pair, SECOND, pattern, pdus};
use winreach_auth::{
    Acceptor, AuthLevel, AuthType, Authenticator, Error, Established, Initiator, Step,
};
use winreach_rpc::client::{self, Security};
use winreach_rpc::pdu::{RejectReason, Type};
use winreach_rpc::{Fault, server};

const LARGE: usize = 48 * 1024;
const TOO_LARGE: usize = 0xffff;

/// Both sides of a mechanism: how long its tokens are, and which is the next.
#[derive(Clone)]
struct Legs {
    auth_type: AuthType,
    sizes: Arc<[usize]>,
    next: usize,
}

impl Legs {
    fn new(auth_type: AuthType, sizes: &[usize]) -> Self {
        Self { auth_type, sizes: sizes.into(), next: 0 }
    }

    fn step(&mut self, input: Option<&[u8]>, end: fn() -> Established) -> Result<Step, Error> {
        if let Some(input) = input {
            assert!(input == pattern(self.sizes[self.next]), "leg {} came whole", self.next);
            self.next += 1;
        }
        let token = self.sizes.get(self.next).map(|size| pattern(*size).to_vec());
        self.next += 1;
        let established = (self.next >= self.sizes.len()).then(end);
        Ok(Step { token, established })
    }
}

struct Client(Legs);

impl Initiator for Client {
    fn auth_type(&self) -> AuthType {
        self.0.auth_type
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error> {
        self.0.step(input, || established(0, 1))
    }
}

struct Server(Legs);

impl Acceptor for Server {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        self.0.step(Some(input), || established(1, 0))
    }
}

impl Authenticator for Legs {
    fn acceptor(&self, auth_type: AuthType, _: AuthLevel) -> Option<Box<dyn Acceptor>> {
        (auth_type == self.auth_type).then(|| Box::new(Server(self.clone())) as Box<dyn Acceptor>)
    }
}

fn security(legs: &Legs) -> Security {
    Security::new(Box::new(Client(legs.clone())), AuthLevel::Privacy)
}

fn pair(legs: &Legs) -> Pair {
    Pair::with(client::Config::default(), server::Config::default(), Arc::new(legs.clone()))
}

#[test]
fn a_token_longer_than_a_fragment_goes_and_comes_in_each_leg() {
    for (auth_type, count) in [(AuthType::Ntlm, 3), (AuthType::Kerberos, 4), (AuthType::Spnego, 6)]
    {
        for large in 0..count {
            let mut sizes = vec![100; count];
            sizes[large] = LARGE;
            let mut pair = pair(&Legs::new(auth_type, &sizes));
            pair.bind(&[FIRST], Some(security(&Legs::new(auth_type, &sizes)))).unwrap();
            for length in [0, 100, 20_000] {
                assert_eq!(pair.echo(FIRST, pattern(length)).unwrap(), pattern(length));
            }
            // The same in the middle of a connection.
            pair.bind(&[SECOND], Some(security(&Legs::new(auth_type, &sizes)))).unwrap();
            assert_eq!(pair.echo(SECOND, pattern(300)).unwrap(), pattern(300), "leg {large}");
        }
    }
}

#[test]
fn a_leg_is_one_pdu() {
    let legs = Legs::new(AuthType::Kerberos, &[LARGE, LARGE, LARGE, 10]);
    let mut pair = pair(&legs);
    pair.client.bind(&[FIRST], Some(security(&legs)));
    for expected in [Type::Bind, Type::AlterContext] {
        let mut bytes = pair.client_output();
        let sent = pdus(&bytes);
        assert_eq!((sent.len(), sent[0].body.ptype()), (1, expected));
        assert_eq!(sent[0].auth.as_ref().unwrap().token.len(), LARGE);
        pair.server.handle_input(&mut bytes).unwrap();
        let mut bytes = pair.server_output();
        assert_eq!(pdus(&bytes).len(), 1);
        pair.client.handle_input(&mut bytes).unwrap();
    }
}

#[test]
fn a_token_that_no_pdu_holds_is_an_error_of_its_own() {
    let too_long = |error: &client::Error| {
        matches!(error, client::Error::Authentication(Error::TooLong("the security token")))
    };
    // Of the client: in the first leg nothing was sent, and the association may go on.
    let legs = Legs::new(AuthType::Kerberos, &[TOO_LARGE, 10, 10, 10]);
    let mut first = pair(&legs);
    let error = first.bind(&[FIRST], Some(security(&legs))).unwrap_err();
    assert!(too_long(&error), "{error}");
    first.bind(&[FIRST], None).unwrap();

    // In a later one the exchange is broken.
    let legs = Legs::new(AuthType::Kerberos, &[10, 10, TOO_LARGE, 10]);
    let error = pair(&legs).bind(&[FIRST], Some(security(&legs))).unwrap_err();
    assert!(too_long(&error), "{error}");

    // Of the server: the client is told.
    let legs = Legs::new(AuthType::Kerberos, &[10, TOO_LARGE, 10, 10]);
    let error = pair(&legs).bind(&[FIRST], Some(security(&legs))).unwrap_err();
    let limit = matches!(error, client::Error::BindRefused(RejectReason::LOCAL_LIMIT_EXCEEDED));
    assert!(limit, "{error}");
    let legs = Legs::new(AuthType::Kerberos, &[10, 10, 10, TOO_LARGE]);
    let error = pair(&legs).bind(&[FIRST], Some(security(&legs))).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::PROTOCOL_ERROR), "{error}");
}
