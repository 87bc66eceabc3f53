//! Keytabs. What is read is written to something that reads as the same, and found in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_kerberos::credentials::Keytab;

fuzz_target!(|data: &[u8]| {
    let Ok(keytab) = Keytab::parse(data) else { return };
    for entry in keytab.entries() {
        let etype = entry.key.etype;
        let found = keytab.find(&entry.principal, etype, Some(entry.kvno));
        assert_eq!(found.map(|found| found.kvno), Some(entry.kvno));
        assert!(keytab.find(&entry.principal, etype, None).is_some());
    }
    for principal in keytab.principals() {
        assert!(!keytab.etypes(principal).is_empty());
    }
    let bytes = keytab.to_bytes().expect("what was read has room in a file");
    assert_eq!(Keytab::parse(&bytes).as_ref(), Ok(&keytab));
});
