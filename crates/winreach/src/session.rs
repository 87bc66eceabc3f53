//! From what the user named to a namespace that can be asked.

use std::io::Write;
use std::ops::Deref;

use tokio::time::Instant;
use winreach_auth::{Credentials, ImpersonationLevel};
use winreach_kerberos::credentials::Environment;
use winreach_logon::Logon;
use winreach_wmi::{Locator, Services};

use crate::arguments::Connection;
use crate::failure::Failure;
use crate::local::LocalServer;
use crate::target::Target;
use crate::{password, security};

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
    let (locator, server) = match &target.host {
        Some(host) => {
            let locator = Locator::new(host, logon(&target, connection)?);
            (locator.resolver_port(connection.port), None)
        }
        None => {
            let (locator, server) = local(&target, connection)?;
            (locator, Some(server))
        }
    };
    let services = locate(locator, &target, connection).connect().await?;
    tell_security(&services);
    Ok(Session { services, _server: server })
}

/// Who we are to another computer.
fn logon(target: &Target, connection: &Connection) -> Result<Logon, Failure> {
    let options = &connection.logon;
    let logon = match (&connection.user, &options.keytab) {
        _ if connection.anonymous && target.security.authority.is_some() => {
            return Err(Failure::usage("an authority is for accounts; --anonymous has none"));
        }
        _ if connection.anonymous => Logon::anonymous(),
        (user, Some(keytab)) => Logon::with_keytab(keytab, user.as_deref()),
        (Some(user), None) => {
            let account = security::account(user, &target.security)?;
            let password = password::obtain(&connection.password, &account)?;
            Logon::with_password(Credentials::new(&account, password))
        }
        (None, None) => Logon::current_user(),
    };
    let mut logon = logon
        .mechanism(security::mechanism(options.auth, &target.security)?)
        .impersonation(security::impersonation(connection.impersonation, &target.security));
    if let Some(cache) = &options.ccache {
        logon = logon.environment(Environment::from_system().with_ccache(cache));
    }
    if let Some(service) = security::service(options.spn.as_deref(), &target.security)? {
        logon = logon.service(service);
    }
    if let Some(realm) = &options.realm {
        logon = logon.realm(realm);
    }
    if options.no_ntlm {
        logon = logon.without_ntlm();
    }
    if options.allow_rc4 {
        logon = logon.allow_rc4();
    }
    logon = options.kdc.iter().fold(logon, Logon::kdc);
    // What can be wrong here is told before anything is sent.
    logon.check()?;
    Ok(logon)
}

/// This machine's embedded server, through the whole stack, over a connection in memory.
fn local(target: &Target, connection: &Connection) -> Result<(Locator, LocalServer), Failure> {
    if connection.user.is_some() || connection.anonymous || target.security.authority.is_some() {
        return Err(Failure::usage(
            "this machine is asked as the user you are: --user, --anonymous and an authority are \
             for other computers (WBEM_E_LOCAL_CREDENTIALS, 0x80041064)",
        ));
    }
    let impersonation = security::impersonation(connection.impersonation, &target.security);
    if impersonation == ImpersonationLevel::Delegate {
        return Err(Failure::usage("delegation takes Kerberos, which is for other computers"));
    }
    let server = LocalServer::start()?;
    Ok((server.locator(impersonation), server))
}

/// What is the same near and far.
fn locate(locator: Locator, target: &Target, connection: &Connection) -> Locator {
    let locator = locator
        .level(security::level(connection.level, &target.security))
        .require_mutual(connection.mutual);
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

/// Tells whoever wants to hear more what is in effect.
fn tell_security(services: &Services) {
    if let Some(security) = services.security()
        && tracing::enabled!(tracing::Level::INFO)
    {
        // Nobody may be reading.
        let _ = writeln!(std::io::stderr(), "winreach: security: {security}");
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use winreach_wmi::ErrorKind;

    use super::*;
    use crate::arguments::{Arguments, Command};

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
}
