//! What both exchanges do with an answer.

use crate::credential::Credential;
use crate::crypto::{CryptoError, EncryptionType, Key, KeyUsage};
use crate::error::{Asked, Error};
use crate::messages::{
    EncAsRepPart, EncKdcRepPart, EncTgsRepPart, ErrorCode, KdcRep, KrbError, Message,
};

/// The first byte of a KRB-ERROR: application tag 30.
const KRB_ERROR: u8 = 0x7E;

/// A KRB-ERROR, if the answer is one.
pub(super) fn refusal(answer: &[u8]) -> Result<Option<KrbError>, Error> {
    match answer.first() {
        Some(&KRB_ERROR) => Ok(Some(KrbError::parse(answer)?)),
        _ => Ok(None),
    }
}

/// The error that a KRB-ERROR is to the caller.
pub(super) fn refused(error: KrbError, realm: &str, asked: Asked) -> Error {
    Error::Refused {
        realm: realm.to_owned(),
        asked,
        code: ErrorCode(error.error_code),
        text: error.e_text.map(|text| text.0),
    }
}

/// Opens the client's part of an answer and compares it with what was asked.
///
/// # Errors
/// The inner error says that the key is not the one.
pub(super) fn open(
    answer: KdcRep,
    key: &Key,
    usage: KeyUsage,
    nonce: u32,
    wanted: &[EncryptionType],
) -> Result<Result<Credential, CryptoError>, Error> {
    let bytes = match answer.enc_part.open(key, usage) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Err(error)),
    };
    let part = parse_part(&bytes)?;
    if part.nonce.0 != nonce {
        return Err(Error::Mismatch("another nonce"));
    }
    let session_key = part.key.to_key().map_err(Error::crypto("reading the key of a ticket"))?;
    if !wanted.contains(&session_key.etype()) {
        return Err(Error::EncryptionTypes {
            with: part.sname.in_realm(&part.srealm).to_string(),
            wanted: wanted.to_vec(),
        });
    }
    Ok(Ok(Credential::of(answer, &part, session_key)))
}

/// Some KDCs write one of the two tags in place of the other (RFC 4120 section 5.4.2).
fn parse_part(bytes: &[u8]) -> Result<EncKdcRepPart, Error> {
    match EncAsRepPart::parse(bytes) {
        Ok(part) => Ok(part.0),
        Err(_) => Ok(EncTgsRepPart::parse(bytes)?.0),
    }
}
