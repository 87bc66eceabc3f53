//! The file in which accounts live.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{AccountName, AccountSet, AccountTextError, Permit};

/// The largest file that is read: some ten thousand accounts.
const MAX_BYTES: u64 = 4 << 20;

/// Read and write for the owner, nothing for anybody else.
const MODE: u32 = 0o600;

/// A file of accounts. Holds no account itself: each operation reads the file.
///
/// ```
/// use secrecy::SecretString;
/// use winreach_wmi_server::accounts::AccountFile;
///
/// # let folder = std::env::temp_dir().join(format!("winreach-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let file = AccountFile::new(folder.join("accounts"));
/// file.add(&"alice".parse()?, &SecretString::from("correct horse"))?;
/// assert_eq!(file.load()?.names().map(|n| n.as_str()).collect::<Vec<_>>(), ["alice"]);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AccountFile {
    path: PathBuf,
}

/// A file of accounts cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum AccountFileError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} can be read or written by others (mode {mode:04o}); run: chmod 600 {path}", path = path.display())]
    Mode { path: PathBuf, mode: u32 },
    #[error("{path} is not a regular file", path = path.display())]
    NotAFile { path: PathBuf },
    #[error("{path} is larger than {MAX_BYTES} bytes", path = path.display())]
    TooLarge { path: PathBuf },
    #[error("{path}, {source}", path = path.display())]
    Text { path: PathBuf, source: AccountTextError },
    #[error("{path} holds no account {name}", path = path.display())]
    NoSuchAccount { path: PathBuf, name: String },
}

/// What tells one state of the file from another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl AccountFile {
    /// The file at `path`, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all accounts.
    ///
    /// # Errors
    /// When the file is missing, open to others than its owner, or not in the right form.
    pub fn load(&self) -> Result<AccountSet, AccountFileError> {
        self.load_with_stamp().map(|(set, _)| set)
    }

    /// Adds an account, or gives it another password. Makes the file where there is none. Gives
    /// back whether the account was there before.
    ///
    /// # Errors
    /// As for [`AccountFile::load`], and when the file cannot be written.
    pub fn add(
        &self,
        name: &AccountName,
        password: &SecretString,
    ) -> Result<bool, AccountFileError> {
        self.extend(|set| set.set(name.clone(), password))
    }

    /// Lets somebody in by Kerberos. Otherwise as [`AccountFile::add`].
    ///
    /// # Errors
    /// As for [`AccountFile::add`].
    pub fn permit(&self, permit: Permit) -> Result<bool, AccountFileError> {
        self.extend(|set| set.permit(permit))
    }

    /// Removes an account.
    ///
    /// # Errors
    /// As for [`AccountFile::add`], and when there is no such account.
    pub fn remove(&self, name: &AccountName) -> Result<(), AccountFileError> {
        self.reduce(name, |set| set.remove(name))
    }

    /// Lets somebody in no more.
    ///
    /// # Errors
    /// As for [`AccountFile::remove`].
    pub fn revoke(&self, permit: &Permit) -> Result<(), AccountFileError> {
        self.reduce(permit, |set| set.revoke(permit))
    }

    /// Adds to what is there; gives back what `change` does.
    fn extend(
        &self,
        change: impl FnOnce(&mut AccountSet) -> bool,
    ) -> Result<bool, AccountFileError> {
        let _lock = self.lock()?;
        let mut set = match self.load() {
            Err(AccountFileError::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                AccountSet::new()
            }
            other => other?,
        };
        let before = change(&mut set);
        self.save(&set)?;
        Ok(before)
    }

    /// Takes away what `change` finds.
    fn reduce(
        &self,
        name: &impl ToString,
        change: impl FnOnce(&mut AccountSet) -> bool,
    ) -> Result<(), AccountFileError> {
        let _lock = self.lock()?;
        let mut set = self.load()?;
        if !change(&mut set) {
            let (path, name) = (self.path.clone(), name.to_string());
            return Err(AccountFileError::NoSuchAccount { path, name });
        }
        self.save(&set)
    }

    /// The state that the file is in now.
    pub(super) fn stamp(&self) -> Result<Stamp, AccountFileError> {
        fs::metadata(&self.path).map(|m| Stamp::of(&m)).map_err(self.io())
    }

    pub(super) fn load_with_stamp(&self) -> Result<(AccountSet, Stamp), AccountFileError> {
        let file = File::open(&self.path).map_err(self.io())?;
        // Asked of the open file, so that nobody can put another one in its place in between.
        let metadata = file.metadata().map_err(self.io())?;
        if !metadata.is_file() {
            return Err(AccountFileError::NotAFile { path: self.path.clone() });
        }
        let mode = metadata.mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(AccountFileError::Mode { path: self.path.clone(), mode });
        }
        let room = usize::try_from(metadata.size().min(MAX_BYTES)).unwrap_or_default();
        let mut text = Zeroizing::new(String::with_capacity(room + 1));
        file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(self.io())?;
        if text.len() as u64 > MAX_BYTES {
            return Err(AccountFileError::TooLarge { path: self.path.clone() });
        }
        let set = AccountSet::parse(&text)
            .map_err(|source| AccountFileError::Text { path: self.path.clone(), source })?;
        Ok((set, Stamp::of(&metadata)))
    }

    /// Writes a new file beside the old one and puts it in its place: who reads finds the old
    /// accounts or the new ones, even after a power cut.
    fn save(&self, set: &AccountSet) -> Result<(), AccountFileError> {
        let beside = self.beside("new");
        let written = (|| {
            match fs::remove_file(&beside) {
                // What an interrupted run left behind; its mode may be anything.
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(MODE).open(&beside)?;
            file.write_all(set.to_text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)?;
            File::open(self.folder())?.sync_all()
        })();
        written.map_err(self.io())
    }

    /// Holds off other processes that want to change the file, until the result is dropped.
    ///
    /// The lock lies on a file of its own, because the file of accounts is replaced by each change.
    fn lock(&self) -> Result<File, AccountFileError> {
        let path = self.beside("lock");
        let locked = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file));
        locked.map_err(|source| AccountFileError::Io { path, source })
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(suffix);
        self.path.with_file_name(name)
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    fn io(&self) -> impl Fn(io::Error) -> AccountFileError + '_ {
        |source| AccountFileError::Io { path: self.path.clone(), source }
    }
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
