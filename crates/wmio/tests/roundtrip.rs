//! What is encoded comes back the same, whatever the model holds.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use winreach_cim::{
    Array, CimType, Class, ClassBuilder, DateTime, Decoration, Flavor, Instance, Method, Name,
    Object, Property, Qualifier, Qualifiers, Value, ValueType, WbemStatus,
};
use winreach_wmio::encode::{self, InstanceOptions, Unset, WindowsGrowth, Zeros};
use winreach_wmio::{
    ClassMap, ExtendedStatus, Layout, ObjectArray, ObjectArrayWriter, PacketObject, SentClasses,
    Unit,
};

/// ASCII, the rest of Latin-1, and what takes UTF-16, surrogate pairs included.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[\u{1}-\u{FF}]{0,12}",
        "[\u{1}-\u{D7FF}\u{E000}-\u{10FFFF}]{0,12}",
        // Words of the dictionary.
        Just("key".to_owned()),
        Just(String::new()),
    ]
}

fn name() -> impl Strategy<Value = Name> {
    "[A-Za-z_][A-Za-z0-9_]{0,6}".prop_map(Name::from)
}

fn date_time() -> impl Strategy<Value = DateTime> {
    prop_oneof![
        (0..4_000_000_000_000_000_i64, -720..=720_i16)
            .prop_filter_map("out of range", |(at, zone)| DateTime::from_unix_micros(at, zone)),
        (0..1_000_000_000_u64)
            .prop_filter_map("out of range", |s| DateTime::from_duration(Duration::from_secs(s))),
        Just("20240229******.******+***".parse().unwrap()),
    ]
}

fn base() -> impl Strategy<Value = CimType> {
    proptest::sample::select(&CimType::ALL[..])
}

fn value_type() -> impl Strategy<Value = ValueType> {
    (base(), any::<bool>()).prop_map(|(base, array)| ValueType { base, array })
}

/// A value of this type that is not null. Floating-point numbers are ones that equal themselves.
fn value(value_type: ValueType, depth: u32) -> BoxedStrategy<Value> {
    if value_type.array {
        return array(value_type.base, depth).prop_map(Value::from).boxed();
    }
    match value_type.base {
        CimType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        CimType::Sint8 => any::<i8>().prop_map(Value::Sint8).boxed(),
        CimType::Uint8 => any::<u8>().prop_map(Value::Uint8).boxed(),
        CimType::Sint16 => any::<i16>().prop_map(Value::Sint16).boxed(),
        CimType::Uint16 => any::<u16>().prop_map(Value::Uint16).boxed(),
        CimType::Sint32 => any::<i32>().prop_map(Value::Sint32).boxed(),
        CimType::Uint32 => any::<u32>().prop_map(Value::Uint32).boxed(),
        CimType::Sint64 => any::<i64>().prop_map(Value::Sint64).boxed(),
        CimType::Uint64 => any::<u64>().prop_map(Value::Uint64).boxed(),
        CimType::Real32 => any::<f32>().prop_map(Value::Real32).boxed(),
        CimType::Real64 => any::<f64>().prop_map(Value::Real64).boxed(),
        CimType::Char16 => any::<u16>().prop_map(Value::Char16).boxed(),
        CimType::String => text().prop_map(Value::String).boxed(),
        CimType::DateTime => date_time().prop_map(Value::DateTime).boxed(),
        CimType::Reference => text().prop_map(Value::Reference).boxed(),
        CimType::Object => object(depth).prop_map(Value::from).boxed(),
    }
}

fn array(base: CimType, depth: u32) -> BoxedStrategy<Array> {
    const LEN: std::ops::Range<usize> = 0..4;
    match base {
        CimType::Boolean => vec(any::<bool>(), LEN).prop_map(Array::Boolean).boxed(),
        CimType::Sint8 => vec(any::<i8>(), LEN).prop_map(Array::Sint8).boxed(),
        CimType::Uint8 => vec(any::<u8>(), LEN).prop_map(Array::Uint8).boxed(),
        CimType::Sint16 => vec(any::<i16>(), LEN).prop_map(Array::Sint16).boxed(),
        CimType::Uint16 => vec(any::<u16>(), LEN).prop_map(Array::Uint16).boxed(),
        CimType::Sint32 => vec(any::<i32>(), LEN).prop_map(Array::Sint32).boxed(),
        CimType::Uint32 => vec(any::<u32>(), LEN).prop_map(Array::Uint32).boxed(),
        CimType::Sint64 => vec(any::<i64>(), LEN).prop_map(Array::Sint64).boxed(),
        CimType::Uint64 => vec(any::<u64>(), LEN).prop_map(Array::Uint64).boxed(),
        CimType::Real32 => vec(any::<f32>(), LEN).prop_map(Array::Real32).boxed(),
        CimType::Real64 => vec(any::<f64>(), LEN).prop_map(Array::Real64).boxed(),
        CimType::Char16 => vec(any::<u16>(), LEN).prop_map(Array::Char16).boxed(),
        CimType::String => vec(of(text()), LEN).prop_map(Array::String).boxed(),
        CimType::DateTime => vec(of(date_time()), LEN).prop_map(Array::DateTime).boxed(),
        CimType::Reference => vec(of(text()), LEN).prop_map(Array::Reference).boxed(),
        CimType::Object => vec(of(object(depth)), LEN).prop_map(Array::Object).boxed(),
    }
}

fn of<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>> {
    proptest::option::of(strategy)
}

fn qualifier() -> impl Strategy<Value = Qualifier> {
    let scalar = prop_oneof![
        Just(CimType::String),
        Just(CimType::Boolean),
        Just(CimType::Sint32),
        Just(CimType::Real64)
    ];
    let name = prop_oneof![
        name(),
        proptest::sample::select(&["key", "read", "write", "provider", "dynamic"][..])
            .prop_map(Name::from),
    ];
    (name, scalar, any::<bool>(), any::<u8>(), any::<bool>()).prop_flat_map(
        |(name, base, array, flavor, null)| {
            let value = value(ValueType { base, array }, 0);
            let value = if null { Just(Value::Null).boxed() } else { value };
            value.prop_map(move |value| Qualifier {
                name: name.clone(),
                value,
                flavor: Flavor::from_bits_retain(flavor),
            })
        },
    )
}

fn property(depth: u32) -> impl Strategy<Value = Property> {
    (name(), value_type(), any::<bool>(), vec(qualifier(), 0..3)).prop_flat_map(
        move |(name, value_type, with_default, qualifiers)| {
            let default = if with_default {
                value(value_type, depth).boxed()
            } else {
                Just(Value::Null).boxed()
            };
            default.prop_map(move |default| {
                let property = Property::new(name.clone(), value_type).default(default);
                qualifiers.iter().cloned().fold(property, Property::qualifier)
            })
        },
    )
}

fn decoration() -> impl Strategy<Value = Option<Arc<Decoration>>> {
    of((text(), text()).prop_map(|(server, namespace)| Arc::new(Decoration { server, namespace })))
}

/// A class without methods, perhaps with those of the properties whose names are still free.
fn with_properties(mut class: ClassBuilder, properties: Vec<Property>) -> ClassBuilder {
    let mut names: Vec<Name> = Vec::new();
    for property in properties {
        if !names.contains(&property.name) {
            names.push(property.name.clone());
            class = class.property(property);
        }
    }
    class
}

fn simple_class(depth: u32) -> BoxedStrategy<Arc<Class>> {
    (name(), vec(property(depth), 0..6), vec(qualifier(), 0..3), decoration())
        .prop_map(|(name, properties, qualifiers, decoration)| {
            let class = with_properties(Class::builder(name), properties).decoration(decoration);
            let class = qualifiers.into_iter().fold(class, ClassBuilder::qualifier);
            Arc::new(class.build().unwrap())
        })
        .boxed()
}

fn method() -> impl Strategy<Value = Method> {
    (name(), of(simple_class(0)), of(simple_class(0)), vec(qualifier(), 0..3)).prop_map(
        |(name, input, output, qualifiers)| {
            let mut set = Qualifiers::new();
            qualifiers.into_iter().for_each(|qualifier| set.set(qualifier));
            Method { name, origin: 0, propagated: false, qualifiers: set, input, output }
        },
    )
}

/// A class with methods, under a superclass that it may override.
fn class() -> impl Strategy<Value = Arc<Class>> {
    let level = || (name(), vec(property(1), 0..5), vec(method(), 0..3), decoration());
    vec(level(), 1..4).prop_map(|levels| {
        let mut class: Option<Arc<Class>> = None;
        for (name, properties, methods, decoration) in levels {
            let builder = match &class {
                Some(parent) => Class::derive(name, parent),
                None => Class::builder(name),
            };
            // An override must keep the type, and one that does not is left out.
            let properties = properties.into_iter().filter(|property| {
                let above = class.as_ref().and_then(|parent| parent.property(&property.name));
                above.is_none_or(|above| above.value_type == property.value_type)
            });
            let mut builder = with_properties(builder, properties.collect());
            let mut names: Vec<Name> = Vec::new();
            for method in methods {
                if !names.contains(&method.name) {
                    names.push(method.name.clone());
                    builder = builder.method(method);
                }
            }
            class = Some(Arc::new(builder.decoration(decoration).build().unwrap()));
        }
        class.unwrap()
    })
}

/// The class as an instance carries it: without superclass, methods and decoration.
fn stripped(class: &Class) -> Arc<Class> {
    let builder = Class::builder(class.name().clone()).raw(
        class.derivation().to_vec(),
        None,
        class.qualifiers().clone(),
        class.properties().to_vec(),
        Vec::new(),
    );
    Arc::new(builder.build().unwrap())
}

fn instance_of(class: Arc<Class>, depth: u32) -> impl Strategy<Value = Instance> {
    let values: Vec<_> = class
        .properties()
        .iter()
        .map(|property| {
            prop_oneof![
                1 => Just(None),
                1 => Just(Some(Value::Null)),
                4 => value(property.value_type, depth).prop_map(Some),
            ]
        })
        .collect();
    let sets = vec(vec(qualifier(), 0..2), values.len());
    (values, decoration(), vec(qualifier(), 0..2), of(sets)).prop_map(
        move |(values, decoration, own, sets)| {
            let mut instance = Instance::from_values(Arc::clone(&class), values);
            instance.set_decoration(decoration);
            let set = |qualifiers: Vec<Qualifier>| qualifiers.into_iter().collect::<Qualifiers>();
            let sets = sets.unwrap_or_default().into_iter().map(set).collect();
            instance.set_qualifiers(set(own), sets);
            instance
        },
    )
}

fn instance(depth: u32) -> BoxedStrategy<Instance> {
    simple_class(depth).prop_flat_map(move |class| instance_of(stripped(&class), depth)).boxed()
}

/// A class or an instance, in which there may be others down to this depth.
fn object(depth: u32) -> BoxedStrategy<Object> {
    let Some(depth) = depth.checked_sub(1) else {
        let class = Arc::new(Class::builder("Empty").build().unwrap());
        return Just(Object::Class(class)).boxed();
    };
    prop_oneof![
        simple_class(depth).prop_map(Object::Class),
        instance(depth).prop_map(Object::Instance),
    ]
    .boxed()
}

fn decode(bytes: &[u8]) -> Unit {
    Unit::decode(bytes).unwrap_or_else(|error| panic!("{error}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn classes(class in class()) {
        let mut bytes = Vec::new();
        encode::class(&class, &mut bytes).unwrap();
        let Unit::Class(unit) = decode(&bytes) else { panic!("an instance") };
        prop_assert_eq!(&unit.class, &class);
        match (unit.class.parent(), class.parent()) {
            (Some(decoded), Some(parent)) => {
                prop_assert_eq!(decoded.properties(), parent.properties());
                prop_assert_eq!(decoded.methods(), parent.methods());
                prop_assert_eq!(decoded.qualifiers(), parent.qualifiers());
            }
            (decoded, parent) => prop_assert_eq!(decoded.is_some(), parent.is_some()),
        }
        // The layouts of parameters are the same from both ends.
        for (method, signature) in class.methods().iter().zip(&unit.signatures) {
            for (class, layout) in
                [(&method.input, &signature.input), (&method.output, &signature.output)]
            {
                let ours = class.as_ref().map(|class| Layout::for_parameters(class).unwrap());
                prop_assert_eq!(ours.as_ref(), layout.as_deref());
            }
        }
        // And so is the layout of instances.
        let ours = Layout::new(&class).unwrap();
        prop_assert_eq!(&ours, &*unit.layout);

        let mut again = Vec::new();
        encode::class(&unit.class, &mut again).unwrap();
        if class.parent().is_none_or(|parent| parent.superclass().is_none()) {
            prop_assert_eq!(again, bytes);
        }
    }

    #[test]
    fn instances(instance in instance(2)) {
        let layout = Layout::new(instance.class()).unwrap();
        let mut bytes = Vec::new();
        layout.encode(&instance, &mut bytes).unwrap();
        let Unit::Instance(unit) = decode(&bytes) else { panic!("a class") };
        prop_assert_eq!(&unit.instance, &instance);
        prop_assert_eq!(&*unit.layout, &layout);

        // And so it is with what Windows leaves behind the heap.
        let mut grown = Vec::new();
        let options = InstanceOptions::default();
        layout.encode_with(&instance, options, &mut WindowsGrowth::new(), &mut grown).unwrap();
        prop_assert!(grown.len() >= bytes.len());
        let Unit::Instance(unit) = decode(&grown) else { panic!("a class") };
        prop_assert_eq!(&unit.instance, &instance);
    }

    #[test]
    fn refreshed_instances(instances in instance(1).prop_flat_map(|first| {
        vec(instance_of(Arc::clone(first.class()), 1), 0..4)
    })) {
        let Some(first) = instances.first() else { return Ok(()) };
        let layout = Layout::new(first.class()).unwrap();
        let mut blob = Vec::new();
        layout.encode_all_refreshed(&instances, &mut blob).unwrap();
        for (row, instance) in layout.all_refreshed(&blob).unwrap().zip(&instances) {
            let mut decoded = row.unwrap().to_instance().unwrap();
            decoded.set_decoration(instance.decoration().cloned());
            prop_assert_eq!(&decoded, instance);
        }
        let mut blob = Vec::new();
        layout.encode_refreshed(first, &mut blob).unwrap();
        let mut decoded = layout.refreshed(&blob).unwrap().to_instance().unwrap();
        decoded.set_decoration(first.decoration().cloned());
        prop_assert_eq!(&decoded, first);
    }

    #[test]
    fn error_objects(
        code in any::<u32>(),
        texts in vec(of("[^\u{0}]{0,9}"), 4..5),
    ) {
        let [description, operation, parameter_info, provider_name] =
            <[_; 4]>::try_from(texts).unwrap();
        let status = ExtendedStatus {
            status: WbemStatus(code), description, operation, parameter_info, provider_name,
        };
        let layout = Layout::new(&ExtendedStatus::class().unwrap()).unwrap();
        prop_assert_eq!(ExtendedStatus::decode(&status.encode(&layout).unwrap()), Ok(status));
    }

    #[test]
    fn rows_read_what_instances_hold(instance in instance(1)) {
        let layout = Layout::new(instance.class()).unwrap();
        let mut part = Vec::new();
        layout.encode_part(&instance, &mut part).unwrap();
        let row = layout.row(&part).unwrap();
        prop_assert_eq!(row.class_name().unwrap(), instance.class().name().as_str());
        for (index, (name, value)) in instance.iter().enumerate() {
            prop_assert_eq!(&row.value(index).unwrap().to_value().unwrap(), value);
            let by_name = row.get(&name.to_uppercase()).unwrap();
            prop_assert_eq!(&by_name.to_value().unwrap(), value);
        }
        prop_assert!(row.get("no such property").is_err());
    }

    /// Defaults that are written out are what the instance has in effect.
    #[test]
    fn defaults_written_out(instance in instance(1)) {
        let layout = Layout::new(instance.class()).unwrap();
        let options = InstanceOptions { unset: Unset::WriteOut, ..InstanceOptions::default() };
        let mut bytes = Vec::new();
        layout.encode_with(&instance, options, &mut Zeros, &mut bytes).unwrap();
        let Unit::Instance(unit) = decode(&bytes) else { panic!("a class") };
        for (decoded, (own, (_, value))) in
            unit.instance.own().iter().zip(instance.own().iter().zip(instance.iter()))
        {
            let expected = own.clone().or((!value.is_null()).then(|| value.clone()));
            prop_assert_eq!(decoded, &expected);
        }
    }

    /// Two packets of instances of a few classes, each class sent once.
    #[test]
    fn packets(instances in vec(vec(instance(1), 1..4), 1..3)) {
        let layouts: Vec<_> = instances
            .iter()
            .map(|same| Arc::new(Layout::new(same[0].class()).unwrap()))
            .collect();
        let of_layout: Vec<Vec<Instance>> = instances
            .iter()
            .map(|same| {
                let with_class = |i: &Instance| i.class().name() == same[0].class().name();
                same.iter().filter(|i| with_class(i) && i.class() == same[0].class()).cloned().collect()
            })
            .collect();
        let mut sent = SentClasses::new();
        let mut classes = ClassMap::new();
        for _ in 0..2 {
            let mut writer = ObjectArrayWriter::new(&mut sent);
            for (layout, same) in layouts.iter().zip(&of_layout) {
                for instance in same {
                    writer.push(layout, instance).unwrap();
                }
            }
            let packet = Bytes::from(writer.finish().unwrap());
            let mut objects = ObjectArray::decode(packet).unwrap();
            for instance in of_layout.iter().flatten() {
                let Some(Ok(PacketObject::Row(row))) = objects.next(&mut classes) else {
                    panic!("no row")
                };
                prop_assert_eq!(&row.to_instance().unwrap(), instance);
            }
            prop_assert!(objects.next(&mut classes).is_none());
        }
        prop_assert_eq!(classes.len(), layouts.len());
    }
}

/// Classes travel in packets too, between rows.
#[test]
fn a_packet_of_classes_and_rows() {
    let parent = Class::builder("Parent").property(Property::new("N", CimType::Uint32));
    let parent = Arc::new(parent.build().unwrap());
    let class = Arc::new(Class::derive("Child", &parent).build().unwrap());
    let layout = Arc::new(Layout::new(&stripped(&parent)).unwrap());
    let row = Instance::new(Arc::clone(layout.class()));

    let mut sent = SentClasses::new();
    let mut writer = ObjectArrayWriter::new(&mut sent);
    writer.push(&layout, &row).unwrap();
    writer.push_class(&class).unwrap();
    writer.push(&layout, &row).unwrap();
    assert_eq!(writer.objects(), 3);
    let mut objects = ObjectArray::decode(writer.finish().unwrap().into()).unwrap();
    let mut classes = ClassMap::new();
    let mut next = || objects.next(&mut classes).map(Result::unwrap);
    assert!(matches!(next(), Some(PacketObject::Row(_))));
    let Some(PacketObject::Class(unit)) = next() else { panic!("no class") };
    assert_eq!(unit.class, class);
    assert_eq!(unit.class.parent(), Some(&parent));
    let Some(PacketObject::Row(last)) = next() else { panic!("no row") };
    assert_eq!(last.to_instance().unwrap(), row);
    assert!(next().is_none());
}

/// Text of the dictionary is spelt out in values, where not every reader looks it up.
#[test]
fn the_dictionary_is_for_names_of_qualifiers() {
    let class = Class::builder("C")
        .property(Property::new("S", CimType::String).key().default("CIMTYPE"))
        .build()
        .unwrap();
    let mut bytes = Vec::new();
    encode::class(&class, &mut bytes).unwrap();
    let count = |needle: &[u8]| bytes.windows(needle.len()).filter(|w| *w == needle).count();
    assert_eq!(count(b"\0key\0"), 0);
    assert_eq!(count(b"\0CIMTYPE\0"), 1);
    assert_eq!(count(&0x8000_0001_u32.to_le_bytes()), 1);
    assert_eq!(count(&0x8000_000A_u32.to_le_bytes()), 1);
}

/// A server that stores a date-time that is none still gets its value through.
#[test]
fn a_date_time_that_is_none_comes_as_text() {
    let class = Arc::new(
        Class::builder("C").property(Property::new("D", CimType::DateTime)).build().unwrap(),
    );
    let layout = Layout::new(&class).unwrap();
    let mut instance = Instance::new(class);
    instance.set("D", "yesterday");
    let mut part = Vec::new();
    layout.encode_part(&instance, &mut part).unwrap();
    let decoded = layout.row(&part).unwrap().to_instance().unwrap();
    assert_eq!(decoded.get("D"), Some(&Value::from("yesterday")));
}
