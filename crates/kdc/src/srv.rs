//! SRV records in the order in which to ask (RFC 2782).

use std::collections::HashMap;

use winreach_kerberos::transport::Protocol;

use crate::KdcAddress;

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Lower ones are asked first.
    pub(crate) priority: u16,
    /// The share of those who ask this one first, among records of the same priority.
    pub(crate) weight: u16,
    /// Name and port of the server.
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// The servers in the order in which to ask them. One with records for both protocols is asked in
/// either way, at the place that its record for UDP has.
pub(crate) fn kdcs(
    udp: Vec<Record>,
    tcp: Vec<Record>,
    random: impl FnMut(u64) -> u64,
) -> Vec<KdcAddress> {
    let mut protocols: HashMap<(String, u16), Option<Protocol>> = HashMap::new();
    let mut records = Vec::new();
    for (protocol, record) in (udp.into_iter().map(|record| (Protocol::Udp, record)))
        .chain(tcp.into_iter().map(|record| (Protocol::Tcp, record)))
    {
        let server = (record.host.to_ascii_lowercase(), record.port);
        match protocols.get_mut(&server) {
            None => {
                protocols.insert(server, Some(protocol));
                records.push(record);
            }
            Some(known) if *known != Some(protocol) => *known = None,
            Some(_) => {}
        }
    }
    let address = |Record { host, port, .. }: Record| {
        let protocol = protocols.get(&(host.to_ascii_lowercase(), port)).copied().flatten();
        KdcAddress { host, port, protocol }
    };
    ordered(records, random).into_iter().map(address).collect()
}

/// Records by priority, those of one priority by lot. `random(n)` draws from 0 to n.
fn ordered(mut records: Vec<Record>, mut random: impl FnMut(u64) -> u64) -> Vec<Record> {
    // Those without weight come first in their priority, where only a draw of zero finds them.
    records.sort_by_key(|record| (record.priority, record.weight));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(priority) = records.first().map(|record| record.priority) {
        let equals = || records.iter().take_while(|record| record.priority == priority);
        let draw = random(equals().map(|record| u64::from(record.weight)).sum());
        let mut sum = 0;
        let chosen = equals().position(|record| {
            sum += u64::from(record.weight);
            sum >= draw
        });
        ordered.push(records.remove(chosen.unwrap_or(0)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(priority: u16, weight: u16, host: &str) -> Record {
        Record { priority, weight, host: host.to_owned(), port: 88 }
    }

    fn hosts(records: &[Record]) -> Vec<&str> {
        records.iter().map(|record| record.host.as_str()).collect()
    }

    #[test]
    fn priority_goes_before_weight() {
        let records =
            vec![record(10, 0, "c"), record(0, 5, "a"), record(20, 65535, "d"), record(5, 1, "b")];
        assert_eq!(hosts(&ordered(records, |most| most)), ["a", "b", "c", "d"]);
    }

    /// The running sums of RFC 2782 are 0, 1 and 4: all five draws find who they should.
    #[test]
    fn weight_is_the_share_of_draws() {
        let records = vec![record(0, 3, "three"), record(0, 0, "zero"), record(0, 1, "one")];
        let first = |draw| {
            let mut draws = vec![0, 0, draw];
            let ordered = ordered(records.clone(), |most| {
                let draw = draws.pop().unwrap();
                assert!(draw <= most, "{draw} of {most}");
                draw
            });
            assert_eq!(ordered.len(), 3);
            ordered[0].host.clone()
        };
        assert_eq!([0, 1, 2, 3, 4].map(first), ["zero", "one", "three", "three", "three"]);
    }

    #[test]
    fn a_server_of_both_protocols_is_one_server() {
        let udp = vec![record(0, 0, "dc1"), record(1, 0, "udp")];
        let tcp = vec![record(2, 0, "tcp"), record(9, 0, "DC1")];
        let only = |host: &str, protocol| KdcAddress { protocol, ..KdcAddress::new(host, 88) };
        assert_eq!(
            kdcs(udp, tcp, |_| 0),
            [only("dc1", None), only("udp", Some(Protocol::Udp)), only("tcp", Some(Protocol::Tcp))]
        );
    }
}
