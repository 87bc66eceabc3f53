//! This machine's embedded server, in this process.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use winreach_auth::ntlm::{self, Accounts};
use winreach_auth::{Credentials, ImpersonationLevel};
use winreach_wmi::Locator;
use winreach_wmi_server::accounts::{AccountSet, Admission};
use winreach_wmi_server::provider::Provider;
use winreach_wmi_server::providers::registry::{RegistryFile, RegistryProvider};
use winreach_wmi_server::providers::{self, Control, Machine, RunAs};
use winreach_wmi_server::{Server, ServerBuilder};

use crate::commands::registry_path;
use crate::failure::Failure;

/// The namespace in which Windows has the classes of the machine itself.
const NAMESPACE: &str = r"root\cimv2";

/// The account of the one client.
const ACCOUNT: &str = "local";

/// The namespaces in which Windows has the registry.
const REGISTRY: [&str; 2] = [r"root\default", NAMESPACE];

/// A server with the classes of this machine, and with the registry in a file, where there is one.
pub(crate) fn server(
    accounts: impl Accounts + Admission + 'static,
    registry: Option<PathBuf>,
    control: Control,
) -> ServerBuilder {
    let classes = providers::schema();
    let server = classes
        .into_iter()
        .fold(Server::builder(), |server, class| server.class(NAMESPACE, class))
        .providers(providers::controlled(Machine::this(), control))
        .accounts(accounts);
    let Some(registry) = registry else { return server };
    let registry = Arc::new(RegistryProvider::new(RegistryFile::new(registry)));
    REGISTRY.into_iter().fold(server, |server, namespace| {
        server.provider(namespace, Arc::clone(&registry) as Arc<dyn Provider>)
    })
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
        // Who asks is who runs this program, and can do no more by it than without.
        let run_as = Some(RunAs::Server);
        let control = Control { processes: run_as, services: run_as };
        Ok(Self {
            server: server(accounts, registry_path(), control).build().map_err(Failure::new)?,
            password,
        })
    }

    /// The way in, for a client that lets the server do so much in its name.
    pub(crate) fn locator(&self, impersonation: ImpersonationLevel) -> Locator {
        let credentials = Credentials::new(ACCOUNT, self.password.expose_secret().into());
        let source = ntlm::Source::new(credentials).with_impersonation(impersonation);
        Locator::with_initiators(IpAddr::from([127, 0, 0, 1]).to_string(), Arc::new(source))
            .connector(Arc::new(self.server.connector()))
    }
}
