//! What the configuration says of realms.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::KdcAddress;

/// The longest request that goes by UDP first where nothing else is said, in bytes: one that fits
/// into a frame of Ethernet.
pub const DEFAULT_UDP_PREFERENCE_LIMIT: usize = 1465;

/// What the configuration, of the kind of `krb5.conf`, says of realms and their KDCs.
#[derive(Debug, Clone)]
pub struct Realms {
    /// The KDCs of each realm, in the order in which to ask them.
    pub map: HashMap<String, Vec<KdcAddress>>,
    /// Whether to look in DNS for the KDCs of a realm that has none here.
    pub dns_lookup_kdc: bool,
    /// The longest request that goes by UDP first, in bytes. Longer ones go by TCP first; the other
    /// way is tried after the first has failed.
    pub udp_preference_limit: usize,
    /// The files that all this was read from, for the words of an error.
    pub files: Vec<PathBuf>,
}

impl Default for Realms {
    /// No realm, from no file; DNS is asked.
    fn default() -> Self {
        Self {
            map: HashMap::new(),
            dns_lookup_kdc: true,
            udp_preference_limit: DEFAULT_UDP_PREFERENCE_LIMIT,
            files: Vec::new(),
        }
    }
}

/// The KDCs of a realm, whose name is looked for as it is written first, and then without regard to
/// the case of ASCII letters, which Windows does not care about either.
pub(crate) fn kdcs_of<'a>(
    map: &'a HashMap<String, Vec<KdcAddress>>,
    realm: &str,
) -> Option<&'a Vec<KdcAddress>> {
    let alike = || {
        let alike = map.iter().filter(|(name, _)| name.eq_ignore_ascii_case(realm));
        alike.min_by_key(|(name, _)| *name).map(|(_, kdcs)| kdcs)
    };
    map.get(realm).or_else(alike).filter(|kdcs| !kdcs.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_is_found_as_written_then_in_any_case() {
        let kdc = |host: &str| vec![KdcAddress::new(host, 88)];
        let map = HashMap::from([
            ("EXAMPLE.COM".to_owned(), kdc("upper")),
            ("example.com".to_owned(), kdc("lower")),
            ("EMPTY".to_owned(), vec![]),
        ]);
        assert_eq!(kdcs_of(&map, "example.com"), Some(&kdc("lower")));
        assert_eq!(kdcs_of(&map, "Example.Com"), Some(&kdc("upper")));
        assert_eq!(kdcs_of(&map, "EMPTY"), None);
        assert_eq!(kdcs_of(&map, "OTHER"), None);
    }
}
