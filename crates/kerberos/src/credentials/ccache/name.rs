//! Where a credential cache lies.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::credentials::file::read_up_to;
use crate::credentials::{FileError, NameError};

/// The name of a credential cache, as in `KRB5CCNAME` and `default_ccache_name`.
///
/// ```
/// use winreach_kerberos::credentials::CacheName;
///
/// assert_eq!(CacheName::parse("/tmp/krb5cc_0")?, CacheName::File("/tmp/krb5cc_0".into()));
/// let error = CacheName::parse("KEYRING:persistent:0").unwrap_err();
/// assert!(error.to_string().contains("kinit -c FILE:"));
/// # Ok::<(), winreach_kerberos::credentials::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheName {
    /// `FILE:path`, or a path alone.
    File(PathBuf),
    /// `DIR:directory`: the one of several caches in a directory that its file `primary` names.
    Directory(PathBuf),
    /// `DIR::path`: one of the caches in a directory.
    Subsidiary(PathBuf),
}

/// Types of caches that are no files, and where they lie.
const OTHER_KINDS: [(&str, &str); 6] = [
    ("KEYRING", "the Linux kernel"),
    ("KCM", "a service of this machine"),
    ("API", "a service of this machine"),
    ("MEMORY", "the memory of another program"),
    ("MSLSA", "the logon session of Windows"),
    ("SCC", "a database of Heimdal"),
];

/// What the names of caches in a directory begin with.
const SUBSIDIARY_PREFIX: &str = "tkt";

impl CacheName {
    /// Reads a name. Tokens such as `%{uid}` in it are for
    /// [`Environment::expand`](crate::credentials::Environment::expand).
    ///
    /// # Errors
    /// [`NameError`], where such a cache is no file.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        let Some((kind, path)) = split_kind(name) else {
            return with_path(name, name).map(Self::File);
        };
        match (kind, path.strip_prefix(':')) {
            ("FILE" | "WRFILE", _) => with_path(name, path).map(Self::File),
            ("DIR", None) => with_path(name, path).map(Self::Directory),
            ("DIR", Some(path)) => match Path::new(path).file_name().and_then(|file| file.to_str())
            {
                Some(file) if file.starts_with(SUBSIDIARY_PREFIX) && file != path => {
                    Ok(Self::Subsidiary(path.into()))
                }
                _ => Err(NameError::Subsidiary(name.to_owned())),
            },
            _ => Err(match OTHER_KINDS.iter().find(|(other, _)| *other == kind) {
                Some((kind, place)) => NameError::CacheKind { name: name.to_owned(), kind, place },
                None => NameError::UnknownKind {
                    name: name.to_owned(),
                    kind: kind.to_owned(),
                    others: " or DIR:/directory",
                },
            }),
        }
    }

    /// The file to read.
    ///
    /// # Errors
    /// [`FileError`], where the file `primary` of a directory cannot be read or names no cache.
    pub fn path(&self) -> Result<PathBuf, FileError> {
        match self {
            Self::File(path) | Self::Subsidiary(path) => Ok(path.clone()),
            Self::Directory(directory) => primary(directory),
        }
    }
}

/// The type before the colon and what stands behind it; none before a path that stands alone. One
/// letter is a drive of Windows.
pub(in crate::credentials) fn split_kind(name: &str) -> Option<(&str, &str)> {
    let (kind, path) = name.split_once(':')?;
    let drive = kind.len() == 1 && kind.starts_with(|c: char| c.is_ascii_alphabetic());
    (!drive && !name.starts_with('/')).then_some((kind, path))
}

/// The path in a name, which must not be empty.
pub(in crate::credentials) fn with_path(name: &str, path: &str) -> Result<PathBuf, NameError> {
    if path.is_empty() { Err(NameError::NoPath(name.to_owned())) } else { Ok(path.into()) }
}

/// The cache that the file `primary` of a directory names; without that file `tkt`, which is what
/// MIT Kerberos would make then.
fn primary(directory: &Path) -> Result<PathBuf, FileError> {
    const WHAT: &str = "name of the primary credential cache";
    const LIMIT: usize = 4096;

    let path = directory.join("primary");
    let io_error = |source| FileError::Io { what: WHAT, path: path.clone(), source };
    let mut file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(directory.join(SUBSIDIARY_PREFIX));
        }
        opened => opened.map_err(io_error)?,
    };
    let bytes = read_up_to(&mut file, LIMIT).map_err(io_error)?.unwrap_or_default();
    let line = std::str::from_utf8(&bytes).ok().and_then(|text| text.lines().next());
    match line {
        Some(name) if name.starts_with(SUBSIDIARY_PREFIX) && !name.contains(['/', '\\']) => {
            Ok(directory.join(name))
        }
        _ => Err(FileError::Primary { path }),
    }
}

impl fmt::Display for CacheName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "FILE:{}", path.display()),
            Self::Directory(path) => write!(f, "DIR:{}", path.display()),
            Self::Subsidiary(path) => write!(f, "DIR::{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_read_and_printed() {
        for (text, path) in [
            ("FILE:/tmp/krb5cc_0", "/tmp/krb5cc_0"),
            ("/tmp/krb5cc_0", "/tmp/krb5cc_0"),
            ("/tmp/a:b", "/tmp/a:b"),
            ("relative", "relative"),
            (r"C:\krb5cc", r"C:\krb5cc"),
        ] {
            let name = CacheName::parse(text).unwrap();
            assert_eq!(name, CacheName::File(path.into()), "{text}");
            assert_eq!(name.path().unwrap(), Path::new(path));
            assert_eq!(name.to_string(), format!("FILE:{path}"));
        }
        for text in ["", "FILE:", "DIR:"] {
            assert_eq!(CacheName::parse(text), Err(NameError::NoPath(text.into())), "{text}");
        }
    }

    #[test]
    fn names_of_directories_are_read_and_printed() {
        let name = CacheName::parse("DIR:/run/cc").unwrap();
        assert_eq!(name, CacheName::Directory("/run/cc".into()));
        assert_eq!(name.to_string(), "DIR:/run/cc");
        let name = CacheName::parse("DIR::/run/cc/tkt1").unwrap();
        assert_eq!(name, CacheName::Subsidiary("/run/cc/tkt1".into()));
        assert_eq!(name.to_string(), "DIR::/run/cc/tkt1");
        for text in ["DIR::", "DIR::tkt1", "DIR::/run/cc/other", "DIR::/run/tkt/.."] {
            assert_eq!(CacheName::parse(text), Err(NameError::Subsidiary(text.into())), "{text}");
        }
    }

    #[test]
    fn caches_that_are_no_files_are_refused_with_a_way_out() {
        for (text, kind) in [
            ("KEYRING:persistent:1000", "KEYRING"),
            ("KCM:", "KCM"),
            ("KCM:1000:5", "KCM"),
            ("API:Initial default ccache", "API"),
            ("MEMORY:x", "MEMORY"),
            ("MSLSA:", "MSLSA"),
        ] {
            let error = CacheName::parse(text).unwrap_err();
            assert!(matches!(error, NameError::CacheKind { kind: found, .. } if found == kind));
            let message = error.to_string();
            assert!(message.contains(text) && message.contains("kinit -c FILE:"), "{message}");
        }
        assert_eq!(
            CacheName::parse("NONE:x").unwrap_err().to_string(),
            "'NONE:x': no such type as 'NONE'; expected FILE:/path or DIR:/directory"
        );
    }
}
