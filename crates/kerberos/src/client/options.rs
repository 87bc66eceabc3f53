//! What a client asks of tickets.

use std::time::Duration;

use crate::crypto::EncryptionType;

/// How tickets are to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The encryption types to take, the preferred one first. Default: AES with 256 and 128 bits,
    /// with SHA-1 as Windows has it, then with SHA-2. RC4 is not among them.
    pub etypes: Vec<EncryptionType>,
    /// How long tickets should be good. Default: 10 hours.
    pub lifetime: Duration,
    /// Whether the ticket-granting ticket should be forwardable, as delegation needs it. Default:
    /// no.
    pub forwardable: bool,
    /// Whether KDCs may give other names than were asked for: aliases of accounts, and referrals to
    /// other realms (RFC 6806). Default: yes.
    pub canonicalize: bool,
    /// How far the KDC's clock and this machine's may be apart. Default: five minutes.
    pub clock_skew: Duration,
    /// Whether a log-on goes by the KDC's clock where the two are further apart; otherwise that is
    /// an error. Default: yes, as MIT Kerberos.
    pub follow_kdc_clock: bool,
}

impl Default for Options {
    fn default() -> Self {
        use EncryptionType as E;
        Self {
            etypes: vec![
                E::Aes256CtsHmacSha1,
                E::Aes128CtsHmacSha1,
                E::Aes256CtsHmacSha384,
                E::Aes128CtsHmacSha256,
            ],
            lifetime: Duration::from_secs(10 * 3600),
            forwardable: false,
            canonicalize: true,
            clock_skew: Duration::from_secs(300),
            follow_kdc_clock: true,
        }
    }
}

impl Options {
    /// Takes RC4 too, where the other side has nothing better.
    #[must_use]
    pub fn with_rc4(mut self) -> Self {
        if !self.etypes.contains(&EncryptionType::Rc4Hmac) {
            self.etypes.push(EncryptionType::Rc4Hmac);
        }
        self
    }

    /// The numbers of the encryption types.
    pub(crate) fn etype_codes(&self) -> Vec<i32> {
        self.etypes.iter().map(|etype| etype.code()).collect()
    }
}
