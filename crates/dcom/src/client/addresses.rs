//! At which addresses to look for an exporter.

use crate::wire::DualStringArray;

/// Whose word counts for the address of an exporter; its port is always that of its bindings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AddressPolicy {
    /// First the host that the user named, then the addresses that the server gives, in order:
    /// right behind address translation and for servers with many addresses.
    #[default]
    KeepHost,
    /// Only the addresses that the server gives, in order.
    Advertised,
}

/// How many addresses to try at most: a server must not be able to send its clients round the world.
const MAX_CANDIDATES: usize = 16;

/// Host and port pairs to try, in order, each once.
pub(crate) fn candidates(
    named: &str,
    bindings: &DualStringArray,
    policy: AddressPolicy,
) -> Vec<(String, u16)> {
    let advertised =
        || bindings.strings.iter().filter_map(|binding| Some((binding.host(), binding.port()?)));
    let mut list: Vec<(String, u16)> = Vec::new();
    let mut add = |host: &str, port: u16| {
        if !list.iter().any(|(known, at)| known.eq_ignore_ascii_case(host) && *at == port) {
            list.push((host.to_owned(), port));
        }
    };
    if policy == AddressPolicy::KeepHost {
        // Where the server knows itself by the name of the user, the port next to it is the one.
        let same = advertised().filter(|(host, _)| host.eq_ignore_ascii_case(named));
        same.for_each(|(_, port)| add(named, port));
        advertised().for_each(|(_, port)| add(named, port));
    }
    advertised().for_each(|(host, port)| add(host, port));
    list.truncate(MAX_CANDIDATES);
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::StringBinding;

    fn pairs(named: &str, policy: AddressPolicy) -> Vec<String> {
        let bindings = DualStringArray {
            strings: vec![
                StringBinding::tcp("DC1", 49666),
                StringBinding { tower: 0x0F, address: "DC1[\\pipe\\x]".into() },
                StringBinding::tcp("10.0.0.5", 49667),
                StringBinding::tcp("fe80::1", 49666),
                StringBinding::host_only("10.0.0.6"),
            ],
            security: Vec::new(),
        };
        let list = candidates(named, &bindings, policy);
        list.into_iter().map(|(host, port)| format!("{host} {port}")).collect()
    }

    #[test]
    fn the_host_that_the_user_named_comes_first() {
        assert_eq!(
            pairs("dc1.corp.example", AddressPolicy::KeepHost),
            [
                "dc1.corp.example 49666",
                "dc1.corp.example 49667",
                "DC1 49666",
                "10.0.0.5 49667",
                "fe80::1 49666"
            ]
        );
    }

    #[test]
    fn names_are_compared_whole() {
        assert_eq!(
            pairs("10.0.0.5", AddressPolicy::KeepHost)[..2],
            ["10.0.0.5 49667", "10.0.0.5 49666"]
        );
        assert_eq!(pairs("10.0.0.50", AddressPolicy::KeepHost)[0], "10.0.0.50 49666");
    }

    #[test]
    fn the_servers_word_alone_counts_where_that_is_wanted() {
        assert_eq!(
            pairs("gateway", AddressPolicy::Advertised),
            ["DC1 49666", "10.0.0.5 49667", "fe80::1 49666"]
        );
    }
}
