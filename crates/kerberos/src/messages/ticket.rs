//! Tickets and what all messages are made of (RFC 4120 sections 5.2 and 5.3).

use der::Sequence;
use der::asn1::OctetString;
use zeroize::Zeroizing;

use super::{
    KerberosFlags, KerberosString, KerberosTime, LooseU32, Message, MessageError, Opaque,
    PrincipalName, messages, parse,
};
use crate::crypto::{CryptoError, EncryptionType, Key, KeyUsage};

/// What a client carries along of a ticket: the bytes under its application tag.
pub type OpaqueTicket = Opaque<1>;

impl OpaqueTicket {
    /// The ticket, for the service that it is for.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn open(&self) -> Result<Ticket, MessageError> {
        parse::<Ticket>(Ticket::NAME, &self.0)?.checked()
    }
}

/// Types of authorization data.
pub mod ad_type {
    /// More authorization data, which need not be understood.
    pub const IF_RELEVANT: i32 = 1;
    /// The privilege attribute certificate (`[MS-KILE] 2.2.8`).
    pub const WIN2K_PAC: i32 = 128;
    /// The encryption types that an initiator would like for a subkey (RFC 4537).
    pub const ETYPE_NEGOTIATION: i32 = 129;
}

/// One piece of authorization data.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct AuthorizationDatum {
    /// What kind it is: [`ad_type`].
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub ad_type: i32,
    /// The piece.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub ad_data: OctetString,
}

/// AuthorizationData.
pub type AuthorizationData = Vec<AuthorizationDatum>;

/// HostAddress.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct HostAddress {
    /// The kind: 2 IPv4, 24 IPv6, 20 NetBIOS.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub addr_type: i32,
    /// The address.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub address: OctetString,
}

/// EncryptedData.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct EncryptedData {
    /// The encryption type.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub etype: i32,
    /// The version of the key, where it has versions.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub kvno: Option<LooseU32>,
    /// The ciphertext.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub cipher: OctetString,
}

impl EncryptedData {
    /// Encrypts under a key that has no version.
    ///
    /// # Errors
    /// When the system has no random bytes, or the text is too long.
    pub fn seal(key: &Key, usage: KeyUsage, plaintext: &[u8]) -> Result<Self, SealError> {
        let cipher = OctetString::new(key.encrypt(usage, plaintext)?)
            .map_err(|error| MessageError::new("EncryptedData", error))?;
        Ok(Self { etype: key.etype().code(), kvno: None, cipher })
    }

    /// Decrypts.
    ///
    /// # Errors
    /// When the key is of another type or not the one.
    pub fn open(&self, key: &Key, usage: KeyUsage) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        if self.etype != key.etype().code() {
            return Err(CryptoError::EncryptionType(self.etype));
        }
        key.decrypt(usage, self.cipher.as_bytes())
    }
}

/// A message could not be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The cryptography failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// It does not fit into DER.
    #[error(transparent)]
    Message(#[from] MessageError),
}

/// Checksum.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct Checksum {
    /// The type.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub cksumtype: i32,
    /// The checksum.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub checksum: OctetString,
}

/// EncryptionKey: a key in a message, which is secret.
#[derive(Clone, PartialEq, Eq, Sequence)]
pub struct EncryptionKey {
    /// The encryption type that it is for.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub keytype: i32,
    /// The key.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    keyvalue: OctetString,
}

impl std::fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptionKey").field("keytype", &self.keytype).finish_non_exhaustive()
    }
}

impl Drop for EncryptionKey {
    fn drop(&mut self) {
        if let Ok(empty) = OctetString::new([]) {
            // The bytes go through a type that wipes them.
            let _ = Zeroizing::new(std::mem::replace(&mut self.keyvalue, empty).into_bytes());
        }
    }
}

impl EncryptionKey {
    /// A key for a message.
    ///
    /// # Errors
    /// Never for keys of known types, which are short.
    pub fn new(key: &Key) -> Result<Self, MessageError> {
        let keyvalue = OctetString::new(key.as_bytes())
            .map_err(|error| MessageError::new("EncryptionKey", error))?;
        Ok(Self { keytype: key.etype().code(), keyvalue })
    }

    /// The key.
    ///
    /// # Errors
    /// When its type is not known or its length is wrong.
    pub fn to_key(&self) -> Result<Key, CryptoError> {
        let etype = EncryptionType::from_code(self.keytype)
            .ok_or(CryptoError::EncryptionType(self.keytype))?;
        Key::new(etype, self.keyvalue.as_bytes())
    }
}

/// TransitedEncoding: the realms between the client's and the service's.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct TransitedEncoding {
    /// How the list is written.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub tr_type: i32,
    /// The list.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub contents: OctetString,
}

/// TicketFlags.
#[derive(Debug, Clone, Copy)]
pub struct TicketFlags;

impl TicketFlags {
    /// A further ticket can be had with another address.
    pub const FORWARDABLE: KerberosFlags = KerberosFlags(1 << 30);
    /// It has been forwarded.
    pub const FORWARDED: KerberosFlags = KerberosFlags(1 << 29);
    /// It must be validated before use.
    pub const INVALID: KerberosFlags = KerberosFlags(1 << 24);
    /// It can be renewed.
    pub const RENEWABLE: KerberosFlags = KerberosFlags(1 << 23);
    /// It was had by a password or the like.
    pub const INITIAL: KerberosFlags = KerberosFlags(1 << 22);
    /// The KDC has checked the realms between the client's and the service's.
    pub const TRANSITED_POLICY_CHECKED: KerberosFlags = KerberosFlags(1 << 19);
    /// The service may be trusted with delegated credentials.
    pub const OK_AS_DELEGATE: KerberosFlags = KerberosFlags(1 << 18);
}

/// A ticket as its service reads it.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct Ticket {
    /// 5.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub tkt_vno: u8,
    /// The realm of the service.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub realm: KerberosString,
    /// The service.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub sname: PrincipalName,
    /// An [`EncTicketPart`] under the key of the service.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub enc_part: EncryptedData,
}

/// EncTicketPart: what only the service can read of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct EncTicketPart {
    /// [`TicketFlags`].
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub flags: KerberosFlags,
    /// The key that client and service share.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub key: EncryptionKey,
    /// The client's realm.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub crealm: KerberosString,
    /// The client.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub cname: PrincipalName,
    /// The realms between the client's and the service's.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub transited: TransitedEncoding,
    /// When the client proved who it is.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub authtime: KerberosTime,
    /// From when on the ticket is good; from `authtime` where this is missing.
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT", optional = "true")]
    pub starttime: Option<KerberosTime>,
    /// Until when.
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT")]
    pub endtime: KerberosTime,
    /// Until when at most after renewals.
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT", optional = "true")]
    pub renew_till: Option<KerberosTime>,
    /// From where alone it may be used.
    #[asn1(context_specific = "9", tag_mode = "EXPLICIT", optional = "true")]
    pub caddr: Option<Vec<HostAddress>>,
    /// What the KDC says about the client's rights.
    #[asn1(context_specific = "10", tag_mode = "EXPLICIT", optional = "true")]
    pub authorization_data: Option<AuthorizationData>,
}

messages! {
    Ticket = 1, "Ticket", tkt_vno == 5;
    EncTicketPart = 3, "EncTicketPart";
}
