//! `Win32_ComputerSystem`: names, memory, processors, and what SMBIOS says of the whole.

use std::iter;
use std::time::SystemTime;

use crate::provider::{ProviderError, Request};

use super::clock::Clock;
use super::facts;
use super::machine::Machine;
use super::processor::Sockets;
use super::smbios::{self, Structure, kind};
use super::table::{Source, Table, table};

/// The computer as a whole.
pub(super) struct Computer {
    machine: Machine,
    sockets: Sockets,
    clock: Clock,
    now: SystemTime,
}

impl Computer {
    fn identity(&self, name: &str) -> Option<String> {
        smbios::identity(&self.machine, name)
    }

    /// A byte of a structure that only root may read.
    fn firmware(&self, kind: u8, offset: usize) -> Option<u16> {
        Structure::first(&self.machine, kind)?.u8(offset).map(u16::from)
    }

    /// A state of two bits out of the hardware security settings (SMBIOS 7.25).
    fn security(&self, shift: u32) -> Option<u16> {
        Some(self.firmware(kind::HARDWARE_SECURITY, 0x04)? >> shift & 3)
    }

    fn oem_strings(&self) -> Option<Vec<String>> {
        let structure = Structure::first(&self.machine, kind::OEM_STRINGS)?;
        Some(structure.strings().to_vec())
    }

    fn domain(&self) -> Option<String> {
        self.machine.line("/proc/sys/kernel/domainname").filter(|name| name != "(none)")
    }

    /// The documented names of instruction sets.
    fn system_type(&self) -> Option<String> {
        Some(match self.machine.kernel().architecture().as_str() {
            "x86_64" => "x64-based PC".to_owned(),
            "i386" | "i486" | "i586" | "i686" => "X86-based PC".to_owned(),
            "aarch64" => "ARM64-based PC".to_owned(),
            _ => return None,
        })
    }

    /// The kind of computer that the kind of chassis (SMBIOS 7.4.1) leaves no doubt about:
    /// 1 desktop, 2 mobile, 4 enterprise server.
    fn kind(&self) -> Option<u16> {
        match self.identity("chassis_type")?.parse().ok()? {
            3..=7 | 0x0D | 0x18 | 0x23 | 0x24 => Some(1),
            8 | 9 | 0x0A | 0x0E | 0x1E..=0x20 => Some(2),
            0x11 | 0x17 | 0x1C | 0x1D => Some(4),
            _ => None,
        }
    }
}

impl Source for Computer {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        Ok(iter::once(Self {
            sockets: Sockets::of(machine),
            clock: Clock::of(machine),
            now: machine.kernel().now(),
            machine: machine.clone(),
        }))
    }

    fn table() -> Table<Self> {
        table! {
            /// This computer.
            Win32_ComputerSystem: CIM_UnitaryComputerSystem
                = "{8502C4B0-5FBB-11D2-AAC1-006008C78BC7}", with computer: Self;
            inherits {
                Caption => computer.machine.host_name();
                Name => computer.machine.host_name();
                Status => "OK";
                CreationClassName => "Win32_ComputerSystem";
            }
            declares {
                /// Whether the firmware asks for an administrator's password: 0 no, 1 yes.
                AdminPasswordStatus: u16 => computer.security(2);
                /// Whether the system manages its paging file.
                AutomaticManagedPagefile: bool;
                /// Whether the computer starts again after a crash.
                AutomaticResetBootOption: bool;
                /// Whether the computer can start again by itself.
                AutomaticResetCapability: bool;
                /// What happens at the limit of automatic starts.
                BootOptionOnLimit: u16;
                /// What happens when the watchdog starts the computer.
                BootOptionOnWatchDog: u16;
                /// Whether the computer can be started from a memory on the network card.
                BootROMSupported: bool;
                /// How the system was started.
                BootupState: String;
                /// Status of the start, as SMBIOS gives it.
                BootStatus: Vec<u16>;
                /// State of the chassis at the start: 3 is safe.
                ChassisBootupState: u16 => computer.firmware(kind::CHASSIS, 0x09);
                /// Number under which the chassis is stocked.
                ChassisSKUNumber: String;
                /// Minutes by which local time is ahead of UTC at present.
                CurrentTimeZone: i16 [units("minutes")] => computer.clock.minutes_ahead(computer.now);
                /// Whether daylight saving time is in effect.
                DaylightInEffect: bool => computer.clock.is_daylight(computer.now);
                /// Host name of the computer.
                DNSHostName: String => computer.machine.host_name();
                /// Domain of the computer.
                Domain: String => computer.domain();
                /// What the computer does in its domain.
                DomainRole: u16;
                /// Whether the clock goes over to daylight saving time.
                EnableDaylightSavingsTime: bool;
                /// Whether the reset button works: 0 no, 1 yes.
                FrontPanelResetStatus: u16 => computer.security(0);
                /// Whether the computer is a guest of a hypervisor.
                HypervisorPresent: bool => computer.sockets.flag("hypervisor");
                /// Whether the computer has an infrared port.
                InfraredSupported: bool;
                /// Whether the firmware asks for a password at the keyboard: 0 no, 1 yes.
                KeyboardPasswordStatus: u16 => computer.security(4);
                /// Who made the computer.
                Manufacturer: String => computer.identity("sys_vendor");
                /// The maker's name for the computer.
                Model: String => computer.identity("product_name");
                /// Whether the computer serves others.
                NetworkServerModeEnabled: bool;
                /// Logical processors on line.
                NumberOfLogicalProcessors: u32 => u32::try_from(computer.sockets.logical()).ok();
                /// Sockets with a processor.
                NumberOfProcessors: u32 => u32::try_from(computer.sockets.count()).ok();
                /// Picture of the maker.
                OEMLogoBitmap: Vec<u8>;
                /// Free text of the maker.
                OEMStringArray: Vec<String> => computer.oem_strings();
                /// Whether the computer belongs to a domain.
                PartOfDomain: bool;
                /// How long a start waits after a reset.
                PauseAfterReset: i64 [units("milliseconds")];
                /// What the computer is: 1 desktop, 2 mobile, 4 enterprise server.
                PCSystemType: u16 => computer.kind();
                /// What the computer is, with newer kinds.
                PCSystemTypeEx: u16 => computer.kind();
                /// Whether the firmware asks for a password when switched on: 0 no, 1 yes.
                PowerOnPasswordStatus: u16 => computer.security(6);
                /// State of the power supply: 3 is safe.
                PowerSupplyState: u16 => computer.firmware(kind::CHASSIS, 0x0A);
                /// Resets since the last intended one.
                ResetCount: i16;
                /// Resets that are tried.
                ResetLimit: i16;
                /// How to reach the maker's support.
                SupportContactDescription: Vec<String>;
                /// Family of computers.
                SystemFamily: String => computer.identity("product_family");
                /// Number under which the computer is sold.
                SystemSKUNumber: String => computer.identity("product_sku");
                /// How long the choice of systems is shown.
                SystemStartupDelay: u16 [units("seconds")];
                /// Choice of systems.
                SystemStartupOptions: Vec<String>;
                /// The system that is chosen by itself.
                SystemStartupSetting: u8;
                /// Kind of computer, by its instruction set.
                SystemType: String => computer.system_type();
                /// Heat of the chassis: 3 is safe.
                ThermalState: u16 => computer.firmware(kind::CHASSIS, 0x0B);
                /// Physical memory.
                TotalPhysicalMemory: u64 [units("bytes")] => {
                    let memory = facts::memory(&computer.machine);
                    memory.number::<u64>("MemTotal").and_then(|kb| kb.checked_mul(1024))
                };
                /// User at the console.
                UserName: String;
                /// What switched the computer on: 6 is the power button.
                WakeUpType: u16 => computer.firmware(kind::SYSTEM, 0x18);
                /// Workgroup of the computer.
                Workgroup: String;
            }
        }
    }
}
