//! `Win32_UserAccount`: `/etc/passwd`. The passwords in the shadow file are not looked at.

use crate::provider::{ProviderError, Request};

use super::machine::Machine;
use super::table::{Source, Table, table};

/// `UF_NORMAL_ACCOUNT` of Windows.
const NORMAL_ACCOUNT: u32 = 512;
/// `SidTypeUser` of Windows.
const USER: u8 = 1;

/// A line of `/etc/passwd`.
pub(super) struct Account {
    host: Option<String>,
    name: String,
    needs_password: Option<bool>,
    id: u32,
    comment: String,
}

impl Account {
    fn parse(line: &str, host: Option<String>) -> Option<Self> {
        let mut fields = line.split(':');
        let (name, password, id) = (fields.next()?, fields.next()?, fields.next()?);
        let comment = fields.nth(1)?;
        (!name.is_empty() && !name.starts_with(['#', '+', '-'])).then_some(())?;
        Some(Self {
            host,
            name: name.to_owned(),
            needs_password: match password {
                // What the shadow file holds may be empty, too.
                "x" => None,
                password => Some(!password.is_empty()),
            },
            id: id.parse().ok()?,
            comment: comment.to_owned(),
        })
    }

    fn caption(&self) -> String {
        format!("{}\\{}", self.host.as_deref().unwrap_or_default(), self.name)
    }

    /// The comment begins with the whole name; `&` in it stands for the account's name.
    fn full_name(&self) -> Option<String> {
        let name = self.comment.split(',').next()?.replace('&', &self.name);
        (!name.is_empty()).then_some(name)
    }

    /// The identifier that Samba gives Unix users, in the authority `S-1-22-1`.
    fn sid(&self) -> String {
        format!("S-1-22-1-{}", self.id)
    }
}

impl Source for Account {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let host = machine.host_name();
        let lines = machine.text("/etc/passwd").unwrap_or_default();
        let accounts = lines.lines().filter_map(|line| Self::parse(line, host.clone()));
        Ok(accounts.collect::<Vec<_>>().into_iter())
    }

    fn table() -> Table<Self> {
        table! {
            /// An account that this computer keeps.
            Win32_UserAccount: Win32_Account = "{8502C4CC-5FBB-11D2-AAC1-006008C78BC7}",
                with account: Self;
            inherits {
                Caption => account.caption();
                Description => account.full_name();
                Domain => account.host.clone();
                LocalAccount => true;
                Name => account.name.clone();
                SID => account.sid();
                SIDType => USER;
            }
            declares {
                /// Kind of account, a bit each: 512 is an ordinary one.
                AccountType: u32 => NORMAL_ACCOUNT;
                /// Whether the account is disabled.
                Disabled: bool;
                /// The user's whole name.
                FullName: String => account.full_name();
                /// Whether the account is locked out.
                Lockout: bool;
                /// Whether the password can be changed.
                PasswordChangeable: bool;
                /// Whether the password expires.
                PasswordExpires: bool;
                /// Whether the account needs a password.
                PasswordRequired: bool => account.needs_password;
            }
        }
    }
}
