//! Where a keytab lies.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::credentials::NameError;
use crate::credentials::ccache::{split_kind, with_path};

/// The name of a keytab, as in `KRB5_KTNAME` and `default_keytab_name`: `FILE:path`,
/// `WRFILE:path` or a path alone.
///
/// ```
/// use winreach_kerberos::credentials::KeytabName;
///
/// assert_eq!(KeytabName::parse("FILE:/etc/krb5.keytab")?.path(), "/etc/krb5.keytab");
/// assert!(KeytabName::parse("MEMORY:x").is_err());
/// # Ok::<(), winreach_kerberos::credentials::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeytabName(PathBuf);

/// Types of keytabs that are no files, or files of another format, and where they lie.
const OTHER_KINDS: [(&str, &str); 6] = [
    ("MEMORY", "the memory of another program"),
    ("KCM", "a service of this machine"),
    ("SRVTAB", "a file of Kerberos 4"),
    ("KEYFILE", "a file of AFS"),
    ("KDB", "the database of a KDC"),
    ("HDBGET", "the database of a KDC"),
];

impl KeytabName {
    /// Reads a name. Tokens such as `%{uid}` in it are for
    /// [`Environment::expand`](crate::credentials::Environment::expand).
    ///
    /// # Errors
    /// [`NameError`], where such a keytab is no file.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        let (kind, path) = split_kind(name).unwrap_or(("FILE", name));
        match kind {
            "FILE" | "WRFILE" => with_path(name, path).map(Self),
            _ => Err(match OTHER_KINDS.iter().find(|(other, _)| *other == kind) {
                Some((kind, place)) => NameError::KeytabKind { name: name.to_owned(), kind, place },
                None => NameError::UnknownKind {
                    name: name.to_owned(),
                    kind: kind.to_owned(),
                    others: "",
                },
            }),
        }
    }

    /// The file to read.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for KeytabName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FILE:{}", self.0.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_read_and_printed() {
        for text in ["FILE:/etc/krb5.keytab", "WRFILE:/etc/krb5.keytab", "/etc/krb5.keytab"] {
            let name = KeytabName::parse(text).unwrap();
            assert_eq!(name.path(), Path::new("/etc/krb5.keytab"), "{text}");
            assert_eq!(name.to_string(), "FILE:/etc/krb5.keytab");
        }
        assert_eq!(KeytabName::parse("/a:b").unwrap().path(), Path::new("/a:b"));
        assert_eq!(KeytabName::parse("FILE:"), Err(NameError::NoPath("FILE:".into())));
    }

    #[test]
    fn keytabs_that_are_no_files_are_refused_with_a_way_out() {
        for text in ["MEMORY:x", "KCM:", "SRVTAB:/etc/srvtab", "KDB:"] {
            let message = KeytabName::parse(text).unwrap_err().to_string();
            assert!(message.contains(text) && message.contains("KRB5_KTNAME"), "{message}");
        }
        assert_eq!(
            KeytabName::parse("NONE:x").unwrap_err().to_string(),
            "'NONE:x': no such type as 'NONE'; expected FILE:/path"
        );
    }
}
