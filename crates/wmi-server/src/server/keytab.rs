//! The keys by which the server takes Kerberos tickets.

use std::path::PathBuf;

use winreach_auth::kerberos::{FileError, Key, KeySource, LiveKeytab, Principal};

/// A keytab that belongs to its owner alone, read again whenever it has changed.
///
/// Who can read it can open the tickets of all callers, and forge them. While others can, or while
/// it cannot be read, nobody can log on by Kerberos; the log says why.
#[derive(Debug)]
pub struct ServiceKeytab(LiveKeytab);

/// A keytab cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum KeytabError {
    #[error("{0}")]
    File(#[from] FileError),
    #[error("the keytab {path} holds no keys", path = path.display())]
    Empty { path: PathBuf },
}

impl ServiceKeytab {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// When the file is missing, open to others than its owner, or holds no keys.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, KeytabError> {
        let path = path.into();
        let keytab = LiveKeytab::open(&path)?;
        if keytab.principals().is_empty() {
            return Err(KeytabError::Empty { path });
        }
        Ok(Self(keytab))
    }

    /// The principal of this computer that clients should get tickets for when they call objects:
    /// the first of the form `host/NAME`, without its realm.
    #[must_use]
    pub fn principal(&self) -> Option<String> {
        let principals = self.0.principals();
        let is_host = |principal: &&Principal| match principal.components.as_slice() {
            [service, _host] => service.eq_ignore_ascii_case("host"),
            _ => false,
        };
        principals.iter().find(is_host).map(Principal::name)
    }

    /// The hosts whose services have keys here: clients know this computer by these names.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        let mut hosts = Vec::new();
        for principal in self.0.principals() {
            if let [_service, host] = principal.components.as_slice()
                && !hosts.contains(host)
            {
                hosts.push(host.clone());
            }
        }
        hosts
    }
}

impl KeySource for ServiceKeytab {
    fn keys(&self, server: &Principal, etype: i32, kvno: Option<u32>) -> Vec<Key> {
        self.0.keys(server, etype, kvno)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    /// A keytab with one key, written by hand (`keytab_file_format`): version 2, and an entry of 65
    /// bytes for host/a@R, name type 1, of time 0, version 1, AES-256.
    fn keytab() -> Vec<u8> {
        let mut entry = Vec::new();
        entry.extend(2_u16.to_be_bytes());
        for text in ["R", "host", "a"] {
            entry.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            entry.extend(text.as_bytes());
        }
        entry.extend(1_u32.to_be_bytes());
        entry.extend(0_u32.to_be_bytes());
        entry.push(1);
        entry.extend(18_u16.to_be_bytes());
        entry.extend(32_u16.to_be_bytes());
        entry.extend([7; 32]);
        [&[5, 2][..], &u32::try_from(entry.len()).unwrap().to_be_bytes(), &entry].concat()
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_keytab_belongs_to_its_owner_alone() {
        let path = std::env::temp_dir().join(format!("winreach-keytab-{}", std::process::id()));
        let missing = ServiceKeytab::open(&path).unwrap_err();
        assert!(missing.to_string().contains("No such file"), "{missing}");
        fs::write(&path, keytab()).unwrap();
        for open in [0o644, 0o640, 0o620] {
            set_mode(&path, open);
            let error = ServiceKeytab::open(&path).unwrap_err().to_string();
            assert!(error.ends_with(&format!("run: chmod 600 {}", path.display())), "{error}");
        }
        set_mode(&path, 0o600);
        let keytab = ServiceKeytab::open(&path).unwrap();
        let service: Principal = "host/a@R".parse().unwrap();
        assert_eq!(keytab.hosts(), ["a"]);
        assert_eq!(keytab.principal().as_deref(), Some("host/a"));
        assert_eq!(keytab.keys(&service, 18, Some(1)).len(), 1);
        set_mode(&path, 0o644);
        assert!(keytab.keys(&service, 18, Some(1)).is_empty(), "opened to others meanwhile");

        set_mode(&path, 0o600);
        fs::write(&path, [5, 2]).unwrap();
        assert!(matches!(ServiceKeytab::open(&path), Err(KeytabError::Empty { .. })));
        fs::write(&path, [5, 2, 0, 0, 0, 99, 1]).unwrap();
        let error = ServiceKeytab::open(&path).unwrap_err().to_string();
        assert!(error.contains("offset") && error.contains("99 bytes"), "{error}");
        fs::remove_file(&path).unwrap();
    }
}
