//! Account and password of a caller.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// The account somebody named, in the form it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// `DOMAIN\user`.
    Domain {
        /// Domain or computer that holds the account.
        domain: String,
        /// Account name.
        user: String,
    },
    /// `user@realm`: a user principal name.
    Principal {
        /// Account name.
        user: String,
        /// Kerberos realm or UPN suffix.
        realm: String,
    },
    /// `user` or `.\user`: an account the server looks for where it likes.
    Plain {
        /// Account name.
        user: String,
    },
}

impl Account {
    /// Reads `DOMAIN\user`, `user@realm`, `.\user` or `user`.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        if let Some((domain, user)) = name.split_once('\\') {
            let user = user.to_owned();
            return match domain {
                "" | "." => Self::Plain { user },
                domain => Self::Domain { domain: domain.to_owned(), user },
            };
        }
        match name.rsplit_once('@') {
            Some((user, realm)) if !user.is_empty() && !realm.is_empty() => {
                Self::Principal { user: user.to_owned(), realm: realm.to_owned() }
            }
            _ => Self::Plain { user: name.to_owned() },
        }
    }

    /// The account name without its domain or realm.
    #[must_use]
    pub fn user(&self) -> &str {
        match self {
            Self::Domain { user, .. } | Self::Principal { user, .. } | Self::Plain { user } => user,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain { domain, user } => write!(f, "{domain}\\{user}"),
            Self::Principal { user, realm } => write!(f, "{user}@{realm}"),
            Self::Plain { user } => f.write_str(user),
        }
    }
}

/// An account and its password.
///
/// The password is wiped from memory on drop and never shows in `Debug`.
///
/// ```
/// use winreach_auth::{Account, Credentials};
///
/// let credentials = Credentials::new("EXAMPLE\\alice", "open sesame".into());
/// assert_eq!(credentials.account().user(), "alice");
/// assert!(!format!("{credentials:?}").contains("sesame"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    account: Account,
    password: SecretString,
}

impl Credentials {
    /// Credentials of `DOMAIN\user`, `user@realm` or `user`. An empty password is a password.
    #[must_use]
    pub fn new(account: &str, password: SecretString) -> Self {
        Self { account: Account::parse(account), password }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The password.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.password
    }

    /// The password in clear, for key derivation.
    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("account", &self.account).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_account_is_read_and_printed() {
        let domain = |d: &str, u: &str| Account::Domain { domain: d.into(), user: u.into() };
        let plain = |u: &str| Account::Plain { user: u.into() };
        assert_eq!(Account::parse("EXAMPLE\\alice"), domain("EXAMPLE", "alice"));
        assert_eq!(
            Account::parse("alice@example.com"),
            Account::Principal { user: "alice".into(), realm: "example.com".into() }
        );
        assert_eq!(Account::parse("alice"), plain("alice"));
        assert_eq!(Account::parse(".\\alice"), plain("alice"));
        assert_eq!(Account::parse("alice@"), plain("alice@"));
        assert_eq!(Account::parse("D\\a@b"), domain("D", "a@b"));
        for name in ["EXAMPLE\\alice", "alice@example.com", "alice"] {
            assert_eq!(Account::parse(name).to_string(), name);
        }
    }

    #[test]
    fn debug_shows_the_account_and_no_password() {
        let text = format!("{:?}", Credentials::new("D\\alice", "hunter2".into()));
        assert!(text.contains("alice") && !text.contains("hunter2"), "{text}");
    }
}
