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
}

impl Addresses {
    /// This host by one name, with NTLM.
    pub fn new(name: impl Into<String>, exporter_port: u16) -> Self {
        Self {
            exporter_port,
            names: vec![name.into()],
            ips: Vec::new(),
            services: vec![AuthType::Ntlm],
        }
    }

    /// The bindings of the resolver, for a client on a connection.
    pub(crate) fn resolver(&self, connection: &ConnectionInfo) -> DualStringArray {
        self.bindings(connection, StringBinding::host_only)
    }

    /// The bindings of the exporter, for a client on a connection.
    pub(crate) fn exporter(&self, connection: &ConnectionInfo) -> DualStringArray {
        self.bindings(connection, |host| StringBinding::tcp(host, self.exporter_port))
    }

    fn bindings(
        &self,
        connection: &ConnectionInfo,
        binding: impl Fn(&str) -> StringBinding,
    ) -> DualStringArray {
        let reached = connection.local.map(|local| local.ip().to_canonical());
        let others = self.ips.iter().copied().filter(|ip| Some(*ip) != reached);
        let hosts = reached
            .map(|ip| ip.to_string())
            .into_iter()
            .chain(self.names.iter().cloned())
            .chain(others.map(|ip| ip.to_string()));
        DualStringArray {
            strings: hosts.map(|host| binding(&host)).collect(),
            // No principal: a client then makes none up that a domain would not know.
            security: self
                .services
                .iter()
                .map(|service| SecurityBinding {
                    service: service.code().into(),
                    principal: String::new(),
                })
                .collect(),
        }
    }
}
