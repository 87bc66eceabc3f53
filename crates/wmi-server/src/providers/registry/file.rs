//! The file in which a registry lives.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::text::RegistryTextError;
use super::tree::Registry;

/// The largest file.
const MAX_BYTES: u64 = 8 << 20;

/// Read and write for the owner, nothing for anybody else.
const MODE: u32 = 0o600;

/// A file with a registry in it. What is read is kept until the file is another.
#[derive(Debug)]
pub struct RegistryFile {
    path: PathBuf,
    kept: Mutex<Option<(Stamp, Arc<Registry>)>>,
}

/// A registry cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RegistryFileError {
    #[error("{path}: {source}", path = path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} would be larger than {MAX_BYTES} bytes", path = path.display())]
    TooLarge { path: PathBuf },
    #[error("{path}, {source}", path = path.display())]
    Text { path: PathBuf, source: RegistryTextError },
}

/// What tells one state of the file from another; nothing where there is no file.
type Stamp = Option<(u64, u64, u64, i64, i64)>;

impl RegistryFile {
    /// The file at `path`, which is made with the first change.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), kept: Mutex::new(None) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it; an empty registry where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or is not in the right form.
    pub fn load(&self) -> Result<Arc<Registry>, RegistryFileError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.stamp().map_err(self.io())?;
        if let Some((known, registry)) = &*kept
            && *known == stamp
        {
            return Ok(Arc::clone(registry));
        }
        let registry = Arc::new(self.read()?);
        *kept = Some((stamp, Arc::clone(&registry)));
        Ok(registry)
    }

    /// Changes what is in it, where `change` says that there is something to change. Other processes
    /// that want to do so wait.
    ///
    /// # Errors
    /// As for [`RegistryFile::load`], and when the file cannot be written; then it stays as it was.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Registry) -> (T, bool),
    ) -> Result<T, RegistryFileError> {
        let _lock = self.lock()?;
        let mut registry = (*self.load()?).clone();
        let (outcome, changed) = change(&mut registry);
        if changed {
            self.save(&registry)?;
        }
        Ok(outcome)
    }

    fn read(&self) -> Result<Registry, RegistryFileError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Registry::default()),
            Err(error) => return Err(self.io()(error)),
        };
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(self.io())?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(RegistryFileError::TooLarge { path: self.path.clone() });
        }
        Registry::parse_bytes(&bytes)
            .map_err(|source| RegistryFileError::Text { path: self.path.clone(), source })
    }

    /// Writes a new file beside the old one and puts it in its place: who reads finds the old registry
    /// or the new one, even after a power cut.
    fn save(&self, registry: &Registry) -> Result<(), RegistryFileError> {
        let bytes = registry.to_bytes();
        if bytes.len() as u64 > MAX_BYTES {
            return Err(RegistryFileError::TooLarge { path: self.path.clone() });
        }
        let beside = self.beside("new");
        let written = (|| {
            match fs::remove_file(&beside) {
                // What an interrupted run left behind.
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(MODE).open(&beside)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)?;
            File::open(self.folder())?.sync_all()
        })();
        written.map_err(self.io())
    }

    fn stamp(&self) -> io::Result<Stamp> {
        match fs::metadata(&self.path) {
            Ok(m) => Ok(Some((m.dev(), m.ino(), m.size(), m.ctime(), m.ctime_nsec()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Holds off others that want to change the file, until the result is dropped. The lock lies on a
    /// file of its own, because that of the registry is replaced by each change.
    fn lock(&self) -> Result<File, RegistryFileError> {
        let path = self.beside("lock");
        let folder = self.folder();
        let locked = fs::create_dir_all(folder)
            .and_then(|()| {
                OpenOptions::new().write(true).create(true).truncate(false).mode(MODE).open(&path)
            })
            .and_then(|file| file.lock().map(|()| file));
        locked.map_err(|source| RegistryFileError::Io { path, source })
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

    fn io(&self) -> impl Fn(io::Error) -> RegistryFileError + '_ {
        |source| RegistryFileError::Io { path: self.path.clone(), source }
    }
}
