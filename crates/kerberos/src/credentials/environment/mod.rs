//! Where the files of Kerberos lie on this machine.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "windows.rs")]
mod system;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::ccache::CacheName;
use super::config::LibDefaults;
use super::error::NameError;
use super::keytab::KeytabName;

/// Variables of the environment that name files, and what stands for `%{token}` in such names.
///
/// ```
/// use winreach_kerberos::credentials::{CacheName, Environment};
///
/// let environment = Environment::new().with_token("uid", "1000");
/// assert_eq!(environment.expand("FILE:/tmp/krb5cc_%{uid}")?, "FILE:/tmp/krb5cc_1000");
/// # Ok::<(), winreach_kerberos::credentials::NameError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<&'static str, OsString>,
    tokens: BTreeMap<String, String>,
}

const CACHE: &str = "KRB5CCNAME";
const CONFIG: &str = "KRB5_CONFIG";
const KEYTAB: &str = "KRB5_KTNAME";
const CLIENT_KEYTAB: &str = "KRB5_CLIENT_KTNAME";

impl Environment {
    /// An environment in which no variable is set and only `%{null}` stands for something, namely
    /// for nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default().with_token("null", "")
    }

    /// The environment of this process.
    #[must_use]
    pub fn from_system() -> Self {
        let mut environment = Self::new();
        for variable in [CACHE, CONFIG, KEYTAB, CLIENT_KEYTAB] {
            if let Some(value) = std::env::var_os(variable) {
                environment.variables.insert(variable, value);
            }
        }
        for (token, value) in system::tokens() {
            environment = environment.with_token(token, value);
        }
        environment
    }

    /// The same with `value` for `KRB5CCNAME`.
    #[must_use]
    pub fn with_ccache(self, value: impl Into<OsString>) -> Self {
        self.with_variable(CACHE, value)
    }

    /// The same with `value` for `KRB5_CONFIG`.
    #[must_use]
    pub fn with_config(self, value: impl Into<OsString>) -> Self {
        self.with_variable(CONFIG, value)
    }

    /// The same with `value` for `KRB5_KTNAME`.
    #[must_use]
    pub fn with_keytab(self, value: impl Into<OsString>) -> Self {
        self.with_variable(KEYTAB, value)
    }

    /// The same with `value` for `KRB5_CLIENT_KTNAME`.
    #[must_use]
    pub fn with_client_keytab(self, value: impl Into<OsString>) -> Self {
        self.with_variable(CLIENT_KEYTAB, value)
    }

    fn with_variable(mut self, variable: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.insert(variable, value.into());
        self
    }

    /// The same with `value` for `%{token}`.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>, value: impl Into<String>) -> Self {
        self.tokens.insert(token.into(), value.into());
        self
    }

    /// The text with what stands for each `%{token}` in it.
    ///
    /// # Errors
    /// [`NameError::UnknownToken`], [`NameError::OpenToken`].
    pub fn expand(&self, text: &str) -> Result<String, NameError> {
        let (mut expanded, mut rest) = (String::new(), text);
        while let Some((before, token)) = rest.split_once("%{") {
            let (token, after) =
                token.split_once('}').ok_or_else(|| NameError::OpenToken(text.to_owned()))?;
            let value = self.tokens.get(token).ok_or_else(|| NameError::UnknownToken {
                name: text.to_owned(),
                token: token.to_owned(),
            })?;
            expanded.push_str(before);
            expanded.push_str(value);
            rest = after;
        }
        expanded.push_str(rest);
        Ok(expanded)
    }

    /// The default credential cache: of `KRB5CCNAME`, else of `default_ccache_name`, else
    /// `/tmp/krb5cc_%{uid}`.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn ccache(&self, defaults: &LibDefaults) -> Result<CacheName, NameError> {
        let configured = defaults.default_ccache_name.as_deref();
        CacheName::parse(&self.name(CACHE, configured, system::CACHE)?)
    }

    /// The default keytab of servers: of `KRB5_KTNAME`, else of `default_keytab_name`, else
    /// `/etc/krb5.keytab`.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn keytab(&self, defaults: &LibDefaults) -> Result<KeytabName, NameError> {
        let configured = defaults.default_keytab_name.as_deref();
        KeytabName::parse(&self.name(KEYTAB, configured, system::KEYTAB)?)
    }

    /// The default keytab of clients: of `KRB5_CLIENT_KTNAME`, else of
    /// `default_client_keytab_name`; MIT Kerberos has no default that is the same everywhere.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn client_keytab(&self, defaults: &LibDefaults) -> Result<Option<KeytabName>, NameError> {
        let configured = defaults.default_client_keytab_name.as_deref();
        let name = self.name(CLIENT_KEYTAB, configured, "")?;
        if name.is_empty() { Ok(None) } else { KeytabName::parse(&name).map(Some) }
    }

    /// The files that make up `krb5.conf`: of `KRB5_CONFIG`, else the one of the system.
    #[must_use]
    pub fn config_paths(&self) -> Vec<PathBuf> {
        match self.variables.get(CONFIG) {
            Some(paths) => std::env::split_paths(paths).collect(),
            None => system::config_paths(),
        }
    }

    /// What the variable holds, as it stands, else one of the others with its tokens expanded.
    fn name(
        &self,
        variable: &'static str,
        configured: Option<&str>,
        default: &str,
    ) -> Result<String, NameError> {
        match self.variables.get(variable) {
            Some(value) => match value.to_str() {
                Some(value) => Ok(value.to_owned()),
                None => Err(NameError::NotText(variable)),
            },
            None => self.expand(configured.unwrap_or(default)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::new().with_token("uid", "1000").with_token("TEMP", "/var/tmp")
    }

    #[test]
    fn tokens_are_expanded() {
        let expand = |text| environment().expand(text);
        assert_eq!(expand("%{TEMP}/cc_%{uid}%{null}").unwrap(), "/var/tmp/cc_1000");
        assert_eq!(expand("no tokens").unwrap(), "no tokens");
        assert_eq!(expand("100%").unwrap(), "100%");
        assert_eq!(expand("a%{uid"), Err(NameError::OpenToken("a%{uid".into())));
        assert_eq!(
            expand("a%{LIBDIR}").unwrap_err().to_string(),
            "'a%{LIBDIR}': nothing is known to stand for %{LIBDIR}"
        );
    }

    #[test]
    fn what_a_token_stands_for_is_not_expanded_again() {
        let environment = environment().with_token("odd", "%{uid}");
        assert_eq!(environment.expand("%{odd}").unwrap(), "%{uid}");
    }

    #[test]
    fn the_variable_goes_before_the_configuration_and_that_before_the_default() {
        let environment = environment();
        let mut defaults = LibDefaults::default();
        let path = |environment: &Environment, defaults: &LibDefaults| {
            environment.ccache(defaults).unwrap().to_string()
        };
        #[cfg(unix)]
        assert_eq!(path(&environment, &defaults), "FILE:/tmp/krb5cc_1000");
        defaults.default_ccache_name = Some("DIR:/run/user/%{uid}/krb5cc".into());
        assert_eq!(path(&environment, &defaults), "DIR:/run/user/1000/krb5cc");
        let environment = environment.with_ccache("/home/a/%{uid}");
        assert_eq!(path(&environment, &defaults), "FILE:/home/a/%{uid}");
    }

    #[test]
    fn keytabs_of_servers_and_clients_are_apart() {
        let environment = environment().with_keytab("FILE:/srv/a.keytab");
        let mut defaults = LibDefaults::default();
        assert_eq!(environment.keytab(&defaults).unwrap().to_string(), "FILE:/srv/a.keytab");
        assert_eq!(environment.client_keytab(&defaults).unwrap(), None);
        defaults.default_client_keytab_name = Some("/home/%{uid}.keytab".into());
        let name = environment.client_keytab(&defaults).unwrap().unwrap();
        assert_eq!(name.to_string(), "FILE:/home/1000.keytab");
        let environment = environment.with_client_keytab("/c");
        assert_eq!(environment.client_keytab(&defaults).unwrap().unwrap().to_string(), "FILE:/c");
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_named() {
        use std::os::unix::ffi::OsStringExt;

        let environment = environment().with_ccache(OsString::from_vec(vec![0xff]));
        let error = environment.ccache(&LibDefaults::default()).unwrap_err();
        assert_eq!(error, NameError::NotText("KRB5CCNAME"));
    }

    #[cfg(unix)]
    #[test]
    fn this_process_has_a_user() {
        let id = Environment::from_system().expand("%{uid}").unwrap();
        assert_eq!(id, rustix::process::getuid().as_raw().to_string());
    }

    #[cfg(unix)]
    #[test]
    fn several_files_of_configuration_are_parted_by_colons() {
        let environment = environment().with_config("/a/krb5.conf:/b/krb5.conf");
        let paths = environment.config_paths();
        assert_eq!(paths, [PathBuf::from("/a/krb5.conf"), PathBuf::from("/b/krb5.conf")]);
        assert_eq!(Environment::new().config_paths(), [PathBuf::from("/etc/krb5.conf")]);
    }
}
