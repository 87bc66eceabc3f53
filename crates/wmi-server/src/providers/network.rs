//! The network interfaces, which two classes show: as devices, and as they are configured.

use super::machine::Machine;

/// A network interface, out of `/sys/class/net`.
#[derive(Clone)]
pub(super) struct Interface {
    machine: Machine,
    pub(super) name: String,
    pub(super) index: u32,
}

/// `ARPHRD_ETHER` of Linux.
const ETHERNET: &str = "1";
/// `IFF_UP` and `IFF_LOOPBACK` of Linux.
const UP: u32 = 0x1;
const LOOPBACK: u32 = 0x8;

impl Interface {
    /// Every interface, by its index.
    pub(super) fn all(machine: &Machine) -> Vec<Self> {
        let of_name = |name: String| {
            let index = machine.number(&format!("/sys/class/net/{name}/ifindex"))?;
            Some(Self { machine: machine.clone(), name, index })
        };
        let names = machine.names("/sys/class/net").into_iter();
        let mut interfaces: Vec<Self> = names.filter_map(of_name).collect();
        interfaces.sort_by_key(|interface| interface.index);
        interfaces
    }

    pub(super) fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(super) fn path(&self, file: &str) -> String {
        format!("/sys/class/net/{}/{file}", self.name)
    }

    pub(super) fn file(&self, file: &str) -> Option<String> {
        self.machine.line(&self.path(file))
    }

    fn flags(&self) -> Option<u32> {
        u32::from_str_radix(self.file("flags")?.strip_prefix("0x")?, 16).ok()
    }

    /// Whether an administrator has switched the interface on.
    pub(super) fn is_up(&self) -> Option<bool> {
        Some(self.flags()? & UP != 0)
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.flags().is_some_and(|flags| flags & LOOPBACK != 0)
    }

    pub(super) fn is_wireless(&self) -> bool {
        self.machine.exists(&self.path("wireless")) || self.machine.exists(&self.path("phy80211"))
    }

    pub(super) fn is_ethernet(&self) -> bool {
        self.file("type").as_deref() == Some(ETHERNET) && !self.is_wireless()
    }

    /// The hardware address in the spelling of Windows; nothing where there is none.
    pub(super) fn mac_address(&self) -> Option<String> {
        let address = self.file("address")?;
        let is_none = address.split(':').all(|byte| byte == "00");
        (!is_none && address.len() == 17).then(|| address.to_ascii_uppercase())
    }

    /// Name of the driver.
    pub(super) fn driver(&self) -> Option<String> {
        self.machine.link_name(&self.path("device/driver"))
    }
}
