//! `Win32_Process`: `/proc`, a directory a process.

use std::cell::OnceCell;
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

use winreach_cim::{DateTime, Value};

use crate::provider::{ProviderError, Request};

use super::clock::Clock;
use super::facts;
use super::machine::{Machine, lossy};
use super::operating_system;
use super::table::{Source, Table, table};

/// The kernel cuts a process's name to this many bytes.
const NAME_LIMIT: usize = 15;

/// A process. Each of its files is read when the first value out of it is wanted.
pub(super) struct Process {
    host: Rc<Host>,
    id: u32,
    stat: Stat,
    status: OnceCell<String>,
    arguments: OnceCell<Vec<u8>>,
}

/// What all processes have in common.
struct Host {
    machine: Machine,
    name: Option<String>,
    clock: Clock,
    ticks: u64,
    page_size: u64,
    os_name: OnceCell<Option<String>>,
    release: OnceCell<Option<String>>,
}

/// `/proc/PID/stat`.
struct Stat {
    name: String,
    /// What stands behind the name, beginning with the state.
    fields: Vec<i64>,
    state: Option<u8>,
}

/// Numbers of the fields of `/proc/PID/stat`, as proc(5) counts them.
mod field {
    pub(super) const PARENT: usize = 4;
    pub(super) const SESSION: usize = 6;
    pub(super) const MINOR_FAULTS: usize = 10;
    pub(super) const MAJOR_FAULTS: usize = 12;
    pub(super) const USER_TIME: usize = 14;
    pub(super) const SYSTEM_TIME: usize = 15;
    pub(super) const PRIORITY: usize = 18;
    pub(super) const NICE: usize = 19;
    pub(super) const THREADS: usize = 20;
    pub(super) const START_TIME: usize = 22;
    pub(super) const VIRTUAL_SIZE: usize = 23;
    pub(super) const RESIDENT_PAGES: usize = 24;
}

impl Stat {
    /// The name can hold anything, brackets and line ends included: it ends at the last bracket.
    fn parse(bytes: Vec<u8>) -> Option<Self> {
        let open = bytes.iter().position(|b| *b == b'(')?;
        let close = bytes.iter().rposition(|b| *b == b')')?;
        let name = lossy(bytes.get(open + 1..close)?.to_vec());
        let rest = std::str::from_utf8(bytes.get(close + 1..)?).ok()?;
        let mut rest = rest.split_ascii_whitespace();
        let state = rest.next().and_then(|state| state.bytes().next());
        let number = |text: &str| text.parse().unwrap_or(i64::MAX);
        Some(Self { name, state, fields: rest.map(number).collect() })
    }

    /// A field by its number; the state, which is no number, is field 3.
    fn get<T: TryFrom<i64>>(&self, field: usize) -> Option<T> {
        T::try_from(*self.fields.get(field.checked_sub(4)?)?).ok()
    }
}

impl Process {
    /// The process of this number; nothing where it has ended by now.
    fn read(host: &Rc<Host>, id: u32) -> Option<Self> {
        let stat = Stat::parse(host.machine.bytes(&format!("/proc/{id}/stat"))?)?;
        Some(Self {
            host: Rc::clone(host),
            id,
            stat,
            status: OnceCell::new(),
            arguments: OnceCell::new(),
        })
    }

    fn path(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.id)
    }

    fn arguments(&self) -> &[u8] {
        self.arguments
            .get_or_init(|| self.host.machine.bytes(&self.path("cmdline")).unwrap_or_default())
    }

    /// A line of `/proc/PID/status` that counts kilobytes. Kernel threads have none.
    fn kilobytes<T: FromStr>(&self, key: &str) -> Option<T> {
        let read = || self.host.machine.text(&self.path("status")).unwrap_or_default();
        let mut lines = self.status.get_or_init(read).lines();
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        value.trim_start().split(' ').next()?.parse().ok()
    }

    /// The name of the program: whole where the command line tells how a cut one goes on.
    fn name(&self) -> String {
        let short = &self.stat.name;
        if short.len() < NAME_LIMIT {
            return short.clone();
        }
        let program = self.arguments().split(|b| *b == 0).next().unwrap_or_default();
        let program = lossy(program.rsplit(|b| *b == b'/').next().unwrap_or_default().to_vec());
        if program.starts_with(short.as_str()) { program } else { short.clone() }
    }

    /// The arguments with spaces between, as `ps` shows them.
    fn command_line(&self) -> Option<String> {
        let arguments = self.arguments();
        let end = arguments.iter().rposition(|b| *b != 0)? + 1;
        let line = arguments.iter().take(end).map(|b| if *b == 0 { b' ' } else { *b });
        Some(lossy(line.collect()))
    }

    fn created(&self) -> Option<DateTime> {
        let start = self.hundred_nanoseconds(field::START_TIME)?;
        let after_boot = Duration::from_micros(start / 10);
        self.host.clock.date_time(self.host.clock.boot()?.checked_add(after_boot)?)
    }

    fn hundred_nanoseconds(&self, ticks: usize) -> Option<u64> {
        Some(self.stat.get::<u64>(ticks)?.checked_mul(10_000_000)? / self.host.ticks)
    }

    fn execution_state(&self) -> Option<u16> {
        Some(match self.stat.state? {
            b'R' => 3,
            b'S' | b'D' | b'I' | b'P' => 4,
            b'Z' | b'X' | b'x' => 7,
            b'T' | b't' => 8,
            _ => 0,
        })
    }

    /// The base priority of that documented priority class which the process's nice value is
    /// nearest to: idle, below normal, normal, above normal, high, real time.
    fn priority(&self) -> Option<u32> {
        if self.stat.get::<i64>(field::PRIORITY)? < 0 {
            return Some(24);
        }
        Some(match self.stat.get::<i64>(field::NICE)? {
            10.. => 4,
            1..10 => 6,
            0 => 8,
            -9..0 => 10,
            _ => 13,
        })
    }

    fn faults(&self) -> Option<u32> {
        let minor: u64 = self.stat.get(field::MINOR_FAULTS)?;
        let major: u64 = self.stat.get(field::MAJOR_FAULTS)?;
        u32::try_from(minor.checked_add(major)?).ok()
    }

    /// Open files. Since Linux 6.2 the directory that lists them says how many as its size; that
    /// of directories elsewhere means something else.
    fn handles(&self) -> Option<u32> {
        let directory = self.host.machine.path(&self.path("fd"));
        let listed = std::fs::read_dir(&directory).ok()?;
        let told = std::fs::metadata(&directory).ok()?.len();
        if told > 0 && directory.starts_with("/proc") {
            return u32::try_from(told).ok();
        }
        u32::try_from(listed.count()).ok()
    }

    /// Writable memory that no other process shares, in bytes.
    fn private_memory(&self) -> Option<u64> {
        let data: u64 = self.kilobytes("VmData")?;
        data.checked_add(self.kilobytes("VmStk")?)?.checked_mul(1024)
    }

    fn resident(&self) -> Option<u64> {
        self.stat.get::<u64>(field::RESIDENT_PAGES)?.checked_mul(self.host.page_size)
    }

    fn os_name(&self) -> Option<String> {
        self.host.os_name.get_or_init(|| operating_system::name(&self.host.machine)).clone()
    }

    fn kernel_release(&self) -> Option<String> {
        let read = || self.host.machine.line("/proc/sys/kernel/osrelease");
        self.host.release.get_or_init(read).clone()
    }
}

/// The one process that the query can mean, where its conditions name one.
fn demanded(request: &Request) -> Option<Option<u32>> {
    let id = |value: &Value| match value.as_str() {
        Some(text) => text.parse().ok(),
        None => value.as_u64().and_then(|id| u32::try_from(id).ok()),
    };
    ["Handle", "ProcessId"].into_iter().find_map(|name| request.equal_to(name)).map(id)
}

impl Source for Process {
    fn all(
        machine: &Machine,
        request: &Request,
    ) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let host = Rc::new(Host {
            name: machine.host_name(),
            clock: Clock::of(machine),
            ticks: machine.kernel().ticks_per_second().max(1),
            page_size: machine.kernel().page_size(),
            os_name: OnceCell::new(),
            release: OnceCell::new(),
            machine: machine.clone(),
        });
        let ids = match demanded(request) {
            Some(id) => Vec::from_iter(id),
            None => {
                let mut ids = facts::process_ids(machine);
                ids.sort_unstable();
                ids
            }
        };
        Ok(ids.into_iter().filter_map(move |id| Self::read(&host, id)))
    }

    fn table() -> Table<Self> {
        table! {
            /// A process of this computer.
            Win32_Process: CIM_Process = "{8502C4DC-5FBB-11D2-AAC1-006008C78BC7}",
                with process: Self;
            inherits {
                Caption => process.name();
                Description => process.name();
                Name => process.name();
                CSCreationClassName => "Win32_ComputerSystem";
                CSName => process.host.name.clone();
                CreationClassName => "Win32_Process";
                CreationDate => process.created();
                Handle => process.id.to_string();
                OSCreationClassName => "Win32_OperatingSystem";
                OSName => process.os_name();
                ExecutionState => process.execution_state();
                WorkingSetSize => process.resident();
            }
            declares {
                /// Processor time spent in the kernel.
                KernelModeTime: u64 [units("100 nanoseconds")]
                    => process.hundred_nanoseconds(field::SYSTEM_TIME);
                /// Priority from 0 to 31, out of the nice value.
                Priority: u32 => process.priority();
                /// Processor time spent in the program itself.
                UserModeTime: u64 [units("100 nanoseconds")]
                    => process.hundred_nanoseconds(field::USER_TIME);
                /// Path of the program.
                ExecutablePath: String => process.host.machine.link(&process.path("exe"));
                /// The most physical memory that the process may hold.
                MaximumWorkingSetSize: u32 [units("kilobytes")];
                /// The least physical memory that the process is left with.
                MinimumWorkingSetSize: u32 [units("kilobytes")];
                /// Pages that had to be found or brought in.
                PageFaults: u32 => process.faults();
                /// Paging space that the process takes up.
                PageFileUsage: u32 [units("kilobytes")] => process.kilobytes::<u32>("VmSwap");
                /// The most paging space that the process took up.
                PeakPageFileUsage: u32 [units("kilobytes")];
                /// The most physical memory that the process held.
                PeakWorkingSetSize: u32 [units("kilobytes")] => process.kilobytes::<u32>("VmHWM");
                /// The process identifier.
                ProcessId: u32 => process.id;
                /// Quota of non-paged pool.
                QuotaNonPagedPoolUsage: u32;
                /// Quota of paged pool.
                QuotaPagedPoolUsage: u32;
                /// Peak of the quota of non-paged pool.
                QuotaPeakNonPagedPoolUsage: u32;
                /// Peak of the quota of paged pool.
                QuotaPeakPagedPoolUsage: u32;
                /// Version of the operating system that the process runs on.
                WindowsVersion: String => process.kernel_release();
                /// Threads of the process.
                ThreadCount: u32 => process.stat.get::<u32>(field::THREADS);
                /// Files and other things that the process has open.
                HandleCount: u32 => process.handles();
                /// Identifier of the process that made this one; that one may have ended.
                ParentProcessId: u32 => process.stat.get::<u32>(field::PARENT);
                /// Identifier of the session that the process belongs to.
                SessionId: u32 => process.stat.get::<u32>(field::SESSION);
                /// Writable memory that no other process shares, in bytes.
                PrivatePageCount: u64 => process.private_memory();
                /// The most address space that the process took up.
                PeakVirtualSize: u64 [units("bytes")]
                    => process.kilobytes::<u64>("VmPeak").and_then(|kb| kb.checked_mul(1024));
                /// Address space that the process takes up.
                VirtualSize: u64 [units("bytes")] => process.stat.get::<u64>(field::VIRTUAL_SIZE);
                /// Read operations.
                ReadOperationCount: u64;
                /// Write operations.
                WriteOperationCount: u64;
                /// Operations other than reading and writing.
                OtherOperationCount: u64;
                /// Amount read.
                ReadTransferCount: u64 [units("bytes")];
                /// Amount written.
                WriteTransferCount: u64 [units("bytes")];
                /// Amount moved by other operations.
                OtherTransferCount: u64 [units("bytes")];
                /// The command that the process was started with.
                CommandLine: String => process.command_line();
            }
        }
    }
}
