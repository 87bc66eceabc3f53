//! Objects of real Windows 10 machines, decoded, and encoded again to the same bytes.
//!
//! What Windows leaves to chance is fed in from the recording, at the places that
//! [`Leftover`](winreach_wmio::encode::Leftover) names and nowhere else. Each test lists what that
//! was and how much of it.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use bytes::Bytes;
use support::{Recorded, assert_counts, assert_same, recording};
use winreach_cim::{Array, Name, Value};
use winreach_wmio::encode::{self, Chance, InstanceOptions, Style, WindowsGrowth};
use winreach_wmio::{
    ClassMap, ClassUnit, ErrorKind, InstanceUnit, Layout, ObjectArray, ObjectArrayWriter,
    ObjectFlags, PacketObject, SentClasses, SharedRow, Unit,
};

fn class(name: &str) -> Option<(Vec<u8>, ClassUnit)> {
    let bytes = recording(name)?;
    match Unit::decode(&bytes).unwrap() {
        Unit::Class(unit) => Some((bytes, unit)),
        Unit::Instance(_) => panic!("{name} is an instance"),
    }
}

fn instance(name: &str) -> Option<(Vec<u8>, InstanceUnit)> {
    let bytes = recording(name)?;
    match Unit::decode(&bytes).unwrap() {
        Unit::Instance(unit) => Some((bytes, unit)),
        Unit::Class(_) => panic!("{name} is a class"),
    }
}

#[test]
fn win32_process_is_written_as_windows_writes_it() {
    let Some((recorded, unit)) = class("class_Win32_Process.bin") else { return };
    let class = &unit.class;
    assert_eq!(class.properties().len(), 45);
    assert_eq!(class.methods().len(), 7);
    let derivation: Vec<_> = class.derivation().iter().map(Name::as_str).collect();
    assert_eq!(derivation, ["CIM_Process", "CIM_LogicalElement", "CIM_ManagedSystemElement"]);
    assert_eq!(class.parent().unwrap().name().as_str(), "CIM_Process");
    assert!(class.property("Handle").unwrap().is_key());
    assert_eq!(class.decoration().unwrap().namespace, r"ROOT\CIMV2");

    let mut chance = Recorded::new(&recorded);
    let mut out = Vec::new();
    encode::class_with(class, ObjectFlags::empty(), &mut chance, &mut out).unwrap();
    assert_same("Win32_Process", &recorded, &out);
    // Padding that is never cleared, and the flavors in replaced versions of a parameter.
    assert_counts(&chance.fed, &[("MethodCountPadding", 20), ("ReplacedFlavor", 18)]);
    // What CIM_Process did not inherit from a superclass that is not at hand, and the growth of the
    // signatures.
    assert_counts(&chance.spare, &[("ClassHeap", 174), ("Signature", 3054)]);
}

#[test]
fn std_reg_prov_is_written_as_windows_writes_it() {
    let Some((recorded, unit)) = class("class_StdRegProv.bin") else { return };
    assert_eq!(unit.class.methods().len(), 20);
    let mut chance = Recorded::new(&recorded);
    let mut out = Vec::new();
    encode::class_with(&unit.class, ObjectFlags::empty(), &mut chance, &mut out).unwrap();
    assert_same("StdRegProv", &recorded, &out);
    // Padding that is never cleared.
    assert_counts(&chance.fed, &[("MethodCountPadding", 82), ("MethodPadding", 43)]);
    // The growth of the signatures.
    assert_counts(&chance.spare, &[("Signature", 10005)]);
}

/// The parameters of two calls: with the layout out of the method's class, and with the class part
/// made anew.
#[test]
fn parameters_are_written_as_windows_writes_them() {
    let Some((_, registry)) = class("class_StdRegProv.bin") else { return };
    for (method, direction, instance_growth, signature_growth) in [
        ("EnumKey", "in", 46, 122),
        ("EnumKey", "out", 40, 271),
        ("GetStringValue", "in", 28, 304),
        ("GetStringValue", "out", 46, 271),
    ] {
        let name = format!("params_{direction}_StdRegProv_{method}.bin");
        let Some((recorded, unit)) = instance(&name) else { return };
        let signature = registry.signature(method).unwrap();
        let layout = if direction == "in" { &signature.input } else { &signature.output };
        let layout = layout.as_ref().unwrap();
        assert_eq!(layout.class_part(), unit.layout.class_part(), "{name}");

        let mut chance = Recorded::new(&recorded);
        let mut out = Vec::new();
        let options = InstanceOptions::default();
        layout.encode_with(&unit.instance, options, &mut chance, &mut out).unwrap();
        assert_same(&name, &recorded, &out);
        assert_counts(&chance.fed, &[]);
        assert_counts(&chance.spare, &[("Instance", instance_growth)]);

        let mut chance = Recorded::new(layout.class_part());
        let ours = Layout::with(unit.instance.class(), Style::Parameters, &mut chance).unwrap();
        assert_same(&name, layout.class_part(), ours.class_part());
        assert_counts(&chance.fed, &[]);
        assert_counts(&chance.spare, &[("Signature", signature_growth)]);
    }
}

/// The parameters of two calls, out of nothing but the class and named values: nothing is fed in.
#[test]
fn named_values_become_the_parameters_that_windows_sends() {
    let Some((_, registry)) = class("class_StdRegProv.bin") else { return };
    let key = r"SOFTWARE\Microsoft\MSBuild\ToolsVersions\4.0";
    let local_machine = ("hDefKey", Value::Uint32(0x8000_0002));
    let text = |text: &str| Value::from(text);
    let names = Value::Array(Box::new(Array::String(vec![Some("11.0".into())])));
    let path = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\";
    let done = ("ReturnValue", Value::Uint32(0));

    let enum_key = registry.signature("EnumKey").unwrap();
    let input = enum_key.encode_input([local_machine.clone(), ("sSubKeyName", text(key))]);
    let output = enum_key.encode_output([("sNames", names.clone()), done.clone()]);
    let get_string = registry.signature("GetStringValue").unwrap();
    let value_name = ("sValueName", text("MSBuildToolsPath"));
    let input2 = get_string.encode_input([local_machine, ("sSubKeyName", text(key)), value_name]);
    let output2 = get_string.encode_output([("sValue", text(path)), done]);
    for (ours, name) in [
        (input, "params_in_StdRegProv_EnumKey.bin"),
        (output, "params_out_StdRegProv_EnumKey.bin"),
        (input2, "params_in_StdRegProv_GetStringValue.bin"),
        (output2, "params_out_StdRegProv_GetStringValue.bin"),
    ] {
        let Some(recorded) = recording(name) else { return };
        assert_same(name, &recorded, &ours.unwrap().unwrap());
    }

    let output = recording("params_out_StdRegProv_EnumKey.bin").unwrap();
    let output = enum_key.decode_output(&output).unwrap();
    assert_eq!(output.get("snames"), Some(&names));
    assert_eq!(output.get("ReturnValue"), Some(&Value::Uint32(0)));
    let input = recording("params_in_StdRegProv_EnumKey.bin").unwrap();
    assert_eq!(enum_key.decode_input(&input).unwrap().get("sSubKeyName"), Some(&text(key)));
    assert_eq!(get_string.decode_input(&input).unwrap_err().kind, ErrorKind::OtherClass);
}

/// How far the rule of the growth goes: two octets off after the third time.
#[test]
fn an_instance_that_grew_three_times_is_two_octets_off() {
    let Some(row) = operating_system() else { return };
    let instance = row.to_instance().unwrap();
    let class = instance.class();
    let mut order: Vec<_> = PUT.iter().map(|name| class.property_index(name).unwrap()).collect();
    let rest = (0..class.properties().len()).filter(|index| !order.contains(index));
    order = [order.clone(), rest.collect()].concat();
    struct Ordered(WindowsGrowth, Vec<usize>, usize);
    impl Chance for Ordered {
        fn growth(&mut self, items: &dyn Fn() -> Vec<usize>) -> usize {
            // Description was as long as the caption at first.
            let item = |item: usize| if item == 2 { 26 } else { item };
            self.2 = self.0.growth(&|| items().into_iter().map(item).collect());
            self.2
        }

        fn order(&mut self) -> Option<Vec<usize>> {
            Some(self.1.clone())
        }
    }
    let mut chance = Ordered(WindowsGrowth::new(), order, 0);
    let options = InstanceOptions::default();
    row.layout().encode_with(&instance, options, &mut chance, &mut Vec::new()).unwrap();
    assert_eq!(chance.2, 223 + 2);
}

/// The first answer of `IWbemWCOSmartEnum::Next`, after ORPCTHAT and what precedes the packet.
fn operating_system_packet() -> Option<Bytes> {
    let stub = Bytes::from(recording("smartenum_next_Win32_OperatingSystem.bin")?);
    let at = stub.windows(8).position(|window| window == b"WBEMDATA").unwrap() - 4;
    Some(stub.slice(at..stub.len() - 4))
}

fn operating_system() -> Option<SharedRow> {
    let mut packet = ObjectArray::decode(operating_system_packet()?).unwrap();
    assert_eq!(packet.remaining(), 1);
    let mut classes = ClassMap::new();
    let Some(Ok(PacketObject::Row(row))) = packet.next(&mut classes) else { panic!("no row") };
    assert!(packet.next(&mut classes).is_none());
    Some(row)
}

#[test]
fn the_64_values_of_win32_operating_system() {
    let Some(row) = operating_system() else { return };
    let Some(expected) = recording("Win32_OperatingSystem.values.json") else { return };
    let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
    let expected = expected.as_object().unwrap();
    let instance = row.to_instance().unwrap();
    let names: Vec<_> = instance.class().properties().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names.len(), 64);
    assert_eq!(names, expected.keys().collect::<Vec<_>>());
    let view = row.view().unwrap();
    for (index, (name, expected)) in expected.iter().enumerate() {
        let value = instance.get(name).unwrap();
        assert_eq!(as_json(value), expected["value"], "{name}");
        let base = instance.class().property(name).unwrap().value_type;
        let code = u64::from(base.base.code()) | if base.array { 0x2000 } else { 0 };
        assert_eq!(code, expected["cimtype"].as_u64().unwrap(), "{name}");
        assert_eq!(&view.value(index).unwrap().to_value().unwrap(), value, "{name}");
        assert_eq!(view.get(name).unwrap(), view.value(index).unwrap());
    }
    assert_eq!(row.decoration().unwrap().server, "WORKSTATION6");
    assert_eq!(row.decoration().unwrap().namespace, r"root\CIMV2");
}

fn as_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(v) => (*v).into(),
        Value::String(v) => v.as_str().into(),
        Value::DateTime(v) => v.as_str().into(),
        Value::Array(v) => v.iter().map(|v| as_json(&v)).collect(),
        other => other.as_i64().map(Into::into).or(other.as_u64().map(Into::into)).unwrap(),
    }
}

/// The values of Win32_OperatingSystem in the order in which its provider put them.
const PUT: [&str; 25] = [
    "Name",
    "SystemDrive",
    "Caption",
    "Manufacturer",
    "CreationClassName",
    "CSCreationClassName",
    "CSName",
    "Status",
    "LocalDateTime",
    "Description",
    "Version",
    "BuildNumber",
    "SystemDirectory",
    "Locale",
    "CountryCode",
    "CodeSet",
    "WindowsDirectory",
    "SerialNumber",
    "BuildType",
    "InstallDate",
    "BootDevice",
    "SystemDevice",
    "LastBootUpTime",
    "OSArchitecture",
    "MUILanguages",
];

#[test]
fn win32_operating_system_is_written_as_windows_writes_it() {
    let Some(packet) = operating_system_packet() else { return };
    let Some(row) = operating_system() else { return };
    let instance = row.to_instance().unwrap();
    let class = instance.class();

    let class_part = row.layout().class_part();
    let mut chance = Recorded::new(class_part);
    let ours = Layout::with(class, Style::Schema, &mut chance).unwrap();
    assert_same("class part", class_part, ours.class_part());
    assert_eq!(ours, **row.layout());
    assert_counts(&chance.fed, &[]);
    // What the class did not inherit from a superclass that does not travel with instances.
    assert_counts(&chance.spare, &[("ClassHeap", 536)]);

    let mut order: Vec<_> = PUT.iter().map(|name| class.property_index(name).unwrap()).collect();
    order.extend(
        (0..class.properties().len())
            .filter(|i| !PUT.contains(&class.properties()[*i].name.as_str())),
    );
    // The unit has eight octets before the object block, the packet has 79.
    let recorded = [&[0; 8], &packet[79..]].concat();
    let mut chance =
        Recorded::new(&recorded).order(order).replaced(&[b"icrosoft Windows 10 Pro\0"]);
    let mut out = Vec::new();
    row.layout().encode_with(&instance, InstanceOptions::default(), &mut chance, &mut out).unwrap();
    assert_same("object block", &recorded[8..], &out[8..]);
    assert_counts(&chance.fed, &[]);
    // The growth of the instance, and the rest of the caption that Description was at first.
    assert_counts(&chance.spare, &[("Instance", 223), ("ReplacedValue", 24)]);
}

/// All of a packet but its objects, whose size depends on growth: every size differs from the
/// recorded one by as much as the packets differ, and everything else is the same.
#[test]
fn packets_are_framed_as_windows_frames_them() {
    let Some(recorded) = operating_system_packet() else { return };
    let Some(row) = operating_system() else { return };
    let mut sent = SentClasses::new();
    let mut writer = ObjectArrayWriter::new(&mut sent);
    writer.push(row.layout(), &row.to_instance().unwrap()).unwrap();
    let ours = writer.finish().unwrap();

    let size = |packet: &[u8], at: usize| {
        let size = u32::from_le_bytes(packet[at..at + 4].try_into().unwrap());
        packet.len() - usize::try_from(size).unwrap()
    };
    let (mut theirs, mut ours) = (recorded.to_vec(), ours);
    for (field, at) in [
        ("dwDataSize1", 16),
        ("dwDataSize2", 30),
        ("dwDataSize3", 38),
        ("dwSizeOfData of the object", 50),
        ("dwSizeOfData of the instance", 59),
    ] {
        assert_eq!(size(&ours, at), size(&theirs, at), "{field}");
        theirs[at..at + 4].fill(0);
        ours[at..at + 4].fill(0);
    }
    // classID: a GUID made up for the class (version 4, as theirs is).
    assert_eq!((ours[63 + 7] >> 4, theirs[63 + 7] >> 4), (4, 4));
    theirs[63..79].fill(0);
    ours[63..79].fill(0);
    let objects = 79 + 1 + 14 + 12 + row.layout().class_part().len();
    assert_same("packet", &theirs[..objects], &ours[..objects]);
}
