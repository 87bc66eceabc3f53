//! What a client asks of tickets.

use std::time::Duration;

use crate::credentials::config::LibDefaults;
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

impl Options {
    /// What `krb5.conf` asks for, as far as it is about tickets.
    ///
    /// Of the lists of encryption types (`default_tgs_enctypes`, or `permitted_enctypes` where that
    /// is missing) those count that are known here. RC4 is taken where `allow_rc4` or
    /// `allow_weak_crypto` is set and the list names it or is missing.
    #[must_use]
    pub fn of(defaults: &LibDefaults) -> Self {
        let mut options = Self {
            lifetime: defaults.ticket_lifetime,
            forwardable: defaults.forwardable,
            clock_skew: defaults.clockskew,
            follow_kdc_clock: defaults.kdc_timesync,
            ..Self::default()
        };
        let all = if defaults.allow_rc4 || defaults.allow_weak_crypto {
            Self::default().with_rc4().etypes
        } else {
            Self::default().etypes
        };
        let list = defaults.default_tgs_enctypes.as_ref().or(defaults.permitted_enctypes.as_ref());
        options.etypes = match list {
            Some(tokens) => listed(tokens, &all),
            None => all,
        };
        options
    }
}

/// The types that a list of names and families leaves of `all`, in its order (krb5.conf(5),
/// "Encryption types").
fn listed(tokens: &[String], all: &[EncryptionType]) -> Vec<EncryptionType> {
    let mut list: Vec<EncryptionType> = Vec::new();
    for token in tokens {
        let (removes, name) = match token.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, token.strip_prefix('+').unwrap_or(token)),
        };
        let named = all.iter().filter(|etype| is_named(**etype, name)).copied();
        if removes {
            let named: Vec<_> = named.collect();
            list.retain(|etype| !named.contains(etype));
        } else {
            let new: Vec<_> = named.filter(|etype| !list.contains(etype)).collect();
            list.extend(new);
        }
    }
    list
}

fn is_named(etype: EncryptionType, name: &str) -> bool {
    name.eq_ignore_ascii_case("default") || EncryptionType::named(name).contains(&etype)
}

#[cfg(test)]
mod tests {
    use super::*;
    use EncryptionType as E;

    #[test]
    fn lists_of_encryption_types_are_read_as_krb5_conf_has_them() {
        let all = Options::default().with_rc4().etypes;
        let of = |text: &str| {
            let tokens: Vec<String> = text.split(' ').map(str::to_owned).collect();
            listed(&tokens, &all)
        };
        assert_eq!(of("aes128-cts aes256-cts"), [E::Aes128CtsHmacSha1, E::Aes256CtsHmacSha1]);
        assert_eq!(of("rc4"), [E::Rc4Hmac]);
        assert_eq!(of("DEFAULT -rc4 -aes128-cts"), {
            [E::Aes256CtsHmacSha1, E::Aes256CtsHmacSha384, E::Aes128CtsHmacSha256]
        });
        assert_eq!(of("des3-cbc-sha1 aes256-sha2"), [E::Aes256CtsHmacSha384]);
        assert!(listed(&["rc4".to_owned()], &Options::default().etypes).is_empty());
    }
}
