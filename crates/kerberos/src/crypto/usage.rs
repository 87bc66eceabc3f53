//! What a key is used for (RFC 4120 section 7.5.1).

/// The place in the protocol that encrypted bytes or a checksum are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyUsage(pub u32);

impl KeyUsage {
    /// The encrypted timestamp of an AS-REQ, under the client's key.
    pub const PA_ENC_TIMESTAMP: Self = Self(1);
    /// The encrypted part of a ticket, under the service's key.
    pub const TICKET: Self = Self(2);
    /// The encrypted part of an AS-REP, under the client's key.
    pub const AS_REP: Self = Self(3);
    /// Authorization data of a TGS-REQ, under the session key.
    pub const TGS_REQ_AUTHORIZATION_SESSION: Self = Self(4);
    /// Authorization data of a TGS-REQ, under the authenticator's subkey.
    pub const TGS_REQ_AUTHORIZATION_SUBKEY: Self = Self(5);
    /// The checksum in the authenticator of a TGS-REQ.
    pub const TGS_REQ_AUTHENTICATOR_CHECKSUM: Self = Self(6);
    /// The authenticator of a TGS-REQ.
    pub const TGS_REQ_AUTHENTICATOR: Self = Self(7);
    /// The encrypted part of a TGS-REP, under the session key.
    pub const TGS_REP_SESSION_KEY: Self = Self(8);
    /// The encrypted part of a TGS-REP, under the authenticator's subkey.
    pub const TGS_REP_SUBKEY: Self = Self(9);
    /// The checksum in the authenticator of an AP-REQ.
    pub const AP_REQ_AUTHENTICATOR_CHECKSUM: Self = Self(10);
    /// The authenticator of an AP-REQ.
    pub const AP_REQ_AUTHENTICATOR: Self = Self(11);
    /// The encrypted part of an AP-REP.
    pub const AP_REP: Self = Self(12);
    /// The encrypted part of a KRB-PRIV.
    pub const KRB_PRIV: Self = Self(13);
    /// The encrypted part of a KRB-CRED.
    pub const KRB_CRED: Self = Self(14);
    /// The checksum of a KRB-SAFE.
    pub const KRB_SAFE: Self = Self(15);
    /// The signatures of a PAC ([MS-PAC] 2.8), which Kerberos itself leaves to others.
    pub const PAC: Self = Self(17);
    /// The checksum of AD-KDC-ISSUED.
    pub const AD_KDC_ISSUED: Self = Self(19);
    /// What an acceptor sealed (RFC 4121 section 2).
    pub const ACCEPTOR_SEAL: Self = Self(22);
    /// What an acceptor signed.
    pub const ACCEPTOR_SIGN: Self = Self(23);
    /// What an initiator sealed.
    pub const INITIATOR_SEAL: Self = Self(24);
    /// What an initiator signed.
    pub const INITIATOR_SIGN: Self = Self(25);
}
