//! Object paths and monikers. What parses prints to something that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_cim::moniker::Moniker;
use winreach_cim::path::Path;

fuzz_target!(|text: &str| {
    if let Ok(path) = text.parse::<Path>() {
        assert_eq!(path.to_string().parse::<Path>().as_ref(), Ok(&path));
    }
    if let Ok(moniker) = text.parse::<Moniker>() {
        assert_eq!(moniker.to_string().parse::<Moniker>().as_ref(), Ok(&moniker));
    }
});
