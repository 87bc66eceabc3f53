//! From an account of the server to a user of the machine.

use winreach_auth::{AuthType, Identity};

use super::RunAs;
use crate::providers::machine::Machine;

/// A user, out of `/etc/passwd`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) id: u32,
    pub(super) group: u32,
    pub(super) home: String,
}

impl User {
    /// The user as whom a method of the caller is carried out; nothing where there is none.
    pub(super) fn of(machine: &Machine, run_as: RunAs, caller: &Identity) -> Option<Self> {
        match run_as {
            RunAs::Server => {
                let id = rustix::process::getuid().as_raw();
                let known = users(machine).into_iter().find(|user| user.id == id);
                Some(known.unwrap_or_else(|| Self {
                    name: id.to_string(),
                    id,
                    group: rustix::process::getgid().as_raw(),
                    home: "/".to_owned(),
                }))
            }
            // The accounts that log on by NTLM are those of the server itself; what another domain
            // calls root is not our root.
            RunAs::Caller if caller.auth_type == AuthType::Ntlm && !caller.is_anonymous() => {
                users(machine).into_iter().find(|user| user.name == caller.user)
            }
            RunAs::Caller => None,
        }
    }

    /// The name of a user by its number, or the number where nobody has it.
    pub(super) fn name_of(machine: &Machine, id: u32) -> String {
        let known = users(machine).into_iter().find(|user| user.id == id);
        known.map_or_else(|| id.to_string(), |user| user.name)
    }

    /// Whether a process can be started as this user: only root can become somebody else.
    pub(super) fn can_be_taken_on(&self) -> bool {
        let own = rustix::process::geteuid();
        own.is_root() || own.as_raw() == self.id
    }
}

fn users(machine: &Machine) -> Vec<User> {
    let text = machine.text("/etc/passwd").unwrap_or_default();
    text.lines().filter_map(user).collect()
}

/// `name:password:uid:gid:comment:home:shell`.
fn user(line: &str) -> Option<User> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
    let id = fields.nth(1)?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    let home = fields.nth(1)?.to_owned();
    Some(User { name, id, group, home })
}
