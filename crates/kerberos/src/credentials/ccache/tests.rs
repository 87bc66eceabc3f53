//! Caches that MIT Kerberos wrote, caches by hand, and caches that are none.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::NameType;
use crate::credentials::Problem;
use crate::credentials::testing::{Scratch, hex};

/// The beginning of a cache that `kinit` of MIT Kerberos 1.20 wrote: how far the KDC's clock is
/// ahead, `alice@TEST.EXAMPLE`, and a remark that the KDC can do FAST.
const FROM_KINIT: &str = "
    0504 000c 0001 0008 00000000 00000000
    00000001 00000001 0000000c 544553542e4558414d504c45 00000005 616c696365
    00000001 00000001 0000000c 544553542e4558414d504c45 00000005 616c696365
    00000001 00000003 0000000c 582d4341434845434f4e463a
    00000015 6b7262355f6363616368655f636f6e665f64617461 0000000a 666173745f617661696c
    00000020 6b72627467742f544553542e4558414d504c4540544553542e4558414d504c45
    0000 00000000 00000000 00000000 00000000 00000000 00 00000000
    00000000 00000000 00000003 796573 00000000";

/// A credential with something in every field.
fn credential() -> Credential {
    Credential {
        client: Principal::new(["alice"], "R"),
        server: Principal::new(["host", "server"], "R").with_type(NameType::SRV_HST),
        key: RawKey::new(18, *b"a key of 32 bytes, which is fake"),
        times: Times { auth: 1000, start: 1001, end: 2000, renew_till: 3000 },
        is_skey: false,
        ticket_flags: 0x40e1_0000,
        addresses: vec![TypedBytes { kind: 2, bytes: vec![192, 0, 2, 1] }],
        authdata: vec![TypedBytes { kind: -129, bytes: b"data".to_vec() }],
        ticket: b"ticket".to_vec(),
        second_ticket: b"second".to_vec(),
    }
}

fn cache_of(credentials: impl IntoIterator<Item = Credential>) -> CredentialCache {
    let credentials = credentials.into_iter().collect();
    CredentialCache { credentials, ..CredentialCache::new(Principal::new(["alice"], "R")) }
}

/// The same cache as the documentation of the format has it, in any version and byte order; the
/// writer has no part in it.
fn by_hand(version: u8, little: bool, cache: &CredentialCache) -> Vec<u8> {
    let length = |length: usize| i64::try_from(length).unwrap();
    let number = |value: i64, len: usize| {
        let mut bytes = value.to_be_bytes()[8 - len..].to_vec();
        if little {
            bytes.reverse();
        }
        bytes
    };
    let data = |bytes: &[u8]| [number(length(bytes.len()), 4), bytes.to_vec()].concat();
    let list = |items: &[TypedBytes]| {
        let items =
            items.iter().map(|item| [number(item.kind.into(), 2), data(&item.bytes)].concat());
        [number(length(items.len()), 4), items.collect::<Vec<_>>().concat()].concat()
    };
    let principal = |name: &Principal| {
        let mut bytes = Vec::new();
        if version > 1 {
            bytes.extend(number(name.name_type.0.into(), 4));
        }
        let count = name.components.len() + usize::from(version == 1);
        bytes.extend(number(length(count), 4));
        bytes.extend(data(name.realm.as_bytes()));
        bytes.extend(name.components.iter().flat_map(|part| data(part.as_bytes())));
        bytes
    };
    let mut bytes = vec![5, version];
    if version == 4 {
        bytes.extend([0, 0]);
    }
    bytes.extend(principal(&cache.default_principal));
    for found in &cache.credentials {
        bytes.extend(principal(&found.client));
        bytes.extend(principal(&found.server));
        for _ in 0..if version == 3 { 2 } else { 1 } {
            bytes.extend(number(found.key.etype.into(), 2));
        }
        bytes.extend(data(&found.key.bytes));
        let Times { auth, start, end, renew_till } = found.times;
        bytes.extend([auth, start, end, renew_till].iter().flat_map(|t| number((*t).into(), 4)));
        bytes.push(found.is_skey.into());
        bytes.extend(number(found.ticket_flags.into(), 4));
        bytes.extend([list(&found.addresses), list(&found.authdata)].concat());
        bytes.extend([data(&found.ticket), data(&found.second_ticket)].concat());
    }
    bytes
}

#[test]
fn what_kinit_wrote_is_read_and_written_again() {
    let bytes = hex(FROM_KINIT);
    let cache = CredentialCache::parse(&bytes).unwrap();
    assert_eq!(cache.default_principal.to_string(), "alice@TEST.EXAMPLE");
    assert_eq!(cache.default_principal.name_type, NameType::PRINCIPAL);
    assert_eq!(cache.time_offset, Some(TimeOffset { seconds: 0, microseconds: 0 }));
    assert_eq!(cache.credentials, []);
    let tgs = Principal::ticket_granting("TEST.EXAMPLE", "TEST.EXAMPLE");
    assert_eq!(cache.config_of("fast_avail", &tgs), Some(b"yes".as_slice()));
    assert_eq!(cache.config("fast_avail"), None);
    assert_eq!(cache.to_bytes().unwrap().as_slice(), bytes);
}

#[test]
fn every_version_is_read_in_the_order_of_its_bytes() {
    let cache = cache_of([credential(), Credential { is_skey: true, ..credential() }]);
    assert_eq!(by_hand(4, false, &cache), cache.to_bytes().unwrap().as_slice());
    for (version, little) in [(4, false), (3, false), (2, false), (2, true), (1, false), (1, true)]
    {
        let read = CredentialCache::parse(&by_hand(version, little, &cache)).unwrap();
        assert_eq!(read, cache, "version {version}, little endian: {little}");
        let name_type = read.credentials[0].server.name_type;
        let expected = if version == 1 { NameType::UNKNOWN } else { NameType::SRV_HST };
        assert_eq!(name_type, expected, "version {version}");
    }
}

#[test]
fn unknown_fields_of_the_header_are_passed_over() {
    let mut bytes = by_hand(4, false, &cache_of([credential()]));
    bytes.splice(2..4, hex("0017 0002 0003 aabbcc 0001 0008 ffffffff fffffffe 0009 0000"));
    let cache = CredentialCache::parse(&bytes).unwrap();
    assert_eq!(cache.time_offset, Some(TimeOffset { seconds: -1, microseconds: -2 }));
    assert_eq!(cache.credentials, [credential()]);
}

#[test]
fn credentials_that_were_taken_out_are_none() {
    let mut removed = credential();
    // As MIT Kerberos, and as Heimdal take them out.
    removed.times = Times { auth: u32::MAX, end: 0, ..removed.times };
    let mut removed_config = credential();
    removed_config.server = Principal::new([CONFIG_NAME, "refresh_time"], REMOVED_CONFIG_REALM);
    let cache = cache_of([removed.clone(), credential(), removed_config]);
    let read = CredentialCache::parse(&cache.to_bytes().unwrap()).unwrap();
    assert_eq!(read, cache_of([credential()]));
    removed.times.auth = 1000;
    let read = CredentialCache::parse(&cache_of([removed]).to_bytes().unwrap()).unwrap();
    assert_eq!(read.credentials, []);
}

#[test]
fn the_ticket_that_is_valid_longest_is_found() {
    let ending = |end| Credential { times: Times { end, ..credential().times }, ..credential() };
    let for_user = Credential { is_skey: true, ..ending(9000) };
    let of_bob = Credential { client: Principal::new(["bob"], "R"), ..ending(8000) };
    let cache = cache_of([ending(2000), ending(4000), ending(3000), for_user, of_bob]);
    let service: Principal = "host/server@R".parse().unwrap();
    assert_eq!(cache.find(&service).unwrap().times.end, 4000);
    let bob = Principal::new(["bob"], "R");
    assert_eq!(cache.find_for(&bob, &service).unwrap().times.end, 8000);
    // Without realm it is that of the client.
    assert_eq!(cache.find(&"host/server".parse().unwrap()).unwrap().times.end, 4000);
    for other in ["host/server@S", "host/SERVER@R", "host@R", "http/server"] {
        assert_eq!(cache.find(&other.parse().unwrap()), None, "{other}");
    }
}

#[test]
fn the_ticket_granting_ticket_is_of_the_start_realm() {
    let ticket = |realm: &str| Credential {
        server: Principal::ticket_granting(realm, realm),
        ..credential()
    };
    let mut cache = cache_of([credential(), ticket("S"), ticket("R")]);
    assert_eq!(cache.ticket_granting_ticket().unwrap().server.realm, "R");
    let remark = |key: &str, value: &[u8]| ConfigEntry {
        key: key.into(),
        principal: None,
        value: value.to_vec(),
    };
    cache.config = vec![remark("proxy_impersonator", b"x"), remark("start_realm", b"S")];
    let cache = CredentialCache::parse(&cache.to_bytes().unwrap()).unwrap();
    assert_eq!(cache.ticket_granting_ticket().unwrap().server.realm, "S");
    assert_eq!(cache.config("proxy_impersonator"), Some(b"x".as_slice()));
}

#[test]
fn only_the_realm_of_remarks_has_remarks() {
    let server = |name: &[&str], realm| Principal::new(name.iter().copied(), realm);
    let names = [
        server(&[CONFIG_NAME, "key"], "R"),
        server(&[CONFIG_NAME], CONFIG_REALM),
        server(&["other", "key"], CONFIG_REALM),
    ];
    let cache = cache_of(names.map(|server| Credential { server, ..credential() }));
    assert_eq!(CredentialCache::parse(&cache.to_bytes().unwrap()).unwrap(), cache);
}

#[test]
fn debug_shows_neither_keys_nor_tickets() {
    let text = format!("{:?}", cache_of([credential()]));
    assert!(text.contains("0x40e10000"), "{text}");
    for secret in ["fake", "102, 97, 107, 101", "116, 105, 99"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn bytes_that_are_no_cache_say_where_they_go_wrong() {
    let message = |bytes: &[u8]| CredentialCache::parse(bytes).unwrap_err().to_string();
    assert_eq!(
        message(b""),
        "malformed credential cache: version at offset 0: 2 bytes where 0 are left"
    );
    assert_eq!(
        message(b"[libdefaults]"),
        "malformed credential cache: version at offset 0: the value 0x5b6c where 0x501 to 0x504 is due"
    );
    assert_eq!(
        message(&hex("0502 00000001 77777777 00000000")),
        "malformed credential cache: default principal's number of components at offset 6: the \
         value 0x77777777 makes sense in neither byte order"
    );
    assert_eq!(
        message(&hex("0503 00000001 00000000 00000000")),
        "malformed credential cache: default principal's number of components at offset 6: the \
         value 0x0 where 1 to 255 components is due"
    );
    assert_eq!(
        message(&hex("0503 00000001 00000001 00000001 52 00000002 fffe")),
        "malformed credential cache: default principal's component at offset 19: it is no UTF-8 text"
    );
    assert_eq!(
        message(&hex("0504 000c 0001 0009 00000000 00000000 00")),
        "malformed credential cache: header field at offset 8: 9 bytes where 8 are left"
    );
}

#[test]
fn caches_cut_at_any_byte_end_behind_a_credential_or_are_refused() {
    let cache = cache_of([credential(), credential()]);
    let bytes = cache.to_bytes().unwrap();
    let ends = [0, 1, 2]
        .map(|count| cache_of(std::iter::repeat_n(credential(), count)).to_bytes().unwrap().len());
    for len in 0..bytes.len() {
        match CredentialCache::parse(&bytes[..len]) {
            Ok(read) => assert_eq!(ends[read.credentials.len()], len),
            Err(error) => {
                assert!(!ends.contains(&len) && error.offset <= len, "cut to {len}: {error}");
                assert!(matches!(error.problem, Problem::Truncated { .. }), "{error}");
            }
        }
    }
}

#[test]
fn caches_with_any_byte_changed_are_read_or_refused() {
    for (version, little) in [(4, false), (3, false), (2, true), (1, true)] {
        let bytes = by_hand(version, little, &cache_of([credential()]));
        for (at, flip) in (0..bytes.len()).flat_map(|at| [1, 0x80, 0xff].map(|flip| (at, flip))) {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            if let Err(error) = CredentialCache::parse(&changed) {
                assert!(error.offset <= changed.len(), "byte {at}: {error}");
            }
        }
    }
}

#[test]
fn what_the_format_has_no_room_for_is_not_written() {
    let key = RawKey::new(40_000, [0; 16]);
    let error = cache_of([Credential { key, ..credential() }]).to_bytes().unwrap_err();
    assert_eq!(
        error.to_string(),
        "a credential cache has no room for the encryption type: 40000 where at most 32767 can be"
    );
    let addresses = vec![TypedBytes { kind: -1, bytes: Vec::new() }];
    let error = cache_of([Credential { addresses, ..credential() }]).to_bytes().unwrap_err();
    assert_eq!(error.field, "address type");
}

#[test]
fn the_primary_cache_of_a_directory_is_the_one_that_it_names() {
    let scratch = Scratch::new("ccache-directory");
    let name = CacheName::Directory(scratch.path().into());
    assert_eq!(name.path().unwrap(), scratch.path().join("tkt"));
    let path = scratch.write("tktb", by_hand(4, false, &cache_of([credential()])));
    scratch.write("primary", "tktb\n");
    assert_eq!(name.path().unwrap(), path);
    assert_eq!(CredentialCache::open(&name).unwrap(), cache_of([credential()]));
    for wrong in ["", "\n", "tkt/../../etc/passwd\n", "other\n", "tkt\\b\n"] {
        let path = scratch.write("primary", wrong);
        let error = name.path().unwrap_err();
        assert!(matches!(&error, FileError::Primary { path: found } if *found == path), "{wrong}");
    }
    let cut = scratch.write("tktcut", hex("0504 00"));
    let message = CredentialCache::read(&cut).unwrap_err().to_string();
    assert!(message.starts_with(&format!("{}: malformed credential cache", cut.display())));
}

prop_compose! {
    fn any_principal()(
        name_type in any::<i32>(),
        components in vec(".{0,12}", 1..4),
        realm in "[A-Z.]{0,12}",
    ) -> Principal {
        Principal { name_type: NameType(name_type), components, realm }
    }
}

prop_compose! {
    fn any_credential()(
        client in any_principal(),
        server in any_principal(),
        (etype, key) in (any::<i16>(), vec(any::<u8>(), 0..40)),
        (auth, start, renew_till) in any::<(u32, u32, u32)>(),
        end in 1_u32..,
        (is_skey, ticket_flags) in any::<(bool, u32)>(),
        addresses in vec((any::<u16>(), vec(any::<u8>(), 0..20)), 0..3),
        authdata in vec((any::<i16>(), vec(any::<u8>(), 0..20)), 0..3),
        (ticket, second_ticket) in (vec(any::<u8>(), 0..200), vec(any::<u8>(), 0..200)),
    ) -> Credential {
        let typed = |(kind, bytes)| TypedBytes { kind, bytes };
        Credential {
            client,
            server,
            key: RawKey::new(etype.into(), key),
            times: Times { auth, start, end, renew_till },
            is_skey,
            ticket_flags,
            addresses: addresses.into_iter().map(|(kind, bytes)| typed((kind.into(), bytes))).collect(),
            authdata: authdata.into_iter().map(|(kind, bytes)| typed((kind.into(), bytes))).collect(),
            ticket,
            second_ticket,
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        default_principal in any_principal(),
        offset in proptest::option::of(any::<(i32, i32)>()),
        credentials in vec(any_credential(), 0..4),
        config in vec(("[a-z_]{1,9}", proptest::option::of(".{0,9}"), vec(any::<u8>(), 0..9)), 0..4),
    ) {
        let time_offset =
            offset.map(|(seconds, microseconds)| TimeOffset { seconds, microseconds });
        let config = config
            .into_iter()
            .map(|(key, principal, value)| ConfigEntry { key, principal, value })
            .collect();
        let cache = CredentialCache { default_principal, time_offset, credentials, config };
        let read = CredentialCache::parse(&cache.to_bytes().unwrap()).unwrap();
        prop_assert_eq!(read.default_principal.name_type, cache.default_principal.name_type);
        prop_assert_eq!(read, cache);
    }

    #[test]
    fn any_bytes_are_read_or_refused(version in 1_u8..=4, bytes in vec(any::<u8>(), 0..300)) {
        let _ = CredentialCache::parse(&[&[5, version], bytes.as_slice()].concat());
    }
}
