//! The security context of a Kerberos exchange.

use winreach_kerberos::ap::Session;
use winreach_kerberos::messages::GssFlags;
use winreach_kerberos::protection::{Protection, ProtectionError};

use crate::{AuthLevel, Error, Pdu, SecurityContext};

/// Signs, seals and verifies the messages of a session.
pub(super) struct Context {
    protection: Protection,
    /// The same with the numbers that the exchange told, where those need not be used.
    numbered: Option<Protection>,
}

impl Context {
    /// The context of a session that was agreed on with these flags.
    ///
    /// Where neither replays nor the order of messages matter, as at level connect, recorded Windows
    /// 10 traffic numbers from 0 and MIT Kerberos as ever.
    pub(super) fn new(session: Session, flags: GssFlags) -> Self {
        if flags.contains(GssFlags::REPLAY) || flags.contains(GssFlags::SEQUENCE) {
            return Self { protection: session.protection(), numbered: None };
        }
        let numbered = Some(session.protection());
        let session = Session { send_sequence: 0, receive_sequence: 0, ..session };
        Self { protection: session.protection(), numbered }
    }
}

/// What the signature of a PDU covers.
fn covered<'a>(pdu: &'a Pdu<'_>) -> [&'a [u8]; 3] {
    if pdu.sign_header { [pdu.header, pdu.body, pdu.trailer] } else { [&[], pdu.body, &[]] }
}

impl SecurityContext for Context {
    fn token_len(&self, level: AuthLevel) -> usize {
        match level {
            AuthLevel::Privacy => self.protection.seal_len(),
            level if level.signs() => self.protection.mic_len(),
            _ => 0,
        }
    }

    fn protect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &mut [u8]) -> Result<(), Error> {
        check_len(token, self.token_len(level))?;
        let done = match level {
            AuthLevel::Privacy => {
                self.protection.seal(pdu.header, pdu.body, pdu.trailer, pdu.sign_header, token)
            }
            level if level.signs() => self.protection.sign(&covered(&pdu), token),
            _ => Ok(()),
        };
        done.map_err(Error::from)
    }

    /// The length of a seal is its sender's affair: some leave out the filler.
    fn unprotect(&mut self, level: AuthLevel, pdu: Pdu<'_>, token: &[u8]) -> Result<(), Error> {
        let done = match level {
            AuthLevel::Privacy => {
                self.protection.unseal(pdu.header, pdu.body, pdu.trailer, pdu.sign_header, token)
            }
            level if level.signs() => self.protection.verify(&covered(&pdu), token),
            _ => return check_len(token, 0),
        };
        done.map_err(Error::from)
    }

    fn sign_mechanisms(&mut self, list: &[u8]) -> Result<Vec<u8>, Error> {
        let mut token = vec![0; self.protection.mic_len()];
        self.protection.sign(&[list], &mut token)?;
        Ok(token)
    }

    fn verify_mechanisms(&mut self, list: &[u8], mic: &[u8]) -> Result<(), Error> {
        match (self.protection.verify(&[list], mic), self.numbered.take()) {
            (Err(ProtectionError::Sequence { .. }), Some(mut numbered)) => {
                // A signature that does not verify leaves everything as it was.
                numbered.verify(&[list], mic)?;
                self.protection = numbered;
                Ok(())
            }
            (verified, _) => Ok(verified?),
        }
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
