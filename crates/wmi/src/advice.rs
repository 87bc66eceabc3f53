//! What usually lies behind a failure, and what to try.

use std::io;

use winreach_auth as auth;
use winreach_cim::WbemStatus;
use winreach_dcom::client::{self as dcom, LookupError, Step};
use winreach_dcom::{Advice, Status};
use winreach_rpc::client as rpc;
use winreach_rpc::pdu::RejectReason;

/// Advice on a status of WMI.
pub(crate) fn of_wbem(status: WbemStatus) -> Option<Advice> {
    let (cause, remedy) = match status {
        WbemStatus::E_ACCESS_DENIED => (
            "the logon is fine, but the account lacks a right on the namespace, or the server may not impersonate it",
            "grant Enable Account and Remote Enable on the namespace (wmimgmt.msc, Security), use another account, or \
             the impersonation level impersonate, the default",
        ),
        WbemStatus::E_INVALID_NAMESPACE => (
            "there is no such namespace on the server",
            "check the spelling; SELECT Name FROM __Namespace lists the namespaces below another one",
        ),
        WbemStatus::E_INVALID_CLASS => (
            "there is no such class in this namespace",
            "check the spelling and the namespace; SELECT * FROM meta_class lists the classes",
        ),
        WbemStatus::E_INVALID_QUERY => (
            "the query is not WQL, or names a property that the class does not have",
            "check the spelling of the properties, the quotes, and backslashes, which WQL doubles",
        ),
        WbemStatus::E_NOT_FOUND => (
            "there is no such object",
            "check the path; its keys must all be given, strings in quotes",
        ),
        WbemStatus::E_INVALID_OBJECT_PATH => (
            "the path is malformed",
            r#"write it as Class, Class="key" or Class.Key="value",Other=1"#,
        ),
        WbemStatus::E_PROVIDER_LOAD_FAILURE | WbemStatus::E_PROVIDER_FAILURE => (
            "the provider of the class does not work on the server",
            "look into the WMI-Activity event log of the server",
        ),
        WbemStatus::E_PROVIDER_NOT_CAPABLE | WbemStatus::E_NOT_SUPPORTED => {
            ("the server or the provider of the class cannot do this", "try a simpler query")
        }
        WbemStatus::E_SERVER_TOO_BUSY | WbemStatus::E_QUOTA_VIOLATION => {
            ("the server is at its limits", "try again later, or ask for less at a time")
        }
        WbemStatus::E_SHUTTING_DOWN => ("WMI is stopping on the server", "try again later"),
        WbemStatus::E_ENCRYPTED_CONNECTION_REQUIRED => {
            ("the namespace demands encryption", "connect at level privacy, the default")
        }
        WbemStatus::E_LOCAL_CREDENTIALS => (
            "the server takes the connection for a local one, which needs no credentials",
            "name the host by its address on the network",
        ),
        WbemStatus::E_TIMED_OUT | WbemStatus::E_PROVIDER_TIMED_OUT => {
            ("the provider of the class is too slow", "try again, or ask for less at a time")
        }
        _ => return None,
    };
    Some(Advice { cause, remedy })
}

/// Advice on a failure before WMI.
pub(crate) fn of_dcom(error: &dcom::Error) -> Option<Advice> {
    match &error.kind {
        dcom::ErrorKind::Unreachable(attempts) => {
            attempts.first().map(|attempt| of_io(&attempt.error))
        }
        dcom::ErrorKind::Rpc(cause) => of_rpc(&error.step, cause).or_else(|| error.advice()),
        _ => error.advice(),
    }
}

fn of_io(error: &io::Error) -> Advice {
    let (cause, remedy) = match error.kind() {
        _ if LookupError::is_cause_of(error) => (
            "the name service does not know the host",
            "check the spelling, or name the host by its address",
        ),
        io::ErrorKind::ConnectionRefused => (
            "the host is there, but nothing listens at this port",
            "check the port (135 on Windows), and that the service runs",
        ),
        io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable => (
            "the host is down, or a firewall drops the packets",
            r#"check that the host is up; open TCP 135 and 49152-65535 (on Windows the firewall group "WMI")"#,
        ),
        _ => (
            "the connection could not be made",
            "check the route to the host and the firewalls on the way",
        ),
    };
    Advice { cause, remedy }
}

fn of_rpc(step: &Step, error: &rpc::Error) -> Option<Advice> {
    let first_words = matches!(step, Step::Connect { .. } | Step::Bind { .. });
    let (cause, remedy) = match error {
        rpc::Error::Authentication(auth::Error::Kerberos(failure)) => {
            return failure.remedy().map(|remedy| Advice { cause: failure.cause(), remedy });
        }
        // That is not what answers, but how it was asked.
        rpc::Error::BindRefused(
            RejectReason::AUTHENTICATION_TYPE_NOT_RECOGNIZED | RejectReason::INVALID_CHECKSUM,
        ) => return None,
        rpc::Error::Pdu(_) | rpc::Error::Protocol(_) if first_words => (
            "what answers at this port does not speak DCOM",
            "check host and port: DCOM listens at TCP 135",
        ),
        rpc::Error::Closed | rpc::Error::Io(_) if first_words => (
            "the other side hung up: it does not speak DCOM, or takes no more connections",
            "check host and port (DCOM listens at TCP 135); if they are right, try again later",
        ),
        rpc::Error::InterfaceRefused { .. } | rpc::Error::BindRefused(_) if first_words => (
            "what answers at this port speaks RPC, but is no DCOM resolver",
            "check host and port: DCOM listens at TCP 135",
        ),
        rpc::Error::Deadline if first_words => return Status::RPC_S_SERVER_UNAVAILABLE.advice(),
        rpc::Error::Deadline => {
            ("the server did not answer in time", "allow more time, or ask for less at a time")
        }
        rpc::Error::Io(_) | rpc::Error::Closed => {
            ("the connection broke, as when the service is restarted", "connect again")
        }
        rpc::Error::Downgrade(_) | rpc::Error::Tampered(_) => (
            "somebody tampers with the traffic, or a program on the way does",
            "look for what stands between client and server; do not lower the level",
        ),
        _ => return None,
    };
    Some(Advice { cause, remedy })
}
