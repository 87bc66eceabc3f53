//! The classes that this machine can answer for.
//!
//! Each module holds one class: where its instances come from, and a table that declares every
//! property as Windows documents it with its value on this machine beside it. What a machine
//! cannot know is null.

use std::sync::Arc;

use winreach_cim::Class;

use crate::provider::Provider;

mod bios;
mod clock;
mod computer_system;
mod control;
mod data_file;
mod disk_drive;
mod facts;
mod logical_disk;
mod machine;
mod mounts;
mod network;
mod network_adapter;
mod network_adapter_configuration;
mod operating_system;
mod physical_memory;
mod process;
mod processor;
pub mod registry;
mod schema;
mod service;
mod smbios;
mod table;
mod time_zone;
mod user_account;

pub use control::{Control, RunAs};
pub use machine::{Address, Kernel, Machine, Space};

use control::{ProcessMethods, ServiceMethods};
use table::Rows;

/// A provider for each class that `machine` can answer for. Methods that would change it are disabled.
///
/// ```
/// use std::ops::ControlFlow;
/// use winreach_wmi_server::provider::Request;
/// use winreach_wmi_server::providers::{self, Machine};
///
/// let providers = providers::all(Machine::this());
/// let zone = providers.iter().find(|p| p.class().name().is("Win32_TimeZone")).unwrap();
/// let mut count = 0;
/// zone.enumerate(&Request::default(), &mut |instance| {
///     assert!(!instance.get("StandardName").unwrap().is_null());
///     count += 1;
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(count, 1);
/// # Ok::<(), winreach_wmi_server::provider::ProviderError>(())
/// ```
pub fn all(machine: Machine) -> Vec<Arc<dyn Provider>> {
    controlled(machine, Control::default())
}

/// The same providers, and what clients can change about the machine.
pub fn controlled(machine: Machine, control: Control) -> Vec<Arc<dyn Provider>> {
    let processes = ProcessMethods::new(&machine, control.processes);
    let services = ServiceMethods::new(&machine, control.services);
    vec![
        Rows::<operating_system::OperatingSystem>::provider(&machine),
        Rows::<computer_system::Computer>::provider(&machine),
        Rows::<bios::Firmware>::provider(&machine),
        Rows::<processor::Processor>::provider(&machine),
        Rows::<physical_memory::Module>::provider(&machine),
        Rows::<logical_disk::Disk>::provider(&machine),
        Rows::<disk_drive::Drive>::provider(&machine),
        Rows::<network_adapter::Adapter>::provider(&machine),
        Rows::<network_adapter_configuration::Configuration>::provider(&machine),
        Rows::<process::Process>::with_methods(&machine, processes.declarations(), processes),
        Rows::<service::Service>::with_methods(&machine, services.declarations(), services),
        Rows::<user_account::Account>::provider(&machine),
        Rows::<time_zone::Zone>::provider(&machine),
        Rows::<data_file::DataFile>::provider(&machine),
    ]
}

/// The abstract classes that those of the providers derive from, each after its own superclass.
pub fn schema() -> Vec<Arc<Class>> {
    schema::superclasses().to_vec()
}
