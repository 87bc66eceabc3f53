//! The buffers of a certificate and its signature (`[MS-PAC] 2.3 to 2.8`).

use std::ops::Range;

use super::{Pac, logon};
use crate::Principal;
use crate::crypto::{ChecksumType, CryptoError, Key, KeyUsage};
use crate::messages::{EncTicketPart, MessageError};

/// Kinds of buffers.
const LOGON_INFO: u32 = 1;
const SERVER_CHECKSUM: u32 = 6;
const KDC_CHECKSUM: u32 = 7;
const CLIENT_INFO: u32 = 10;

/// The header of the certificate, and that of each buffer.
const HEADER: usize = 8;
const BUFFER: usize = 16;

/// More buffers than any KDC writes.
const MAX_BUFFERS: u32 = 64;

/// Seconds from 1601, where Windows' time begins, to 1970.
const EPOCH: u64 = 11_644_473_600;
const TICKS_PER_SECOND: u64 = 10_000_000;

/// A certificate cannot be trusted, or not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PacError {
    /// It is cut off or says of itself what cannot be.
    #[error("malformed PAC: {what} at offset {offset}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where, in bytes from the start of the certificate.
        offset: usize,
    },
    /// The authorization data around it is malformed.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The account's data is malformed.
    #[error("malformed PAC, logon information: {0}")]
    Logon(#[from] winreach_ndr::Error),
    /// It bears no signature of the service's key.
    #[error("it has no server signature")]
    Unsigned,
    /// The signature is not right.
    #[error("its server signature: {0}")]
    Signature(#[from] CryptoError),
    /// It was made for another client, or for another ticket.
    #[error("it is about another client or another ticket")]
    Client,
}

/// Reads a certificate, once its signature is verified.
pub(super) fn read(
    bytes: &[u8],
    ticket: &EncTicketPart,
    client: &Principal,
    key: &Key,
) -> Result<Pac, PacError> {
    let buffers = Buffers::read(bytes)?;
    verify(bytes, &buffers, key)?;
    let info = buffers
        .find(CLIENT_INFO)
        .ok_or(PacError::Malformed { what: "no PAC_CLIENT_INFO", offset: 0 })?;
    check_client(slice(bytes, &info), info.start, ticket, client)?;
    let logon =
        buffers.find(LOGON_INFO).map(|range| logon::read(slice(bytes, &range))).transpose()?;
    Ok(Pac { logon: logon.flatten() })
}

/// Where the buffers lie.
struct Buffers(Vec<(u32, Range<usize>)>);

impl Buffers {
    fn read(bytes: &[u8]) -> Result<Self, PacError> {
        let count = u32_at(bytes, 0)?;
        if u32_at(bytes, 4)? != 0 {
            return Err(PacError::Malformed { what: "an unknown version", offset: 4 });
        }
        if count > MAX_BUFFERS {
            return Err(PacError::Malformed { what: "too many buffers", offset: 0 });
        }
        let mut buffers = Vec::new();
        for at in (HEADER..).step_by(BUFFER).take(usize::try_from(count).unwrap_or(0)) {
            let kind = u32_at(bytes, at)?;
            let size = usize::try_from(u32_at(bytes, at + 4)?).unwrap_or(usize::MAX);
            let (low, high) = (u32_at(bytes, at + 8)?, u32_at(bytes, at + 12)?);
            let start = usize::try_from(low).unwrap_or(usize::MAX);
            let end = start.saturating_add(size);
            if high != 0 || end > bytes.len() {
                return Err(PacError::Malformed { what: "a buffer beyond the end", offset: at });
            }
            if buffers.iter().any(|(known, _)| *known == kind) {
                return Err(PacError::Malformed { what: "two buffers of a kind", offset: at });
            }
            buffers.push((kind, start..end));
        }
        Ok(Self(buffers))
    }

    fn find(&self, kind: u32) -> Option<Range<usize>> {
        self.0.iter().find(|(known, _)| *known == kind).map(|(_, range)| range.clone())
    }

    /// The type of a signature and where its bytes lie. The identifier of a read-only domain
    /// controller may follow them (`[MS-PAC] 2.8`).
    fn signature(
        &self,
        bytes: &[u8],
        kind: u32,
    ) -> Result<Option<(ChecksumType, Range<usize>)>, PacError> {
        let Some(range) = self.find(kind) else { return Ok(None) };
        let malformed = |what| PacError::Malformed { what, offset: range.start };
        let (code, signature) = slice(bytes, &range)
            .split_first_chunk()
            .ok_or_else(|| malformed("a signature cut off"))?;
        let checksum = ChecksumType::from_code(i32::from_le_bytes(*code))
            .ok_or_else(|| malformed("an unknown signature"))?;
        if signature.len() < checksum.len() {
            return Err(malformed("a signature cut off"));
        }
        let start = range.start.saturating_add(code.len());
        Ok(Some((checksum, start..start.saturating_add(checksum.len()))))
    }
}

/// The signature covers the certificate with zeros in place of the two signatures and of what
/// follows them in their buffers, as MIT Kerberos, Heimdal and Samba have it.
fn verify(bytes: &[u8], buffers: &Buffers, key: &Key) -> Result<(), PacError> {
    let (checksum, server) =
        buffers.signature(bytes, SERVER_CHECKSUM)?.ok_or(PacError::Unsigned)?;
    let mut covered = bytes.to_vec();
    for range in [SERVER_CHECKSUM, KDC_CHECKSUM].into_iter().filter_map(|kind| buffers.find(kind)) {
        let signature = covered.get_mut(range).unwrap_or_default();
        signature.iter_mut().skip(4).for_each(|byte| *byte = 0);
    }
    let signature = slice(bytes, &server);
    Ok(key.verify_checksum(checksum, KeyUsage::PAC, &[&covered], signature)?)
}

/// PAC_CLIENT_INFO: the time at which the client logged on, and its name.
fn check_client(
    info: &[u8],
    offset: usize,
    ticket: &EncTicketPart,
    client: &Principal,
) -> Result<(), PacError> {
    let malformed = || PacError::Malformed { what: "PAC_CLIENT_INFO cut off", offset };
    let (time, rest) = info.split_first_chunk::<8>().ok_or_else(malformed)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(malformed)?;
    let name = rest.get(..usize::from(u16::from_le_bytes(*length))).ok_or_else(malformed)?;
    let (units, odd) = name.as_chunks::<2>();
    let name =
        String::from_utf16(&units.iter().map(|u| u16::from_le_bytes(*u)).collect::<Vec<_>>());
    let name = name.ok().filter(|_| odd.is_empty()).ok_or_else(malformed)?;

    let log_on = u64::from_le_bytes(*time) / TICKS_PER_SECOND;
    let same_time = log_on.checked_sub(EPOCH) == Some(ticket.authtime.0);
    // Windows writes the bare account name, MIT Kerberos the whole name with its escapes.
    let plain = client.components.join("/");
    let same_name = [plain, client.name(), client.to_string()]
        .iter()
        .any(|ours| ours.eq_ignore_ascii_case(&name));
    if same_time && same_name { Ok(()) } else { Err(PacError::Client) }
}

/// The bytes of a range that was compared with the length.
fn slice<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

fn u32_at(bytes: &[u8], offset: usize) -> Result<u32, PacError> {
    bytes
        .get(offset..)
        .and_then(|rest| rest.first_chunk())
        .map(|word| u32::from_le_bytes(*word))
        .ok_or(PacError::Malformed { what: "the certificate is cut off", offset })
}
