//! What a KDC refuses, and the KRB-ERROR that says so.

use der::asn1::OctetString;
use winreach_kerberos::crypto::CryptoError;
use winreach_kerberos::messages::{
    ErrorCode, KerberosString, KerberosTime, KrbError, Message, MessageError, PrincipalName,
    SealError,
};

use crate::kdc::TestKdc;

/// Why a request gets no ticket.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: ErrorCode,
    text: Option<String>,
    data: Option<Vec<u8>>,
    client_realm: Option<String>,
}

impl Refusal {
    /// With a text for people.
    pub(crate) fn because(code: ErrorCode, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..code.into() }
    }

    /// With data that says how to go on.
    pub(crate) fn with_data(code: ErrorCode, data: Vec<u8>) -> Self {
        Self { data: Some(data), ..code.into() }
    }

    /// The client is at home elsewhere.
    pub(crate) fn at_home_in(realm: &str) -> Self {
        Self { client_realm: Some(realm.to_owned()), ..ErrorCode::KDC_ERR_WRONG_REALM.into() }
    }

    /// The message.
    pub(crate) fn answer(self, kdc: &TestKdc, realm: &str) -> Vec<u8> {
        let error = KrbError {
            pvno: 5,
            msg_type: 30,
            ctime: None,
            cusec: None,
            stime: KerberosTime::of(kdc.now()),
            susec: 0,
            error_code: self.code.0,
            crealm: self.client_realm.map(KerberosString),
            cname: None,
            realm: KerberosString(realm.to_owned()),
            sname: PrincipalName::from(&crate::realm::granting(realm, realm)),
            e_text: self.text.map(KerberosString),
            e_data: self.data.map(|data| OctetString::new(data).unwrap()),
        };
        error.to_bytes().unwrap()
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self { code, text: None, data: None, client_realm: None }
    }
}

impl From<MessageError> for Refusal {
    fn from(error: MessageError) -> Self {
        Self::because(ErrorCode::KRB_ERR_GENERIC, error.to_string())
    }
}

impl From<der::Error> for Refusal {
    fn from(error: der::Error) -> Self {
        Self::because(ErrorCode::KRB_ERR_GENERIC, error.to_string())
    }
}

impl From<CryptoError> for Refusal {
    fn from(error: CryptoError) -> Self {
        Self::because(ErrorCode::KRB_AP_ERR_BAD_INTEGRITY, error.to_string())
    }
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        Self::because(ErrorCode::KRB_ERR_GENERIC, error.to_string())
    }
}
