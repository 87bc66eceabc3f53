//! The machine that is asked: its files, and the few things that only the kernel tells.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use rustix::fs::OFlags;

/// The most that is read of one file; what follows is left alone.
const MAX_FILE: u64 = 8 << 20;

/// A Linux machine: a tree of files, and a kernel to ask.
///
/// [`Machine::this`] is the one that the program runs on. Another root and another [`Kernel`] make
/// a machine with known answers.
#[derive(Clone, Debug)]
pub struct Machine {
    root: Arc<Path>,
    kernel: Arc<dyn Kernel>,
}

/// What no file tells.
pub trait Kernel: fmt::Debug + Send + Sync {
    /// The time.
    fn now(&self) -> SystemTime;
    /// The addresses of the network interfaces.
    fn addresses(&self) -> Vec<Address>;
    /// The space of the file system that holds `path`; nothing where the kernel does not say.
    fn space(&self, path: &Path) -> Option<Space>;
    /// The machine's hardware name, such as `x86_64` or `aarch64`.
    fn architecture(&self) -> String;
    /// How many of the kernel's clock ticks make a second; never 0.
    fn ticks_per_second(&self) -> u64;
    /// Size of a page of memory in bytes.
    fn page_size(&self) -> u64;
}

/// An address of a network interface.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// Name of the interface.
    pub interface: String,
    /// The address.
    pub ip: IpAddr,
    /// The mask of its network; of the same family.
    pub mask: IpAddr,
}

/// The space of a file system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    /// Bytes a block.
    pub block_size: u64,
    /// Blocks in all.
    pub blocks: u64,
    /// Blocks that an ordinary user can still get.
    pub available: u64,
    /// The longest file name in bytes.
    pub name_max: u64,
}

impl Machine {
    /// The machine that the program runs on.
    pub fn this() -> Self {
        Self::new("/", Arc::new(RunningKernel))
    }

    /// A machine whose files lie under `root`.
    pub fn new(root: impl Into<PathBuf>, kernel: Arc<dyn Kernel>) -> Self {
        Self { root: root.into().into(), kernel }
    }

    pub(super) fn kernel(&self) -> &dyn Kernel {
        &*self.kernel
    }

    /// Where the file lies that the machine itself calls `path`.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// The bytes of a file; nothing where it cannot be read.
    pub(super) fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        // Some files lie where others than root can put a pipe in their place, which must not
        // make anyone wait.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let file = OpenOptions::new().read(true).custom_flags(flags).open(self.path(path)).ok()?;
        // Most files of the kernel fit, and are then read at one go.
        let mut bytes = Vec::with_capacity(4096);
        file.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// The text of a file, with U+FFFD in place of what is not UTF-8.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        self.bytes(path).map(lossy)
    }

    /// The text of a file that holds one value; nothing where it is empty.
    pub(super) fn line(&self, path: &str) -> Option<String> {
        let text = self.text(path)?;
        let line = text.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// The number that a file holds.
    pub(super) fn number<T: FromStr>(&self, path: &str) -> Option<T> {
        self.line(path)?.parse().ok()
    }

    /// Whether there is such a file or directory.
    pub(super) fn exists(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    /// Where a symbolic link points, as it is written there.
    pub(super) fn link(&self, path: &str) -> Option<String> {
        let target = fs::read_link(self.path(path)).ok()?;
        Some(lossy(target.as_os_str().as_bytes().to_vec()))
    }

    /// The last part of where a symbolic link points.
    pub(super) fn link_name(&self, path: &str) -> Option<String> {
        self.link(path)?.rsplit('/').next().map(str::to_owned)
    }

    /// The path that is left when every symbolic link on the way is followed.
    pub(super) fn resolve(&self, path: &str) -> Option<String> {
        let (root, path) = (self.root.canonicalize().ok()?, self.path(path).canonicalize().ok()?);
        Some(format!("/{}", path.strip_prefix(root).ok()?.display()))
    }

    /// The names in a directory, sorted; none where it cannot be read.
    pub(super) fn names(&self, path: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(path)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }

    /// The host name.
    pub(super) fn host_name(&self) -> Option<String> {
        self.line("/proc/sys/kernel/hostname").or_else(|| self.line("/etc/hostname"))
    }
}

/// Text out of bytes, without a copy where they are UTF-8.
pub(super) fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The kernel that the program runs on.
#[derive(Debug)]
struct RunningKernel;

impl Kernel for RunningKernel {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn addresses(&self) -> Vec<Address> {
        let Ok(interfaces) = nix::ifaddrs::getifaddrs() else { return Vec::new() };
        let ip = |address: Option<nix::sys::socket::SockaddrStorage>| {
            let address = address?;
            let v4 = address.as_sockaddr_in().map(|a| IpAddr::V4(a.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|a| IpAddr::V6(a.ip())))
        };
        interfaces
            .filter_map(|i| {
                let (address, mask) = (ip(i.address)?, ip(i.netmask)?);
                Some(Address { interface: i.interface_name, ip: address, mask })
            })
            .collect()
    }

    fn space(&self, path: &Path) -> Option<Space> {
        let found = rustix::fs::statvfs(path).ok()?;
        Some(Space {
            block_size: found.f_frsize,
            blocks: found.f_blocks,
            available: found.f_bavail,
            name_max: found.f_namemax,
        })
    }

    fn architecture(&self) -> String {
        rustix::system::uname().machine().to_string_lossy().into_owned()
    }

    fn ticks_per_second(&self) -> u64 {
        rustix::param::clock_ticks_per_second().max(1)
    }

    fn page_size(&self) -> u64 {
        u64::try_from(rustix::param::page_size()).unwrap_or(4096)
    }
}
