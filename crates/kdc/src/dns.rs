//! KDCs that DNS knows (RFC 4120 section 7.2.3.2).

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use futures_util::future::join;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::{DnsError, NetError, runtime::TokioRuntimeProvider};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;
use tokio::time::{Instant, timeout_at};
use winreach_kerberos::transport::{DnsAnswer, Place};

use crate::KdcAddress;
use crate::srv::{self, Record};

/// The longest name in DNS, without the dot at its end (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 253;
/// The longest part of a name between dots (RFC 1035 section 2.3.4).
const MAX_LABEL: usize = 63;

/// The name service.
#[derive(Debug, Default)]
pub(crate) struct Dns {
    /// Whom to ask instead of those that the system knows.
    name_server: Option<SocketAddr>,
    /// Made when first needed, and again after a failure: the machine may have changed networks.
    resolver: Mutex<Option<TokioResolver>>,
}

impl Dns {
    pub(crate) fn at(name_server: SocketAddr) -> Self {
        Self { name_server: Some(name_server), ..Self::default() }
    }

    /// The KDCs of a realm in the order in which to ask them, or where none were.
    pub(crate) async fn kdcs(
        &self,
        realm: &str,
        deadline: Instant,
    ) -> Result<Vec<KdcAddress>, Vec<Place>> {
        if !is_domain(realm) {
            return Err(vec![Place::NotADomain]);
        }
        let udp_name = format!("_kerberos._udp.{realm}");
        let tcp_name = format!("_kerberos._tcp.{realm}");
        let (udp, tcp) = join(self.srv(&udp_name, deadline), self.srv(&tcp_name, deadline)).await;
        let absent = |answer: &Result<_, _>| {
            matches!(answer, Err(DnsAnswer::NoSuchName | DnsAnswer::NoRecord))
        };
        let ask_domain_controllers = absent(&udp) && absent(&tcp);
        let mut looked = Vec::new();
        let mut found = |name, answer: Result<Vec<Record>, DnsAnswer>| {
            answer.unwrap_or_else(|answer| {
                looked.push(Place::Dns { name, answer });
                Vec::new()
            })
        };
        let mut kdcs = srv::kdcs(found(udp_name, udp), found(tcp_name, tcp), random);
        if ask_domain_controllers {
            // Where a KDC of Active Directory always registers (`[MS-ADTS] 6.3.2.3`).
            let name = format!("_kerberos._tcp.dc._msdcs.{realm}");
            let answer = self.srv(&name, deadline).await;
            // What a domain controller serves over TCP it serves over UDP too.
            kdcs = srv::kdcs(found(name, answer), Vec::new(), random);
            kdcs.iter_mut().for_each(|kdc| kdc.protocol = None);
        }
        if kdcs.is_empty() { Err(looked) } else { Ok(kdcs) }
    }

    /// The SRV records of a name; at least one.
    async fn srv(&self, name: &str, deadline: Instant) -> Result<Vec<Record>, DnsAnswer> {
        let resolver = self.resolver().map_err(|error| failed(&error))?;
        // The dot at the end keeps the search list of this machine out.
        let lookup = match timeout_at(deadline, resolver.srv_lookup(format!("{name}."))).await {
            Ok(lookup) => lookup,
            Err(_) => Err(NetError::Timeout),
        };
        let answers = match lookup {
            Ok(lookup) => lookup,
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => {
                return Err(match none.response_code {
                    ResponseCode::NXDomain => DnsAnswer::NoSuchName,
                    _ => DnsAnswer::NoRecord,
                });
            }
            Err(error) => {
                *self.resolver.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return Err(failed(&error));
            }
        };
        let records = answers.answers().iter().filter_map(|answer| match &answer.data {
            RData::SRV(srv) => Some(srv),
            _ => None,
        });
        let named: Vec<Record> = records
            .clone()
            .filter(|srv| !srv.target.is_root())
            .map(|srv| Record {
                priority: srv.priority,
                weight: srv.weight,
                host: srv.target.to_ascii().trim_end_matches('.').to_owned(),
                port: srv.port,
            })
            .collect();
        match (named.is_empty(), records.count()) {
            (false, _) => Ok(named),
            (true, 0) => Err(DnsAnswer::NoRecord),
            (true, _) => Err(DnsAnswer::NoService),
        }
    }

    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let mut resolver = self.resolver.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resolver) = &*resolver {
            return Ok(resolver.clone());
        }
        let builder = match self.name_server {
            None => TokioResolver::builder_tokio()?,
            Some(server) => {
                let ways = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut way| {
                    way.port = server.port();
                    way
                });
                let server = NameServerConfig::new(server.ip(), true, ways.into());
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        Ok(resolver.insert(builder.build()?).clone())
    }
}

fn failed(error: &NetError) -> DnsAnswer {
    DnsAnswer::Failed(error.to_string())
}

/// A number from 0 to `most`. Where the system has none to give, servers of equal priority are
/// asked in the order of their weights.
fn random(most: u64) -> u64 {
    let draw = getrandom::u64().unwrap_or(most);
    most.checked_add(1).map_or(draw, |bound| draw % bound)
}

/// Whether a realm is the name of a domain, of at least two parts, with room for what goes before
/// it.
fn is_domain(realm: &str) -> bool {
    let room = MAX_NAME - "_kerberos._tcp.dc._msdcs.".len();
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    realm.len() <= room && realm.contains('.') && realm.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_domains_are_looked_up() {
        let label = "a".repeat(MAX_LABEL);
        for realm in ["EXAMPLE.COM", "corp.local", "a-1.b_2.C", &format!("{label}.{label}.COM")] {
            assert!(is_domain(realm), "{realm}");
        }
        for realm in [
            "",
            "EXAMPLE",
            ".",
            "EXAMPLE.COM.",
            ".COM",
            "A..B",
            "A B.COM",
            "EX\\AMPLE.COM",
            "\u{e9}.COM",
            "C=US/O=X.Y",
            "A\n.COM",
            &format!("{label}a.COM"),
            &[label.as_str(); 4].join("."),
        ] {
            assert!(!is_domain(realm), "{realm}");
        }
    }
}
