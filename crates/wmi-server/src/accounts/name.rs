//! Names of accounts.

use std::str::FromStr;

use winreach_cim::Name;

/// The longest account name, in characters: what the User Principal Name of a Windows account may
/// have before the `@` (`[MS-ADTS] 5.1.1.1.1`).
pub(super) const MAX_NAME: usize = 64;

/// The name of an account. Compares without regard to case, as NTLM does.
///
/// It holds none of the characters that Windows forbids in account names (`[MS-SAMR] 3.1.1.8.1`)
/// and no `@`, which would make it a user principal name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountName(pub(super) Name);

/// A text cannot be the name of an account.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum AccountNameError {
    #[error("an account name cannot be empty")]
    Empty,
    #[error("an account name has at most {MAX_NAME} characters")]
    TooLong,
    #[error("an account name cannot contain {character:?} (at position {position})")]
    Character { character: char, position: usize },
    #[error("an account name cannot begin or end with a blank, or end with a full stop")]
    Edge,
}

impl AccountName {
    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = AccountNameError;

    fn from_str(text: &str) -> Result<Self, AccountNameError> {
        if text.is_empty() {
            return Err(AccountNameError::Empty);
        }
        if text.chars().count() > MAX_NAME {
            return Err(AccountNameError::TooLong);
        }
        if let Some((position, character)) = text
            .chars()
            .enumerate()
            .find(|(_, c)| c.is_control() || r#""/\[]:;|=,+*?<>@"#.contains(*c))
        {
            return Err(AccountNameError::Character { character, position });
        }
        if text.trim() != text || text.ends_with('.') {
            return Err(AccountNameError::Edge);
        }
        Ok(Self(text.into()))
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
