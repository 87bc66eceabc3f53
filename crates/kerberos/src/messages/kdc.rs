//! Requests to a KDC and its answers (RFC 4120 section 5.4).

use der::Sequence;
use der::asn1::OctetString;

use super::ticket::{EncryptedData, EncryptionKey, HostAddress, OpaqueTicket};
use super::{KerberosFlags, KerberosString, KerberosTime, LooseU32, PrincipalName, messages};

/// Types of pre-authentication data.
pub mod pa_type {
    /// The AP-REQ by which a TGS-REQ proves who asks.
    pub const TGS_REQ: i32 = 1;
    /// The time under the client's key.
    pub const ENC_TIMESTAMP: i32 = 2;
    /// The salt alone (RFC 4120 section 5.2.7.3).
    pub const PW_SALT: i32 = 3;
    /// A certificate (PKINIT, RFC 4556).
    pub const PK_AS_REQ: i32 = 16;
    /// Encryption types with salts and parameters.
    pub const ETYPE_INFO2: i32 = 19;
    /// Whether a PAC is wanted (`[MS-KILE] 2.2.3`).
    pub const PAC_REQUEST: i32 = 128;
    /// A value that the KDC wants to see again.
    pub const FX_COOKIE: i32 = 133;
    /// Armoured pre-authentication (RFC 6113).
    pub const FX_FAST: i32 = 136;
    /// A challenge under the armour (RFC 6113).
    pub const ENCRYPTED_CHALLENGE: i32 = 138;
    /// One-time passwords (RFC 6560).
    pub const OTP_CHALLENGE: i32 = 141;
}

/// PA-DATA.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct PaData {
    /// What kind it is: [`pa_type`].
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub padata_type: i32,
    /// The data.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub padata_value: OctetString,
}

/// METHOD-DATA: the kinds of pre-authentication that a KDC takes.
pub type MethodData = Vec<PaData>;

/// KDCOptions.
#[derive(Debug, Clone, Copy)]
pub struct KdcOptions;

impl KdcOptions {
    /// The ticket is to be forwardable.
    pub const FORWARDABLE: KerberosFlags = KerberosFlags(1 << 30);
    /// The ticket is to be forwarded to a service.
    pub const FORWARDED: KerberosFlags = KerberosFlags(1 << 29);
    /// The ticket is to be renewable.
    pub const RENEWABLE: KerberosFlags = KerberosFlags(1 << 23);
    /// The KDC may answer with other names than were asked for (RFC 6806).
    pub const CANONICALIZE: KerberosFlags = KerberosFlags(1 << 16);
    /// A shorter renewable ticket will do where a longer one cannot be had.
    pub const RENEWABLE_OK: KerberosFlags = KerberosFlags(1 << 4);
    /// The ticket is to be renewed.
    pub const RENEW: KerberosFlags = KerberosFlags(1 << 1);
}

/// KDC-REQ-BODY.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct KdcReqBody {
    /// [`KdcOptions`].
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub kdc_options: KerberosFlags,
    /// The client, in an AS-REQ.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub cname: Option<PrincipalName>,
    /// The realm of the service; in an AS-REQ also the client's.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub realm: KerberosString,
    /// The service.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub sname: Option<PrincipalName>,
    /// From when on the ticket is to be good.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT", optional = "true")]
    pub from: Option<KerberosTime>,
    /// Until when.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub till: KerberosTime,
    /// Until when after renewals.
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT", optional = "true")]
    pub rtime: Option<KerberosTime>,
    /// Comes back in the answer.
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT")]
    pub nonce: LooseU32,
    /// The encryption types that the client takes, the preferred one first.
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT")]
    pub etype: Vec<i32>,
    /// The client's addresses.
    #[asn1(context_specific = "9", tag_mode = "EXPLICIT", optional = "true")]
    pub addresses: Option<Vec<HostAddress>>,
    /// Authorization data for the ticket, encrypted.
    #[asn1(context_specific = "10", tag_mode = "EXPLICIT", optional = "true")]
    pub enc_authorization_data: Option<EncryptedData>,
    /// Tickets that the request is about.
    #[asn1(context_specific = "11", tag_mode = "EXPLICIT", optional = "true")]
    pub additional_tickets: Option<Vec<OpaqueTicket>>,
}

/// KDC-REQ.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct KdcReq {
    /// 5.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub pvno: u8,
    /// The number of the message.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub msg_type: u8,
    /// Pre-authentication data.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub padata: Option<Vec<PaData>>,
    /// What is asked.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub req_body: KdcReqBody,
}

/// KDC-REP.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct KdcRep {
    /// 5.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub pvno: u8,
    /// The number of the message.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub msg_type: u8,
    /// Pre-authentication data.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub padata: Option<Vec<PaData>>,
    /// The client's realm.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub crealm: KerberosString,
    /// The client.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub cname: PrincipalName,
    /// The ticket.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub ticket: OpaqueTicket,
    /// An [`EncKdcRepPart`] for the client.
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT")]
    pub enc_part: EncryptedData,
}

/// One entry of LastReq.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct LastReq {
    /// What kind of request it was; 6 says when the password expires.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub lr_type: i32,
    /// When.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub lr_value: KerberosTime,
}

/// EncKDCRepPart: what only the client can read of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct EncKdcRepPart {
    /// The key that client and service share.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub key: EncryptionKey,
    /// When the client asked before.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub last_req: Vec<LastReq>,
    /// As in the request.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub nonce: LooseU32,
    /// When the client's key expires.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub key_expiration: Option<KerberosTime>,
    /// [`super::TicketFlags`].
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub flags: KerberosFlags,
    /// When the client proved who it is: the KDC's time in the answer to an AS-REQ.
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
    /// The realm of the service.
    #[asn1(context_specific = "9", tag_mode = "EXPLICIT")]
    pub srealm: KerberosString,
    /// The service.
    #[asn1(context_specific = "10", tag_mode = "EXPLICIT")]
    pub sname: PrincipalName,
    /// From where alone the ticket may be used.
    #[asn1(context_specific = "11", tag_mode = "EXPLICIT", optional = "true")]
    pub caddr: Option<Vec<HostAddress>>,
    /// What else the KDC has to say, protected (RFC 6806 section 11).
    #[asn1(context_specific = "12", tag_mode = "EXPLICIT", optional = "true")]
    pub encrypted_pa_data: Option<Vec<PaData>>,
}

/// PA-ENC-TS-ENC: the client's time.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct PaEncTsEnc {
    /// Seconds.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub patimestamp: KerberosTime,
    /// Microseconds.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub pausec: Option<u32>,
}

/// ETYPE-INFO2-ENTRY: how to make a key of a password.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct EtypeInfo2Entry {
    /// The encryption type.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub etype: i32,
    /// The salt; where it is missing, the principal's default.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub salt: Option<KerberosString>,
    /// Parameters of the encryption type.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub s2kparams: Option<OctetString>,
}

/// ETYPE-INFO2, the preferred type first.
pub type EtypeInfo2 = Vec<EtypeInfo2Entry>;

/// Types that differ in their application tag alone.
macro_rules! tagged {
    ($($(#[$doc:meta])* $name:ident($inner:ty) = $number:literal, $text:literal
        $(, $($path:tt).+ == $value:literal)*;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub $inner);

        impl<'a> der::Decode<'a> for $name {
            type Error = der::Error;

            fn decode<R: der::Reader<'a>>(reader: &mut R) -> der::Result<Self> {
                <$inner>::decode(reader).map(Self)
            }
        }

        impl der::Encode for $name {
            fn encoded_len(&self) -> der::Result<der::Length> {
                self.0.encoded_len()
            }

            fn encode(&self, writer: &mut impl der::Writer) -> der::Result<()> {
                self.0.encode(writer)
            }
        }

        messages! { $name = $number, $text $(, $($path).+ == $value)*; }
    )*};
}

tagged! {
    /// AS-REQ: asks for a ticket with the client's key.
    AsReq(KdcReq) = 10, "AS-REQ", 0.pvno == 5, 0.msg_type == 10;
    /// AS-REP.
    AsRep(KdcRep) = 11, "AS-REP", 0.pvno == 5, 0.msg_type == 11;
    /// TGS-REQ: asks for a ticket with a ticket.
    TgsReq(KdcReq) = 12, "TGS-REQ", 0.pvno == 5, 0.msg_type == 12;
    /// TGS-REP.
    TgsRep(KdcRep) = 13, "TGS-REP", 0.pvno == 5, 0.msg_type == 13;
    /// EncASRepPart.
    EncAsRepPart(EncKdcRepPart) = 25, "EncASRepPart";
    /// EncTGSRepPart. Some KDCs write it in an AS-REP too.
    EncTgsRepPart(EncKdcRepPart) = 26, "EncTGSRepPart";
}
