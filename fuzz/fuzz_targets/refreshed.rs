//! The blobs of a refresh, with the layout of a fixed class. What reads whole is written again and
//! reads the same.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use winreach_cim::{CimType, Class, Property, ValueType};
use winreach_wmio::{Error, Layout};

static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let class = Class::builder("Counter")
        .property(Property::new("Name", CimType::String))
        .property(Property::new("Ticks", CimType::Uint64))
        .property(Property::new("Rate", CimType::Uint32).default(9u32))
        .property(Property::new("Tags", ValueType::array(CimType::String)))
        .property(Property::new("Inner", CimType::Object));
    Layout::new(&Arc::new(class.build().expect("a sound class"))).expect("a class that fits")
});

fuzz_target!(|data: &[u8]| {
    let layout = &*LAYOUT;
    if let Ok(row) = layout.refreshed(data) {
        row.values().for_each(drop);
    }
    let Ok(rows) = layout.all_refreshed(data) else { return };
    let instances: Result<Vec<_>, Error> = rows.map(|row| row?.to_instance()).collect();
    let Ok(instances) = instances else { return };
    let mut blob = Vec::new();
    if layout.encode_all_refreshed(&instances, &mut blob).is_ok() {
        let again = layout.all_refreshed(&blob).expect("what was written cannot be read");
        assert_eq!(again.count(), instances.len());
    }
});
