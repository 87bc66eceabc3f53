//! The client's half of the NTLMv2 proof ([MS-NLMP] 2.2.2.7 and 2.2.2.8).

use super::target_info::TargetInfo;
use super::wire::Reader;
use crate::{Error, Problem};

/// Length of the proof at the head of an NT response.
const PROOF: usize = 16;
/// Length of the client challenge before its attribute/value pairs.
const FIXED: usize = 28;

/// NTLMv2_CLIENT_CHALLENGE: what the client adds to the server's nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientChallenge {
    /// The server's time where it told it, else the client's: 100 ns since 1601-01-01 UTC.
    pub time: u64,
    /// The client's nonce.
    pub nonce: [u8; 8],
    /// The server's pairs and the client's own.
    pub target_info: TargetInfo,
}

impl ClientChallenge {
    /// Reads what follows the proof in an NT response.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let reader = Reader::new("NTLMv2_CLIENT_CHALLENGE", bytes);
        match reader.u16(0, "RespType")? {
            0x0101 => {}
            other => return Err(reader.error("RespType", 0, Problem::Value(other.into()))),
        }
        let time = reader.array(8, "TimeStamp").map(u64::from_le_bytes)?;
        let nonce = reader.array(16, "ChallengeFromClient")?;
        let pairs = reader.bytes(FIXED, bytes.len().saturating_sub(FIXED), "AvPairs")?;
        Ok(Self { time, nonce, target_info: TargetInfo::parse(pairs)? })
    }

    /// The bytes that the proof covers besides the server's nonce: `temp` of
    /// [MS-NLMP] 3.3.2.
    ///
    /// # Errors
    /// [`Error::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        Ok([
            [1, 1, 0, 0, 0, 0, 0, 0].as_slice(),
            &self.time.to_le_bytes(),
            &self.nonce,
            &[0; 4],
            &self.target_info.encode()?,
            &[0; 4],
        ]
        .concat())
    }
}

/// An NT response of the second version, as it came: the proof, and the bytes it covers.
pub(super) struct NtlmV2Response<'a> {
    pub(super) proof: [u8; PROOF],
    pub(super) covered: &'a [u8],
    pub(super) challenge: ClientChallenge,
}

impl<'a> NtlmV2Response<'a> {
    /// Takes an NT response apart, and refuses those of earlier versions.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        match bytes.len() {
            0 => return Err(Error::WeakProtocol("a LAN Manager response")),
            24 => return Err(Error::WeakProtocol("an NTLMv1 response")),
            _ => {}
        }
        let Some((proof, covered)) = bytes.split_first_chunk::<PROOF>() else {
            let reader = Reader::new("AUTHENTICATE", bytes);
            let problem = Problem::Length(bytes.len());
            return Err(reader.error("NtChallengeResponse", 0, problem));
        };
        Ok(Self { proof: *proof, covered, challenge: ClientChallenge::parse(covered)? })
    }
}
