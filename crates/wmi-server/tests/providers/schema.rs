//! The classes are declared as Windows documents them.

use std::collections::HashSet;

use winreach_cim::{CimType, Class, Flavor, ValueType};
use winreach_wmi_server::providers::{self, Machine};

use crate::fixture::provider;

/// What the documentation says of a class.
pub(crate) struct Documented {
    pub(crate) name: &'static str,
    derivation: &'static [&'static str],
    keys: &'static [&'static str],
    properties: usize,
}

const ELEMENT: [&str; 2] = ["CIM_LogicalElement", "CIM_ManagedSystemElement"];

/// One entry a page of <https://learn.microsoft.com/windows/win32/cimwin32prov/>. The page of
/// Win32_OperatingSystem lists two more properties, which recorded Windows 10 does not have.
pub(crate) const CLASSES: [Documented; 14] = [
    class("Win32_OperatingSystem", &["CIM_OperatingSystem", ELEMENT[0], ELEMENT[1]], &[], 64),
    class(
        "Win32_ComputerSystem",
        &["CIM_UnitaryComputerSystem", "CIM_ComputerSystem", "CIM_System", ELEMENT[0], ELEMENT[1]],
        &["Name"],
        64,
    ),
    class(
        "Win32_BIOS",
        &["CIM_BIOSElement", "CIM_SoftwareElement", ELEMENT[0], ELEMENT[1]],
        &["Name", "SoftwareElementID", "SoftwareElementState", "TargetOperatingSystem", "Version"],
        31,
    ),
    class(
        "Win32_Processor",
        &["CIM_Processor", "CIM_LogicalDevice", ELEMENT[0], ELEMENT[1]],
        &["DeviceID"],
        57,
    ),
    class(
        "Win32_PhysicalMemory",
        &[
            "CIM_PhysicalMemory",
            "CIM_Chip",
            "CIM_PhysicalComponent",
            "CIM_PhysicalElement",
            "CIM_ManagedSystemElement",
        ],
        &["Tag"],
        36,
    ),
    class(
        "Win32_LogicalDisk",
        &["CIM_LogicalDisk", "CIM_StorageExtent", "CIM_LogicalDevice", ELEMENT[0], ELEMENT[1]],
        &["DeviceID"],
        40,
    ),
    class(
        "Win32_DiskDrive",
        &["CIM_DiskDrive", "CIM_MediaAccessDevice", "CIM_LogicalDevice", ELEMENT[0], ELEMENT[1]],
        &["DeviceID"],
        51,
    ),
    class(
        "Win32_NetworkAdapter",
        &["CIM_NetworkAdapter", "CIM_LogicalDevice", ELEMENT[0], ELEMENT[1]],
        &["DeviceID"],
        40,
    ),
    class("Win32_NetworkAdapterConfiguration", &["CIM_Setting"], &["Index"], 61),
    class("Win32_Process", &["CIM_Process", ELEMENT[0], ELEMENT[1]], &["Handle"], 45),
    class(
        "Win32_Service",
        &["Win32_BaseService", "CIM_Service", ELEMENT[0], ELEMENT[1]],
        &["Name"],
        26,
    ),
    class("Win32_UserAccount", &["Win32_Account", ELEMENT[0], ELEMENT[1]], &["Name", "Domain"], 16),
    class("Win32_TimeZone", &["CIM_Setting"], &["StandardName"], 24),
    class("CIM_DataFile", &["CIM_LogicalFile", ELEMENT[0], ELEMENT[1]], &["Name"], 33),
];

const fn class(
    name: &'static str,
    derivation: &'static [&'static str],
    keys: &'static [&'static str],
    properties: usize,
) -> Documented {
    Documented { name, derivation, keys, properties }
}

#[test]
fn classes_are_as_documented() {
    let machine = Machine::this();
    for documented in &CLASSES {
        let provider = provider(&machine, documented.name);
        let class = provider.class();
        assert_eq!(class.name().as_str(), documented.name);
        assert_eq!(class.derivation(), documented.derivation, "{}", documented.name);
        let keys: HashSet<&str> = class.keys().map(|key| key.name.as_str()).collect();
        assert_eq!(keys, documented.keys.iter().copied().collect(), "{}", documented.name);
        assert_eq!(class.properties().len(), documented.properties, "{}", documented.name);
        assert!(class.qualifiers().is_true("dynamic"));
        assert!(!class.is_abstract());
        assert_eq!(class.is_singleton(), documented.name == "Win32_OperatingSystem");
    }
    assert_eq!(providers::all(machine).len(), CLASSES.len());
}

#[test]
fn superclasses_come_before_their_subclasses() {
    let mut known = HashSet::new();
    for class in providers::schema() {
        assert!(class.is_abstract(), "{}", class.name());
        assert!(class.superclass().is_none_or(|parent| known.contains(parent)));
        assert!(known.insert(class.name().clone()), "{} stands there twice", class.name());
    }
    for provider in providers::all(Machine::this()) {
        assert!(known.contains(provider.class().superclass().expect("a superclass")));
    }
}

#[test]
fn every_element_is_described() {
    let all = providers::all(Machine::this());
    let classes = providers::schema().into_iter().chain(all.iter().map(|p| p.class().clone()));
    for class in classes {
        let described = |q: &winreach_cim::Qualifiers| {
            let qualifier = q.get("Description").expect("a description");
            let text = qualifier.value.as_str().expect("text");
            assert!(qualifier.flavor.contains(Flavor::AMENDED));
            assert!(!text.is_empty() && !text.contains('\n') && text == text.trim(), "{text:?}");
        };
        described(class.qualifiers());
        for property in class.properties() {
            described(&property.qualifiers);
            assert!(property.qualifiers.is_true("read"), "{}.{}", class.name(), property.name);
        }
    }
}

fn property(class: &Class, name: &str) -> (ValueType, Option<String>, String) {
    let property = class.property(name).expect("the property");
    let units = property.qualifiers.value("Units").and_then(|units| units.as_str());
    let origin = class.origin(property.origin).expect("the class of origin");
    (property.value_type, units.map(str::to_owned), origin.as_str().to_owned())
}

#[test]
fn types_units_and_origins() {
    let machine = Machine::this();
    let check = |class: &str, name: &str, value_type: ValueType, units, origin: &str| {
        let found = property(provider(&machine, class).class(), name);
        assert_eq!(found, (value_type, units, origin.to_owned()), "{class}.{name}");
    };
    let some = |units: &str| Some(units.to_owned());
    check(
        "Win32_Process",
        "KernelModeTime",
        CimType::Uint64.into(),
        some("100 nanoseconds"),
        "CIM_Process",
    );
    check("Win32_Process", "WorkingSetSize", CimType::Uint64.into(), some("bytes"), "CIM_Process");
    check(
        "Win32_Process",
        "PeakWorkingSetSize",
        CimType::Uint32.into(),
        some("kilobytes"),
        "Win32_Process",
    );
    check("Win32_Process", "Caption", CimType::String.into(), None, "CIM_ManagedSystemElement");
    check(
        "Win32_OperatingSystem",
        "CurrentTimeZone",
        CimType::Sint16.into(),
        some("minutes"),
        "CIM_OperatingSystem",
    );
    check(
        "Win32_LogicalDisk",
        "FreeSpace",
        CimType::Uint64.into(),
        some("bytes"),
        "CIM_LogicalDisk",
    );
    check("Win32_LogicalDisk", "DeviceID", CimType::String.into(), None, "CIM_LogicalDevice");
    check(
        "Win32_NetworkAdapter",
        "Speed",
        CimType::Uint64.into(),
        some("bits per second"),
        "CIM_NetworkAdapter",
    );
    check(
        "Win32_PhysicalMemory",
        "TotalWidth",
        CimType::Uint16.into(),
        some("bits"),
        "CIM_PhysicalMemory",
    );
    check("Win32_TimeZone", "StandardDayOfWeek", CimType::Uint8.into(), None, "Win32_TimeZone");
    check(
        "Win32_ComputerSystem",
        "PauseAfterReset",
        CimType::Sint64.into(),
        some("milliseconds"),
        "Win32_ComputerSystem",
    );
    check(
        "Win32_NetworkAdapterConfiguration",
        "IPAddress",
        ValueType::array(CimType::String),
        None,
        "Win32_NetworkAdapterConfiguration",
    );
}
