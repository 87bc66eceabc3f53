//! `winreach account`.

use std::io::{self, Write};
use std::path::PathBuf;

use winreach_auth::Sid;
use winreach_wmi_server::accounts::{
    AccountFile, AccountFileError, AccountName, AccountSet, Permit,
};

use crate::arguments::{Account, AccountKind, AccountsFile};
use crate::failure::Failure;
use crate::{output, password};

/// Somebody who may log on.
#[derive(PartialEq)]
enum Caller {
    /// With a password.
    Account(AccountName),
    /// By Kerberos.
    Permit(Permit),
}

impl Caller {
    /// Who is to be added.
    fn new(name: &str, kind: &AccountKind) -> Result<Self, Failure> {
        if kind.kerberos {
            return Ok(Self::Permit(Permit::Principal(name.parse()?)));
        }
        if kind.group {
            let sid: Sid =
                name.parse().map_err(|error| Failure::usage(format!("{name}: {error}")))?;
            return Ok(Self::Permit(Permit::Group(sid)));
        }
        let advice = match Self::known(name)? {
            account @ Self::Account(_) => return Ok(account),
            Self::Permit(Permit::Principal(_)) => "a principal is added with --kerberos",
            Self::Permit(Permit::Group(_)) => "a group is added with --group",
        };
        Err(Failure::usage(format!("{name} is no name of an account with a password"))
            .advise(advice))
    }

    /// Who is listed under a name: no name of an account looks like a principal or an identifier.
    fn known(name: &str) -> Result<Self, Failure> {
        if name.contains('@') {
            return Ok(Self::Permit(Permit::Principal(name.parse()?)));
        }
        match name.parse() {
            Ok(sid) => Ok(Self::Permit(Permit::Group(sid))),
            Err(_) => Ok(Self::Account(name.parse()?)),
        }
    }

    fn all(accounts: &AccountSet) -> impl Iterator<Item = Self> {
        let names = accounts.names().cloned().map(Self::Account);
        names.chain(accounts.permits().map(Self::Permit))
    }

    fn remove_from(&self, file: &AccountFile) -> Result<(), AccountFileError> {
        match self {
            Self::Account(name) => file.remove(name),
            Self::Permit(permit) => file.revoke(permit),
        }
    }
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(name) => name.fmt(f),
            Self::Permit(permit @ Permit::Principal(_)) => write!(f, "{permit}\tKerberos"),
            Self::Permit(permit @ Permit::Group(_)) => write!(f, "{permit}\tgroup"),
        }
    }
}

/// Adds, removes or lists accounts of the embedded server.
pub(crate) fn run(action: Account) -> Result<(), Failure> {
    match action {
        Account::Add { name, kind, password, accounts } => {
            let (caller, file) = (Caller::new(&name, &kind)?, file(&accounts)?);
            match caller {
                Caller::Account(name) => {
                    let secret = password::choose(&password, name.as_str())?;
                    create_folder(&file)?;
                    file.add(&name, &secret)?;
                }
                Caller::Permit(permit) => {
                    create_folder(&file)?;
                    file.permit(permit)?;
                }
            }
        }
        Account::Remove { name, accounts } => {
            Caller::known(&name)?.remove_from(&file(&accounts)?)?;
        }
        Account::List { name: None, accounts } => {
            return print(Caller::all(&file(&accounts)?.load()?));
        }
        Account::List { name: Some(name), accounts } => {
            let (accounts, wanted) = (file(&accounts)?.load()?, Caller::known(&name)?);
            match Caller::all(&accounts).find(|caller| *caller == wanted) {
                Some(caller) => return print([caller]),
                None => return Err(Failure::new(format!("there is no account {name}"))),
            }
        }
    }
    Ok(())
}

/// One a line.
fn print(callers: impl IntoIterator<Item = Caller>) -> Result<(), Failure> {
    let mut out = io::stdout();
    callers.into_iter().try_for_each(|caller| writeln!(out, "{caller}")).or_else(output::stopped)
}

/// The file named, or `winreach/accounts` in the user's configuration folder.
pub(super) fn file(accounts: &AccountsFile) -> Result<AccountFile, Failure> {
    let path = match &accounts.path {
        Some(path) => path.clone(),
        None => default_path().ok_or_else(|| {
            Failure::usage("neither XDG_CONFIG_HOME nor HOME is set: name a file with --accounts")
        })?,
    };
    Ok(AccountFile::new(path))
}

fn default_path() -> Option<PathBuf> {
    configuration("accounts")
}

/// Where the registry of the embedded server is, unless somebody says otherwise.
pub(crate) fn registry_path() -> Option<PathBuf> {
    configuration("registry")
}

/// A file of ours in the user's configuration folder.
fn configuration(name: &str) -> Option<PathBuf> {
    let folder = |variable| std::env::var_os(variable).map(PathBuf::from);
    let configuration = folder("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let configuration = configuration.or_else(|| Some(folder("HOME")?.join(".config")))?;
    Some(configuration.join("winreach").join(name))
}

/// The folder of a file that is about to be made; nobody else may look into it.
fn create_folder(file: &AccountFile) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let Some(folder) = file.path().parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        Failure::new(format!("cannot make the folder {}: {error}", folder.display()))
    })
}
