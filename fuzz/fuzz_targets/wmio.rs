//! MS-WMIO objects. What decodes is encoded again and decodes to the same object.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_wmio::{Unit, encode};

fuzz_target!(|data: &[u8]| {
    let _ = Unit::decode_block(data);
    let Ok(unit) = Unit::decode(data) else { return };
    let object = unit.into_object();
    let mut bytes = Vec::new();
    if encode::object(&object, &mut bytes).is_ok() {
        assert!(Unit::decode(&bytes).is_ok(), "what was written cannot be read");
    }
});
