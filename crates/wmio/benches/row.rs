//! A smart-enumeration row of a class shaped like Win32_Process: 45 properties, about 830 octets,
//! the class known.
#![allow(clippy::panic)]

mod win32_process;

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use divan::Bencher;
use win32_process::properties;
use winreach_cim::{Class, Decoration, Instance, Property};
use winreach_wmio::{
    ClassMap, Error, Layout, ObjectArray, ObjectArrayWriter, PacketObject, SentClasses, SharedRow,
    Unit, ValueRef, encode,
};

fn main() {
    let row = Row::new();
    println!("{} properties, {} octets a row", row.instance.own().len(), row.block.len());
    divan::main();
}

/// A row, and all that it came from.
struct Row {
    class: Arc<Class>,
    layout: Arc<Layout>,
    instance: Instance,
    /// The object block of a row whose class is known.
    block: Bytes,
}

impl Row {
    fn new() -> Self {
        let class = properties()
            .into_iter()
            .fold(Class::builder("Win32_Process"), |class, (name, base, _)| {
                class.property(Property::new(name, base))
            })
            .build()
            .map(Arc::new)
            .unwrap_or_else(|error| panic!("{error}"));
        let layout = Arc::new(Layout::new(&class).unwrap_or_else(|error| panic!("{error}")));
        let values = properties().into_iter().map(|(_, _, value)| Some(value)).collect();
        let mut instance = Instance::from_values(Arc::clone(&class), values);
        instance.set_decoration(Some(Arc::new(Decoration {
            server: "SERVER-0042".into(),
            namespace: r"root\CIMV2".into(),
        })));
        let mut block = b"\x06\0SERVER-0042\0\0root\\CIMV2\0".to_vec();
        layout.encode_part(&instance, &mut block).unwrap_or_else(|error| panic!("{error}"));
        Self { class, layout, instance, block: block.into() }
    }

    fn shared(&self) -> SharedRow {
        SharedRow::decode(Arc::clone(&self.layout), self.block.clone())
            .unwrap_or_else(|error| panic!("{error}"))
    }
}

/// All 45 values, where they lie: every number is looked at, and every text is found.
#[divan::bench]
fn decode_borrowed(bencher: Bencher) {
    let row = Row::new().shared();
    bencher.bench(|| -> Result<u64, Error> {
        black_box(&row).view()?.values().try_fold(0_u64, |sum, value| {
            Ok(sum.wrapping_add(match value? {
                ValueRef::Uint16(number) => number.into(),
                ValueRef::Uint32(number) => number.into(),
                ValueRef::Uint64(number) => number,
                ValueRef::String(text) | ValueRef::DateTime(text) => text.is_empty().into(),
                _ => 0,
            }))
        })
    });
}

/// One value, by name.
#[divan::bench]
fn decode_one_by_name(bencher: Bencher) {
    let row = Row::new().shared();
    bencher.bench(|| black_box(&row).view().and_then(|view| view.get("WorkingSetSize")).is_ok());
}

/// An instance of its own.
#[divan::bench]
fn decode_owned(bencher: Bencher) {
    let row = Row::new().shared();
    bencher.bench(|| drop(black_box(black_box(&row).to_instance())));
}

/// A packet of 1000 rows, each to an instance of its own.
#[divan::bench]
fn decode_packet_of_1000(bencher: Bencher) {
    let row = Row::new();
    let mut sent = SentClasses::new();
    let mut writer = ObjectArrayWriter::new(&mut sent);
    for _ in 0..1000 {
        writer.push(&row.layout, &row.instance).unwrap_or_else(|error| panic!("{error}"));
    }
    let packet = Bytes::from(writer.finish().unwrap_or_else(|error| panic!("{error}")));
    bencher.bench(|| {
        let mut classes = ClassMap::new();
        let mut objects =
            ObjectArray::decode(packet.clone()).unwrap_or_else(|error| panic!("{error}"));
        let mut rows = 0;
        while let Some(Ok(PacketObject::Row(row))) = objects.next(&mut classes) {
            rows += usize::from(black_box(row.to_instance()).is_ok());
        }
        assert_eq!(rows, 1000);
    });
}

/// The instance part of a row, into a buffer that is there.
#[divan::bench]
fn encode_instance(bencher: Bencher) {
    let row = Row::new();
    let mut out = Vec::with_capacity(4096);
    bencher.bench_local(|| {
        out.clear();
        row.layout.encode_part(black_box(&row.instance), &mut out)
    });
}

#[divan::bench]
fn encode_packet_of_1000(bencher: Bencher) {
    let row = Row::new();
    bencher.bench(|| {
        let mut sent = SentClasses::new();
        let mut writer = ObjectArrayWriter::new(&mut sent);
        for _ in 0..1000 {
            writer.push(&row.layout, &row.instance).unwrap_or_else(|error| panic!("{error}"));
        }
        writer.finish()
    });
}

#[divan::bench]
fn decode_class(bencher: Bencher) {
    let mut unit = Vec::new();
    encode::class(&Row::new().class, &mut unit).unwrap_or_else(|error| panic!("{error}"));
    bencher.bench(|| Unit::decode(black_box(&unit)));
}

#[divan::bench]
fn encode_class(bencher: Bencher) {
    let class = Row::new().class;
    bencher.bench(|| {
        let mut unit = Vec::new();
        encode::class(black_box(&class), &mut unit).map(|()| unit)
    });
}
