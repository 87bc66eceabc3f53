//! Keytabs that MIT Kerberos and Heimdal wrote, keytabs by hand, and keytabs that are none.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::NameType;
use crate::credentials::testing::{Scratch, hex};

/// What `ktadd` of MIT Kerberos 1.20 wrote, but for the key.
const FROM_KTADD: &str = "
    0502 00000047 0002 000c 544553542e4558414d504c45 0004 686f7374
    000e 7365727665722e6578616d706c65 00000001 6b0705d6
    02 0011 0010 11111111111111111111111111111111 00000002";

/// What `ktutil` of Heimdal 7.8 wrote, but for the key: the hole of a key that was taken out, and a
/// key with a word of flags behind its version.
const FROM_HEIMDAL: &str = "
    0502 ffffffbe 0000000000000000000000000000000000000000000000000000000000000000000000
        00000000000000000000000000000000000000000000000000000000000000
    0000003c 0002 0001 52 0003 737663 000b 6c6f6e6765722e6e616d65 00000001 6b07074e
    58 0017 0010 22222222222222222222222222222222 00000258 00000000";

fn entry(kvno: u32, etype: i32, timestamp: u32) -> Entry {
    let principal = Principal::new(["host", "server"], "R").with_type(NameType::PRINCIPAL);
    Entry { principal, timestamp, kvno, key: RawKey::new(etype, *b"a fake key") }
}

fn keytab(entries: impl IntoIterator<Item = Entry>) -> Keytab {
    let mut keytab = Keytab::new();
    entries.into_iter().for_each(|entry| keytab.add(entry));
    keytab
}

#[test]
fn what_ktadd_wrote_is_read_and_written_again() {
    let bytes = hex(FROM_KTADD);
    let keytab = Keytab::parse(&bytes).unwrap();
    let [entry] = keytab.entries() else { panic!("{keytab:?}") };
    assert_eq!(entry.principal.to_string(), "host/server.example@TEST.EXAMPLE");
    assert_eq!(entry.principal.name_type, NameType::PRINCIPAL);
    assert_eq!((entry.kvno, entry.timestamp), (2, 0x6b07_05d6));
    assert_eq!(entry.key, RawKey::new(17, [0x11; 16]));
    assert_eq!(keytab.to_bytes().unwrap().as_slice(), bytes);
}

#[test]
fn what_heimdal_wrote_is_read() {
    let keytab = Keytab::parse(&hex(FROM_HEIMDAL)).unwrap();
    let [entry] = keytab.entries() else { panic!("{keytab:?}") };
    assert_eq!(entry.principal.to_string(), "svc/longer.name@R");
    assert_eq!(entry.kvno, 600);
    assert_eq!(entry.key, RawKey::new(23, [0x22; 16]));
}

#[test]
fn version_1_is_read_in_either_order_of_bytes() {
    // The realm counts as a component, and names have no types.
    let big =
        "0501 0000001e 0003 0001 52 0004 686f7374 0001 73 00000007 05 0012 0004 aabbccdd 000000";
    let little =
        "0501 1e000000 0300 0100 52 0400 686f7374 0100 73 07000000 05 1200 0400 aabbccdd 000000";
    for text in [big, little] {
        let keytab = Keytab::parse(&hex(text)).unwrap();
        let [entry] = keytab.entries() else { panic!("{keytab:?}") };
        assert_eq!(entry.principal.to_string(), "host/s@R");
        assert_eq!(entry.principal.name_type, NameType::UNKNOWN);
        assert_eq!((entry.kvno, entry.timestamp), (5, 7));
        assert_eq!(entry.key, RawKey::new(18, hex("aabbccdd")));
    }
    assert_eq!(Keytab::parse(&hex("0501")).unwrap(), Keytab::new());
}

#[test]
fn the_version_of_a_key_has_32_bits_where_there_is_room_for_them() {
    let start = "0001 0001 52 0001 61 00000001 00000000 2c 0012 0001 aa";
    for (size, end, kvno) in [
        (22, "", 0x2c),
        (25, "000001", 0x2c),
        (26, "0000012c", 300),
        // The rest of a hole.
        (26, "00000000", 0x2c),
        (29, "0000012c 000000", 300),
    ] {
        let bytes = hex(&format!("0502 {size:08x} {start} {end}"));
        let keytab = Keytab::parse(&bytes).unwrap_or_else(|error| panic!("{size}: {error}"));
        assert_eq!(keytab.entries()[0].kvno, kvno, "{size}");
    }
}

#[test]
fn holes_are_passed_over_and_a_length_of_zero_ends_the_file() {
    let record = &hex(FROM_KTADD)[2..];
    let hole = hex("fffffffc 00000000");
    let bytes = [&[5, 2], &hole[..], record, &hole[..], record, &[0; 4], b"garbage"].concat();
    assert_eq!(Keytab::parse(&bytes).unwrap().entries().len(), 2);
    assert_eq!(Keytab::parse(&hex("0502")).unwrap(), Keytab::new());
}

#[test]
fn the_newest_key_is_found_or_the_one_of_a_version() {
    let keytab = keytab([entry(2, 18, 10), entry(4, 18, 30), entry(4, 17, 30), entry(3, 18, 20)]);
    let service = entry(0, 0, 0).principal;
    let kvno = |etype, kvno| keytab.find(&service, etype, kvno).map(|entry| entry.kvno);
    assert_eq!(kvno(18, None), Some(4));
    assert_eq!(kvno(18, Some(3)), Some(3));
    assert_eq!(kvno(18, Some(5)), None);
    assert_eq!(kvno(17, Some(3)), None);
    assert_eq!(kvno(23, None), None);
    assert_eq!(keytab.find(&Principal::new(["host", "other"], "R"), 18, None), None);
    assert_eq!(keytab.principals(), [&service]);
    assert_eq!(keytab.etypes(&service), [18, 17]);
}

#[test]
fn a_version_that_began_anew_is_newer() {
    let service = entry(0, 0, 0).principal;
    let newest = |entries: [Entry; 2]| keytab(entries).find(&service, 18, None).unwrap().kvno;
    assert_eq!(newest([entry(255, 18, 10), entry(1, 18, 20)]), 1);
    assert_eq!(newest([entry(1, 18, 20), entry(255, 18, 10)]), 1);
    assert_eq!(newest([entry(255, 18, 20), entry(1, 18, 10)]), 255);
    assert_eq!(newest([entry(200, 18, 10), entry(1, 18, 20)]), 200);
}

#[test]
fn a_key_of_unknown_or_shortened_version_stands_in() {
    let service = entry(0, 0, 0).principal;
    let found = |entries: &[Entry], kvno| {
        let keytab = keytab(entries.iter().cloned());
        keytab.find(&service, 18, Some(kvno)).map(|entry| entry.timestamp)
    };
    let (short, unknown, exact) = (entry(44, 18, 1), entry(0, 18, 2), entry(300, 18, 3));
    assert_eq!(found(&[short.clone(), unknown.clone(), exact], 300), Some(3));
    assert_eq!(found(&[short.clone(), unknown], 300), Some(2));
    assert_eq!(found(std::slice::from_ref(&short), 300), Some(1));
    assert_eq!(found(&[short], 301), None);
}

#[test]
fn bytes_that_are_no_keytab_say_where_they_go_wrong() {
    let message = |text: &str| Keytab::parse(&hex(text)).unwrap_err().to_string();
    assert_eq!(
        message("0504 0000"),
        "malformed keytab: version at offset 0: the value 0x504 where 0x501 or 0x502 is due"
    );
    assert_eq!(
        message("0502 00000010 0001"),
        "malformed keytab: record at offset 6: 16 bytes where 2 are left"
    );
    // Inside its record a key ends, even where the file goes on.
    assert_eq!(
        message("0502 00000004 0001 0001 52 0001 61 00000000"),
        "malformed keytab: realm at offset 10: 1 bytes where 0 are left"
    );
    assert_eq!(
        message("0502 80000000"),
        "malformed keytab: record at offset 6: 2147483648 bytes where 0 are left"
    );
    assert_eq!(
        message("0502 00000002 0000"),
        "malformed keytab: number of components at offset 6: the value 0x0 where 1 to 255 \
         components is due"
    );
    assert_eq!(
        message("0501 77777777 00"),
        "malformed keytab: record length at offset 2: the value 0x77777777 makes sense in neither \
         byte order"
    );
}

#[test]
fn keytabs_cut_at_any_byte_end_behind_a_record_or_are_refused() {
    let bytes = keytab([entry(1, 18, 0), entry(300, 17, 0)]).to_bytes().unwrap();
    let ends =
        [0, 1].map(|count| keytab((0..count).map(|_| entry(1, 18, 0))).to_bytes().unwrap().len());
    for len in 0..bytes.len() {
        match Keytab::parse(&bytes[..len]) {
            Ok(read) => assert_eq!(ends[read.entries().len()], len),
            Err(error) => assert!(!ends.contains(&len) && error.offset <= len, "{len}: {error}"),
        }
    }
}

#[test]
fn keytabs_with_any_byte_changed_are_read_or_refused() {
    for text in [FROM_KTADD, FROM_HEIMDAL] {
        let bytes = hex(text);
        for (at, flip) in (0..bytes.len()).flat_map(|at| [1, 0x80, 0xff].map(|flip| (at, flip))) {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            if let Err(error) = Keytab::parse(&changed) {
                assert!(error.offset <= changed.len(), "byte {at}: {error}");
            }
        }
    }
}

#[test]
fn what_the_format_has_no_room_for_is_not_written() {
    let mut long = entry(1, 18, 0);
    long.principal.components[1] = "x".repeat(70_000);
    assert_eq!(
        keytab([long]).to_bytes().unwrap_err().to_string(),
        "a keytab has no room for the component: 70000 where at most 65535 can be"
    );
}

#[test]
fn a_file_is_read_by_its_name() {
    let scratch = Scratch::new("keytab");
    let path = scratch.write("service.keytab", hex(FROM_KTADD));
    let name = KeytabName::parse(&format!("FILE:{}", path.display())).unwrap();
    assert_eq!(Keytab::open(&name).unwrap().entries().len(), 1);
    assert!(matches!(Keytab::read(scratch.path()), Err(FileError::Io { .. })));
}

prop_compose! {
    fn any_entry()(
        name_type in any::<i32>(),
        components in vec(".{0,12}", 1..4),
        realm in "[A-Z.]{0,12}",
        (timestamp, etype) in any::<(u32, i16)>(),
        kvno in any::<u32>(),
        key in vec(any::<u8>(), 0..40),
    ) -> Entry {
        let principal = Principal { name_type: NameType(name_type), components, realm };
        Entry { principal, timestamp, kvno, key: RawKey::new(etype.into(), key) }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(entries in vec(any_entry(), 0..5)) {
        let keytab = keytab(entries);
        prop_assert_eq!(Keytab::parse(&keytab.to_bytes().unwrap()).unwrap(), keytab);
    }

    #[test]
    fn any_bytes_are_read_or_refused(version in 1_u8..=2, bytes in vec(any::<u8>(), 0..300)) {
        let _ = Keytab::parse(&[&[5, version], bytes.as_slice()].concat());
    }
}
