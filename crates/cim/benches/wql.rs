//! Parsing a query once, and evaluating it row by row. The evaluation must not allocate.

use std::sync::Arc;

use divan::{Bencher, black_box};
use winreach_cim::wql::Select;
use winreach_cim::{CimType, Class, Instance, Property, Value};

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

const QUERIES: [&str; 5] = [
    "SELECT * FROM Win32_Process",
    "SELECT Name FROM Win32_Process WHERE ProcessId = 4711",
    "SELECT Name FROM Win32_Process WHERE Name = 'sqlservr.exe' AND WorkingSetSize > 1000000",
    "SELECT Name FROM Win32_Process WHERE CommandLine LIKE '%--type=renderer%'",
    "SELECT Name FROM Win32_Process WHERE CreationDate > '2020-09-20 15:00:00:000'",
];

fn process() -> Result<Instance, Box<dyn std::error::Error>> {
    let class = Class::builder("Win32_Process")
        .property(Property::new("Handle", CimType::String).key())
        .property(Property::new("Name", CimType::String))
        .property(Property::new("ProcessId", CimType::Uint32))
        .property(Property::new("WorkingSetSize", CimType::Uint64))
        .property(Property::new("CommandLine", CimType::String))
        .property(Property::new("CreationDate", CimType::DateTime))
        .build()?;
    let mut process = Instance::new(Arc::new(class));
    process.set("Handle", "4711");
    process.set("Name", "sqlservr.exe");
    process.set("ProcessId", 4711_u32);
    process.set("WorkingSetSize", 123_456_789_u64);
    process.set("CommandLine", r#""C:\Program Files\SQL\sqlservr.exe" -s INSTANCE --type=server"#);
    process.set("CreationDate", Value::DateTime("20200920150607.123456+120".parse()?));
    Ok(process)
}

#[divan::bench(args = QUERIES)]
fn parse(query: &str) -> bool {
    black_box(query).parse::<Select>().is_ok()
}

#[divan::bench(args = QUERIES)]
fn evaluate(bencher: Bencher<'_, '_>, query: &str) {
    let bound = process().and_then(|process| {
        let bound = query.parse::<Select>()?.bind(process.class())?;
        Ok((bound, process))
    });
    match bound {
        Ok((bound, process)) => bencher.bench_local(|| bound.matches(black_box(&process))),
        Err(error) => eprintln!("{query}: {error}"),
    }
}
