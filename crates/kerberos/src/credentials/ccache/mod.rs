//! Credential caches: what `kinit` leaves in a file (MIT Kerberos, `ccache_file_format`).
//!
//! [`CredentialCache::parse`] reads versions 1 to 4 of the format, [`CredentialCache::to_bytes`]
//! writes version 4. [`CacheName`] is where a cache lies.

mod name;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

pub use self::name::CacheName;
pub(super) use self::name::{split_kind, with_path};
use super::error::{FileError, Malformed, Unencodable};
use super::file;
use super::key::RawKey;
use crate::Principal;

/// What the format calls itself in errors.
const FORMAT: &str = "credential cache";
/// The realm of entries that are no credentials.
const CONFIG_REALM: &str = "X-CACHECONF:";
/// The realm of such entries once they were removed.
const REMOVED_CONFIG_REALM: &str = "X-RMED-CONF:";
/// The first component of such entries.
const CONFIG_NAME: &str = "krb5_ccache_conf_data";

/// Tickets of a client with their session keys, and remarks about them.
///
/// ```no_run
/// use winreach_kerberos::Principal;
/// use winreach_kerberos::credentials::{CacheName, CredentialCache};
///
/// let cache = CredentialCache::open(&CacheName::parse("FILE:/tmp/krb5cc_1000")?)?;
/// println!("{}", cache.default_principal);
/// let service: Principal = "host/server.example.com@EXAMPLE.COM".parse()?;
/// if let Some(credential) = cache.find(&service) {
///     println!("a ticket for {} until {}", credential.server, credential.times.end);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialCache {
    /// Whose credentials these are.
    pub default_principal: Principal,
    /// How far the KDC's clock is ahead of this machine's.
    pub time_offset: Option<TimeOffset>,
    /// The credentials, in the order of the file; no removed ones.
    pub credentials: Vec<Credential>,
    /// Remarks of the programs that wrote the cache, in the order of the file.
    pub config: Vec<ConfigEntry>,
}

/// What to add to this machine's clock to have the KDC's. Both parts have the same sign, or are
/// zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOffset {
    /// Whole seconds.
    pub seconds: i32,
    /// Microseconds beside them.
    pub microseconds: i32,
}

/// A ticket and what belongs to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Who has the ticket.
    pub client: Principal,
    /// What the ticket is for.
    pub server: Principal,
    /// The session key.
    pub key: RawKey,
    /// When the ticket is valid.
    pub times: Times,
    /// Whether the ticket is encrypted in the session key of [`second_ticket`](Self::second_ticket)
    /// and so is for a user, not for a service.
    pub is_skey: bool,
    /// Flags of the ticket; bit 0 of RFC 4120 section 5.3 is the highest.
    pub ticket_flags: u32,
    /// Addresses that the ticket is good from; anywhere when empty.
    pub addresses: Vec<TypedBytes>,
    /// Authorization data that was asked for.
    pub authdata: Vec<TypedBytes>,
    /// The ticket in DER.
    pub ticket: Vec<u8>,
    /// Another ticket that this one depends on, in DER; mostly empty.
    pub second_ticket: Vec<u8>,
}

/// Times of a ticket in seconds since 1970; zero where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// When the client proved who it is.
    pub auth: u32,
    /// When the ticket becomes valid; zero for [`auth`](Self::auth).
    pub start: u32,
    /// When the ticket ends to be valid.
    pub end: u32,
    /// Until when it can be renewed.
    pub renew_till: u32,
}

/// An address or an element of authorization data: bytes whose type says what they mean
/// (RFC 4120 sections 5.2.5, 5.2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedBytes {
    /// The type.
    pub kind: i32,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A remark in a cache, such as `fast_avail`, `proxy_impersonator` or `refresh_time`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// What it is about.
    pub key: String,
    /// The principal that it is about, as text; mostly none.
    pub principal: Option<String>,
    /// What it says.
    pub value: Vec<u8>,
}

impl CredentialCache {
    /// A cache without credentials.
    #[must_use]
    pub fn new(default_principal: Principal) -> Self {
        Self { default_principal, time_offset: None, credentials: Vec::new(), config: Vec::new() }
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        read::cache(bytes)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        let bytes = file::read(FORMAT, path)?;
        Self::parse(&bytes).map_err(|source| FileError::Malformed { path: path.to_owned(), source })
    }

    /// Reads the cache of some name.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn open(name: &CacheName) -> Result<Self, FileError> {
        Self::read(name.path()?)
    }

    /// The bytes of a file in version 4 of the format.
    ///
    /// # Errors
    /// [`Unencodable`].
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Unencodable> {
        write::cache(self)
    }

    /// The credential of the default principal for `server`, of several the one that is valid
    /// longest. Whether it is valid now is for the caller to see.
    ///
    /// A server without realm is also looked for in the realm of the client, as MIT Kerberos does.
    #[must_use]
    pub fn find(&self, server: &Principal) -> Option<&Credential> {
        self.find_for(&self.default_principal, server)
    }

    /// As [`find`](Self::find), of whatever client.
    #[must_use]
    pub fn find_for(&self, client: &Principal, server: &Principal) -> Option<&Credential> {
        let longest = |server: &Principal| {
            self.credentials
                .iter()
                .filter(|found| !found.is_skey && found.client == *client)
                .filter(|found| found.server == *server)
                .max_by_key(|found| found.times.end)
        };
        longest(server).or_else(|| {
            let realm = client.realm.clone();
            server.realm.is_empty().then(|| longest(&Principal { realm, ..server.clone() }))?
        })
    }

    /// The realm whose ticket-granting ticket is the one to ask for others with: what the cache
    /// remarks under `start_realm`, else the client's own.
    #[must_use]
    pub fn start_realm(&self) -> &str {
        let remark = self.config("start_realm").and_then(|realm| std::str::from_utf8(realm).ok());
        remark.unwrap_or(&self.default_principal.realm)
    }

    /// The ticket-granting ticket to ask for others with.
    #[must_use]
    pub fn ticket_granting_ticket(&self) -> Option<&Credential> {
        let realm = self.start_realm();
        self.find(&Principal::ticket_granting(realm, realm))
    }

    /// What the cache remarks about `key`, for no principal.
    #[must_use]
    pub fn config(&self, key: &str) -> Option<&[u8]> {
        self.find_config(key, None)
    }

    /// What the cache remarks about `key` of `principal`.
    #[must_use]
    pub fn config_of(&self, key: &str, principal: &Principal) -> Option<&[u8]> {
        self.find_config(key, Some(&principal.to_string()))
    }

    fn find_config(&self, key: &str, principal: Option<&str>) -> Option<&[u8]> {
        let mut entries = self.config.iter();
        entries
            .find(|entry| entry.key == key && entry.principal.as_deref() == principal)
            .map(|entry| entry.value.as_slice())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("client", &self.client)
            .field("server", &self.server)
            .field("key", &self.key)
            .field("times", &self.times)
            .field("is_skey", &self.is_skey)
            .field("ticket_flags", &format_args!("{:#010x}", self.ticket_flags))
            .finish_non_exhaustive()
    }
}
