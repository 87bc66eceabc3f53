//! The KDCs that `krb5.conf` names, for whoever carries requests to them.

use winreach_kdc::{KdcAddress, Realms};
use winreach_kerberos::credentials::config::{Section, Server, Transport};
use winreach_kerberos::credentials::{Config, ConfigError, Environment};
use winreach_kerberos::transport::Protocol;

/// The port of a KDC where none is named.
const KDC_PORT: u16 = 88;

/// What the configuration says of realms and their KDCs.
pub(crate) fn realms(config: &Config, environment: &Environment) -> Result<Realms, ConfigError> {
    let defaults = config.libdefaults();
    let mut realms = Realms {
        dns_lookup_kdc: defaults.dns_lookup_kdc,
        udp_preference_limit: defaults.udp_preference_limit,
        files: environment.config_paths().into_iter().filter(|path| path.exists()).collect(),
        ..Realms::default()
    };
    let listed = config.profile().root().section("realms");
    for (name, _) in listed.into_iter().flat_map(Section::sections) {
        let realm = config.realm(name)?;
        let kdcs = realm.kdc.iter().chain(&realm.primary_kdc).filter_map(address).collect();
        realms.map.insert(name.to_owned(), kdcs);
    }
    Ok(realms)
}

/// The address of a KDC that can be asked from here.
fn address(server: &Server) -> Option<KdcAddress> {
    let protocol = match server.transport {
        Transport::Any => None,
        Transport::Udp => Some(Protocol::Udp),
        Transport::Tcp => Some(Protocol::Tcp),
        Transport::Https | Transport::Local => {
            tracing::warn!(kdc = %server, "a KDC behind a proxy or a local socket is passed over");
            return None;
        }
    };
    let port = server.port.unwrap_or(KDC_PORT);
    Some(KdcAddress { protocol, ..KdcAddress::new(&server.host, port) })
}
