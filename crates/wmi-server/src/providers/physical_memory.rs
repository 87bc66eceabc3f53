//! `Win32_PhysicalMemory`: the memory devices of SMBIOS. Where those cannot be read there is none.

use crate::provider::{ProviderError, Request};

use super::machine::Machine;
use super::smbios::{Structure, kind};
use super::table::{Source, Table, table};

/// A memory module; offsets are those of SMBIOS 7.18.
pub(super) struct Module {
    number: usize,
    device: Structure,
}

impl Module {
    /// Bytes; nothing where the slot is empty or the size not known.
    fn capacity(&self) -> Option<u64> {
        match self.device.u16(0x0C)? {
            0 | 0xFFFF => None,
            0x7FFF => u64::from(self.device.u32(0x1C)? & 0x7FFF_FFFF).checked_mul(1 << 20),
            kilobytes if kilobytes & 0x8000 != 0 => Some(u64::from(kilobytes & 0x7FFF) << 10),
            megabytes => Some(u64::from(megabytes) << 20),
        }
    }

    /// CIM numbers the shapes in another order than SMBIOS.
    fn form_factor(&self) -> Option<u16> {
        Some(match self.device.u8(0x0E)? {
            0x01 => 1,
            0x02 => 0,
            0x03 => 7,
            0x04 => 2,
            0x06 => 3,
            0x07 => 4,
            0x08 => 6,
            0x09 => 8,
            0x0A => 9,
            0x0C => 11,
            0x0D => 12,
            0x0E => 13,
            _ => return None,
        })
    }

    /// CIM numbers the kinds of memory in another order than SMBIOS, and lacks the newer ones.
    fn memory_type(&self) -> Option<u16> {
        Some(match self.device.u8(0x12)? {
            0x01 => 1,
            0x02 => 0,
            0x03 => 2,
            0x04 => 6,
            0x05 => 7,
            0x06 => 8,
            0x07 => 9,
            0x08 => 10,
            0x09 => 11,
            0x0A => 12,
            0x0B => 13,
            0x0C => 14,
            0x0D => 15,
            0x0E => 16,
            0x0F => 17,
            0x10 => 18,
            0x11 => 19,
            0x12 => 20,
            0x13 => 21,
            0x14 => 22,
            0x1A => 26,
            _ => return None,
        })
    }

    /// A number of two bytes, of which one value means that it is not known.
    fn known(&self, offset: usize, unknown: u16) -> Option<u16> {
        self.device.u16(offset).filter(|value| *value != unknown)
    }
}

impl Source for Module {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let devices = Structure::all(machine, kind::MEMORY_DEVICE).into_iter().enumerate();
        let modules = devices.map(|(number, device)| Self { number, device });
        Ok(modules.filter(|module| module.capacity().is_some()))
    }

    fn table() -> Table<Self> {
        table! {
            /// A memory module of this computer.
            Win32_PhysicalMemory: CIM_PhysicalMemory = "{FAF76B93-798C-11D2-AAD1-006008C78BC7}",
                with module: Self;
            inherits {
                Caption => "Physical Memory";
                Description => "Physical Memory";
                Name => "Physical Memory";
                CreationClassName => "Win32_PhysicalMemory";
                Manufacturer => module.device.string(0x17);
                OtherIdentifyingInfo => module.device.string(0x19);
                PartNumber => module.device.string(0x1A);
                SerialNumber => module.device.string(0x18);
                FormFactor => module.form_factor();
                BankLabel => module.device.string(0x11);
                Capacity => module.capacity();
                DataWidth => module.known(0x0A, 0xFFFF);
                MemoryType => module.memory_type();
                Speed => module.known(0x15, 0).map(u32::from);
                TotalWidth => module.known(0x08, 0xFFFF);
            }
            declares {
                /// What tells the module from others.
                Tag: String [key] => format!("Physical Memory {}", module.number);
                /// Rank of the module.
                Attributes: u32 => module.device.u8(0x1B).map(u32::from);
                /// Clock that the module is run at, in megahertz.
                ConfiguredClockSpeed: u32 => module.known(0x20, 0).map(u32::from);
                /// Voltage that the module is run at, in millivolts.
                ConfiguredVoltage: u32 => module.known(0x26, 0).map(u32::from);
                /// Slot of the module.
                DeviceLocator: String => module.device.string(0x10);
                /// Depth of the interleave.
                InterleaveDataDepth: u16;
                /// The highest voltage, in millivolts.
                MaxVoltage: u32 => module.known(0x24, 0).map(u32::from);
                /// The lowest voltage, in millivolts.
                MinVoltage: u32 => module.known(0x22, 0).map(u32::from);
                /// Kind of memory, as SMBIOS numbers it.
                SMBIOSMemoryType: u32 => module.device.u8(0x12).map(u32::from);
                /// Kind of memory in detail, a bit each.
                TypeDetail: u16 => module.device.u16(0x13);
            }
        }
    }
}
