//! The three messages of an exchange ([MS-NLMP] 2.2.1), read and written.
//!
//! Reading checks every length and offset against the message. Text is UTF-16 only: a message
//! that chooses another character set is an error.

use std::fmt;

use super::flags::NegotiateFlags;
pub use super::response::ClientChallenge;
pub use super::target_info::{AvFlags, AvId, TargetInfo};
use super::wire::{Payload, Reader, SIGNATURE, encode_utf16};
use crate::{Error, Problem};

/// The program that sent a message, for debugging alone ([MS-NLMP] 2.2.2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Major version of the operating system.
    pub major: u8,
    /// Minor version of the operating system.
    pub minor: u8,
    /// Build number of the operating system.
    pub build: u16,
    /// Revision of NTLM; 15 is the only one.
    pub revision: u8,
}

impl Version {
    /// What this crate sends: the version in recorded Windows 10 traffic.
    pub const CURRENT: Self = Self { major: 10, minor: 0, build: 19041, revision: 15 };

    fn from_bytes([major, minor, b0, b1, _, _, _, revision]: [u8; 8]) -> Self {
        Self { major, minor, build: u16::from_le_bytes([b0, b1]), revision }
    }

    fn to_bytes(self) -> [u8; 8] {
        let [b0, b1] = self.build.to_le_bytes();
        [self.major, self.minor, b0, b1, 0, 0, 0, self.revision]
    }
}

/// The eight bytes of a version that may be missing.
fn version_bytes(version: Option<Version>) -> [u8; 8] {
    version.map_or([0; 8], Version::to_bytes)
}

/// Reads the version at `offset` where `flags` announce one.
fn read_version(
    reader: Reader<'_>,
    flags: NegotiateFlags,
    offset: usize,
) -> Result<Option<Version>, Error> {
    if !flags.contains(NegotiateFlags::VERSION) {
        return Ok(None);
    }
    let bytes = reader.array(offset, "Version")?;
    Ok(Some(Version::from_bytes(bytes)))
}

fn read_flags(reader: Reader<'_>, offset: usize) -> Result<NegotiateFlags, Error> {
    let bits = reader.u32(offset, "NegotiateFlags")?;
    Ok(NegotiateFlags::from_bits_retain(bits))
}

/// Reads flags that must have chosen UTF-16.
fn read_unicode_flags(reader: Reader<'_>, offset: usize) -> Result<NegotiateFlags, Error> {
    let flags = read_flags(reader, offset)?;
    if flags.contains(NegotiateFlags::UNICODE) {
        Ok(flags)
    } else {
        Err(reader.error("NegotiateFlags", offset, Problem::Value(flags.bits())))
    }
}

/// NEGOTIATE_MESSAGE: the client's offer ([MS-NLMP] 2.2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiate {
    /// What the client offers.
    pub flags: NegotiateFlags,
    /// The client's domain in some 8-bit character set; mostly empty.
    pub domain: Vec<u8>,
    /// The client's machine in some 8-bit character set; mostly empty.
    pub workstation: Vec<u8>,
    /// The client's version, where `flags` announce it.
    pub version: Option<Version>,
}

impl Negotiate {
    const TYPE: u32 = 1;
    const FIXED: usize = 32;

    /// Reads a message.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let reader = Reader::open("NEGOTIATE", Self::TYPE, bytes)?;
        let flags = read_flags(reader, 12)?;
        // Without its flag a name is to be ignored, whatever its fields hold, and the fields
        // themselves may be missing (Windows 9x).
        let name = |flag, fields, field| -> Result<Vec<u8>, Error> {
            if !flags.contains(flag) {
                return Ok(Vec::new());
            }
            let item = reader.item(fields, Self::FIXED, field)?;
            Ok(reader.slice(item.as_ref()).to_vec())
        };
        Ok(Self {
            flags,
            domain: name(NegotiateFlags::OEM_DOMAIN_SUPPLIED, 16, "DomainName")?,
            workstation: name(NegotiateFlags::OEM_WORKSTATION_SUPPLIED, 24, "Workstation")?,
            version: read_version(reader, flags, Self::FIXED)?,
        })
    }

    /// The bytes of the message, as in recorded Windows 10 traffic: the workstation before the
    /// domain, and zero fields for empty names.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut payload = Payload::new(Self::FIXED + 8);
        let mut name = |name: &[u8], field| match name {
            [] => Ok([0; 8]),
            name => payload.push(name, field),
        };
        let workstation = name(&self.workstation, "Workstation")?;
        let domain = name(&self.domain, "DomainName")?;
        Ok([
            SIGNATURE.as_slice(),
            &Self::TYPE.to_le_bytes(),
            &self.flags.bits().to_le_bytes(),
            &domain,
            &workstation,
            &version_bytes(self.version),
            payload.as_bytes(),
        ]
        .concat())
    }
}

/// CHALLENGE_MESSAGE: the server's choice and its nonce ([MS-NLMP] 2.2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// What the server chose.
    pub flags: NegotiateFlags,
    /// The server's nonce.
    pub server_challenge: [u8; 8],
    /// The server or domain that the client authenticates to.
    pub target_name: String,
    /// What the server says of itself, where `flags` announce it.
    pub target_info: Option<TargetInfo>,
    /// The server's version, where `flags` announce it.
    pub version: Option<Version>,
}

impl Challenge {
    const TYPE: u32 = 2;
    const FIXED: usize = 48;

    /// Reads a message.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let reader = Reader::open("CHALLENGE", Self::TYPE, bytes)?;
        let flags = read_unicode_flags(reader, 20)?;
        let target_name = reader.item(12, Self::FIXED, "TargetName")?;
        let target_info = if flags.contains(NegotiateFlags::TARGET_INFO) {
            let item = reader.item(40, Self::FIXED, "TargetInfo")?;
            Some(match item {
                Some(_) => TargetInfo::parse(reader.slice(item.as_ref()))?,
                None => TargetInfo::new(),
            })
        } else {
            None
        };
        Ok(Self {
            flags,
            server_challenge: reader.array(24, "ServerChallenge")?,
            target_name: reader.text(target_name.as_ref(), "TargetName")?,
            target_info,
            version: read_version(reader, flags, Self::FIXED)?,
        })
    }

    /// The bytes of the message.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut payload = Payload::new(Self::FIXED + 8);
        let target_name = payload.push(&encode_utf16(&self.target_name), "TargetName")?;
        let target_info = match &self.target_info {
            Some(info) => payload.push(&info.encode()?, "TargetInfo")?,
            None => [0; 8],
        };
        Ok([
            SIGNATURE.as_slice(),
            &Self::TYPE.to_le_bytes(),
            &target_name,
            &self.flags.bits().to_le_bytes(),
            &self.server_challenge,
            &[0; 8],
            &target_info,
            &version_bytes(self.version),
            payload.as_bytes(),
        ]
        .concat())
    }
}

/// AUTHENTICATE_MESSAGE: the client's proof ([MS-NLMP] 2.2.1.3).
///
/// Whoever has the responses can try passwords on them, so `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// The response by the LAN Manager hash.
    pub lm_response: Vec<u8>,
    /// The response by the NT hash.
    pub nt_response: Vec<u8>,
    /// Domain of the account.
    pub domain: String,
    /// Account name.
    pub user: String,
    /// The client's machine.
    pub workstation: String,
    /// The session key under the key exchange key, or nothing.
    pub encrypted_session_key: Vec<u8>,
    /// What the peers agreed on.
    pub flags: NegotiateFlags,
    /// The client's version, where `flags` announce it.
    pub version: Option<Version>,
    /// The message integrity code, or whatever stands in its place: whether the client means it
    /// is said by [`AvFlags::MIC`] in the NT response.
    pub mic: Option<[u8; 16]>,
}

impl Authenticate {
    const TYPE: u32 = 3;
    /// End of the part that every client sends: older ones send neither version nor code.
    const FIXED: usize = 64;
    /// Where the message integrity code stands.
    pub(super) const MIC: std::ops::Range<usize> = 72..88;

    /// Reads a message.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let reader = Reader::open("AUTHENTICATE", Self::TYPE, bytes)?;
        let flags = read_unicode_flags(reader, 60)?;
        let item = |fields, field| reader.item(fields, Self::FIXED, field);
        let lm_response = item(12, "LmChallengeResponse")?;
        let nt_response = item(20, "NtChallengeResponse")?;
        let domain = item(28, "DomainName")?;
        let user = item(36, "UserName")?;
        let workstation = item(44, "Workstation")?;
        let session_key = item(52, "EncryptedRandomSessionKey")?;

        let payload_start =
            [&lm_response, &nt_response, &domain, &user, &workstation, &session_key]
                .into_iter()
                .flatten()
                .map(|range| range.start)
                .min()
                .unwrap_or(reader.len());
        let version = if payload_start >= Self::MIC.start {
            read_version(reader, flags, Self::FIXED)?
        } else {
            None
        };
        let mic = if payload_start >= Self::MIC.end {
            Some(reader.array(Self::MIC.start, "MIC")?)
        } else {
            None
        };
        Ok(Self {
            lm_response: reader.slice(lm_response.as_ref()).to_vec(),
            nt_response: reader.slice(nt_response.as_ref()).to_vec(),
            domain: reader.text(domain.as_ref(), "DomainName")?,
            user: reader.text(user.as_ref(), "UserName")?,
            workstation: reader.text(workstation.as_ref(), "Workstation")?,
            encrypted_session_key: reader.slice(session_key.as_ref()).to_vec(),
            flags,
            version,
            mic,
        })
    }

    /// The bytes of the message, its items in the order of recorded Windows 10 traffic.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mic = self.mic.as_ref().map_or(&[][..], <[u8; 16]>::as_slice);
        let mut payload = Payload::new(Self::MIC.start + mic.len());
        let domain = payload.push(&encode_utf16(&self.domain), "the domain name")?;
        let user = payload.push(&encode_utf16(&self.user), "the user name")?;
        let workstation = payload.push(&encode_utf16(&self.workstation), "the workstation name")?;
        let lm_response = payload.push(&self.lm_response, "LmChallengeResponse")?;
        let nt_response = payload.push(&self.nt_response, "NtChallengeResponse")?;
        let session_key = payload.push(&self.encrypted_session_key, "EncryptedRandomSessionKey")?;
        Ok([
            SIGNATURE.as_slice(),
            &Self::TYPE.to_le_bytes(),
            &lm_response,
            &nt_response,
            &domain,
            &user,
            &workstation,
            &session_key,
            &self.flags.bits().to_le_bytes(),
            &version_bytes(self.version),
            mic,
            payload.as_bytes(),
        ]
        .concat())
    }
}

impl fmt::Debug for Authenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticate")
            .field("domain", &self.domain)
            .field("user", &self.user)
            .field("workstation", &self.workstation)
            .field("flags", &self.flags)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
