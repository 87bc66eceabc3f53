//! Under which addresses clients are told to come.

use std::net::IpAddr;

use winreach_auth::AuthType;
use winreach_rpc::server::ConnectionInfo;

use crate::wire::{DualStringArray, SecurityBinding, StringBinding};

/// How clients can reach this server.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The port of the exporter.
    pub exporter_port: u16,
    /// The names of this host; some clients only take a binding that has the name that they used.
    pub names: Vec<String>,
    /// Its addresses, beside the one that a client came to.
    pub ips: Vec<IpAddr>,
    /// The ways to authenticate, in order of preference.
    pub services: Vec<AuthType>,
    /// The service principal for whom clients are to get tickets when they call objects, such as
    /// `host/server.example.com`; empty where there is none.
    pub principal: String,
}

impl Addresses {
    /// This host by one name, with NTLM.
    pub fn new(name: impl Into<String>, exporter_port: u16) -> Self {
        Self {
            exporter_port,
            names: vec![name.into()],
            ips: Vec::new(),
            services: vec![AuthType::Ntlm],
            principal: String::new(),
        }
    }

    /// The bindings of the resolver, for a client on a connection. They name no principal: clients
    /// make it up of the name that they know the host by.
    pub(crate) fn resolver(&self, connection: &ConnectionInfo) -> DualStringArray {
        self.bindings(connection, StringBinding::host_only, |_| "")
    }

    /// The bindings of the exporter, for a client on a connection. The principal is there for those
    /// services that get tickets, as recorded Windows 10 traffic has it.
    pub(crate) fn exporter(&self, connection: &ConnectionInfo) -> DualStringArray {
        let address = |host: &str| StringBinding::tcp(host, self.exporter_port);
        self.bindings(connection, address, |service| match service {
            AuthType::Kerberos | AuthType::Spnego => &self.principal,
            _ => "",
        })
    }

    fn bindings<'a>(
        &self,
        connection: &ConnectionInfo,
        address: impl Fn(&str) -> StringBinding,
        principal: impl Fn(AuthType) -> &'a str,
    ) -> DualStringArray {
        let reached = connection.local.map(|local| local.ip().to_canonical());
        let others = self.ips.iter().copied().filter(|ip| Some(*ip) != reached);
        let hosts = reached
            .map(|ip| ip.to_string())
            .into_iter()
            .chain(self.names.iter().cloned())
            .chain(others.map(|ip| ip.to_string()));
        let security = |service: &AuthType| SecurityBinding {
            service: service.code().into(),
            principal: principal(*service).to_owned(),
        };
        DualStringArray {
            strings: hosts.map(|host| address(&host)).collect(),
            security: self.services.iter().map(security).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[MS-DCOM] 2.2.19.4`, 3.2.4.2
    #[test]
    fn the_exporter_alone_names_a_principal_to_those_who_get_tickets() {
        let addresses = Addresses {
            services: vec![AuthType::Spnego, AuthType::Kerberos, AuthType::Ntlm],
            principal: "host/server.example.com".into(),
            ..Addresses::new("SERVER", 49666)
        };
        let connection = ConnectionInfo { local: "192.0.2.1:135".parse().ok(), peer: None };
        let strings = |bindings: &DualStringArray| {
            bindings.strings.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let security = |bindings: DualStringArray| {
            let pair = |binding: SecurityBinding| (binding.service, binding.principal);
            bindings.security.into_iter().map(pair).collect::<Vec<_>>()
        };

        let resolver = addresses.resolver(&connection);
        assert_eq!(strings(&resolver), ["ncacn_ip_tcp:192.0.2.1", "ncacn_ip_tcp:SERVER"]);
        let nobody = String::new;
        assert_eq!(security(resolver), [(9, nobody()), (16, nobody()), (10, nobody())]);

        let exporter = addresses.exporter(&connection);
        assert_eq!(
            strings(&exporter),
            ["ncacn_ip_tcp:192.0.2.1[49666]", "ncacn_ip_tcp:SERVER[49666]"]
        );
        let host = || "host/server.example.com".to_owned();
        assert_eq!(security(exporter), [(9, host()), (16, host()), (10, nobody())]);
    }
}
