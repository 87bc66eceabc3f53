//! The text form of a set of accounts: a header, then a line for each.
//!
//! ```text
//! winreach-accounts 2
//! bob:a4f49c406510bdcab6824ee7c30fd852
//! alice@EXAMPLE.COM:kerberos
//! S-1-5-21-1-2-3-1104:group
//! ```
//!
//! Version 1 has lines of the first kind alone. It is written where there are no others, so that
//! older programs go on reading it.

use std::fmt::{self, Write as _};

use winreach_auth::SidError;
use winreach_auth::ntlm::NtHash;
use zeroize::Zeroizing;

use super::name::MAX_NAME;
use super::{AccountNameError, AccountSet, Permit, PrincipalNameError};

/// The first line begins so; a number follows, which grows when the form changes.
const HEADER: &str = "winreach-accounts ";

/// What stands behind the last colon of a line that is no account with a password.
const KERBEROS: &str = "kerberos";
const GROUP: &str = "group";

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
    #[error("not an account file: the first line must be \"{HEADER}1\" or \"{HEADER}2\"")]
    Header,
    #[error("NAME:HASH, NAME@REALM:{KERBEROS} or SID:{GROUP} expected")]
    Separator,
    #[error("{0}")]
    Name(#[from] AccountNameError),
    #[error("{0}")]
    Principal(#[from] PrincipalNameError),
    #[error("{0}")]
    Sid(#[from] SidError),
    #[error("the hash must be 32 hexadecimal digits")]
    Hash,
    #[error("the account stands there twice")]
    Duplicate,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    One = 1,
    Two,
}

impl AccountSet {
    /// Reads the text form.
    ///
    /// # Errors
    /// The first wrong line, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, AccountTextError> {
        let mut lines = text.lines().zip(1..);
        let version = match lines.next().and_then(|(header, _)| header.strip_prefix(HEADER)) {
            Some("1") => Version::One,
            Some("2") => Version::Two,
            _ => return Err(AccountTextError { line: 1, problem: AccountTextProblem::Header }),
        };
        let mut set = Self::new();
        for (text, line) in lines {
            set.parse_line(version, text).map_err(|problem| AccountTextError { line, problem })?;
        }
        Ok(set)
    }

    fn parse_line(&mut self, version: Version, text: &str) -> Result<(), AccountTextProblem> {
        let (name, what) = text.rsplit_once(':').ok_or(AccountTextProblem::Separator)?;
        let was_there = match (version, what) {
            (Version::Two, KERBEROS) => self.permit(Permit::Principal(name.parse()?)),
            (Version::Two, GROUP) => self.permit(Permit::Group(name.parse()?)),
            (_, hash) => {
                let name = name.parse()?;
                let hash = parse_hash(hash).ok_or(AccountTextProblem::Hash)?;
                self.hashes.insert(name, hash).is_some()
            }
        };
        if was_there { Err(AccountTextProblem::Duplicate) } else { Ok(()) }
    }

    /// The text form, which is as secret as the passwords.
    pub fn to_text(&self) -> Zeroizing<String> {
        let permits: Vec<(String, &str)> = self
            .permits()
            .map(|permit| match permit {
                Permit::Principal(name) => (name.to_string(), KERBEROS),
                Permit::Group(sid) => (sid.to_string(), GROUP),
            })
            .collect();
        let version = if permits.is_empty() { Version::One } else { Version::Two };
        // Room for everything at once, so that no half of it stays behind in a smaller buffer.
        let others: usize = permits.iter().map(|(who, what)| who.len() + what.len() + 2).sum();
        let room = HEADER.len() + 2 + self.hashes.len() * (MAX_NAME * 4 + 34) + others;
        let mut text = Zeroizing::new(String::with_capacity(room));
        // Writing to a string cannot fail.
        let _ = self.write(version, &permits, &mut text);
        text
    }

    fn write(
        &self,
        version: Version,
        permits: &[(String, &str)],
        text: &mut String,
    ) -> fmt::Result {
        writeln!(text, "{HEADER}{}", version as u8)?;
        for (name, hash) in &self.hashes {
            write!(text, "{name}:")?;
            hash.as_bytes().iter().try_for_each(|byte| write!(text, "{byte:02x}"))?;
            text.write_char('\n')?;
        }
        permits.iter().try_for_each(|(who, what)| writeln!(text, "{who}:{what}"))
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
