//! WQL. What parses prints to something that parses to the same, and can be asked of a class.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use winreach_cim::wql::{MAX_LENGTH, Select};
use winreach_cim::{CimType, Class, Instance, Property, Value, ValueType};

static ROW: LazyLock<Instance> = LazyLock::new(|| {
    let mut builder = Class::builder("X").property(Property::new("Name", CimType::String).key());
    for cim_type in CimType::ALL {
        builder = builder.property(Property::new(&*format!("p{cim_type}"), cim_type));
        builder =
            builder.property(Property::new(&*format!("a{cim_type}"), ValueType::array(cim_type)));
    }
    let mut row = Instance::new(builder.build().expect("a sound class").into());
    row.set("Name", "name");
    row.set("puint64", u64::MAX);
    row.set("psint32", -1);
    row.set("preal64", 1.5);
    row.set("pboolean", true);
    row.set(
        "pdatetime",
        Value::from("20240101120000.000000+060".parse::<winreach_cim::DateTime>().expect("a date")),
    );
    row
});

fuzz_target!(|text: &str| {
    let Ok(select) = text.parse::<Select>() else { return };
    // Spaces and quotes that printing adds may take a query over the limit of its length.
    let printed = select.to_string();
    if printed.chars().count() <= MAX_LENGTH {
        assert_eq!(printed.parse::<Select>().as_ref(), Ok(&select));
    }
    if let Ok(bound) = select.bind(ROW.class()) {
        let _ = bound.matches(&ROW);
        let _ = bound.projection(true).class();
    }
});
