//! `Win32_OperatingSystem`: `os-release`, the kernel's version, memory and clock.

use std::iter;
use std::time::SystemTime;

use crate::provider::{ProviderError, Request};

use super::clock::Clock;
use super::facts::{self, Pairs};
use super::machine::Machine;
use super::mounts::Mount;
use super::table::{Source, Table, table};

/// The operating system of a machine.
pub(super) struct OperatingSystem {
    machine: Machine,
    release: Pairs,
    memory: Pairs,
    clock: Clock,
    now: SystemTime,
}

impl OperatingSystem {
    fn of(machine: &Machine) -> Self {
        Self {
            release: facts::os_release(machine),
            memory: facts::memory(machine),
            clock: Clock::of(machine),
            now: machine.kernel().now(),
            machine: machine.clone(),
        }
    }

    fn caption(&self) -> Option<String> {
        self.release.owned("PRETTY_NAME").or_else(|| self.release.owned("NAME"))
    }

    fn boot_device(&self) -> Option<String> {
        Mount::at(&self.machine, "/boot").map(|boot| boot.source).or_else(|| self.root_device())
    }

    fn root_device(&self) -> Option<String> {
        Mount::at(&self.machine, "/").map(|root| root.source)
    }

    /// The two amounts together, in kilobytes.
    fn sum(&self, a: &str, b: &str) -> Option<u64> {
        self.memory.number::<u64>(a)?.checked_add(self.memory.number(b)?)
    }

    /// A user address is one bit shorter than an address; only x86 says how long those are.
    fn max_process_memory(&self) -> Option<u64> {
        let cpus = Pairs::read(&self.machine, "/proc/cpuinfo", ':');
        let (_, sizes) = cpus.get("address sizes")?.split_once(',')?;
        let bits: u32 = sizes.split_whitespace().next()?.parse().ok()?;
        1_u64.checked_shl(bits.checked_sub(11)?)
    }

    fn sessions(&self) -> Option<u32> {
        const DIRECTORY: &str = "/run/systemd/sessions";
        if !self.machine.exists(DIRECTORY) {
            return None;
        }
        let is_user = |name: &String| {
            let session = Pairs::read(&self.machine, &format!("{DIRECTORY}/{name}"), '=');
            session.get("CLASS") == Some("user")
        };
        u32::try_from(self.machine.names(DIRECTORY).iter().filter(|n| is_user(n)).count()).ok()
    }

    /// The language of the machine, such as `en_US.UTF-8`.
    fn language(&self) -> Option<String> {
        ["/etc/locale.conf", "/etc/default/locale"]
            .into_iter()
            .find_map(|path| Pairs::read(&self.machine, path, '=').owned("LANG"))
    }

    fn ui_languages(&self) -> Option<Vec<String>> {
        let language = self.language()?;
        let tag = language.split(['.', '@']).next()?.replace('_', "-");
        (tag != "C" && tag != "POSIX").then(|| vec![tag])
    }

    fn code_set(&self) -> Option<String> {
        let language = self.language()?.to_ascii_lowercase();
        // Only for UTF-8 is there no doubt which code page it is.
        (language.ends_with(".utf-8") || language.ends_with(".utf8")).then(|| "65001".to_owned())
    }

    fn architecture(&self) -> String {
        let name = self.machine.kernel().architecture();
        let wide = name.contains("64") || name == "s390x";
        if wide { "64-bit" } else { "32-bit" }.to_owned()
    }

    /// x86 processors that can keep data from being executed have the flag `nx`.
    fn data_execution_prevention(&self) -> Option<bool> {
        let cpus = Pairs::read(&self.machine, "/proc/cpuinfo", ':');
        Some(cpus.get("flags")?.split_whitespace().any(|flag| flag == "nx"))
    }
}

/// `Win32_OperatingSystem.Name`: caption, directory and device, with bars between.
pub(super) fn name(machine: &Machine) -> Option<String> {
    let os = OperatingSystem::of(machine);
    let device = os.root_device().unwrap_or_default();
    Some(format!("{}|/|{device}", os.caption()?))
}

impl Source for OperatingSystem {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        Ok(iter::once(Self::of(machine)))
    }

    fn table() -> Table<Self> {
        table! {
            /// The operating system of this computer.
            Win32_OperatingSystem: CIM_OperatingSystem = "{8502C4DE-5FBB-11D2-AAC1-006008C78BC7}"
                [singleton], with os: Self;
            inherits {
                Caption => os.caption();
                Description => Pairs::read(&os.machine, "/etc/machine-info", '=').owned("PRETTY_HOSTNAME");
                Name => name(&os.machine);
                Status => "OK";
                CSCreationClassName => "Win32_ComputerSystem";
                CSName => os.machine.host_name();
                CreationClassName => "Win32_OperatingSystem";
                Distributed => false;
                FreePhysicalMemory => os.memory.number::<u64>("MemAvailable");
                FreeVirtualMemory => os.sum("MemAvailable", "SwapFree");
                MaxProcessMemorySize => os.max_process_memory();
                OSType => 36_u16;
                Version => os.machine.line("/proc/sys/kernel/osrelease");
                LocalDateTime => os.clock.date_time(os.now);
                CurrentTimeZone => os.clock.minutes_ahead(os.now);
                SizeStoredInPagingFiles => os.memory.number::<u64>("SwapTotal");
                FreeSpaceInPagingFiles => os.memory.number::<u64>("SwapFree");
                LastBootUpTime => os.clock.boot().and_then(|boot| os.clock.date_time(boot));
                MaxNumberOfProcesses => os.machine.number::<u32>("/proc/sys/kernel/pid_max");
                NumberOfProcesses => u32::try_from(facts::process_ids(&os.machine).len()).ok();
                NumberOfUsers => os.sessions();
                TotalVirtualMemorySize => os.sum("MemTotal", "SwapTotal");
                TotalVisibleMemorySize => os.memory.number::<u64>("MemTotal");
            }
            declares {
                /// Device that the system is started from.
                BootDevice: String => os.boot_device();
                /// Languages of the user interface.
                MUILanguages: Vec<String> => os.ui_languages();
                /// Which build of the system it is.
                BuildNumber: String => os.release.owned("BUILD_ID");
                /// 64-bit or 32-bit.
                OSArchitecture: String => os.architecture();
                /// Whether it is built for several processors, and for debugging.
                BuildType: String;
                /// Code page: 65001 is UTF-8.
                CodeSet: String => os.code_set();
                /// Telephone code of the country.
                CountryCode: String;
                /// The latest service pack.
                CSDVersion: String;
                /// Whether the processor can keep data from being executed.
                DataExecutionPrevention_Available: bool => os.data_execution_prevention();
                /// Whether 32-bit programs are kept from executing data.
                DataExecutionPrevention_32BitApplications: bool;
                /// Whether drivers are kept from executing data.
                DataExecutionPrevention_Drivers: bool;
                /// Which programs are kept from executing data.
                DataExecutionPrevention_SupportPolicy: u8;
                /// Whether it is a build for debugging.
                Debug: bool;
                /// How much the program in front is preferred.
                ForegroundApplicationBoost: u8;
                /// Language as a Windows language identifier.
                Locale: String;
                /// Who makes the system.
                Manufacturer: String => os.release.owned("VENDOR_NAME");
                /// Organization that the system is registered for.
                Organization: String;
                /// Language of the system as a Windows language identifier.
                OSLanguage: u32;
                /// Windows product suites.
                OSProductSuite: u32;
                /// Windows edition.
                OperatingSystemSKU: u32;
                /// Product number of Windows Plus!.
                PlusProductID: String;
                /// Version of Windows Plus!.
                PlusVersionNumber: String;
                /// Whether this is the computer's main operating system.
                Primary: bool => true;
                /// User that the system is registered for.
                RegisteredUser: String;
                /// Serial number of the product.
                SerialNumber: String;
                /// Major number of the service pack.
                ServicePackMajorVersion: u16;
                /// Minor number of the service pack.
                ServicePackMinorVersion: u16;
                /// Device that holds the system.
                SystemDevice: String => os.root_device();
                /// Directory of the system's programs.
                SystemDirectory: String;
                /// Volume that holds the system.
                SystemDrive: String => "/".to_owned();
                /// Directory of Windows.
                WindowsDirectory: String;
                /// Strength of encryption.
                EncryptionLevel: u32;
                /// Whether memory is tuned for file serving.
                LargeSystemCache: u32;
                /// Windows product suites.
                SuiteMask: u32;
                /// Work station (1), domain controller (2) or server (3).
                ProductType: u32;
                /// Whether 32-bit processors address more than 4 gigabytes.
                PAEEnabled: bool;
                /// Whether the system was started from removable storage.
                PortableOperatingSystem: bool;
            }
        }
    }
}
