//! The class, as Windows has it.

use std::sync::Arc;

use winreach_cim::{
    Array, CimType, Class, Flavor, Method, MethodBuilder, Property, Qualifier, Value, ValueType,
};

/// `HKEY_LOCAL_MACHINE`, the default of every method.
const LOCAL_MACHINE: u32 = 0x8000_0002;

/// `StdRegProv` with its twenty methods, in the order of Windows. The defaults of the values that are
/// set are those of its schema, odd as they are.
#[expect(clippy::expect_used, reason = "the class is constant, and a test builds it")]
pub(super) fn std_reg_prov() -> Arc<Class> {
    let text = ValueType::scalar(CimType::String);
    let texts = ValueType::array(CimType::String);
    let bytes = ValueType::array(CimType::Uint8);
    let flavor = Flavor::TO_INSTANCE;
    let hello = Array::String(vec![Some("hello".into()), Some("there".into())]);
    let builder = Class::builder("StdRegProv")
        .qualifier(Qualifier::new("dynamic", true).with_flavor(flavor))
        .qualifier(Qualifier::new("provider", "RegProv").with_flavor(flavor))
        .method(built(on_key("CreateKey")))
        .method(built(on_key("DeleteKey")))
        .method(built(on_key("EnumKey").output(Property::new("sNames", texts))))
        .method(built(
            on_key("EnumValues")
                .output(Property::new("sNames", texts))
                .output(Property::new("Types", ValueType::array(CimType::Sint32))),
        ))
        .method(built(on_value("DeleteValue")))
        .method(set("SetDWORDValue", "uValue", CimType::Uint32.into(), 3_u32.into()))
        .method(set("SetQWORDValue", "uValue", CimType::Uint64.into(), 3_u64.into()))
        .method(get("GetDWORDValue", Property::new("uValue", CimType::Uint32)))
        .method(get("GetQWORDValue", Property::new("uValue", CimType::Uint64)))
        .method(set("SetStringValue", "sValue", text, "hello".into()))
        .method(get("GetStringValue", Property::new("sValue", text)))
        .method(set("SetMultiStringValue", "sValue", texts, hello.into()))
        .method(get("GetMultiStringValue", Property::new("sValue", texts)))
        .method(set("SetExpandedStringValue", "sValue", text, "%path%".into()))
        .method(get("GetExpandedStringValue", Property::new("sValue", text)))
        .method(set("SetBinaryValue", "uValue", bytes, Array::Uint8(vec![1, 2]).into()))
        .method(get("GetBinaryValue", Property::new("uValue", bytes)))
        .method(built(
            on_key("CheckAccess")
                .input(Property::new("uRequired", CimType::Uint32).default(3_u32))
                .output(Property::new("bGranted", CimType::Boolean)),
        ))
        .method(built(without("SetSecurityDescriptor").input(descriptor())))
        .method(built(without("GetSecurityDescriptor").output(descriptor())));
    Arc::new(builder.build().expect("the methods have names of their own"))
}

#[expect(clippy::expect_used, reason = "signatures are constant, and a test builds them all")]
fn built(method: MethodBuilder) -> Method {
    method.returns(CimType::Uint32).build().expect("the parameters have names of their own")
}

/// A method of a key.
fn on_key(name: &'static str) -> MethodBuilder {
    Method::builder(name)
        .on_class()
        .input(Property::new("hDefKey", CimType::Uint32).default(LOCAL_MACHINE))
        .input(Property::new("sSubKeyName", CimType::String))
}

/// A method of a value.
fn on_value(name: &'static str) -> MethodBuilder {
    on_key(name).input(Property::new("sValueName", CimType::String))
}

fn set(name: &'static str, value: &'static str, value_type: ValueType, default: Value) -> Method {
    built(on_value(name).input(Property::new(value, value_type).default(default)))
}

fn get(name: &'static str, value: Property) -> Method {
    built(on_value(name).output(value))
}

/// A method that is declared alone: there are no security descriptors here.
fn without(name: &'static str) -> MethodBuilder {
    on_key(name).qualifier(Qualifier::new("Implemented", false))
}

fn descriptor() -> Property {
    let flavor = Flavor::TO_INSTANCE | Flavor::TO_SUBCLASS;
    let class = Qualifier::new("CIMTYPE", "object:__SecurityDescriptor").with_flavor(flavor);
    Property::new("Descriptor", CimType::Object).qualifier(class)
}
