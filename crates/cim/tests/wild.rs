//! WQL of real SSIS packages: what parses, and why the others do not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use winreach_cim::WbemStatus;
use winreach_cim::wql::{ParseError, Query, Statement};

const BACKSLASH: &str =
    "backslashes of a registry path stand alone; Windows takes them for escapes";
const PARAMETER: &str = "a placeholder: the package put the value in when it ran";
const LATE_WITHIN: &str = "WITHIN stands after WHERE, once more glued to the name of the class";

/// What must not parse: how the query begins, where it goes wrong, and why.
const WRONG: [(&str, (usize, usize), WbemStatus, &str); 3] = [
    (
        "Select * from Win32_RegistryAction where key ='HKEY_LOCAL_MACHINE\\SOFTWARE",
        (1, 66),
        WbemStatus::E_INVALID_QUERY,
        BACKSLASH,
    ),
    (
        "select filesize from cim_datafile where name = ?",
        (1, 48),
        WbemStatus::E_INVALID_QUERY,
        PARAMETER,
    ),
    (
        "SELECT *\nFROM __InstanceCreationEventWithin",
        (5, 1),
        WbemStatus::E_UNPARSABLE_QUERY,
        LATE_WITHIN,
    ),
];

#[test]
fn queries_of_real_packages_parse_or_fail_as_they_should() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/dtsx/wql_in_the_wild.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: the collection of WQL queries is not at hand");
        return;
    };
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut wrong = 0;
    let mut read = 0;
    for (task, statement) in
        [("WMIDRTaskData", Statement::Data), ("WMIEWTaskData", Statement::Event)]
    {
        let queries = all[format!("{task}/@WQLQuerySource")].as_array().unwrap();
        for query in queries.iter().map(|query| query.as_str().unwrap()) {
            let parsed = query.parse::<Query>();
            let fault = WRONG.iter().find(|(begin, ..)| query.starts_with(begin));
            match (parsed, fault) {
                (Ok(parsed), None) => {
                    assert_eq!(parsed.statement(), statement, "{query}");
                    assert_eq!(parsed.to_string().parse(), Ok(parsed), "{query}");
                    read += 1;
                }
                (Err(error), Some((_, place, status, why))) => {
                    let ParseError { at, .. } = error;
                    let found = ((at.line, at.column), error.status());
                    assert_eq!(found, (*place, *status), "{query}: {error}; {why}");
                    wrong += 1;
                }
                (Err(error), None) => panic!("{query}: {error}"),
                (Ok(parsed), Some((.., why))) => panic!("{query} was read as {parsed}; {why}"),
            }
        }
    }
    assert_eq!((read, wrong), (31, 3));
}
