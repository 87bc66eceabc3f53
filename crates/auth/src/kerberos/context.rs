//! The security context of a Kerberos exchange.

use winreach_kerberos::ap::Session;
use winreach_kerberos::messages::GssFlags;
use winreach_kerberos::protection::{Protection, ProtectionError};

use crate::{AuthLevel, Error, Pdu, SecurityContext};

/// Signs, seals and verifies the messages of a session.
pub(super) struct Context(Protection);

impl Context {
    /// The context of a session that was agreed on with these flags.
    pub(super) fn new(mut session: Session, flags: GssFlags) -> Self {
        if !flags.contains(GssFlags::REPLAY) && !flags.contains(GssFlags::SEQUENCE) {
            // So recorded Windows 10 traffic does it at level connect.
            (session.send_sequence, session.receive_sequence) = (0, 0);
        }
        Self(session.protection())
    }
}

/// What the signature of a PDU covers.
fn covered<'a>(pdu: &'a Pdu<'_>) -> [&'a [u8]; 3] {
    if pdu.sign_header { [pdu.header, pdu.body, pdu.trailer] } else { [&[], pdu.body, &[]] }
}

impl SecurityContext for Context {
    fn token_len(&self, level: AuthLevel) -> usize {
        match level {
            AuthLevel::Privacy => self.0.seal_len(),
            level if level.signs() => self.0.mic_len(),
            _ => 0,
        }
    }

    fn protect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &mut [u8]) -> Result<(), Error> {
        check_len(token, self.token_len(level))?;
        let done = match level {
            AuthLevel::Privacy => {
                self.0.seal(pdu.header, pdu.body, pdu.trailer, pdu.sign_header, token)
            }
            level if level.signs() => self.0.sign(&covered(&pdu), token),
            _ => Ok(()),
        };
        done.map_err(Error::from)
    }

    /// The length of a seal is its sender's affair: some leave out the filler.
    fn unprotect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &[u8]) -> Result<(), Error> {
        let done = match level {
            AuthLevel::Privacy => {
                self.0.unseal(pdu.header, pdu.body, pdu.trailer, pdu.sign_header, token)
            }
            level if level.signs() => self.0.verify(&covered(&pdu), token),
            _ => return check_len(token, 0),
        };
        done.map_err(Error::from)
    }

    fn sign_mechanisms(&mut self, list: &[u8]) -> Result<Vec<u8>, Error> {
        let mut token = vec![0; self.0.mic_len()];
        self.0.sign(&[list], &mut token)?;
        Ok(token)
    }

    fn verify_mechanisms(&mut self, list: &[u8], mic: &[u8]) -> Result<(), Error> {
        Ok(self.0.verify(&[list], mic)?)
    }
}

fn check_len(token: &[u8], expected: usize) -> Result<(), Error> {
    let actual = token.len();
    if actual == expected { Ok(()) } else { Err(Error::TokenLength { expected, actual }) }
}

impl From<ProtectionError> for Error {
    fn from(error: ProtectionError) -> Self {
        Self::Protection(error)
    }
}
