//! `Win32_Processor`: one instance a socket, out of `/proc/cpuinfo` and `/sys/devices/system/cpu`.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use crate::provider::{ProviderError, Request};

use super::facts::Pairs;
use super::machine::Machine;
use super::smbios::{Structure, kind};
use super::table::{Source, Table, table};

/// How long the processors are watched to find out how busy they are.
const LOAD_WINDOW: Duration = Duration::from_millis(200);

/// The processor in one socket.
pub(super) struct Processor {
    machine: Machine,
    /// Place among the sockets.
    index: usize,
    /// The logical processors in it.
    members: Vec<Logical>,
    /// What the firmware says; only root may read it.
    structure: Option<Structure>,
    load: Rc<OnceCell<BTreeMap<u32, (Ticks, Ticks)>>>,
}

/// A logical processor that is on line.
#[derive(Clone)]
struct Logical {
    number: u32,
    info: Pairs,
}

/// What a logical processor has done since the start, in clock ticks.
#[derive(Clone, Copy)]
struct Ticks {
    idle: u64,
    all: u64,
}

/// The logical processors, by socket.
pub(super) struct Sockets(BTreeMap<u32, Vec<Logical>>);

impl Sockets {
    pub(super) fn of(machine: &Machine) -> Self {
        let text = machine.text("/proc/cpuinfo").unwrap_or_default();
        let mut sockets: BTreeMap<u32, Vec<Logical>> = BTreeMap::new();
        for info in text.split("\n\n").map(|block| Pairs::parse(block, ':')) {
            let Some(number) = info.number("processor") else { continue };
            let logical = Logical { number, info };
            let package = logical.topology(machine, "physical_package_id");
            // Virtual machines without a topology have one socket.
            sockets.entry(package.unwrap_or(0)).or_default().push(logical);
        }
        Self(sockets)
    }

    /// How many sockets hold a processor.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// How many logical processors are on line.
    pub(super) fn logical(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether x86 processors have this flag; nothing where they are others.
    pub(super) fn flag(&self, flag: &str) -> Option<bool> {
        self.0.values().flatten().next()?.flag(flag)
    }
}

impl Logical {
    fn topology(&self, machine: &Machine, file: &str) -> Option<u32> {
        machine.number(&format!("/sys/devices/system/cpu/cpu{}/topology/{file}", self.number))
    }

    fn flag(&self, flag: &str) -> Option<bool> {
        let flags = self.info.get("flags")?;
        let virtualization = self.info.get("vmx flags").unwrap_or_default();
        Some(flags.split(' ').chain(virtualization.split(' ')).any(|f| f == flag))
    }
}

impl Processor {
    fn info(&self, key: &str) -> Option<&str> {
        self.members.first()?.info.get(key)
    }

    fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.info(key)?.parse().ok()
    }

    /// A file of the first logical processor.
    fn file(&self, name: &str) -> Option<String> {
        let number = self.members.first()?.number;
        self.machine.line(&format!("/sys/devices/system/cpu/cpu{number}/{name}"))
    }

    fn megahertz(&self, file: &str) -> Option<u32> {
        Some(self.file(file)?.parse::<u32>().ok()? / 1000)
    }

    fn current_speed(&self) -> Option<u32> {
        let whole = |mhz: &str| mhz.split('.').next()?.parse().ok();
        self.megahertz("cpufreq/scaling_cur_freq").or_else(|| whole(self.info("cpu MHz")?))
    }

    fn maximum_speed(&self) -> Option<u32> {
        self.megahertz("cpufreq/cpuinfo_max_freq")
            .or_else(|| self.firmware_u16(0x14).map(u32::from))
            .or_else(|| self.current_speed())
    }

    /// Cores with a logical processor on line. Logical processors that do not tell their core
    /// are cores of their own.
    fn cores(&self) -> Option<u32> {
        let mut cores = BTreeSet::new();
        for logical in &self.members {
            cores.insert(match logical.topology(&self.machine, "core_id") {
                Some(core) => (logical.topology(&self.machine, "die_id"), core),
                None => (Some(u32::MAX), logical.number),
            });
        }
        u32::try_from(cores.len()).ok()
    }

    fn threads(&self) -> Option<u32> {
        u32::try_from(self.members.len()).ok()
    }

    /// Kilobytes of all caches of one level; caches that several share count once.
    fn cache(&self, level: u32) -> Option<u32> {
        let mut caches = BTreeMap::new();
        for logical in &self.members {
            let directory = format!("/sys/devices/system/cpu/cpu{}/cache", logical.number);
            for name in self.machine.names(&directory) {
                let file = |file| self.machine.line(&format!("{directory}/{name}/{file}"));
                if file("level").and_then(|l| l.parse().ok()) == Some(level)
                    && let (Some(sharers), Some(size)) = (file("shared_cpu_list"), file("size"))
                    && let Some(size) = size.strip_suffix('K').and_then(|s| s.parse::<u32>().ok())
                {
                    caches.insert((file("type"), sharers), size);
                }
            }
        }
        let sum = caches.values().copied().fold(0, u32::saturating_add);
        (sum > 0).then_some(sum)
    }

    /// The documented numbers of instruction sets.
    fn architecture(&self) -> Option<u16> {
        Some(match self.machine.kernel().architecture().as_str() {
            "x86_64" => 9,
            "i386" | "i486" | "i586" | "i686" => 0,
            "aarch64" => 12,
            name if name.starts_with("arm") => 5,
            name if name.starts_with("mips") => 1,
            name if name.starts_with("ppc") => 3,
            "ia64" => 6,
            _ => return None,
        })
    }

    fn width(&self) -> Option<u16> {
        Some(match self.architecture()? {
            9 | 12 | 6 => 64,
            0 | 5 => 32,
            _ => return None,
        })
    }

    fn caption(&self) -> Option<String> {
        let vendor = match self.info("vendor_id")? {
            "GenuineIntel" => "Intel64",
            "AuthenticAMD" => "AMD64",
            other => other,
        };
        let [family, model, stepping] =
            [self.info("cpu family")?, self.info("model")?, self.info("stepping")?];
        Some(format!("{vendor} Family {family} Model {model} Stepping {stepping}"))
    }

    /// Model in the high byte, stepping in the low one.
    fn revision(&self) -> Option<u16> {
        let [model, stepping]: [u8; 2] = [self.number("model")?, self.number("stepping")?];
        Some(u16::from_be_bytes([model, stepping]))
    }

    fn firmware_string(&self, offset: usize) -> Option<String> {
        self.structure.as_ref()?.string(offset)
    }

    fn firmware_u16(&self, offset: usize) -> Option<u16> {
        self.structure.as_ref()?.u16(offset).filter(|value| *value != 0)
    }

    /// The family has a second field for what one byte cannot hold (SMBIOS 7.5.2).
    fn family(&self) -> Option<u16> {
        let structure = self.structure.as_ref()?;
        match structure.u8(0x06)? {
            0xFE => structure.u16(0x28),
            family => Some(u16::from(family)),
        }
    }

    /// Tenths of a volt, where the firmware gives the voltage itself (SMBIOS 7.5.4).
    fn voltage(&self) -> Option<u16> {
        let voltage = self.structure.as_ref()?.u8(0x11)?;
        (voltage & 0x80 != 0).then(|| u16::from(voltage & 0x7F))
    }

    /// Either virtualization extension, or either second level of address translation.
    fn either_flag(&self, intel: &str, amd: &str) -> Option<bool> {
        let first = self.members.first()?;
        Some(first.flag(intel)? || first.flag(amd)?)
    }

    /// How much of the window the logical processors were not idle, in percent.
    fn load(&self) -> Option<u16> {
        let load = self.load.get_or_init(|| {
            let before = ticks(&self.machine);
            thread::sleep(LOAD_WINDOW);
            let after = ticks(&self.machine);
            let pair = |(n, before)| Some((n, (before, *after.get(&n)?)));
            before.into_iter().filter_map(pair).collect()
        });
        let (mut busy, mut all) = (0_u64, 0_u64);
        for (before, after) in self.members.iter().filter_map(|l| load.get(&l.number)) {
            let passed = after.all.saturating_sub(before.all);
            let idle = after.idle.saturating_sub(before.idle).min(passed);
            busy = busy.saturating_add(passed - idle);
            all = all.saturating_add(passed);
        }
        u16::try_from(busy.checked_mul(100)?.checked_div(all)?).ok()
    }
}

/// What each logical processor has done, out of `/proc/stat`.
fn ticks(machine: &Machine) -> BTreeMap<u32, Ticks> {
    let of_line = |line: &str| {
        let (number, counts) = line.strip_prefix("cpu")?.split_once(' ')?;
        let counts: Vec<u64> = counts.split(' ').filter_map(|n| n.parse().ok()).collect();
        // user nice system idle iowait irq softirq steal; guest time is part of user and nice.
        let all = counts.iter().take(8).fold(0, |sum: u64, n| sum.saturating_add(*n));
        let idle = counts.iter().skip(3).take(2).fold(0, |sum: u64, n| sum.saturating_add(*n));
        Some((number.parse().ok()?, Ticks { idle, all }))
    };
    machine.text("/proc/stat").unwrap_or_default().lines().filter_map(of_line).collect()
}

impl Source for Processor {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        const POPULATED: u8 = 0x40;
        let mut structures = Structure::all(machine, kind::PROCESSOR);
        structures.retain(|s| s.u8(0x18).is_some_and(|status| status & POPULATED != 0));
        let mut structures = structures.into_iter();
        let load = Rc::<OnceCell<_>>::default();
        let sockets = Sockets::of(machine).0.into_values().enumerate();
        Ok(sockets.map(move |(index, members)| Self {
            machine: machine.clone(),
            index,
            members,
            structure: structures.next(),
            load: Rc::clone(&load),
        }))
    }

    fn table() -> Table<Self> {
        table! {
            /// A processor of this computer.
            Win32_Processor: CIM_Processor = "{8502C4BB-5FBB-11D2-AAC1-006008C78BC7}",
                with cpu: Self;
            inherits {
                Caption => cpu.caption();
                Description => cpu.caption();
                Name => cpu.info("model name").map(str::to_owned);
                Status => "OK";
                Availability => 3_u16;
                CreationClassName => "Win32_Processor";
                StatusInfo => 3_u16;
                SystemCreationClassName => "Win32_ComputerSystem";
                SystemName => cpu.machine.host_name();
                AddressWidth => cpu.width();
                CurrentClockSpeed => cpu.current_speed();
                DataWidth => cpu.width();
                Family => cpu.family();
                LoadPercentage => cpu.load();
                MaxClockSpeed => cpu.maximum_speed();
                Role => "CPU";
                Stepping => cpu.info("stepping").map(str::to_owned);
                UpgradeMethod => cpu.structure.as_ref().and_then(|s| s.u8(0x19)).map(u16::from);
            }
            declares {
                /// What tells the processor from others.
                DeviceID: String [key] => format!("CPU{}", cpu.index);
                /// Instruction set: 0 x86, 5 ARM, 9 x64, 12 ARM64.
                Architecture: u16 => cpu.architecture();
                /// Asset tag.
                AssetTag: String => cpu.firmware_string(0x21);
                /// What the processor can do, as SMBIOS numbers it.
                Characteristics: u32 => cpu.firmware_u16(0x26).map(u32::from);
                /// How the processor fares: 1 is enabled.
                CpuStatus: u16 => 1;
                /// Voltage in tenths of a volt.
                CurrentVoltage: u16 => cpu.voltage();
                /// Clock from outside, in megahertz.
                ExtClock: u32 => cpu.firmware_u16(0x12).map(u32::from);
                /// Size of the second-level caches.
                L2CacheSize: u32 [units("kilobytes")] => cpu.cache(2);
                /// Clock of the second-level caches.
                L2CacheSpeed: u32 [units("megahertz")];
                /// Size of the third-level caches.
                L3CacheSize: u32 [units("kilobytes")] => cpu.cache(3);
                /// Clock of the third-level caches.
                L3CacheSpeed: u32 [units("megahertz")];
                /// Family in the maker's numbers.
                Level: u16 => cpu.number::<u16>("cpu family");
                /// Who made the processor.
                Manufacturer: String => cpu.info("vendor_id").map(str::to_owned);
                /// Cores on line.
                NumberOfCores: u32 => cpu.cores();
                /// Cores that are enabled.
                NumberOfEnabledCore: u32 => cpu.cores();
                /// Logical processors on line.
                NumberOfLogicalProcessors: u32 => cpu.threads();
                /// The maker's part number.
                PartNumber: String => cpu.firmware_string(0x22);
                /// Signature and features of the processor.
                ProcessorId: String;
                /// What the processor is for: 3 is a central processor.
                ProcessorType: u16 => 3;
                /// Model and stepping.
                Revision: u16 => cpu.revision();
                /// Whether the processor translates the addresses of guests.
                SecondLevelAddressTranslationExtensions: bool => cpu.either_flag("ept", "npt");
                /// The maker's serial number.
                SerialNumber: String => cpu.firmware_string(0x20);
                /// Socket of the processor.
                SocketDesignation: String => cpu.firmware_string(0x04);
                /// Threads of the processor.
                ThreadCount: u32 => cpu.threads();
                /// Version in the maker's words.
                Version: String => cpu.firmware_string(0x10);
                /// Whether the firmware allows virtualization.
                VirtualizationFirmwareEnabled: bool;
                /// Whether the processor has virtualization extensions.
                VMMonitorModeExtensions: bool => cpu.either_flag("vmx", "svm");
                /// Voltages that the processor can take.
                VoltageCaps: u32;
            }
        }
    }
}
