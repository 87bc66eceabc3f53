//! The tables that a computer's firmware leaves in memory.
//!
//! Source: DMTF DSP0134 (SMBIOS), `/sys/firmware/dmi/entries` of Linux, which only root may read.

use super::machine::{Machine, lossy};

/// Kinds of structures.
pub(super) mod kind {
    pub(crate) const FIRMWARE: u8 = 0;
    pub(crate) const SYSTEM: u8 = 1;
    pub(crate) const CHASSIS: u8 = 3;
    pub(crate) const PROCESSOR: u8 = 4;
    pub(crate) const OEM_STRINGS: u8 = 11;
    pub(crate) const MEMORY_DEVICE: u8 = 17;
    pub(crate) const HARDWARE_SECURITY: u8 = 24;
}

/// One structure: a formatted part of fields at fixed offsets, and strings behind it.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    formatted: Vec<u8>,
    strings: Vec<String>,
}

impl Structure {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let length = usize::from(*bytes.get(1)?);
        let (formatted, strings) = bytes.split_at_checked(length)?;
        let strings = strings.split(|b| *b == 0).take_while(|text| !text.is_empty());
        Some(Self {
            formatted: formatted.to_vec(),
            strings: strings.map(|text| lossy(text.to_vec())).collect(),
        })
    }

    /// All structures of a kind, in the order of the firmware; none where they cannot be read.
    pub(super) fn all(machine: &Machine, kind: u8) -> Vec<Self> {
        const ENTRIES: &str = "/sys/firmware/dmi/entries";
        let number = |name: &String| {
            let (of, number) = name.split_once('-')?;
            (of.parse() == Ok(kind)).then(|| number.parse::<u32>().ok())?
        };
        let mut numbers: Vec<u32> = machine.names(ENTRIES).iter().filter_map(number).collect();
        numbers.sort_unstable();
        let read = |n| Self::parse(&machine.bytes(&format!("{ENTRIES}/{kind}-{n}/raw"))?);
        numbers.into_iter().filter_map(read).collect()
    }

    /// The first structure of a kind.
    pub(super) fn first(machine: &Machine, kind: u8) -> Option<Self> {
        Self::all(machine, kind).into_iter().next()
    }

    pub(super) fn u8(&self, offset: usize) -> Option<u8> {
        self.formatted.get(offset).copied()
    }

    pub(super) fn u16(&self, offset: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.array(offset)?))
    }

    pub(super) fn u32(&self, offset: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.array(offset)?))
    }

    pub(super) fn u64(&self, offset: usize) -> Option<u64> {
        Some(u64::from_le_bytes(self.array(offset)?))
    }

    /// The string that the field at `offset` names; nothing where the maker has left it open.
    pub(super) fn string(&self, offset: usize) -> Option<String> {
        let number = usize::from(self.u8(offset)?);
        let text = self.strings.get(number.checked_sub(1)?)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Every string.
    pub(super) fn strings(&self) -> &[String] {
        &self.strings
    }

    fn array<const N: usize>(&self, offset: usize) -> Option<[u8; N]> {
        self.formatted.get(offset..offset.checked_add(N)?)?.try_into().ok()
    }
}

/// A line of `/sys/class/dmi/id`, where Linux shows parts of the tables to everyone.
pub(super) fn identity(machine: &Machine, name: &str) -> Option<String> {
    machine.line(&format!("/sys/class/dmi/id/{name}"))
}
