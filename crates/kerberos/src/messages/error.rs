//! KRB-ERROR and its codes (RFC 4120 sections 5.9.1 and 7.5.9), and what is wrong with a message.

use std::fmt;

use der::Sequence;
use der::asn1::OctetString;

use super::{KerberosString, KerberosTime, PrincipalName, messages};

/// KRB-ERROR.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct KrbError {
    /// 5.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub pvno: u8,
    /// 30.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub msg_type: u8,
    /// The client's time.
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    pub ctime: Option<KerberosTime>,
    /// Microseconds.
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub cusec: Option<u32>,
    /// The sender's time.
    #[asn1(context_specific = "4", tag_mode = "EXPLICIT")]
    pub stime: KerberosTime,
    /// Microseconds.
    #[asn1(context_specific = "5", tag_mode = "EXPLICIT")]
    pub susec: u32,
    /// What happened.
    #[asn1(context_specific = "6", tag_mode = "EXPLICIT")]
    pub error_code: i32,
    /// The client's realm.
    #[asn1(context_specific = "7", tag_mode = "EXPLICIT", optional = "true")]
    pub crealm: Option<KerberosString>,
    /// The client.
    #[asn1(context_specific = "8", tag_mode = "EXPLICIT", optional = "true")]
    pub cname: Option<PrincipalName>,
    /// The realm of the service.
    #[asn1(context_specific = "9", tag_mode = "EXPLICIT")]
    pub realm: KerberosString,
    /// The service.
    #[asn1(context_specific = "10", tag_mode = "EXPLICIT")]
    pub sname: PrincipalName,
    /// A text for people.
    #[asn1(context_specific = "11", tag_mode = "EXPLICIT", optional = "true")]
    pub e_text: Option<KerberosString>,
    /// More about the error; its form depends on the code.
    #[asn1(context_specific = "12", tag_mode = "EXPLICIT", optional = "true")]
    pub e_data: Option<OctetString>,
}

messages! {
    KrbError = 30, "KRB-ERROR", pvno == 5, msg_type == 30;
}

/// A code of a KRB-ERROR. Compare with the constants; `Display` gives name, number and meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub i32);

macro_rules! codes {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        #[allow(missing_docs)]
        impl ErrorCode {
            $(pub const $name: Self = Self($code);)*

            /// The name that RFC 4120 or a successor gives it.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self.0 { $($code => Some(stringify!($name)),)* _ => None }
            }

            /// What it means.
            #[must_use]
            pub fn meaning(self) -> Option<&'static str> {
                match self.0 { $($code => Some($text),)* _ => None }
            }
        }
    };
}

codes! {
    KDC_ERR_NAME_EXP = 1, "the client's entry in the database has expired";
    KDC_ERR_SERVICE_EXP = 2, "the service's entry in the database has expired";
    KDC_ERR_BAD_PVNO = 3, "that protocol version is not supported";
    KDC_ERR_C_OLD_MAST_KVNO = 4, "the client's key is encrypted in an old master key";
    KDC_ERR_S_OLD_MAST_KVNO = 5, "the service's key is encrypted in an old master key";
    KDC_ERR_C_PRINCIPAL_UNKNOWN = 6, "the KDC does not know the client";
    KDC_ERR_S_PRINCIPAL_UNKNOWN = 7, "the KDC does not know the service";
    KDC_ERR_PRINCIPAL_NOT_UNIQUE = 8, "the KDC knows several principals of that name";
    KDC_ERR_NULL_KEY = 9, "the client or the service has no key";
    KDC_ERR_CANNOT_POSTDATE = 10, "the ticket cannot be postdated";
    KDC_ERR_NEVER_VALID = 11, "the ticket would begin after its end";
    KDC_ERR_POLICY = 12, "the policy of the KDC forbids it";
    KDC_ERR_BADOPTION = 13, "the KDC cannot do what was asked";
    KDC_ERR_ETYPE_NOSUPP = 14, "the KDC has no encryption type in common with the request";
    KDC_ERR_SUMTYPE_NOSUPP = 15, "the KDC does not know that checksum type";
    KDC_ERR_PADATA_TYPE_NOSUPP = 16, "the KDC does not know that kind of pre-authentication";
    KDC_ERR_TRTYPE_NOSUPP = 17, "the KDC does not know that way of writing transited realms";
    KDC_ERR_CLIENT_REVOKED = 18, "the client's account is disabled, locked or expired";
    KDC_ERR_SERVICE_REVOKED = 19, "the service's account is disabled, locked or expired";
    KDC_ERR_TGT_REVOKED = 20, "the ticket-granting ticket has been revoked";
    KDC_ERR_CLIENT_NOTYET = 21, "the client is not yet valid";
    KDC_ERR_SERVICE_NOTYET = 22, "the service is not yet valid";
    KDC_ERR_KEY_EXPIRED = 23, "the password has expired";
    KDC_ERR_PREAUTH_FAILED = 24, "the password or key is wrong";
    KDC_ERR_PREAUTH_REQUIRED = 25, "the KDC asks for pre-authentication";
    KDC_ERR_SERVER_NOMATCH = 26, "the ticket is for another service";
    KDC_ERR_MUST_USE_USER2USER = 27, "the service takes user-to-user authentication only";
    KDC_ERR_PATH_NOT_ACCEPTED = 28, "the path of trust between the realms is not accepted";
    KDC_ERR_SVC_UNAVAILABLE = 29, "the KDC is not available";
    KRB_AP_ERR_BAD_INTEGRITY = 31, "a message was changed, or is under another key";
    KRB_AP_ERR_TKT_EXPIRED = 32, "the ticket has expired";
    KRB_AP_ERR_TKT_NYV = 33, "the ticket is not yet valid";
    KRB_AP_ERR_REPEAT = 34, "the request is a replay";
    KRB_AP_ERR_NOT_US = 35, "the ticket is for somebody else";
    KRB_AP_ERR_BADMATCH = 36, "ticket and authenticator name different clients";
    KRB_AP_ERR_SKEW = 37, "the clocks differ too much";
    KRB_AP_ERR_BADADDR = 38, "the ticket is for another address";
    KRB_AP_ERR_BADVERSION = 39, "that protocol version is not supported";
    KRB_AP_ERR_MSG_TYPE = 40, "another message was expected";
    KRB_AP_ERR_MODIFIED = 41, "the message was changed, or the service has another key than the KDC believes";
    KRB_AP_ERR_BADORDER = 42, "a message came out of order";
    KRB_AP_ERR_BADKEYVER = 44, "the service does not have that version of its key";
    KRB_AP_ERR_NOKEY = 45, "the service does not have its key";
    KRB_AP_ERR_MUT_FAIL = 46, "the service did not prove who it is";
    KRB_AP_ERR_INAPP_CKSUM = 50, "that checksum type proves too little";
    KRB_AP_PATH_NOT_ACCEPTED = 51, "the path of trust between the realms is not accepted";
    KRB_ERR_RESPONSE_TOO_BIG = 52, "the answer is too large for UDP";
    KRB_ERR_GENERIC = 60, "the KDC gives no further reason";
    KRB_ERR_FIELD_TOOLONG = 61, "a field is too long";
    KDC_ERR_WRONG_REALM = 68, "the client belongs to another realm";
    KDC_ERR_PREAUTH_EXPIRED = 90, "the pre-authentication took too long";
    KDC_ERR_MORE_PREAUTH_DATA_REQUIRED = 91, "the KDC asks for more pre-authentication";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name(), self.meaning()) {
            (Some(name), Some(meaning)) => write!(f, "{name} ({}): {meaning}", self.0),
            _ => write!(f, "Kerberos error {}", self.0),
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name().unwrap_or("unknown"), self.0)
    }
}

/// Bytes are not the message that they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed {message}{}{}: {problem}", field.map_or_else(String::new, |field| format!(", {field}")), offset.map_or_else(String::new, |offset| format!(" at offset {offset}")))]
pub struct MessageError {
    /// The message that was read.
    pub message: &'static str,
    /// The field that is wrong, where it is known.
    pub field: Option<&'static str>,
    /// Where, in bytes from the start of the message.
    pub offset: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl MessageError {
    pub(crate) fn new(message: &'static str, error: der::Error) -> Self {
        let offset = error.position().and_then(|position| usize::try_from(position).ok());
        Self { message, field: None, offset, problem: error.kind().to_string() }
    }

    pub(crate) fn field(
        message: &'static str,
        field: &'static str,
        offset: usize,
        problem: impl Into<String>,
    ) -> Self {
        Self { message, field: Some(field), offset: Some(offset), problem: problem.into() }
    }
}
