//! Credentials on their way to another host (RFC 4120 section 5.8).

use der::Sequence;

use super::ticket::{EncryptedData, EncryptionKey, HostAddress, OpaqueTicket};
use super::{KerberosFlags, KerberosString, KerberosTime, LooseU32, PrincipalName, messages};

/// KRB-CRED: tickets with their keys.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct KrbCred {
    /// 5.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub pvno: u8,
    /// 22.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub msg_type: u8,
    /// The tickets.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT")]
    pub tickets: Vec<OpaqueTicket>,
    /// An [`EncKrbCredPart`] under the key that sender and receiver share.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub enc_part: EncryptedData,
}

/// EncKrbCredPart.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct EncKrbCredPart {
    /// What belongs to each ticket, in their order.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub ticket_info: Vec<KrbCredInfo>,
    /// Against replay.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub nonce: Option<LooseU32>,
    /// The sender's time.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub timestamp: Option<KerberosTime>,
    /// Microseconds.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub usec: Option<u32>,
    /// The sender's address.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT", optional = "true")]
    pub s_address: Option<HostAddress>,
    /// The receiver's address.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT", optional = "true")]
    pub r_address: Option<HostAddress>,
}

/// KrbCredInfo: what a client knows of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct KrbCredInfo {
    /// The key that client and service share.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub key: EncryptionKey,
    /// The client's realm.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    pub prealm: Option<KerberosString>,
    /// The client.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub pname: Option<PrincipalName>,
    /// [`super::TicketFlags`].
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub flags: Option<KerberosFlags>,
    /// When the client proved who it is.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT", optional = "true")]
    pub authtime: Option<KerberosTime>,
    /// From when on the ticket is good.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT", optional = "true")]
    pub starttime: Option<KerberosTime>,
    /// Until when.
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT", optional = "true")]
    pub endtime: Option<KerberosTime>,
    /// Until when at most after renewals.
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT", optional = "true")]
    pub renew_till: Option<KerberosTime>,
    /// The realm of the service.
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT", optional = "true")]
    pub srealm: Option<KerberosString>,
    /// The service.
    #[asn1(context_specific = "9", tag_mode = "EXPLICIT", optional = "true")]
    pub sname: Option<PrincipalName>,
    /// From where alone the ticket may be used.
    #[asn1(context_specific = "10", tag_mode = "EXPLICIT", optional = "true")]
    pub caddr: Option<Vec<HostAddress>>,
}

messages! {
    KrbCred = 22, "KRB-CRED", pvno == 5, msg_type == 22;
    EncKrbCredPart = 29, "EncKrbCredPart";
}
