//! Reading the files of `krb5.conf`, and those that they include.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{ConfigError, LineProblem, Place};
use super::parse::{self, Include, Includer};
use super::profile::Profile;
use crate::credentials::file::read_up_to;

/// The most that is read of all files together, in bytes.
const MAX_LENGTH: usize = 4 << 20;
/// The most files that are read.
const MAX_FILES: usize = 1024;
/// The most files that are read inside each other.
const MAX_DEPTH: usize = 16;
/// The most entries that a directory may have which is included.
const MAX_ENTRIES: usize = 16_384;

impl Profile {
    /// Reads files and, one by one, what lies in directories. What several say is put together, the
    /// first going before the others. Files that are missing are passed over, and so are those that
    /// this user cannot read, as long as one can be read.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load<P: AsRef<Path>>(paths: &[P]) -> Result<Self, ConfigError> {
        let mut profile = Self::default();
        let mut loader =
            Loader { files_left: MAX_FILES, bytes_left: MAX_LENGTH, ..Loader::default() };
        let (mut found, mut denied) = (false, None);
        for path in paths.iter().map(AsRef::as_ref).filter(|path| !path.as_os_str().is_empty()) {
            let directory = path.is_dir();
            let read = if directory {
                loader.directory(path, None, &mut profile)
            } else {
                loader.file(path, None, &mut profile)
            };
            match read {
                Err(ConfigError::Io { place: None, ref source, .. })
                    if source.kind() == io::ErrorKind::NotFound => {}
                Err(error @ ConfigError::Io { place: None, .. }) if is_denied(&error) => {
                    denied = Some(error);
                }
                read => {
                    read?;
                    found = true;
                }
            }
        }
        match denied {
            Some(error) if !found => Err(error),
            _ => Ok(profile),
        }
    }
}

fn is_denied(error: &ConfigError) -> bool {
    matches!(error, ConfigError::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
}

/// Reads files, and counts them.
#[derive(Default)]
struct Loader {
    /// The files that are being read, each included by the one before it.
    reading: Vec<PathBuf>,
    files_left: usize,
    bytes_left: usize,
}

impl Loader {
    /// Reads a file, which a line may include.
    fn file(
        &mut self,
        path: &Path,
        place: Option<&Place>,
        profile: &mut Profile,
    ) -> Result<(), ConfigError> {
        let io_error = |source| io_error(path, place, source);
        let limit = |what, limit| limit_error(path, place, what, limit);
        self.files_left =
            self.files_left.checked_sub(1).ok_or_else(|| limit("files in all", MAX_FILES))?;
        if self.reading.len() >= MAX_DEPTH {
            return Err(limit("files inside each other", MAX_DEPTH));
        }
        let mut file = File::open(path).map_err(io_error)?;
        let text = read_up_to(&mut file, self.bytes_left)
            .map_err(io_error)?
            .ok_or_else(|| limit("bytes in all", MAX_LENGTH))?;
        self.bytes_left = self.bytes_left.saturating_sub(text.len());
        self.reading.push(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()));
        parse::read_into(profile, &Arc::from(path), &text, self)?;
        self.reading.pop();
        Ok(())
    }

    /// Reads, in the order of their names, those files of a directory whose names say that they are
    /// meant: no copies that editors and packages left.
    fn directory(
        &mut self,
        path: &Path,
        place: Option<&Place>,
        profile: &mut Profile,
    ) -> Result<(), ConfigError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path).map_err(|source| io_error(path, place, source))? {
            let name = entry.map_err(|source| io_error(path, place, source))?.file_name();
            if names.len() >= MAX_ENTRIES {
                return Err(limit_error(path, place, "entries", MAX_ENTRIES));
            }
            names.extend(name.into_string().ok().filter(|name| is_meant(name)));
        }
        names.sort_unstable();
        for name in names {
            let path = path.join(name);
            match place {
                Some(place) => self.included(&path, place, "", profile)?,
                None => self.file(&path, None, profile)?,
            }
        }
        Ok(())
    }

    /// Reads a file that a line includes, unless it is being read already.
    fn included(
        &mut self,
        path: &Path,
        place: &Place,
        line: &str,
        profile: &mut Profile,
    ) -> Result<(), ConfigError> {
        let canonical =
            fs::canonicalize(path).map_err(|source| io_error(path, Some(place), source))?;
        if self.reading.contains(&canonical) {
            return Err(ConfigError::line(place.clone(), line, LineProblem::IncludeLoop));
        }
        self.file(path, Some(place), profile)
    }
}

impl Includer for Loader {
    fn include(
        &mut self,
        include: &Include<'_>,
        place: &Place,
        line: &str,
        profile: &mut Profile,
    ) -> Result<(), ConfigError> {
        match include {
            Include::File(path) => self.included(Path::new(path), place, line, profile),
            Include::Directory(path) => self.directory(Path::new(path), Some(place), profile),
        }
    }
}

/// Whether the name is of letters, digits, dashes and underscores, or ends in `.conf` and does not
/// begin with a dot.
fn is_meant(name: &str) -> bool {
    !name.starts_with('.')
        && (name.ends_with(".conf")
            || name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
}

fn io_error(path: &Path, place: Option<&Place>, source: io::Error) -> ConfigError {
    ConfigError::Io { path: path.to_owned(), place: place.cloned(), source }
}

fn limit_error(
    path: &Path,
    place: Option<&Place>,
    what: &'static str,
    limit: usize,
) -> ConfigError {
    ConfigError::Limit { path: path.to_owned(), place: place.cloned(), what, limit }
}
