//! Machines that are made of a few files.

use std::fs;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use winreach_cim::{Instance, Name, Value};
use winreach_wmi_server::provider::{Provider, ProviderError, Request};
use winreach_wmi_server::providers::{self, Address, Kernel, Machine, Space};

/// A directory that stands for the root of a machine, and goes away with the test.
pub(crate) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// A machine that has a name, and nothing else.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("winreach-providers-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        fs::create_dir_all(&root).unwrap();
        Self { root }.file("/proc/sys/kernel/hostname", "alpha\n")
    }

    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, path).unwrap();
        self
    }

    pub(crate) fn directory(self, path: &str) -> Self {
        fs::create_dir_all(self.path(path)).unwrap();
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    pub(crate) fn machine(&self) -> Machine {
        Machine::new(&self.root, Arc::new(StillKernel { root: self.root.clone() }))
    }

    /// Every instance of a class.
    pub(crate) fn all(&self, class: &str) -> Vec<Instance> {
        query(&self.machine(), class, &Request::default()).unwrap()
    }

    /// The only instance of a class.
    pub(crate) fn one(&self, class: &str) -> Instance {
        let mut all = self.all(class);
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// A kernel whose answers never change.
#[derive(Debug)]
struct StillKernel {
    root: PathBuf,
}

impl Kernel for StillKernel {
    /// 2024-07-01 12:00 UTC.
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_719_835_200_250)
    }

    fn addresses(&self) -> Vec<Address> {
        let address = |interface: &str, ip: &str, mask: &str| Address {
            interface: interface.to_owned(),
            ip: ip.parse::<IpAddr>().unwrap(),
            mask: mask.parse::<IpAddr>().unwrap(),
        };
        vec![
            address("lo", "127.0.0.1", "255.0.0.0"),
            address("eth0", "fe80::1", "ffff:ffff:ffff:ffff::"),
            address("eth0", "192.0.2.7", "255.255.255.192"),
        ]
    }

    fn space(&self, path: &Path) -> Option<Space> {
        let name_max = 255;
        match path.strip_prefix(&self.root).ok()?.to_str()? {
            "" => Some(Space { block_size: 4096, blocks: 1000, available: 250, name_max }),
            "mnt/my disk" => Some(Space { block_size: 512, blocks: 10, available: 3, name_max }),
            _ => None,
        }
    }

    fn architecture(&self) -> String {
        "x86_64".to_owned()
    }

    fn ticks_per_second(&self) -> u64 {
        100
    }

    fn page_size(&self) -> u64 {
        4096
    }
}

/// The provider of a class.
pub(crate) fn provider(machine: &Machine, class: &str) -> Arc<dyn Provider> {
    let all = providers::all(machine.clone());
    all.into_iter().find(|p| p.class().name().is(class)).expect("a provider of the class")
}

/// What a provider answers.
pub(crate) fn query(
    machine: &Machine,
    class: &str,
    request: &Request,
) -> Result<Vec<Instance>, ProviderError> {
    let mut instances = Vec::new();
    provider(machine, class).enumerate(request, &mut |instance| {
        instances.push(instance);
        ControlFlow::Continue(())
    })?;
    Ok(instances)
}

/// A request for the instances with one value.
pub(crate) fn equal(property: &str, value: impl Into<Value>) -> Request {
    Request::new(None, vec![(Name::from(property), value.into())])
}

/// Compares the values of some properties with what is expected; `()` stands for null.
#[macro_export]
macro_rules! assert_values {
    ($instance:expr, { $($property:ident: $expected:expr),* $(,)? }) => {{
        let instance: &winreach_cim::Instance = &$instance;
        $(
            assert_eq!(
                instance.get(stringify!($property)).expect("the class has the property"),
                &$crate::fixture::Expected::value($expected),
                stringify!($property)
            );
        )*
    }};
}

/// What a test can write for a value.
pub(crate) trait Expected {
    fn value(self) -> Value;
}

impl Expected for () {
    fn value(self) -> Value {
        Value::Null
    }
}

macro_rules! expected {
    ($($type:ty),*) => {$(
        impl Expected for $type {
            fn value(self) -> Value {
                self.into()
            }
        }
    )*};
}

expected!(&str, bool, u8, u16, u32, u64, i16, i32, winreach_cim::Array, winreach_cim::DateTime);

/// A date-time that a test can write.
pub(crate) fn time(text: &str) -> winreach_cim::DateTime {
    text.parse().unwrap()
}

/// An array of strings.
pub(crate) fn strings(texts: &[&str]) -> winreach_cim::Array {
    winreach_cim::Array::String(texts.iter().map(|text| Some((*text).to_owned())).collect())
}

/// Zone data that hold nothing but a rule.
pub(crate) fn zone_data(rule: &str) -> Vec<u8> {
    let mut block = b"TZif2".to_vec();
    block.extend([0; 15]);
    for count in [0_u32, 0, 0, 0, 1, 4] {
        block.extend(count.to_be_bytes());
    }
    block.extend(0_i32.to_be_bytes());
    block.extend([0, 0]);
    block.extend(b"UTC\0");
    let mut data = block.repeat(2);
    data.extend(format!("\n{rule}\n").bytes());
    data
}
