//! A mechanism that takes as many legs as it is told to, and stands in for Kerberos.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use crate::{
    Acceptor, AuthLevel, AuthType, Authenticator, Error, Established, Identity, Initiator,
    InitiatorSource, Pdu, SecurityContext, Step,
};

/// How many tokens the mechanism exchanges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Legs {
    /// A ticket alone.
    One,
    /// With the server's answer, as outside of DCE.
    Two,
    /// As in DCE: the client answers the answer.
    Three,
    /// As [`Three`](Self::Three), by a mechanism that cannot sign.
    Unsigned,
}

pub(super) fn source(legs: Legs) -> Arc<dyn InitiatorSource> {
    Arc::new(Source(Ok(legs)))
}

/// A source that fails so each time.
pub(super) fn failing(error: Error) -> Arc<dyn InitiatorSource> {
    Arc::new(Source(Err(error)))
}

pub(super) fn server(legs: Legs) -> Arc<dyn Authenticator> {
    Arc::new(Server(legs))
}

struct Source(Result<Legs, Error>);

impl InitiatorSource for Source {
    fn initiator<'a>(
        &'a self,
        _: &'a str,
        _: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, Error>> {
        let initiator = self.0.clone().map(|legs| Box::new(Client(legs)) as Box<dyn Initiator>);
        Box::pin(std::future::ready(initiator))
    }
}

struct Client(Legs);

impl Initiator for Client {
    fn auth_type(&self) -> AuthType {
        AuthType::Kerberos
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error> {
        let established = || Some(established(self.0, 0));
        match (self.0, input) {
            (Legs::One, None) => {
                Ok(Step { token: Some(b"ticket".to_vec()), established: established() })
            }
            (_, None) => Ok(Step::reply(b"ticket".to_vec())),
            (Legs::Two, Some(b"answer")) => Ok(Step { token: None, established: established() }),
            (Legs::Three | Legs::Unsigned, Some(b"answer")) => {
                Ok(Step { token: Some(b"third".to_vec()), established: established() })
            }
            (_, Some(b"clock skew")) => Err(Error::OutOfTurn("a clock")),
            _ => Err(Error::OutOfTurn("a token of the test mechanism")),
        }
    }
}

struct Server(Legs);

impl Authenticator for Server {
    fn acceptor(&self, auth_type: AuthType, _: AuthLevel) -> Option<Box<dyn Acceptor>> {
        (auth_type == AuthType::Kerberos)
            .then(|| Box::new(Accepting { legs: self.0, is_begun: false }) as Box<dyn Acceptor>)
    }
}

struct Accepting {
    legs: Legs,
    is_begun: bool,
}

impl Acceptor for Accepting {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        let established = Some(established(self.legs, 1));
        let answer = Some(b"answer".to_vec());
        match (self.legs, std::mem::replace(&mut self.is_begun, true), input) {
            (Legs::One, false, b"ticket") => Ok(Step { token: None, established }),
            (Legs::Two, false, b"ticket") => Ok(Step { token: answer, established }),
            (_, false, b"ticket") => Ok(Step { token: answer, established: None }),
            (Legs::Three | Legs::Unsigned, true, b"third") => Ok(Step { token: None, established }),
            _ => Err(Error::LogonDenied),
        }
    }
}

fn established(legs: Legs, sends: u8) -> Established {
    Established {
        context: Box::new(Context { signs: legs != Legs::Unsigned, sends, numbers: [0; 2] }),
        identity: Identity::new(AuthType::Kerberos, "EXAMPLE.COM", "alice"),
        mutual: legs != Legs::One,
    }
}

/// Signs with a key that everybody knows, and a number for each direction.
struct Context {
    signs: bool,
    sends: u8,
    numbers: [u32; 2],
}

impl Context {
    fn signature(&mut self, direction: u8, parts: &[&[u8]]) -> Vec<u8> {
        let number = &mut self.numbers[usize::from(direction)];
        let mut mac = Hmac::<Md5>::new_from_slice(b"session key").unwrap();
        mac.update(&[direction]);
        mac.update(&number.to_be_bytes());
        parts.iter().for_each(|part| mac.update(part));
        *number += 1;
        mac.finalize().into_bytes().to_vec()
    }
}

impl SecurityContext for Context {
    fn token_len(&self, _: AuthLevel) -> usize {
        16
    }

    fn protect(&mut self, _: AuthLevel, pdu: Pdu<'_>, token: &mut [u8]) -> Result<(), Error> {
        let parts = [pdu.header, pdu.body, pdu.trailer];
        token.copy_from_slice(&self.signature(self.sends, &parts));
        Ok(())
    }

    fn unprotect(&mut self, _: AuthLevel, pdu: Pdu<'_>, token: &[u8]) -> Result<(), Error> {
        let parts = [pdu.header, pdu.body, pdu.trailer];
        let expected = self.signature(1 - self.sends, &parts);
        if token == expected { Ok(()) } else { Err(Error::Signature) }
    }

    fn sign_mechanisms(&mut self, list: &[u8]) -> Result<Vec<u8>, Error> {
        match self.signs {
            true => Ok(self.signature(self.sends, &[list])),
            false => Err(Error::LevelNotNegotiated(AuthLevel::Integrity)),
        }
    }

    fn verify_mechanisms(&mut self, list: &[u8], mic: &[u8]) -> Result<(), Error> {
        let expected = self.signature(1 - self.sends, &[list]);
        if mic == expected { Ok(()) } else { Err(Error::Signature) }
    }
}
