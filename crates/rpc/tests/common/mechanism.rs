//! A mechanism for tests: an even number of legs as with Kerberos, and signatures that leave out
//! the header where header signing was not agreed, which NTLM never does.

use std::sync::Arc;

use winreach_auth::{
    Acceptor, AuthLevel, AuthType, Authenticator, Error, Established, Identity, Initiator, Pdu,
    SecurityContext, Step,
};
use winreach_rpc::client::Security;

/// Whether the client is done with its second leg, or needs the server's answer to it.
#[derive(Clone, Copy, PartialEq)]
pub enum Ending {
    /// The client's second leg is its last, and the server does not add to it (raw Kerberos).
    Silent,
    /// The server answers once more, and the client is done then (SPNEGO).
    Answered,
}

pub fn security(ending: Ending, level: AuthLevel) -> Security {
    Security::new(Box::new(Client(ending)), level)
}

pub fn authenticator(ending: Ending) -> Arc<dyn Authenticator> {
    Arc::new(Server(ending))
}

struct Client(Ending);

impl Initiator for Client {
    fn auth_type(&self) -> AuthType {
        AuthType::Spnego
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error> {
        match input {
            None => Ok(Step::reply(b"first".to_vec())),
            Some(b"second") => Ok(Step {
                token: Some(b"third".to_vec()),
                established: (self.0 == Ending::Silent).then(|| established(0, 1)),
            }),
            Some(b"fourth") if self.0 == Ending::Answered => {
                Ok(Step { token: None, established: Some(established(0, 1)) })
            }
            Some(_) => Err(Error::OutOfTurn("a token")),
        }
    }
}

struct Server(Ending);

impl Authenticator for Server {
    fn acceptor(&self, auth_type: AuthType, _: AuthLevel) -> Option<Box<dyn Acceptor>> {
        (auth_type == AuthType::Spnego).then(|| Box::new(Accepting(self.0)) as Box<dyn Acceptor>)
    }
}

struct Accepting(Ending);

impl Acceptor for Accepting {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        match input {
            b"first" => Ok(Step::reply(b"second".to_vec())),
            b"third" => Ok(Step {
                token: (self.0 == Ending::Answered).then(|| b"fourth".to_vec()),
                established: Some(established(1, 0)),
            }),
            _ => Err(Error::LogonDenied),
        }
    }
}

pub fn established(sends: u8, receives: u8) -> Established {
    let context = Box::new(Context { sends, receives, sent: 0, received: 0 });
    let identity = Identity::new(AuthType::Kerberos, "TEST", "bob");
    Established { context, identity, mutual: true }
}

struct Context {
    sends: u8,
    receives: u8,
    sent: u32,
    received: u32,
}

/// FNV-1a over what is signed: it notices every change of a byte.
fn checksum(direction: u8, sequence: u32, pdu: &Pdu<'_>) -> [u8; 8] {
    let (header, trailer) =
        if pdu.sign_header { (pdu.header, pdu.trailer) } else { Default::default() };
    let number = sequence.to_le_bytes();
    let parts = [&[direction, u8::from(pdu.sign_header)], &number[..], header, pdu.body, trailer];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.concat() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash.to_le_bytes()
}

impl SecurityContext for Context {
    fn token_len(&self, _: AuthLevel) -> usize {
        8
    }

    fn protect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &mut [u8]) -> Result<(), Error> {
        token.copy_from_slice(&checksum(self.sends, self.sent, &pdu));
        self.sent += 1;
        if level.seals() {
            pdu.body.iter_mut().for_each(|byte| *byte ^= 0xa5);
        }
        Ok(())
    }

    fn unprotect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &[u8]) -> Result<(), Error> {
        if level.seals() {
            pdu.body.iter_mut().for_each(|byte| *byte ^= 0xa5);
        }
        let right = checksum(self.receives, self.received, &pdu);
        self.received += 1;
        if token == right { Ok(()) } else { Err(Error::Signature) }
    }

    fn sign_mechanisms(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::OutOfTurn("a list of mechanisms"))
    }

    fn verify_mechanisms(&mut self, _: &[u8], _: &[u8]) -> Result<(), Error> {
        Err(Error::OutOfTurn("a list of mechanisms"))
    }
}
