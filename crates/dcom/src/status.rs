//! The numbers by which COM and RPC say how a call ended.

use std::fmt;

/// An HRESULT, or a status of RPC or Win32 where one stands in its place.
///
/// ```
/// use winreach_dcom::Status;
///
/// assert_eq!(Status(0x8004_0154).to_string(), "REGDB_E_CLASSNOTREG (0x80040154)");
/// assert!(Status(0x8004_0154).advice().is_some());
/// assert_eq!(Status(0x8007_0005), Status::E_ACCESSDENIED);
/// ```
///
/// Source: `[MS-ERREF] 2.1`, `2.2`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u32);

/// What usually lies behind a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Advice {
    /// The usual cause.
    pub cause: &'static str,
    /// What to try.
    pub remedy: &'static str,
}

impl Status {
    /// Success.
    pub const S_OK: Self = Self(0);

    /// Whether this is an HRESULT of failure. A status of RPC or Win32 fails unless it is 0.
    pub const fn is_failure(self) -> bool {
        self.0 & 0x8000_0000 != 0
    }

    /// The symbolic name.
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.name)
    }

    /// The usual cause and what to try, where there is something to say.
    pub fn advice(self) -> Option<Advice> {
        self.entry().and_then(|entry| entry.advice)
    }

    fn entry(self) -> Option<&'static Entry> {
        TABLE.iter().find(|entry| entry.status == self).or_else(|| {
            // HRESULT_FROM_WIN32
            let win32 = Self(self.0 & 0xFFFF);
            TABLE.iter().find(|entry| self.0 & 0xFFFF_0000 == 0x8007_0000 && entry.status == win32)
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:08X})", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Entry {
    status: Status,
    name: &'static str,
    advice: Option<Advice>,
}

macro_rules! statuses {
    ($( $name:ident = $value:literal $(, $cause:literal, $remedy:literal)?; )*) => {
        impl Status {
            $(
                #[doc = concat!("`", stringify!($name), "`", $(": ", $cause,)? ".")]
                pub const $name: Self = Self($value);
            )*
        }

        static TABLE: &[Entry] = &[$(
            Entry {
                status: Status::$name,
                name: stringify!($name),
                advice: advice(&[$( $cause, $remedy )?]),
            },
        )*];
    };
}

const fn advice(words: &[&'static str]) -> Option<Advice> {
    match words {
        [cause, remedy] => Some(Advice { cause, remedy }),
        _ => None,
    }
}

statuses! {
    E_NOTIMPL = 0x8000_4001;
    E_NOINTERFACE = 0x8000_4002,
        "the object does not have this interface",
        "nothing to repair where the interface is optional";
    E_FAIL = 0x8000_4005;
    E_UNEXPECTED = 0x8000_FFFF;
    E_ACCESSDENIED = 0x8007_0005,
        "wrong credentials, no right to launch or to call, or a level below packet integrity",
        "check user and password, the DCOM launch rights and, for a local account, LocalAccountTokenFilterPolicy";
    E_OUTOFMEMORY = 0x8007_000E;
    E_INVALIDARG = 0x8007_0057;
    RPC_E_SERVERFAULT = 0x8001_0105,
        "the server program failed within the call",
        "look into the event log of the server";
    RPC_E_DISCONNECTED = 0x8001_0108,
        "the object is gone: it was released, or reclaimed because no pings came",
        "connect again";
    RPC_E_SERVERCALL_RETRYLATER = 0x8001_010A, "the server is busy", "try again";
    RPC_E_VERSION_MISMATCH = 0x8001_0110,
        "the client speaks a later version of DCOM",
        "the version is negotiated again with the next connection";
    RPC_E_INVALID_HEADER = 0x8001_0111, "the ORPC header is malformed", "report it";
    RPC_E_INVALID_EXTENSION = 0x8001_0112, "an ORPC extension is malformed", "report it";
    RPC_E_INVALID_IPID = 0x8001_0113,
        "the interface pointer identifier is not one of this exporter",
        "connect again";
    RPC_E_INVALID_OBJECT = 0x8001_0114,
        "the object of which another interface was wanted is gone",
        "connect again";
    RPC_E_INVALID_OBJREF = 0x8001_011D, "an object reference is malformed", "report it";
    CO_E_OBJNOTREG = 0x8004_01FB,
        "the object to which a reference was to be added is gone",
        "connect again";
    REGDB_E_CLASSNOTREG = 0x8004_0154,
        "the server does not offer this class",
        "check that the service is installed there and that the class is meant for remote use";
    CLASS_E_NOAGGREGATION = 0x8004_0110;
    CLASS_E_CLASSNOTAVAILABLE = 0x8004_0111,
        "the class has no factory that can be reached from here",
        "ask for an object instead";
    CO_E_RUNAS_LOGON_FAILURE = 0x8000_401A;
    CO_E_SERVER_EXEC_FAILURE = 0x8008_0005,
        "the service behind the class did not start",
        "start it on the server, for WMI the service winmgmt";
    CO_E_SERVER_STOPPING = 0x8008_0008, "the service is stopping", "try again later";

    ERROR_ACCESS_DENIED = 0x0000_0005,
        "wrong credentials, no right to launch or to call, or a level below packet integrity",
        "check user and password, the DCOM launch rights and, for a local account, LocalAccountTokenFilterPolicy";
    RPC_S_UNKNOWN_IF = 0x0000_06B5,
        "the interface is not at this port",
        "check that the port is that of a DCOM resolver";
    RPC_S_SERVER_UNAVAILABLE = 0x0000_06BA,
        "the host is down, the name is wrong, or a firewall drops the port",
        "open TCP 135 and the dynamic ports (49152-65535), for WMI the firewall group \"WMI\"";
    RPC_S_OUT_OF_RESOURCES = 0x0000_06B9, "the server is at its limits", "hold fewer objects";
    RPC_S_SERVER_TOO_BUSY = 0x0000_06BB, "the server is at its limits", "try again later";
    RPC_S_CALL_FAILED = 0x0000_06BE, "the connection broke within the call", "connect again";
    RPC_S_CALL_FAILED_DNE = 0x0000_06BF,
        "the connection broke before the call ran",
        "connect again and repeat the call";
    RPC_S_PROCNUM_OUT_OF_RANGE = 0x0000_06D1, "the server has no such method", "none";
    RPC_S_UNKNOWN_AUTHN_SERVICE = 0x0000_06D3,
        "the server does not take this way of authentication, or not at this level",
        "try another one: NTLM may be switched off there by a policy, Kerberos not be known";
    RPC_S_UNKNOWN_AUTHN_LEVEL = 0x0000_06D4,
        "the server does not know the level of authentication",
        "ask for level integrity or privacy, the default";
    RPC_S_INVALID_AUTH_IDENTITY = 0x0000_06D5, "the credentials are not usable", "check them";
    EPT_S_NOT_REGISTERED = 0x0000_06D9,
        "the endpoint mapper knows no such service",
        "check that the service runs";
    RPC_S_CANNOT_SUPPORT = 0x0000_06E4, "the security options are not usable", "try others";
    RPC_X_BAD_STUB_DATA = 0x0000_06F7, "the server could not read the parameters", "report it";
    RPC_S_UNSUPPORTED_AUTHN_LEVEL = 0x0000_071D,
        "the server does not take calls at this level",
        "ask for level integrity or privacy, the default";
    RPC_S_SEC_PKG_ERROR = 0x0000_0721,
        "the security provider failed: clocks differ, the principal name is wrong, or a signature was",
        "check the clocks and the name of the server, then what stands between client and server";
    OR_INVALID_OXID = 0x0000_0776,
        "the exporter of the object is gone or on another machine",
        "activate the object again";
    OR_INVALID_OID = 0x0000_0777, "the object to be pinged is gone", "connect again";
    OR_INVALID_SET = 0x0000_0778, "the resolver has forgotten the ping set", "make a new one";
    SEC_E_NOT_SUPPORTED = 0x8009_0302;
    SEC_E_INVALID_TOKEN = 0x8009_0308,
        "an authentication token was not understood",
        "check the principal name and the clocks";
    SEC_E_LOGON_DENIED = 0x8009_030C, "unknown user or wrong password", "check them";
    SEC_E_NO_CREDENTIALS = 0x8009_030E, "there are no credentials", "name a user and a password";
    SEC_E_MESSAGE_ALTERED = 0x8009_030F,
        "a message was changed on its way",
        "look for what stands between client and server";
    SEC_E_NO_AUTHENTICATING_AUTHORITY = 0x8009_0311,
        "no domain controller was found",
        "check the network and the DNS of the domain";
    SEC_E_WRONG_PRINCIPAL = 0x8009_0322,
        "the server runs under another account than the principal name says",
        "name the server as the domain knows it";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hresult_made_of_a_win32_error_goes_by_the_name_of_that() {
        assert_eq!(Status(0x8007_06BA).to_string(), "RPC_S_SERVER_UNAVAILABLE (0x800706BA)");
        assert!(Status(0x8007_06BA).advice().is_some());
        assert_eq!(Status(0x8007_FFFF).to_string(), "0x8007FFFF");
    }

    #[test]
    fn a_success_code_need_not_be_zero() {
        assert!(!Status(1).is_failure());
        assert!(Status::E_FAIL.is_failure());
    }
}
