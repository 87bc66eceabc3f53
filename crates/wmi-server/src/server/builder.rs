//! What a server needs to know before it starts.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use winreach_auth::kerberos::{Clock, KeySource};
use winreach_auth::ntlm::{Accounts, Target};
use winreach_cim::Class;
use winreach_dcom::client::RESOLVER_PORT;

use super::Server;
use super::mechanisms::Mechanisms;
use crate::Limits;
use crate::accounts::{AccountSet, Admission};
use crate::engine::Engine;
use crate::provider::Provider;
use crate::schema::{Repository, RepositoryBuilder, SchemaError};

/// Puts a [`Server`] together. Made by [`Server::builder`].
pub struct ServerBuilder {
    name: Option<String>,
    principal: String,
    aliases: Vec<String>,
    mechanisms: Mechanisms,
    contents: Vec<Content>,
    listen: IpAddr,
    resolver_port: u16,
    exporter_port: u16,
    limits: Limits,
}

type Content = Box<dyn FnOnce(RepositoryBuilder) -> RepositoryBuilder>;

impl ServerBuilder {
    pub(super) fn new() -> Self {
        let nobody = Arc::new(AccountSet::new());
        Self {
            name: None,
            principal: String::new(),
            aliases: Vec::new(),
            mechanisms: Mechanisms {
                accounts: Arc::clone(&nobody) as Arc<dyn Accounts>,
                list: nobody,
                keys: None,
                clock: None,
                has_ntlm: true,
            },
            contents: Vec::new(),
            listen: Ipv4Addr::LOCALHOST.into(),
            resolver_port: RESOLVER_PORT,
            exporter_port: 0,
            limits: Limits::default(),
        }
    }

    /// What the computer calls itself: the server of the objects and the target of the log-ons.
    /// Default: the name of this host, without its domain.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Another name by which clients know this computer. Some come back only to an address that has
    /// the name that they used; they are told at most 16.
    #[must_use]
    pub fn alias(mut self, name: impl Into<String>) -> Self {
        self.aliases.push(name.into());
        self
    }

    /// Who may log on: by NTLM with a password, by Kerberos because he is listed. Default: nobody.
    #[must_use]
    pub fn accounts(mut self, accounts: impl Accounts + Admission + 'static) -> Self {
        let accounts = Arc::new(accounts);
        self.mechanisms.list = Arc::clone(&accounts) as Arc<dyn Admission>;
        self.mechanisms.accounts = accounts;
        self
    }

    /// Takes Kerberos tickets for these keys, by itself and within SPNEGO. Default: none.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    /// use winreach_wmi_server::accounts::AccountSet;
    /// use winreach_wmi_server::{Server, ServiceKeytab};
    ///
    /// let mut callers = AccountSet::new();
    /// callers.permit(winreach_wmi_server::accounts::Permit::Principal("alice@EXAMPLE.COM".parse()?));
    /// let keytab = ServiceKeytab::open("/etc/winreach/keytab")?;
    /// let server = Server::builder()
    ///     .accounts(callers)
    ///     .keytab(Arc::new(keytab))
    ///     .without_ntlm()
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keytab(mut self, keys: Arc<dyn KeySource>) -> Self {
        self.mechanisms.keys = Some(keys);
        self
    }

    /// The service principal for whom clients are told to get tickets, such as
    /// `host/server.example.com`; see [`ServiceKeytab::principal`](super::ServiceKeytab::principal).
    /// Default: none, so that clients make one up of the name they know this computer by.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<String>) -> Self {
        self.principal = principal.into();
        self
    }

    /// Takes no NTLM, neither by itself nor within SPNEGO: without a keytab nobody can log on then.
    #[must_use]
    pub fn without_ntlm(mut self) -> Self {
        self.mechanisms.has_ntlm = false;
        self
    }

    /// Judges tickets by another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.mechanisms.clock = Some(clock);
        self
    }

    /// Adds a class that others derive from, and that has no instances of its own.
    #[must_use]
    pub fn class(mut self, namespace: &str, class: Arc<Class>) -> Self {
        let namespace = namespace.to_owned();
        self.contents.push(Box::new(|repository| repository.class(namespace, class)));
        self
    }

    /// Adds a class and who provides its instances.
    #[must_use]
    pub fn provider(mut self, namespace: &str, provider: Arc<dyn Provider>) -> Self {
        let namespace = namespace.to_owned();
        self.contents.push(Box::new(|repository| repository.provider(namespace, provider)));
        self
    }

    /// Adds several at once to `root\cimv2`.
    #[must_use]
    pub fn providers(self, providers: impl IntoIterator<Item = Arc<dyn Provider>>) -> Self {
        providers
            .into_iter()
            .fold(self, |server, provider| server.provider(r"root\cimv2", provider))
    }

    /// Where [`Server::bind`] listens. Port 0 takes one that is free. Default: 127.0.0.1, 135, 0.
    #[must_use]
    pub fn listen(mut self, address: IpAddr, resolver_port: u16, exporter_port: u16) -> Self {
        (self.listen, self.resolver_port, self.exporter_port) =
            (address, resolver_port, exporter_port);
        self
    }

    /// How much clients can take.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The finished server.
    ///
    /// # Errors
    /// When the classes do not fit together.
    pub fn build(self) -> Result<Server, SchemaError> {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let short = || host.split('.').next().unwrap_or_default().to_uppercase();
        let name = self.name.unwrap_or_else(short);
        let repository = self
            .contents
            .into_iter()
            .fold(Repository::builder(name.as_str()), |repository, add| add(repository))
            .build()?;
        let target = Target::new(&name).with_dns_name(&host);
        Ok(Server {
            engine: Arc::new(Engine::new(repository, self.limits)),
            services: self.mechanisms.services(),
            principal: self.principal,
            authenticator: self.mechanisms.authenticator(target),
            names: names(name, &host, self.aliases),
            listen: self.listen,
            resolver_port: self.resolver_port,
            exporter_port: self.exporter_port,
        })
    }
}

/// How many further names clients are told.
const MAX_ALIASES: usize = 16;

/// The names by which clients may know this computer.
fn names(name: String, host: &str, aliases: Vec<String>) -> Vec<String> {
    let mut names = vec![name];
    let others = [host.to_owned(), "localhost".to_owned()].into_iter();
    for other in others.chain(aliases.into_iter().take(MAX_ALIASES)) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&other)) {
            names.push(other);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_once() {
        let aliases = ["BOX", "box.lan", "Box.LAN", "LOCALHOST", "wmi"].map(str::to_owned).to_vec();
        let names = names("BOX".to_owned(), "box.lan", aliases);
        assert_eq!(names, ["BOX", "box.lan", "localhost", "wmi"]);
    }
}
