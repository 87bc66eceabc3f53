//! This machine's embedded server, in this process.

use std::net::IpAddr;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use winreach_auth::ntlm::{self, Accounts};
use winreach_auth::{Credentials, ImpersonationLevel};
use winreach_wmi::Locator;
use winreach_wmi_server::accounts::{AccountSet, Admission};
use winreach_wmi_server::providers::{self, Machine};
use winreach_wmi_server::{Server, ServerBuilder};

use crate::failure::Failure;

/// The namespace in which Windows has the classes of the machine itself.
const NAMESPACE: &str = r"root\cimv2";

/// The account of the one client.
const ACCOUNT: &str = "local";

/// A server with the classes of this machine.
pub(crate) fn server(accounts: impl Accounts + Admission + 'static) -> ServerBuilder {
    let classes = providers::schema();
    classes
        .into_iter()
        .fold(Server::builder(), |server, class| server.class(NAMESPACE, class))
        .providers(providers::all(Machine::this()))
        .accounts(accounts)
}

/// The embedded server, for one client within this process. The client comes in through the whole
/// stack, with a password made up for the occasion.
pub(crate) struct LocalServer {
    server: Server,
    password: SecretString,
}

impl LocalServer {
    pub(crate) fn start() -> Result<Self, Failure> {
        let password = SecretString::from(uuid::Uuid::new_v4().to_string());
        let mut accounts = AccountSet::new();
        accounts.set(ACCOUNT.parse()?, &password);
        Ok(Self { server: server(accounts).build().map_err(Failure::new)?, password })
    }

    /// The way in, for a client that lets the server do so much in its name.
    pub(crate) fn locator(&self, impersonation: ImpersonationLevel) -> Locator {
        let credentials = Credentials::new(ACCOUNT, self.password.expose_secret().into());
        let source = ntlm::Source::new(credentials).with_impersonation(impersonation);
        Locator::with_initiators(IpAddr::from([127, 0, 0, 1]).to_string(), Arc::new(source))
            .connector(Arc::new(self.server.connector()))
    }
}
