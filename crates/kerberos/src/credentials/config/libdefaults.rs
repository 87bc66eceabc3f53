//! The section `[libdefaults]`.

use std::time::Duration;

use super::duration::seconds_of;
use super::error::ConfigError;
use super::profile::{Profile, Value};

const SECTION: &str = "libdefaults";

/// What clients do where nobody says otherwise. [`Default`] is what holds without any file.
///
/// Encryption types are the words that stand in the file, such as `aes256-cts`, `DEFAULT`, `+rc4`
/// or `-aes128-cts-hmac-sha256-128`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibDefaults {
    /// The realm of names without one.
    pub default_realm: Option<String>,
    /// Whether to ask DNS (SRV) for the servers of realms that are not in `[realms]`.
    pub dns_lookup_kdc: bool,
    /// Whether to ask DNS (TXT) for the realms of hosts that are not in `[domain_realm]`.
    pub dns_lookup_realm: bool,
    /// Whether to ask DNS for the full name of a host.
    pub dns_canonicalize_hostname: Canonicalize,
    /// Whether to ask DNS for the name of the address that a name has, and take that.
    pub rdns: bool,
    /// How far clocks may be apart.
    pub clockskew: Duration,
    /// Whether to add how far the KDC's clock is ahead to this machine's.
    pub kdc_timesync: bool,
    /// Encryption types to ask for in initial tickets; those permitted where there are none.
    pub default_tkt_enctypes: Option<Vec<String>>,
    /// Encryption types to ask for in other tickets; those permitted where there are none.
    pub default_tgs_enctypes: Option<Vec<String>>,
    /// Encryption types to accept.
    pub permitted_enctypes: Option<Vec<String>>,
    /// Whether weak encryption types may stay among them.
    pub allow_weak_crypto: bool,
    /// Whether RC4 may be used; of MIT Kerberos 1.21 and later.
    pub allow_rc4: bool,
    /// The largest message to send by UDP first, in bytes; larger ones go by TCP first. A negative
    /// number stands for the default.
    pub udp_preference_limit: usize,
    /// How long to wait for a KDC in all; as long as it takes where there is nothing.
    pub request_timeout: Option<Duration>,
    /// How long tickets shall be valid.
    pub ticket_lifetime: Duration,
    /// How long tickets shall be renewable; not at all when zero.
    pub renew_lifetime: Duration,
    /// Whether to ask for tickets that can be forwarded to another machine.
    pub forwardable: bool,
    /// Whether to ask for tickets that can be used by another machine for the client.
    pub proxiable: bool,
    /// Whether to let the KDC correct the client's name.
    pub canonicalize: bool,
    /// Whether to ask for tickets that are good from any address.
    pub noaddresses: bool,
    /// The credential cache, where the environment names none.
    pub default_ccache_name: Option<String>,
    /// The keytab of servers, where the environment names none.
    pub default_keytab_name: Option<String>,
    /// The keytab of clients, where the environment names none.
    pub default_client_keytab_name: Option<String>,
}

/// Whether to ask DNS for the full name of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canonicalize {
    /// Before asking for a ticket.
    Yes,
    /// Never.
    No,
    /// Once there is no ticket for the name as it was given.
    Fallback,
}

impl Default for LibDefaults {
    fn default() -> Self {
        Self {
            default_realm: None,
            dns_lookup_kdc: true,
            dns_lookup_realm: false,
            dns_canonicalize_hostname: Canonicalize::Yes,
            rdns: true,
            clockskew: Duration::from_secs(300),
            kdc_timesync: true,
            default_tkt_enctypes: None,
            default_tgs_enctypes: None,
            permitted_enctypes: None,
            allow_weak_crypto: false,
            allow_rc4: false,
            udp_preference_limit: 1465,
            request_timeout: None,
            ticket_lifetime: Duration::from_secs(24 * 3600),
            renew_lifetime: Duration::ZERO,
            forwardable: false,
            proxiable: false,
            canonicalize: false,
            noaddresses: true,
            default_ccache_name: None,
            default_keytab_name: None,
            default_client_keytab_name: None,
        }
    }
}

impl LibDefaults {
    /// What the profile says, and the defaults where it says nothing.
    pub(super) fn read(profile: &Profile, realm: Option<&str>) -> Result<Self, ConfigError> {
        let source = Source { profile, realm };
        let default = Self::default();
        Ok(Self {
            default_realm: source.text("default_realm"),
            dns_lookup_kdc: source.boolean("dns_lookup_kdc", default.dns_lookup_kdc)?,
            dns_lookup_realm: source.boolean("dns_lookup_realm", default.dns_lookup_realm)?,
            dns_canonicalize_hostname: source
                .get("dns_canonicalize_hostname", CANONICALIZE, canonicalize)?
                .unwrap_or(default.dns_canonicalize_hostname),
            rdns: source.boolean("rdns", default.rdns)?,
            clockskew: source.duration("clockskew")?.unwrap_or(default.clockskew),
            kdc_timesync: source
                .get("kdc_timesync", TIMESYNC, switch)?
                .unwrap_or(default.kdc_timesync),
            default_tkt_enctypes: source.words("default_tkt_enctypes"),
            default_tgs_enctypes: source.words("default_tgs_enctypes"),
            permitted_enctypes: source.words("permitted_enctypes"),
            allow_weak_crypto: source.boolean("allow_weak_crypto", default.allow_weak_crypto)?,
            allow_rc4: source.boolean("allow_rc4", default.allow_rc4)?,
            udp_preference_limit: source
                .get("udp_preference_limit", "a number of bytes", |text| text.parse::<i32>().ok())?
                .and_then(|limit| usize::try_from(limit).ok())
                .map_or(default.udp_preference_limit, |limit| limit.min(MAX_UDP)),
            request_timeout: source
                .duration("request_timeout")?
                .filter(|timeout| !timeout.is_zero()),
            ticket_lifetime: source.duration("ticket_lifetime")?.unwrap_or(default.ticket_lifetime),
            renew_lifetime: source.duration("renew_lifetime")?.unwrap_or(default.renew_lifetime),
            forwardable: source.boolean("forwardable", default.forwardable)?,
            proxiable: source.boolean("proxiable", default.proxiable)?,
            canonicalize: source.boolean("canonicalize", default.canonicalize)?,
            noaddresses: source.boolean("noaddresses", default.noaddresses)?,
            default_ccache_name: source.text("default_ccache_name"),
            default_keytab_name: source.text("default_keytab_name"),
            default_client_keytab_name: source.text("default_client_keytab_name"),
        })
    }
}

/// The largest message that ever goes by UDP first, whatever the configuration says.
const MAX_UDP: usize = 32_700;

const BOOLEAN: &str = "yes or no (also y/n, true/false, t/nil, 1/0, on/off)";
const TIMESYNC: &str = "1 or 0, or yes or no";
const CANONICALIZE: &str = "yes, no or fallback";
const DURATION: &str = "a time such as 3600, 10h, 1d12h30m or 10:00:00";

fn boolean(text: &str) -> Option<bool> {
    let is_any = |words: [&str; 6]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_any(["y", "yes", "true", "t", "1", "on"]) {
        Some(true)
    } else if is_any(["n", "no", "false", "nil", "0", "off"]) {
        Some(false)
    } else {
        None
    }
}

/// A number, which is zero for no, as MIT Kerberos has it, or a boolean as Heimdal has it.
fn switch(text: &str) -> Option<bool> {
    text.parse::<i32>().ok().map(|number| number != 0).or_else(|| boolean(text))
}

fn canonicalize(text: &str) -> Option<Canonicalize> {
    match boolean(text) {
        Some(true) => Some(Canonicalize::Yes),
        Some(false) => Some(Canonicalize::No),
        None => text.eq_ignore_ascii_case("fallback").then_some(Canonicalize::Fallback),
    }
}

/// Where the values come from.
struct Source<'a> {
    profile: &'a Profile,
    realm: Option<&'a str>,
}

impl Source<'_> {
    /// The value of a key: of the subsection for the realm, else of the section.
    fn value(&self, key: &str) -> Option<&Value> {
        self.realm
            .and_then(|realm| self.profile.value(&[SECTION, realm, key]))
            .or_else(|| self.profile.value(&[SECTION, key]))
    }

    fn get<T>(
        &self,
        key: &str,
        expected: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        match read(value.text.trim()) {
            Some(found) => Ok(Some(found)),
            None => Err(value.unlike(key, expected)),
        }
    }

    fn boolean(&self, key: &str, default: bool) -> Result<bool, ConfigError> {
        Ok(self.get(key, BOOLEAN, boolean)?.unwrap_or(default))
    }

    fn duration(&self, key: &str) -> Result<Option<Duration>, ConfigError> {
        let seconds = |text: &str| u64::try_from(seconds_of(text)?).ok();
        Ok(self.get(key, DURATION, seconds)?.map(Duration::from_secs))
    }

    fn text(&self, key: &str) -> Option<String> {
        self.value(key).map(|value| value.text.clone())
    }

    /// Words between spaces or commas.
    fn words(&self, key: &str) -> Option<Vec<String>> {
        let text = &self.value(key)?.text;
        let words = text.split(|c: char| c.is_whitespace() || c == ',');
        Some(words.filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }
}
