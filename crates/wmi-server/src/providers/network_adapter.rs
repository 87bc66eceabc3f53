//! `Win32_NetworkAdapter`: the network interfaces as devices.

use winreach_cim::DateTime;

use crate::provider::{ProviderError, Request};

use super::machine::Machine;
use super::network::Interface;
use super::table::{Source, Table, table};

impl Interface {
    /// The documented kinds of adapters that Linux tells apart.
    fn adapter_type(&self) -> Option<(u16, &'static str)> {
        if self.is_wireless() {
            Some((9, "Wireless"))
        } else if self.is_ethernet() {
            Some((0, "Ethernet 802.3"))
        } else {
            None
        }
    }

    /// Whether the interface carries data.
    fn is_connected(&self) -> Option<bool> {
        match self.file("operstate")?.as_str() {
            "up" => Some(true),
            // Interfaces without a link to watch say neither up nor down.
            "unknown" => Some(self.file("carrier")? == "1"),
            _ => Some(false),
        }
    }

    /// 0 disconnected, 2 connected, 7 no medium.
    fn connection_status(&self) -> Option<u16> {
        Some(match (self.is_up()?, self.is_connected()) {
            (false, _) => 0,
            (true, Some(true)) => 2,
            (true, Some(false)) => 7,
            (true, None) => return None,
        })
    }

    /// Bits a second; the kernel says -1, or nothing, where there is no link.
    fn speed(&self) -> Option<u64> {
        self.file("speed")?.parse::<u64>().ok()?.checked_mul(1_000_000)
    }

    /// The address, where the kernel says that the device was made with it.
    fn permanent_address(&self) -> Option<String> {
        (self.file("addr_assign_type")? == "0").then(|| self.mac_address())?
    }
}

/// An interface as a device.
pub(super) struct Adapter(Interface);

impl Source for Adapter {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        Ok(Interface::all(machine).into_iter().map(Self))
    }

    fn table() -> Table<Self> {
        table! {
            /// A network interface of this computer.
            Win32_NetworkAdapter: CIM_NetworkAdapter = "{8502C4C0-5FBB-11D2-AAC1-006008C78BC7}",
                with adapter: Self;
            inherits {
                Caption => format!("[{:08}] {}", adapter.0.index, adapter.0.name);
                Description => adapter.0.name.clone();
                Name => adapter.0.name.clone();
                CreationClassName => "Win32_NetworkAdapter";
                SystemCreationClassName => "Win32_ComputerSystem";
                SystemName => adapter.0.machine().host_name();
                PermanentAddress => adapter.0.permanent_address();
                Speed => adapter.0.speed();
            }
            declares {
                /// What tells the interface from others: its index.
                DeviceID: String [key] => adapter.0.index.to_string();
                /// Kind of adapter in words.
                AdapterType: String => adapter.0.adapter_type().map(|(_, name)| name.to_owned());
                /// Kind of adapter: 0 Ethernet, 9 wireless.
                AdapterTypeID: u16 => adapter.0.adapter_type().map(|(number, _)| number);
                /// Globally unique identifier of the connection.
                GUID: String;
                /// Index of the interface.
                Index: u32 => adapter.0.index;
                /// Whether the adapter is installed.
                Installed: bool => true;
                /// Index of the interface, as routes name it.
                InterfaceIndex: u32 => adapter.0.index;
                /// Hardware address.
                MACAddress: String => adapter.0.mac_address();
                /// Who made the adapter.
                Manufacturer: String;
                /// How many ports the adapter has.
                MaxNumberControlled: u32;
                /// What the connection is called.
                NetConnectionID: String => adapter.0.name.clone();
                /// State of the connection: 0 disconnected, 2 connected, 7 no medium.
                NetConnectionStatus: u16 => adapter.0.connection_status();
                /// Whether the interface is switched on.
                NetEnabled: bool => adapter.0.is_up();
                /// Whether there is a device behind the interface.
                PhysicalAdapter: bool => adapter.0.machine().exists(&adapter.0.path("device"));
                /// What the product is called.
                ProductName: String;
                /// Name of the driver.
                ServiceName: String => adapter.0.driver();
                /// When the adapter was last reset.
                TimeOfLastReset: DateTime;
            }
        }
    }
}
