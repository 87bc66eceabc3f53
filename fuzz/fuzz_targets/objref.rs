//! Object references.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_dcom::wire::ObjRef;

fuzz_target!(|data: &[u8]| {
    if let Ok(reference) = ObjRef::from_bytes(data) {
        assert_eq!(ObjRef::from_bytes(&reference.to_bytes()).as_ref(), Ok(&reference));
    }
});
