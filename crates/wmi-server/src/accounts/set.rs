//! A set of accounts and its text form.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use winreach_auth::ntlm::{Accounts, NtHash};
use winreach_cim::Name;
use zeroize::Zeroizing;

/// The first line of the text form; the number grows when the form changes.
const HEADER: &str = "winreach-accounts 1";

/// The longest account name, in characters: what the User Principal Name of a Windows account may
/// have before the `@` (`[MS-ADTS] 5.1.1.1.1`).
const MAX_NAME: usize = 64;

/// The name of an account. Compares without regard to case, as NTLM does.
///
/// It holds none of the characters that Windows forbids in account names (`[MS-SAMR] 3.1.1.8.1`)
/// and no `@`, which would make it a user principal name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountName(Name);

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

/// Accounts and the NT hashes of their passwords.
#[derive(Clone, Debug, Default)]
pub struct AccountSet {
    hashes: BTreeMap<AccountName, NtHash>,
}

/// A line of the text form is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct AccountTextError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: AccountTextProblem,
}

/// What can be wrong with a line of the text form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum AccountTextProblem {
    #[error("not an account file: the first line must be {HEADER:?}")]
    Header,
    #[error("NAME:HASH expected")]
    Separator,
    #[error("{0}")]
    Name(#[from] AccountNameError),
    #[error("the hash must be 32 hexadecimal digits")]
    Hash,
    #[error("the account stands there twice")]
    Duplicate,
}

impl AccountSet {
    /// No accounts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the password of an account, which is made where there is none. Gives back whether it
    /// was there before.
    pub fn set(&mut self, name: AccountName, password: &SecretString) -> bool {
        // A map keeps the key it has; the new spelling of the name should win.
        let before = self.hashes.remove(&name).is_some();
        self.hashes.insert(name, NtHash::of_password(password.expose_secret()));
        before
    }

    /// Removes an account; gives back whether there was one.
    pub fn remove(&mut self, name: &AccountName) -> bool {
        self.hashes.remove(name).is_some()
    }

    /// The names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &AccountName> {
        self.hashes.keys()
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// The first wrong line, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, AccountTextError> {
        let mut lines = text.lines().zip(1..);
        if lines.next().is_none_or(|(header, _)| header != HEADER) {
            return Err(AccountTextError { line: 1, problem: AccountTextProblem::Header });
        }
        let mut set = Self::new();
        for (text, line) in lines {
            set.parse_line(text).map_err(|problem| AccountTextError { line, problem })?;
        }
        Ok(set)
    }

    fn parse_line(&mut self, text: &str) -> Result<(), AccountTextProblem> {
        let (name, hash) = text.split_once(':').ok_or(AccountTextProblem::Separator)?;
        let name = name.parse()?;
        let hash = parse_hash(hash).ok_or(AccountTextProblem::Hash)?;
        match self.hashes.insert(name, hash) {
            None => Ok(()),
            Some(_) => Err(AccountTextProblem::Duplicate),
        }
    }

    /// The text form, which is as secret as the passwords.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Room for everything at once, so that no half of it stays behind in a smaller buffer.
        let room = HEADER.len() + 1 + self.hashes.len() * (MAX_NAME * 4 + 34);
        let mut text = Zeroizing::new(String::with_capacity(room));
        text.push_str(HEADER);
        text.push('\n');
        for (name, hash) in &self.hashes {
            text.push_str(name.as_str());
            text.push(':');
            for byte in hash.as_bytes() {
                // Writing to a string cannot fail.
                let _ = write!(text, "{byte:02x}");
            }
            text.push('\n');
        }
        text
    }
}

/// The domain does not matter: these are the accounts of this computer, however it is called.
impl Accounts for AccountSet {
    fn nt_hash(&self, _domain: &str, user: &str) -> Option<NtHash> {
        self.hashes.get(&AccountName(user.into())).cloned()
    }

    fn has_domains(&self) -> bool {
        false
    }
}

fn parse_hash(text: &str) -> Option<NtHash> {
    let digits = text.as_bytes();
    if digits.len() != 32 {
        return None;
    }
    let mut hash = Zeroizing::new([0; 16]);
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(NtHash::from_bytes(*hash))
}
