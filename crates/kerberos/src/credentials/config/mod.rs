//! `krb5.conf(5)`: what the administrator of this machine says about realms and their servers.
//!
//! [`Profile`] is what stands in the files, whatever it means: sections with values and sections
//! in them. [`Config`] reads from it what a client needs. Keys that nobody here knows are kept in
//! the profile.

mod duration;
mod error;
mod libdefaults;
mod load;
mod parse;
mod profile;
mod realms;
#[cfg(test)]
mod tests;

pub use self::duration::seconds_of;
pub use self::error::{ConfigError, LineProblem, Place};
pub use self::libdefaults::{Canonicalize, LibDefaults};
pub use self::profile::{Profile, Section, Value};
pub use self::realms::{Realm, Server, Transport};
use super::environment::Environment;

/// The configuration of Kerberos on this machine.
///
/// ```
/// use winreach_kerberos::credentials::Config;
/// use winreach_kerberos::credentials::config::{Profile, Server, Transport};
///
/// let text = "
/// [libdefaults]
///     default_realm = EXAMPLE.COM
/// [realms]
///     EXAMPLE.COM = {
///         kdc = dc1.example.com:88
///     }
/// [domain_realm]
///     .example.com = EXAMPLE.COM
/// ";
/// let config = Config::new(Profile::parse("krb5.conf", text.trim_start().as_bytes())?)?;
/// assert_eq!(config.libdefaults().default_realm.as_deref(), Some("EXAMPLE.COM"));
/// assert_eq!(config.host_realm("dc1.example.com"), Some("EXAMPLE.COM"));
/// let kdc = &config.realm("EXAMPLE.COM")?.kdc[0];
/// assert_eq!(kdc.to_string(), "dc1.example.com:88");
/// # Ok::<(), winreach_kerberos::credentials::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Config {
    profile: Profile,
    libdefaults: LibDefaults,
}

impl Config {
    /// The configuration in a profile.
    ///
    /// # Errors
    /// [`ConfigError`], where `[libdefaults]` has a value that its key cannot have.
    pub fn new(profile: Profile) -> Result<Self, ConfigError> {
        let libdefaults = LibDefaults::read(&profile, None)?;
        Ok(Self { profile, libdefaults })
    }

    /// The configuration in the files that `environment` names; without any file an empty one.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(environment: &Environment) -> Result<Self, ConfigError> {
        Self::new(Profile::load(&environment.config_paths())?)
    }

    /// The same with another default realm.
    #[must_use]
    pub fn with_default_realm(mut self, realm: impl Into<String>) -> Self {
        self.libdefaults.default_realm = Some(realm.into());
        self
    }

    /// All that stands in the files.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The section `[libdefaults]`.
    #[must_use]
    pub fn libdefaults(&self) -> &LibDefaults {
        &self.libdefaults
    }

    /// The section `[libdefaults]`, where what stands in its subsection for `realm` goes first.
    ///
    /// # Errors
    /// [`ConfigError`], where that has a value that its key cannot have.
    pub fn libdefaults_of(&self, realm: &str) -> Result<LibDefaults, ConfigError> {
        LibDefaults::read(&self.profile, Some(realm))
    }

    /// The servers of a realm, as in the section `[realms]`; none where the realm is not there.
    ///
    /// # Errors
    /// [`ConfigError`], where one of them is no host.
    pub fn realm(&self, name: &str) -> Result<Realm, ConfigError> {
        Realm::read(&self.profile, name)
    }

    /// The realm of a host, as in the section `[domain_realm]`: of the host itself, else of the
    /// closest domain above it. None for an address.
    #[must_use]
    pub fn host_realm(&self, host: &str) -> Option<&str> {
        realms::host_realm(&self.profile, host)
    }

    /// The realms to pass through from `client` to `server`, as in the section `[capaths]`: none
    /// where both share keys, `None` where the section does not say.
    #[must_use]
    pub fn path_between(&self, client: &str, server: &str) -> Option<Vec<&str>> {
        realms::path_between(&self.profile, client, server)
    }
}
