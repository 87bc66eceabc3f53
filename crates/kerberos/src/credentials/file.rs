//! Reading a whole file that may hold keys.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::{Zeroize, Zeroizing};

use super::error::FileError;
use super::wire::append;

/// The most that is read of a credential cache or a keytab, in bytes.
pub(super) const MAX_LENGTH: usize = 16 << 20;

/// All bytes of a file with keys; `what` it is to be goes into errors.
///
/// # Errors
/// [`FileError::Io`], [`FileError::TooLarge`].
pub(super) fn read(what: &'static str, path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let file = open(what, path)?;
    warn_of_readers(what, path, &file);
    read_open(what, path, file)
}

/// The same of a file whose keys nobody but its owner is to know.
///
/// # Errors
/// Besides, [`FileError::Exposed`].
pub(super) fn read_private(
    what: &'static str,
    path: &Path,
) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let file = open(what, path)?;
    // Asked of the open file, so that nobody can put another one in its place in between.
    match access_of_others(&file) {
        Ok(None) => read_open(what, path, file),
        Ok(Some(mode)) => Err(FileError::Exposed { what, path: path.to_owned(), mode }),
        Err(source) => Err(FileError::Io { what, path: path.to_owned(), source }),
    }
}

fn open(what: &'static str, path: &Path) -> Result<File, FileError> {
    File::open(path).map_err(|source| FileError::Io { what, path: path.to_owned(), source })
}

fn read_open(
    what: &'static str,
    path: &Path,
    mut file: File,
) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let io_error = |source| FileError::Io { what, path: path.to_owned(), source };
    read_up_to(&mut file, MAX_LENGTH).map_err(io_error)?.ok_or_else(|| FileError::TooLarge {
        what,
        path: path.to_owned(),
        limit: MAX_LENGTH,
    })
}

/// All that `source` gives; `None` where that is more than `limit` bytes.
pub(super) fn read_up_to(
    source: &mut impl Read,
    limit: usize,
) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut all = Zeroizing::new(Vec::new());
    let mut chunk = Zeroizing::new([0; 8192]);
    loop {
        let read = match source.read(chunk.as_mut_slice()) {
            Ok(0) => return Ok(Some(all)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        append(&mut all, chunk.get(..read).unwrap_or_default());
        chunk.zeroize();
        if all.len() > limit {
            return Ok(None);
        }
    }
}

/// Says so where others than owner and group can read keys, and goes on, as MIT Kerberos does.
#[cfg(unix)]
fn warn_of_readers(what: &'static str, path: &Path, file: &File) {
    use std::os::unix::fs::PermissionsExt;

    let Ok(metadata) = file.metadata() else { return };
    if metadata.is_file() && metadata.permissions().mode() & 0o007 != 0 {
        tracing::warn!(path = %path.display(), "everybody on this machine has access to this {what}");
    }
}

/// The mode of a file that others than its owner have access to.
#[cfg(unix)]
fn access_of_others(file: &File) -> io::Result<Option<u32>> {
    use std::os::unix::fs::PermissionsExt;

    let mode = file.metadata()?.permissions().mode() & 0o7777;
    Ok(Some(mode).filter(|mode| mode & 0o077 != 0))
}

#[cfg(not(unix))]
fn access_of_others(_: &File) -> io::Result<Option<u32>> {
    Ok(None)
}

#[cfg(not(unix))]
fn warn_of_readers(_: &'static str, _: &Path, _: &File) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_without_end_is_given_up() {
        assert!(read_up_to(&mut io::repeat(1), 100_000).unwrap().is_none());
        let exact = read_up_to(&mut io::repeat(1).take(100_000), 100_000).unwrap().unwrap();
        assert_eq!(exact.len(), 100_000);
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let path = std::env::temp_dir().join(format!("winreach-private-{}", std::process::id()));
        std::fs::write(&path, b"keys").unwrap();
        let read = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            read_private("keytab", &path)
        };
        for mode in [0o600, 0o400] {
            assert_eq!(read(mode).unwrap().as_slice(), b"keys");
        }
        for open in [0o640, 0o604, 0o620, 0o601] {
            let error = read(open).unwrap_err();
            assert!(matches!(error, FileError::Exposed { mode, .. } if mode == open), "{error}");
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read("keytab", Path::new("/nonexistent/keytab")).unwrap_err();
        assert!(error.to_string().contains("keytab /nonexistent/keytab"), "{error}");
    }
}
