//! `winreach account`.

use std::io::{self, Write};
use std::path::PathBuf;

use winreach_wmi_server::accounts::{AccountFile, AccountName};

use crate::arguments::{Account, AccountsFile};
use crate::failure::Failure;
use crate::{output, password};

/// Adds, removes or lists accounts of the embedded server.
pub(crate) fn run(action: Account) -> Result<(), Failure> {
    match action {
        Account::Add { name, password, accounts } => {
            let name: AccountName = name.parse()?;
            let file = file(&accounts)?;
            let secret = password::choose(&password, name.as_str())?;
            create_folder(&file)?;
            file.add(&name, &secret)?;
        }
        Account::Remove { name, accounts } => file(&accounts)?.remove(&name.parse()?)?,
        Account::List { name: None, accounts } => {
            let accounts = file(&accounts)?.load()?;
            return print(accounts.names());
        }
        Account::List { name: Some(name), accounts } => {
            let (file, name) = (file(&accounts)?, name.parse::<AccountName>()?);
            match file.load()?.names().find(|known| **known == name) {
                Some(known) => return print([known]),
                None => return Err(Failure::new(format!("there is no account {name}"))),
            }
        }
    }
    Ok(())
}

/// A name a line.
fn print<'a>(names: impl IntoIterator<Item = &'a AccountName>) -> Result<(), Failure> {
    let mut out = io::stdout();
    names.into_iter().try_for_each(|name| writeln!(out, "{name}")).or_else(output::stopped)
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
