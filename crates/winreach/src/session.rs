//! From what the user named to a namespace that can be asked.

use std::ops::Deref;

use tokio::time::Instant;
use winreach_auth::{Account, AuthLevel, Credentials, ImpersonationLevel, ntlm};
use winreach_cim::moniker::{self, Authority, Security};
use winreach_wmi::{Locator, Services};

use crate::arguments::{Connection, Level};
use crate::failure::Failure;
use crate::local::LocalServer;
use crate::password;
use crate::target::Target;

/// An open namespace, and the server behind it where that is in this process.
pub(crate) struct Session {
    services: Services,
    _server: Option<LocalServer>,
}

impl Session {
    /// Lets go of everything on the server, which would find out only after some minutes.
    pub(crate) async fn close(self) {
        self.services.close().await;
    }
}

impl Deref for Session {
    type Target = Services;
    fn deref(&self) -> &Services {
        &self.services
    }
}

/// Opens the target's namespace.
pub(crate) async fn connect(target: Target, connection: &Connection) -> Result<Session, Failure> {
    let Some(host) = &target.host else { return connect_locally(&target, connection).await };
    let Some(user) = &connection.user else {
        return Err(Failure::usage(format!(
            "who are you on {host}? Say so with --user DOMAIN\\user, user@domain or user"
        )));
    };
    let account = account(user, &target.security)?;
    let password = password::obtain(&connection.password, &account)?;
    let source = ntlm::Source::new(Credentials::new(&account, password))
        .with_impersonation(impersonation(&target.security)?);
    let locator =
        Locator::with_initiators(host, std::sync::Arc::new(source)).resolver_port(connection.port);
    let services = locate(locator, &target, connection).connect().await?;
    Ok(Session { services, _server: None })
}

/// This machine's embedded server, through the whole stack, over a connection in memory.
async fn connect_locally(target: &Target, connection: &Connection) -> Result<Session, Failure> {
    if connection.user.is_some() || target.security.authority.is_some() {
        return Err(Failure::usage(
            "this machine is asked as the user you are: --user and an authority are for other \
             computers (WBEM_E_LOCAL_CREDENTIALS, 0x80041064)",
        ));
    }
    let server = LocalServer::start()?;
    let locator = locate(server.locator(), target, connection);
    let services = locator.connect().await?;
    Ok(Session { services, _server: Some(server) })
}

/// What is the same near and far.
fn locate(locator: Locator, target: &Target, connection: &Connection) -> Locator {
    let locator = locator.level(level(connection.level, &target.security));
    let mut locator = match Instant::now().checked_add(connection.timeout) {
        Some(deadline) => locator.deadline(deadline),
        None => locator.timeout(connection.timeout),
    };
    if let Some(namespace) = target.namespace.as_ref().or(connection.namespace.as_ref()) {
        locator = locator.namespace(namespace);
    }
    if let Some(locale) = &target.locale {
        locator = locator.locale(locale);
    }
    locator
}

/// The level asked for on the command line, else by the moniker, else privacy. Below integrity no
/// server takes a call since the hardening of DCOM; Windows' client raises such a level, and so is
/// it done here.
fn level(argument: Option<Level>, security: &Security) -> AuthLevel {
    use moniker::AuthenticationLevel as Asked;
    match (argument, security.authentication) {
        (Some(Level::Integrity), _) => AuthLevel::Integrity,
        (Some(Level::Privacy), _) | (None, None | Some(Asked::Default | Asked::PktPrivacy)) => {
            AuthLevel::Privacy
        }
        (None, Some(_)) => AuthLevel::Integrity,
    }
}

/// The user, in the domain that a moniker's authority names.
fn account(user: &str, security: &Security) -> Result<String, Failure> {
    match (&security.authority, Account::parse(user)) {
        (None, account) => Ok(account.to_string()),
        (Some(Authority::NtlmDomain(domain)), Account::Plain { user }) => {
            Ok(format!("{domain}\\{user}"))
        }
        (Some(Authority::NtlmDomain(_)), _) => Err(Failure::usage(
            "the domain stands both in --user and in the moniker's authority \
             (WBEM_E_INVALID_PARAMETER, 0x80041008)",
        )),
        (Some(Authority::Kerberos(_)), _) => Err(Failure::usage(
            "the moniker asks for Kerberos, which this version does not speak yet; use NTLM",
        )),
    }
}

/// What the server may do with the caller's identity. WMI needs impersonation; less is sent as
/// asked, and refused by the server.
fn impersonation(security: &Security) -> Result<ImpersonationLevel, Failure> {
    use moniker::ImpersonationLevel as Asked;
    match security.impersonation {
        None | Some(Asked::Impersonate) => Ok(ImpersonationLevel::Impersonate),
        Some(Asked::Identify) => Ok(ImpersonationLevel::Identify),
        Some(Asked::Anonymous) => Err(Failure::usage("WMI takes no anonymous callers")),
        Some(Asked::Delegate) => {
            Err(Failure::usage("delegation needs Kerberos, which this version does not speak yet"))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use winreach_wmi::ErrorKind;

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn security(text: &str) -> Security {
        format!(r"winmgmts:{{{text}}}!\\box\root").parse::<moniker::Moniker>().unwrap().security
    }

    #[tokio::test(start_paused = true)]
    async fn one_deadline_covers_connecting_and_all_that_follows() {
        let line = ["winreach", "query", "--timeout", "1h", "WQL"];
        let Command::Query(query) = Arguments::parse_from(line).command else { panic!("no query") };
        let session = connect(Target::default(), &query.connection).await.unwrap();
        assert!(session.get("Win32_Process").await.is_ok());
        tokio::time::advance(query.connection.timeout).await;
        let error = session.get("Win32_Process").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
    }

    #[test]
    fn privacy_is_the_default_and_weak_levels_are_raised() {
        let of = |text: &str| level(None, &security(text));
        assert_eq!(level(None, &Security::default()), AuthLevel::Privacy);
        assert_eq!(of("authenticationLevel=pktPrivacy"), AuthLevel::Privacy);
        assert_eq!(of("authenticationLevel=pktIntegrity"), AuthLevel::Integrity);
        assert_eq!(of("authenticationLevel=connect"), AuthLevel::Integrity);
    }

    #[test]
    fn a_domain_is_named_once() {
        let ntlm = security("authority=ntlmdomain:LAB");
        assert_eq!(account("alice", &ntlm).unwrap(), r"LAB\alice");
        assert!(account(r"OTHER\alice", &ntlm).is_err());
        assert!(account("alice@other", &ntlm).is_err());
        assert_eq!(account("alice@realm", &Security::default()).unwrap(), "alice@realm");
    }

    #[test]
    fn what_needs_kerberos_says_so() {
        assert!(account("alice", &security("authority=kerberos:HOST/box")).is_err());
        assert!(impersonation(&security("impersonationLevel=delegate")).is_err());
    }
}
