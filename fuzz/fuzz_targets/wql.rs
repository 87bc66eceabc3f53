//! WQL. What parses prints to something that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(query) = winreach_cim::wql::parse(text) {
        assert_eq!(winreach_cim::wql::parse(&query.to_string()).as_ref(), Ok(&query));
    }
});
