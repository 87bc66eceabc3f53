//! The whole way of a long result: the embedded server makes, encodes and seals rows on the fly,
//! TCP on loopback carries them, and the client opens and reads them, by smart enumeration under
//! NTLM packet privacy. Both halves run in this process, each in a runtime of its own, and share its
//! processors.
//!
//! For each shape of a row and each way to read it, it prints rows per second (the median of the
//! runs), and how much memory the process has after a short and after a long result.
//!
//! ```text
//! cargo bench -p winreach-wmi
//! ```
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark")]

#[path = "../../wmio/benches/win32_process/mod.rs"]
mod win32_process;

use std::fs;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use winreach_auth::ntlm::{NtHash, UserTable};
use winreach_cim::{CimType, Class, Instance, Property, Value};
use winreach_wmi::{
    Credentials, Enumeration, Locator, Logon, Mechanism, Options, Row, Services, ValueRef,
};
use winreach_wmi_server::Server;
use winreach_wmi_server::provider::{Provider, ProviderError, Request};

const ROWS: u32 = 100_000;
const FEW_ROWS: u32 = 10_000;
const RUNS: usize = 5;
const WIDE: &str = "Win32_Process";
const NARROW: &str = "Win32_Narrow";

/// What is done with each row; gives back something that depends on all of its values.
type Read = fn(&Row) -> u64;

const WAYS: [(&str, Read); 2] = [("borrowed", read_borrowed), ("owned", read_owned)];

fn main() {
    let [host, guest] = [(); 2].map(|()| Runtime::new().unwrap());
    let locator = host.block_on(serve());
    guest.block_on(measure(&locator));
}

async fn measure(locator: &Locator) {
    let services = locator.connect().await.unwrap();
    println!("{:<14} {:<9} {:>9} {:>7}  memory", "class", "rows", "rows/s", "us/row");
    for class in [WIDE, NARROW] {
        for (way, read) in WAYS {
            query(&services, class, FEW_ROWS, read).await;
            let before = Memory::now();
            let mut times = Vec::new();
            for _ in 0..RUNS {
                times.push(query(&services, class, ROWS, read).await);
            }
            times.sort_unstable();
            let seconds = times.get(RUNS / 2).unwrap().as_secs_f64();
            let (rate, each) = (f64::from(ROWS) / seconds, seconds * 1e6 / f64::from(ROWS));
            let after = Memory::now();
            println!("{class:<14} {way:<9} {rate:>9.0} {each:>7.2}  {before} -> {after}");
        }
    }
}

/// Reads so many rows of a class and says how long it took.
async fn query(services: &Services, class: &str, count: u32, read: Read) -> Duration {
    let begun = Instant::now();
    let options = Options { enumeration: Enumeration::Smart, ..Options::default() };
    let wql = format!("SELECT * FROM {class} WHERE ThreadCount = {count}");
    let mut rows = services.query_with(&wql, &options).await.unwrap();
    let mut received = 0;
    while let Some(row) = rows.next().await {
        black_box(read(&row.unwrap()));
        received += 1;
    }
    assert_eq!(received, count);
    begun.elapsed()
}

/// All values, where they lie: every number is looked at, and every text is found.
fn read_borrowed(row: &Row) -> u64 {
    let values = row.view().unwrap();
    values.values().fold(0, |sum, value| {
        sum ^ match value.unwrap() {
            ValueRef::Uint32(number) => number.into(),
            ValueRef::Uint64(number) => number,
            ValueRef::String(text) | ValueRef::DateTime(text) => text.is_empty().into(),
            _ => 0,
        }
    })
}

/// An instance that stands alone.
fn read_owned(row: &Row) -> u64 {
    black_box(row.to_instance().unwrap()).own().iter().flatten().count() as u64
}

/// A class whose instances are made when they are asked for, as many as the query says by
/// `ThreadCount`: nothing is kept.
struct OnTheFly {
    class: Arc<Class>,
    values: Vec<Value>,
    handle: usize,
}

impl OnTheFly {
    fn new(name: &str, properties: Vec<(&str, CimType, Value)>) -> Self {
        let class = properties.iter().fold(Class::builder(name), |class, (name, base, _)| {
            let property = Property::new(*name, *base);
            class.property(if *name == "Handle" { property.key() } else { property })
        });
        let handle = properties.iter().position(|(name, ..)| *name == "Handle").unwrap();
        let values = properties.into_iter().map(|(.., value)| value).collect();
        Self { class: Arc::new(class.build().unwrap()), values, handle }
    }
}

impl Provider for OnTheFly {
    fn class(&self) -> &Arc<Class> {
        &self.class
    }

    fn enumerate(
        &self,
        request: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        let count = request.equal_to("ThreadCount").unwrap();
        let threads = self.class.property_index("ThreadCount").unwrap();
        for n in 0..u32::try_from(count.as_i64().unwrap()).unwrap() {
            let mut values: Vec<_> = self.values.iter().cloned().map(Some).collect();
            *values.get_mut(self.handle).unwrap() = Some(n.to_string().into());
            *values.get_mut(threads).unwrap() = Some(count.clone());
            if sink(Instance::from_values(Arc::clone(&self.class), values)).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Starts a server on ports of loopback that are free, and says where to find it.
async fn serve() -> Locator {
    let wide = win32_process::properties();
    let few = ["Name", "Handle", "ThreadCount", "WorkingSetSize", "CreationDate"];
    let narrow = wide.iter().filter(|(name, ..)| few.contains(name)).cloned().collect();
    let mut users = UserTable::new();
    users.insert("tester", NtHash::of_password("Correct-Horse-9"));
    let server = Server::builder()
        .name("SERVER-0042")
        .accounts(users)
        .provider(r"root\cimv2", Arc::new(OnTheFly::new(WIDE, wide)))
        .provider(r"root\cimv2", Arc::new(OnTheFly::new(NARROW, narrow)))
        .listen(Ipv4Addr::LOCALHOST.into(), 0, 0)
        .build()
        .unwrap();
    let bound = server.bind().await.unwrap();
    let port = bound.resolver_address().port();
    tokio::spawn(bound.run(std::future::pending()));
    Locator::new(
        "127.0.0.1",
        Logon::with_password(Credentials::new("tester", "Correct-Horse-9".into()))
            .mechanism(Mechanism::Ntlm),
    )
    .resolver_port(port)
}

/// How much memory the process has, in MiB: now, and at the most so far.
struct Memory {
    now: u64,
    peak: u64,
}

impl Memory {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim_end_matches("kB").trim().parse::<u64>().ok())
        };
        let mib = |name| field(name).unwrap_or_default() / 1024;
        Self { now: mib("VmRSS:"), peak: mib("VmHWM:") }
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (peak {}) MiB", self.now, self.peak)
    }
}
