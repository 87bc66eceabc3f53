//! What goes wrong with the files of others.

use std::io;
use std::path::PathBuf;

/// Why a file gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system does not give it.
    #[error("cannot read the {what} {}: {source}", path.display())]
    Io {
        /// What the file was to be.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Others than its owner have access to it.
    #[error(
        "the {what} {path} can be read or written by others (mode {mode:04o}); run: chmod 600 {path}",
        path = path.display()
    )]
    Exposed {
        /// What the file was to be.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is larger than any such file should be.
    #[error("the {what} {} has more than {limit} bytes", path.display())]
    TooLarge {
        /// What the file was to be.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What is read at most, in bytes.
        limit: usize,
    },
    /// It is not what it should be.
    #[error("{}: {source}", path.display())]
    Malformed {
        /// Where it is.
        path: PathBuf,
        /// What is wrong in it.
        source: Malformed,
    },
    /// The file `primary` of a directory of caches names none of them.
    #[error(
        "{} does not name a cache of its directory: expected one line that begins with 'tkt' and \
         has no slash; kswitch(1) writes it",
        path.display()
    )]
    Primary {
        /// Where it is.
        path: PathBuf,
    },
    /// The name of the file is none that can be read.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// Bytes that are not the file they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed {format}: {field} at offset {offset}: {problem}")]
pub struct Malformed {
    /// What the file was to be.
    pub format: &'static str,
    /// The field that is wrong.
    pub field: &'static str,
    /// Where it stands, in bytes from the start of the file.
    pub offset: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It goes beyond the end of the file, or of what holds it.
    #[error("{needed} bytes where {available} are left")]
    Truncated {
        /// Bytes it says it has.
        needed: usize,
        /// Bytes there are.
        available: usize,
    },
    /// It has a value that the field cannot have.
    #[error("the value {found:#x} where {expected} is due")]
    Value {
        /// The value.
        found: u32,
        /// What can be there.
        expected: &'static str,
    },
    /// It is no UTF-8 text.
    #[error("it is no UTF-8 text")]
    Text,
    /// An old version of the format has the byte order of whoever wrote it, and neither makes
    /// sense.
    #[error("the value {0:#x} makes sense in neither byte order")]
    ByteOrder(u32),
}

/// The name of a credential cache or a keytab is none that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It lies where no file is.
    #[error(
        "'{name}': credential caches of type {kind} lie in {place} and cannot be read; make one \
         in a file with 'kinit -c FILE:/path' and set KRB5CCNAME to it"
    )]
    CacheKind {
        /// The whole name.
        name: String,
        /// Its type.
        kind: &'static str,
        /// Where such caches lie.
        place: &'static str,
    },
    /// The same of a keytab.
    #[error(
        "'{name}': keytabs of type {kind} lie in {place} and cannot be read; write one to a file \
         and set KRB5_KTNAME to FILE:/path"
    )]
    KeytabKind {
        /// The whole name.
        name: String,
        /// Its type.
        kind: &'static str,
        /// Where such keytabs lie.
        place: &'static str,
    },
    /// Nobody knows the type.
    #[error("'{name}': no such type as '{kind}'; expected FILE:/path{}", others)]
    UnknownKind {
        /// The whole name.
        name: String,
        /// What stands before the colon.
        kind: String,
        /// What can stand there beside `FILE`.
        others: &'static str,
    },
    /// There is a type and nothing behind it.
    #[error("'{0}': the path is missing")]
    NoPath(String),
    /// A cache of a directory that no cache of a directory can be.
    #[error("'{0}': expected DIR::/directory/tktNAME")]
    Subsidiary(String),
    /// A parameter in it stands for nothing here.
    #[error("'{name}': nothing is known to stand for %{{{token}}}")]
    UnknownToken {
        /// The whole name.
        name: String,
        /// The parameter.
        token: String,
    },
    /// A parameter in it does not end.
    #[error("'{0}': a '}}' is missing after '%{{'")]
    OpenToken(String),
    /// A variable of the environment is no UTF-8 text.
    #[error("the environment variable {0} holds no UTF-8 text")]
    NotText(&'static str),
}

/// Something that the format of a file has no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {format} has no room for the {field}: {found} where at most {limit} can be")]
pub struct Unencodable {
    /// What the file was to be.
    pub format: &'static str,
    /// What does not fit.
    pub field: &'static str,
    /// Its value, or its length.
    pub found: i64,
    /// The largest that fits.
    pub limit: i64,
}
