//! The messages of RFC 4120 section 5, in the order of that section.
//!
//! Field names are those of the specification, in Rust's spelling. What only another party can
//! read stays as it came: a client carries tickets along as bytes.

mod ap;
mod asn1;
mod cred;
mod error;
mod kdc;
mod ticket;

pub use ap::{
    ApOptions, ApRep, ApReq, Authenticator, EncApRepPart, Framed, GssChecksum, GssFlags, framed,
    unframed,
};
pub use asn1::{
    KerberosFlags, KerberosString, KerberosTime, LooseU32, Message, Opaque, PrincipalName,
};
pub(crate) use asn1::{encode, messages, parse};
pub use cred::{EncKrbCredPart, KrbCred, KrbCredInfo};
pub use error::{ErrorCode, KrbError, MessageError};
pub use kdc::{
    AsRep, AsReq, EncAsRepPart, EncKdcRepPart, EncTgsRepPart, EtypeInfo2, EtypeInfo2Entry,
    KdcOptions, KdcRep, KdcReq, KdcReqBody, LastReq, MethodData, PaData, PaEncTsEnc, TgsRep,
    TgsReq, pa_type,
};
pub use ticket::{
    AuthorizationData, AuthorizationDatum, Checksum, EncTicketPart, EncryptedData, EncryptionKey,
    HostAddress, OpaqueTicket, SealError, Ticket, TicketFlags, TransitedEncoding, ad_type,
};
