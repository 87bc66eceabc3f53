//! The objects in the stubs.

use std::sync::Arc;

use uuid::{Uuid, uuid};
use winreach_cim::{
    Array, CimType, Class, ClassError, Decoration, Flavor, Instance, Method, Object, Property,
    Qualifier, Value, ValueType, WbemStatus,
};
use winreach_dcom::wire::{DualStringArray, ObjRef, SecurityBinding, StdObjRef, StringBinding};
use winreach_wmi_proto::{ClassObject, Context, Variant};
use winreach_wmio::{ClassUnit, ExtendedStatus, Layout, Unit, encode};

use super::{CHAIN, Result};

const IPID: Uuid = uuid!("00009001-0a1c-0000-aaaa-bbbbccccdddd");

/// `Test_Thing` and what is made of it.
pub(super) struct Samples {
    class: Arc<Class>,
    /// The class as a reader has it.
    decoded: ClassUnit,
}

impl Samples {
    pub(super) fn new() -> Result<Self> {
        let class = class()?;
        let unit = unit(&Object::Class(Arc::clone(&class)))?;
        match Unit::decode(&unit.0)? {
            Unit::Class(decoded) => Ok(Self { class, decoded }),
            Unit::Instance(_) => Err("a class became an instance".into()),
        }
    }

    pub(super) fn class(&self) -> Result<ClassObject> {
        unit(&Object::Class(Arc::clone(&self.class)))
    }

    pub(super) fn instance(&self, name: &str) -> Result<ClassObject> {
        unit(&Object::Instance(self.thing(name)))
    }

    fn thing(&self, name: &str) -> Instance {
        let mut thing = Instance::new(Arc::clone(&self.class));
        thing.set("Name", name);
        thing.set("Size", 7u32);
        thing.set("Ready", true);
        thing.set("Total", 1u64 << 40);
        let tags = ["one", "two"].map(|tag| Some(tag.to_owned()));
        thing.set("Tags", Value::Array(Box::new(Array::String(tags.to_vec()))));
        thing.set("Codes", Value::Array(Box::new(Array::Uint16(vec![1, 2, 3]))));
        thing.set_decoration(self.class.decoration().cloned());
        thing
    }

    /// An event with an instance inside.
    pub(super) fn event(&self) -> Result<ClassObject> {
        let event = Class::builder("__InstanceCreationEvent")
            .property(Property::new("TargetInstance", CimType::Object))
            .property(Property::new("TIME_CREATED", CimType::Uint64));
        let mut event = Instance::new(Arc::new(event.build()?));
        let target = Object::Instance(self.thing("new"));
        event.set("TargetInstance", Value::Object(Box::new(target)));
        event.set("TIME_CREATED", 132_450_000_000_000_000u64);
        unit(&Object::Instance(event))
    }

    /// What goes into `Resize`.
    pub(super) fn input(&self) -> Result<Option<ClassObject>> {
        let resize = self.decoded.signature("Resize").ok_or("no method")?;
        let unit = resize.encode_input([("Size", 9u32.into()), ("Note", "bigger".into())])?;
        Ok(unit.map(|unit| ClassObject(unit.into())))
    }

    /// What comes out of it.
    pub(super) fn output(&self) -> Result<ClassObject> {
        let resize = self.decoded.signature("Resize").ok_or("no method")?;
        let values = [("Message", "done".into()), ("ReturnValue", 0u32.into())];
        let unit = resize.encode_output(values)?;
        Ok(ClassObject(unit.ok_or("no output")?.into()))
    }
}

/// A property of most kinds, and a method.
fn class() -> std::result::Result<Arc<Class>, ClassError> {
    let parameter = |name: &str, direction: &str, of, id: i32| {
        let flavor = Flavor::TO_INSTANCE | Flavor::NOT_OVERRIDABLE;
        Property::new(name, of)
            .qualifier(Qualifier::new(direction, true))
            .qualifier(Qualifier::new("ID", id).with_flavor(flavor))
    };
    let input = Class::builder("__PARAMETERS")
        .property(parameter("Size", "in", CimType::Uint32, 0))
        .property(parameter("Note", "in", CimType::String, 1))
        .build()?;
    let return_value = Property::new("ReturnValue", CimType::Uint32);
    let output = Class::builder("__PARAMETERS")
        .property(parameter("Message", "out", CimType::String, 2))
        .property(return_value.qualifier(Qualifier::new("out", true)))
        .build()?;
    let resize = Method {
        name: "Resize".into(),
        origin: 0,
        propagated: false,
        qualifiers: [Qualifier::new("implemented", true)].into_iter().collect(),
        input: Some(Arc::new(input)),
        output: Some(Arc::new(output)),
    };
    let decoration = Decoration { server: "DC1".into(), namespace: r"root\test".into() };
    Class::builder("Test_Thing")
        .property(Property::new("Name", CimType::String).key())
        .property(Property::new("Size", CimType::Uint32))
        .property(Property::new("Ready", CimType::Boolean))
        .property(Property::new("Total", CimType::Uint64))
        .property(Property::new("Tags", ValueType::array(CimType::String)))
        .property(Property::new("Codes", ValueType::array(CimType::Uint16)))
        .property(Property::new("Nothing", CimType::Uint32))
        .method(resize)
        .decoration(Some(Arc::new(decoration)))
        .build()
        .map(Arc::new)
}

fn unit(object: &Object) -> Result<ClassObject> {
    let mut unit = Vec::new();
    encode::object(object, &mut unit)?;
    Ok(ClassObject(unit.into()))
}

/// An `__ExtendedStatus`.
pub(super) fn status() -> Result<ClassObject> {
    let status = ExtendedStatus {
        status: WbemStatus::E_NOT_FOUND,
        operation: Some("GetObject".into()),
        parameter_info: Some("Test_Nothing".into()),
        provider_name: Some("WinMgmt".into()),
        description: None,
    };
    let layout = Layout::new(&ExtendedStatus::class()?)?;
    Ok(ClassObject(status.encode(&layout)?.into()))
}

pub(super) fn context() -> Option<Context> {
    let context = Context { id: CHAIN, values: Vec::new() };
    Some(context.with(Context::PROVIDER_ARCHITECTURE, Variant::Sint32(64)))
}

/// A reference to a remote object.
pub(super) fn remote(interface: Uuid) -> ObjRef {
    let std = StdObjRef {
        flags: 0,
        public_refs: 5,
        oxid: 0x0123_4567_89ab_cdef,
        oid: 0xfedc_ba98_7654_3210,
        ipid: IPID,
    };
    let resolver = DualStringArray {
        strings: vec![StringBinding::host_only("DC1"), StringBinding::host_only("192.0.2.7")],
        security: vec![SecurityBinding { service: 10, principal: String::new() }],
    };
    ObjRef::standard(interface, std, resolver)
}
