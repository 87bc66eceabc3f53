//! Packets of smart enumeration, each value of each row read through.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_wmio::{ClassMap, ObjectArray, PacketObject};

fuzz_target!(|data: &[u8]| {
    let mut classes = ClassMap::new();
    let Ok(mut objects) = ObjectArray::decode(data.to_vec().into()) else { return };
    while let Some(object) = objects.next(&mut classes) {
        let Ok(PacketObject::Row(row)) = object else { continue };
        if let Ok(view) = row.view() {
            view.values().for_each(|value| drop(value));
        }
        let _ = row.to_instance();
    }
});
