//! Messages between client and service (RFC 4120 section 5.5, RFC 4121 section 4.1).

use der::asn1::OctetString;
use der::{Decode, Encode, Header, Length, Sequence, SliceReader, Tag, TagNumber};

use super::ticket::{AuthorizationData, Checksum, EncryptedData, EncryptionKey, OpaqueTicket};
use super::{
    KerberosFlags, KerberosString, KerberosTime, LooseU32, MessageError, PrincipalName, messages,
};

/// APOptions.
#[derive(Debug, Clone, Copy)]
pub struct ApOptions;

impl ApOptions {
    /// The service must prove who it is.
    pub const MUTUAL_REQUIRED: KerberosFlags = KerberosFlags(1 << 29);
    /// The ticket is under a session key of the service's.
    pub const USE_SESSION_KEY: KerberosFlags = KerberosFlags(1 << 30);
}

/// AP-REQ: a client shows its ticket.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct ApReq {
    /// 5.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub pvno: u8,
    /// 14.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub msg_type: u8,
    /// [`ApOptions`].
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub ap_options: KerberosFlags,
    /// The ticket.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub ticket: OpaqueTicket,
    /// An [`Authenticator`] under the key of the ticket.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub authenticator: EncryptedData,
}

/// Authenticator: shows that a client knows the key of its ticket, now.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct Authenticator {
    /// 5.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub authenticator_vno: u8,
    /// The client's realm.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub crealm: KerberosString,
    /// The client.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub cname: PrincipalName,
    /// Over what the authenticator goes with; a [`GssChecksum`] between peers of RFC 4121.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub cksum: Option<Checksum>,
    /// Microseconds of the client's time.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub cusec: u32,
    /// The client's time.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub ctime: KerberosTime,
    /// A key for this session alone.
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT", optional = "true")]
    pub subkey: Option<EncryptionKey>,
    /// The number of the client's first message.
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT", optional = "true")]
    pub seq_number: Option<LooseU32>,
    /// Further data, which the service must understand.
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT", optional = "true")]
    pub authorization_data: Option<AuthorizationData>,
}

/// AP-REP: the service shows that it can read the ticket; in DCE style the client answers with one
/// too.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct ApRep {
    /// 5.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub pvno: u8,
    /// 15.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub msg_type: u8,
    /// An [`EncApRepPart`] under the key of the ticket.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub enc_part: EncryptedData,
}

/// EncAPRepPart.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct EncApRepPart {
    /// The client's time from the authenticator; in the third leg of DCE style the present one.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub ctime: KerberosTime,
    /// Microseconds.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub cusec: u32,
    /// A key for this session alone.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub subkey: Option<EncryptionKey>,
    /// The number of the service's first message.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub seq_number: Option<LooseU32>,
}

messages! {
    ApReq = 14, "AP-REQ", pvno == 5, msg_type == 14;
    ApRep = 15, "AP-REP", pvno == 5, msg_type == 15;
    Authenticator = 2, "Authenticator", authenticator_vno == 5;
    EncApRepPart = 27, "EncAPRepPart";
}

/// The flags of a [`GssChecksum`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GssFlags(pub u32);

impl GssFlags {
    /// The client's credentials come along.
    pub const DELEGATE: Self = Self(1);
    /// The service is to prove who it is.
    pub const MUTUAL: Self = Self(2);
    /// Replayed messages are noticed.
    pub const REPLAY: Self = Self(4);
    /// Messages out of order are noticed.
    pub const SEQUENCE: Self = Self(8);
    /// Messages can be sealed.
    pub const CONFIDENTIALITY: Self = Self(0x10);
    /// Messages can be signed.
    pub const INTEGRITY: Self = Self(0x20);
    /// The exchange has three legs, without framing (`[MS-KILE] 3.4.5.1`).
    pub const DCE_STYLE: Self = Self(0x1000);
    /// The service may know who calls and nothing more.
    pub const IDENTIFY: Self = Self(0x2000);

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The flags of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The checksum field of an authenticator between peers of RFC 4121 (section 4.1.1): no checksum,
/// but what the client asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GssChecksum {
    /// The MD5 hash of the channel that the client is bound to; zeros for none.
    pub channel_bindings: [u8; 16],
    /// What the client asks for.
    pub flags: GssFlags,
    /// A KRB-CRED with the client's credentials, where [`GssFlags::DELEGATE`] is set.
    pub delegation: Option<Vec<u8>>,
}

impl GssChecksum {
    /// Its checksum type.
    pub const TYPE: i32 = 0x8003;
    const NAME: &str = "checksum of RFC 4121";
    /// Length without delegated credentials.
    const FIXED: usize = 24;

    /// The field.
    ///
    /// # Errors
    /// When the delegated credentials are longer than 65535 bytes.
    pub fn to_checksum(&self) -> Result<Checksum, MessageError> {
        let mut bytes = Vec::with_capacity(Self::FIXED);
        bytes.extend_from_slice(&16_u32.to_le_bytes());
        bytes.extend_from_slice(&self.channel_bindings);
        bytes.extend_from_slice(&self.flags.0.to_le_bytes());
        if let Some(credentials) = &self.delegation {
            let length = u16::try_from(credentials.len()).map_err(|_| {
                MessageError::field(Self::NAME, "Deleg", Self::FIXED, "longer than 65535 bytes")
            })?;
            bytes.extend_from_slice(&1_u16.to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(credentials);
        }
        let checksum =
            OctetString::new(bytes).map_err(|error| MessageError::new(Self::NAME, error))?;
        Ok(Checksum { cksumtype: Self::TYPE, checksum })
    }

    /// Reads the field.
    ///
    /// # Errors
    /// When it is of another type, or cut off.
    pub fn parse(checksum: &Checksum) -> Result<Self, MessageError> {
        let wrong =
            |field, offset, problem| MessageError::field(Self::NAME, field, offset, problem);
        if checksum.cksumtype != Self::TYPE {
            return Err(wrong("cksumtype", 0, "not 0x8003"));
        }
        let bytes = checksum.checksum.as_bytes();
        let (length, rest) =
            bytes.split_first_chunk::<4>().ok_or_else(|| wrong("Lgth", 0, "cut off"))?;
        if u32::from_le_bytes(*length) != 16 {
            return Err(wrong("Lgth", 0, "not 16"));
        }
        let (bindings, rest) =
            rest.split_first_chunk::<16>().ok_or_else(|| wrong("Bnd", 4, "cut off"))?;
        let (flags, rest) =
            rest.split_first_chunk::<4>().ok_or_else(|| wrong("Flags", 20, "cut off"))?;
        let flags = GssFlags(u32::from_le_bytes(*flags));
        let delegation = if flags.contains(GssFlags::DELEGATE) {
            // The option's number is 1 and says nothing more.
            let length = rest.get(2..4).and_then(|length| length.try_into().ok());
            let length: [u8; 2] = length.ok_or_else(|| wrong("Dlgth", 26, "cut off"))?;
            let credentials =
                rest.get(4..).and_then(|rest| rest.get(..usize::from(u16::from_le_bytes(length))));
            Some(credentials.ok_or_else(|| wrong("Deleg", 28, "cut off"))?.to_vec())
        } else {
            None
        };
        Ok(Self { channel_bindings: *bindings, flags, delegation })
    }
}

/// The object identifier of Kerberos, 1.2.840.113554.1.2.2, in DER.
const KERBEROS_OID: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];

/// The tag of a framed token.
const FRAME: Tag = Tag::Application { constructed: true, number: TagNumber(0) };

/// A token in the frame of RFC 4121 section 4.1, behind its two-byte identifier: `01 00` before an
/// AP-REQ, `02 00` before an AP-REP, `03 00` before a KRB-ERROR.
///
/// # Errors
/// When it is too long for DER.
pub fn framed(identifier: [u8; 2], token: &[u8]) -> Result<Vec<u8>, MessageError> {
    let inside = [KERBEROS_OID.as_slice(), &identifier, token].concat();
    let header = Length::try_from(inside.len())
        .and_then(|length| Header::new(FRAME, length).to_der())
        .map_err(|error| MessageError::new("framed token", error))?;
    Ok([header, inside].concat())
}

/// The identifier in a frame, and the token behind it.
pub type Framed<'a> = ([u8; 2], &'a [u8]);

/// What stands in a frame, with its identifier; `None` where there is no frame, as in DCE style.
///
/// # Errors
/// When there is a frame and something is wrong with it.
pub fn unframed(token: &[u8]) -> Result<Option<Framed<'_>>, MessageError> {
    const NAME: &str = "framed token";
    let malformed = |error| MessageError::new(NAME, error);
    if token.first() != Some(&0x60) {
        return Ok(None);
    }
    let mut reader = SliceReader::new(token).map_err(malformed)?;
    let header = Header::decode(&mut reader).map_err(malformed)?;
    header.tag().assert_eq(FRAME).map_err(malformed)?;
    let start = token.len().saturating_sub(usize::try_from(header.length()).unwrap_or(usize::MAX));
    let inside = token.get(start..).unwrap_or_default();
    if der::Reader::remaining_len(&reader) != header.length() {
        return Err(MessageError::field(NAME, "length", 1, "not that of the token"));
    }
    let inside = inside
        .strip_prefix(&KERBEROS_OID)
        .ok_or_else(|| MessageError::field(NAME, "thisMech", start, "not that of Kerberos"))?;
    let (identifier, message) = inside.split_first_chunk::<2>().ok_or_else(|| {
        MessageError::field(NAME, "TOK_ID", start.saturating_add(KERBEROS_OID.len()), "cut off")
    })?;
    Ok(Some((*identifier, message)))
}
