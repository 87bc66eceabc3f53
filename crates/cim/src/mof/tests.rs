use std::sync::Arc;

use super::*;
use crate::ValueType;

fn named(name: &str, value: impl Into<Value>, flavor: Flavor) -> Qualifier {
    Qualifier::new(name, value).with_flavor(flavor)
}

fn parameter(name: &str, cim_type: CimType, id: i32, sides: &[&str]) -> Property {
    let fixed = Flavor::TO_INSTANCE | Flavor::NOT_OVERRIDABLE;
    let property = Property::new(name, cim_type).qualifier(named("ID", id, fixed));
    sides.iter().fold(property, |p, side| p.qualifier(Qualifier::new(*side, true)))
}

fn signature(properties: impl IntoIterator<Item = Property>) -> Option<Arc<Class>> {
    let builder = Class::builder("__PARAMETERS");
    let builder = properties.into_iter().fold(builder, crate::ClassBuilder::property);
    Some(Arc::new(builder.build().unwrap()))
}

fn create() -> Method {
    let values = Array::Sint32(vec![0, 8]);
    Method {
        name: "Create".into(),
        origin: 1,
        propagated: false,
        qualifiers: [Qualifier::new("static", true), Qualifier::new("Values", values)]
            .into_iter()
            .collect(),
        input: signature([
            parameter("CommandLine", CimType::String, 0, &["in"]),
            parameter("Handle", CimType::Uint32, 2, &["in"]).default(7_u32),
        ]),
        output: signature([
            parameter("ProcessId", CimType::Uint32, 1, &["out"]),
            parameter("Handle", CimType::Uint32, 2, &["out"]),
            Property::new("ReturnValue", CimType::Uint32).qualifier(Qualifier::new("out", true)),
        ]),
    }
}

fn process() -> Arc<Class> {
    let base = Class::builder("CIM_Process")
        .qualifier(named("Locale", 1033, Flavor::TO_INSTANCE))
        .property(Property::new("Caption", CimType::String).qualifier(named(
            "MaxLen",
            64,
            Flavor::TO_SUBCLASS,
        )))
        .property(Property::new("Handle", CimType::String).key());
    let class = Class::derive("Win32_Process", &Arc::new(base.build().unwrap()))
        .qualifier(named("Description", "a \"process\"\n", Flavor::AMENDED))
        .property(Property::new("Priority", CimType::Sint32).default(-1))
        .property(Property::new("Tags", ValueType::array(CimType::String)))
        .property(Property::reference("Owner", "Win32_Account"))
        .property(Property::new("Ratio", CimType::Real64).default(2.0))
        .method(create())
        .method(Method { name: "Stop".into(), input: None, output: None, ..create() });
    Arc::new(class.build().unwrap())
}

#[test]
fn a_class_prints_whole_or_with_its_own_parts_alone() {
    let methods = r#"
	[static, Values{0, 8}] uint32 Create([in] string CommandLine, [out] uint32 ProcessId, [in, out] uint32 Handle = 7);
	[static, Values{0, 8}] void Stop();
};
"#;
    let own = r#"
	sint32 Priority = -1;
	string Tags[];
	Win32_Account ref Owner;
	real64 Ratio = 2.0;"#;
    let head =
        "[Description(\"a \\\"process\\\"\\n\"): Amended]\nclass Win32_Process : CIM_Process\n{";
    let inherited = r#"
	[MaxLen(64): ToSubclass] string Caption;
	[key: ToInstance ToSubclass DisableOverride] string Handle;"#;
    let text = |scope| class(&process(), scope).to_string();
    assert_eq!(text(Scope::All), format!("{head}{inherited}{own}{methods}"));
    assert_eq!(text(Scope::Own), format!("{head}{own}{methods}"));
}

#[test]
fn an_overridden_property_is_the_subclass_own() {
    let base = process();
    let derived = Class::derive("Special", &base)
        .property(Property::new("Handle", CimType::String).qualifier(Qualifier::new("read", true)))
        .build()
        .unwrap();
    let expected = "class Special : Win32_Process\n{\n\t[read] string Handle;\n};\n";
    assert_eq!(class(&derived, Scope::Own).to_string(), expected);
}

#[test]
fn an_instance_prints_what_it_holds() {
    let part = Class::builder("Part")
        .property(Property::new("Letter", CimType::Char16))
        .property(Property::new("Made", CimType::DateTime));
    let mut part = Instance::new(Arc::new(part.build().unwrap()));
    part.set("Letter", Value::Char16(u16::from(b'\'')));
    part.set("Made", Value::DateTime("20240101000000.000000+000".parse().unwrap()));
    let whole = Class::builder("Whole")
        .property(Property::new("Name", CimType::String))
        .property(Property::new("Nothing", CimType::String))
        .property(Property::new("Cleared", CimType::Uint8).default(5_u8))
        .property(Property::new("Size", CimType::Uint64))
        .property(Property::new("Flags", ValueType::array(CimType::Boolean)))
        .property(Property::new("Part", CimType::Object));
    let mut whole = Instance::new(Arc::new(whole.build().unwrap()));
    whole.set("Name", "C:\\x\u{1}");
    whole.set("Cleared", Value::Null);
    whole.set("Size", u64::MAX);
    whole.set("Flags", Array::Boolean(vec![true, false]));
    whole.set("Part", Object::Instance(part));
    let expected = r#"instance of Whole
{
	Name = "C:\\x\x0001";
	Cleared = NULL;
	Size = 18446744073709551615;
	Flags = {TRUE, FALSE};
	Part = instance of Part
	{
		Letter = '\'';
		Made = "20240101000000.000000+000";
	};
};
"#;
    assert_eq!(instance(&whole).to_string(), expected);
    assert_eq!(object(&Object::Instance(whole)).to_string(), expected);
}
