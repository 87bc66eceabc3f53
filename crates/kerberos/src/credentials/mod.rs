//! What other programs left in files: credential caches, keytabs, `krb5.conf`.
//!
//! | file | written by | read by |
//! |---|---|---|
//! | credential cache | `kinit` | [`CredentialCache`] |
//! | keytab | `ktutil`, `kadmin`, `ktpass`, Samba | [`Keytab`] |
//! | `krb5.conf` | administrators | [`Config`] |
//!
//! [`Environment`] says where they lie: what the variables `KRB5CCNAME`, `KRB5_KTNAME` and
//! `KRB5_CONFIG` hold, and what stands for `%{uid}` and its like in names of files. Nothing here
//! writes a file; what holds keys is wiped from memory when it is dropped.
//!
//! Source: the documentation of MIT Kerberos (`ccache_file_format`, `keytab_file_format`,
//! `krb5.conf(5)`).

pub mod ccache;
pub mod config;
mod environment;
mod error;
mod file;
mod key;
pub mod keytab;
#[cfg(test)]
mod testing;
mod wire;

pub use ccache::{CacheName, CredentialCache};
pub use config::{Config, ConfigError};
pub use environment::Environment;
pub use error::{FileError, Malformed, NameError, Problem, Unencodable};
pub use key::RawKey;
pub use keytab::{Keytab, KeytabName};
