//! Instances, written with the layout of their class.

use std::sync::Arc;

use winreach_cim::{Class, Instance, Property, Qualifiers, Value};

use super::chance::{Chance, Leftover, Zeros};
use super::growth::items;
use super::object::{open_unit, put_head};
use super::qualifiers::{fill_set, reserve_set};
use super::value::{Values, is_in_heap};
use super::writer::{self, Heap, reserve};
use crate::error::EncodeError;
use crate::layout::{Layout, Slot};
use crate::wire::{self, ObjectFlags};

/// Choices in writing an instance.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InstanceOptions {
    /// What to do with properties that the instance does not set.
    pub unset: Unset,
    /// Whether to mark the instance as one that a projection robbed of its keys.
    pub keys_missing: bool,
}

/// What to do with properties that an instance does not set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Unset {
    /// Refer to the default of the class, as Windows does.
    #[default]
    Refer,
    /// Write the default of the class as if the instance had set it, for readers that do not look
    /// defaults up, such as impacket.
    WriteOut,
}

impl Layout {
    /// Appends an instance of the layout's class as an encoding unit (`[MS-WMIO] 2.2.1`).
    ///
    /// # Errors
    /// When the instance is of another class, or does not fit the format; see [`EncodeError`]. What
    /// was appended by then is of no use.
    pub fn encode(&self, instance: &Instance, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.encode_with(instance, InstanceOptions::default(), &mut Zeros, out)
    }

    /// Like [`Layout::encode`], with options, and with a say in what Windows leaves to chance.
    ///
    /// # Errors
    /// As [`Layout::encode`].
    pub fn encode_with<C: Chance + ?Sized>(
        &self,
        instance: &Instance,
        options: InstanceOptions,
        chance: &mut C,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let start = open_unit(out);
        self.put_block(instance, options, true, chance, out)?;
        out.extend(chance.spare(Leftover::InstanceUnit, out.len()));
        writer::close_length(out, start + 4)
    }

    /// Appends the instance part alone (`[MS-WMIO] 2.2.53` after its `CurrentClass`).
    ///
    /// # Errors
    /// As [`Layout::encode`].
    pub fn encode_part(&self, instance: &Instance, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        put_instance_part(self, instance, InstanceOptions::default(), 0, &mut Zeros, out)
    }

    /// Appends the object block of an instance, with or without its class part.
    pub(crate) fn put_block<C: Chance + ?Sized>(
        &self,
        instance: &Instance,
        options: InstanceOptions,
        with_class: bool,
        chance: &mut C,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut flags = ObjectFlags::INSTANCE;
        flags.set(ObjectFlags::KEYS_MISSING, options.keys_missing);
        put_head(out, flags, instance.decoration().map(|d| &**d))?;
        if with_class {
            out.extend_from_slice(self.class_part());
        }
        put_instance_part(self, instance, options, 0, chance, out)
    }
}

/// What an instance has beside its class. In the heap: the name of the class, the values, and the
/// qualifiers that hardly any instance has.
pub(super) fn put_instance_part<C: Chance + ?Sized>(
    layout: &Layout,
    instance: &Instance,
    options: InstanceOptions,
    depth: usize,
    chance: &mut C,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let class = layout.class();
    if !Arc::ptr_eq(class, instance.class()) && !same_shape(class, instance.class()) {
        let (expected, found) = (class.name().clone(), instance.class().name().clone());
        return Err(EncodeError::OtherClass { expected, found });
    }
    let places = layout.places();
    let start = writer::open_length(out);
    out.push(0);
    let name_at = reserve(out, 4);
    let tables_len = usize::try_from(places.tables_len).map_err(|_| EncodeError::TooLarge)?;
    let tables_at = reserve(out, tables_len);
    let qualifiers_at = reserve_set(out, instance.qualifiers().iter())?;
    let property_qualifiers = PropertyQualifiers::reserve(layout, instance, out)?;
    let heap = Heap::open(out);

    // At the start of the heap, and so no value can have the reference 0, which impacket takes for
    // null.
    heap.link(out, name_at)?;
    writer::text(out, class.name(), class.name())?;
    let mut tables = TablesWriter { layout, instance, options, depth, tables_at, heap };
    let order = chance.order();
    for (nth, slot) in places.slots.iter().enumerate() {
        match order.as_ref().and_then(|order| order.get(nth)).copied() {
            None => tables.put(out, nth, *slot, chance)?,
            Some(index) => {
                if let Some(slot) = places.slots.get(index) {
                    tables.put(out, index, *slot, chance)?;
                }
            }
        }
    }
    fill_set(out, qualifiers_at, instance.qualifiers().iter(), heap, depth)?;
    property_qualifiers.fill(out, heap, depth)?;
    heap.close(out)?;
    // Closed once so that it can be read, and once more with what is left behind the heap.
    writer::close_counted(out, start)?;
    let part = out.get(start..).unwrap_or_default();
    // What was written right here reads well.
    let growth = chance.growth(&|| items(layout, part, order.as_deref()).unwrap_or_default());
    reserve(out, growth);
    out.extend(chance.spare(Leftover::Instance, out.len()));
    writer::close_counted(out, start)
}

/// Whether instances of both have the same places for the same values.
pub(crate) fn same_shape(left: &Class, right: &Class) -> bool {
    let same = |(l, r): (&Property, &Property)| l.name == r.name && l.value_type == r.value_type;
    left.name() == right.name()
        && left.properties().len() == right.properties().len()
        && left.properties().iter().zip(right.properties()).all(same)
}

/// Writes the values of one instance.
struct TablesWriter<'i> {
    layout: &'i Layout,
    instance: &'i Instance,
    options: InstanceOptions,
    depth: usize,
    tables_at: usize,
    heap: Heap,
}

impl TablesWriter<'_> {
    /// Writes the value of the property at `index`. Where it is null, its octets stay zero.
    #[inline]
    fn put<C: Chance + ?Sized>(
        &mut self,
        out: &mut Vec<u8>,
        index: usize,
        slot: Slot,
        chance: &mut C,
    ) -> Result<(), EncodeError> {
        let own = self.instance.own().get(index).and_then(Option::as_ref);
        match own.or_else(|| self.default_to_write(index, slot)) {
            Some(Value::Null) => self.set_bits(out, index, wire::ND_NULL),
            Some(value) => self.put_value(out, index, slot, value, chance)?,
            None => {
                let null = if slot.default_is_null { wire::ND_NULL } else { 0 };
                self.set_bits(out, index, wire::ND_DEFAULT | null);
            }
        }
        Ok(())
    }

    fn default_to_write(&self, index: usize, slot: Slot) -> Option<&Value> {
        if self.options.unset == Unset::Refer || slot.default_is_null {
            return None;
        }
        self.layout.class().properties().get(index).map(|property| &property.default)
    }

    #[inline]
    fn put_value<C: Chance + ?Sized>(
        &self,
        out: &mut Vec<u8>,
        index: usize,
        slot: Slot,
        value: &Value,
        chance: &mut C,
    ) -> Result<(), EncodeError> {
        let at = self.tables_at + self.layout.nd_len() + slot.offset;
        let properties = self.layout.class().properties();
        let element = properties.get(index).map_or(self.layout.class().name(), |p| &p.name);
        let values = Values { heap: self.heap, element, depth: self.depth };
        values.put(out, at, slot.value_type, value)?;
        if is_in_heap(slot.value_type) {
            out.extend(chance.spare(Leftover::ReplacedValue, out.len()));
        }
        Ok(())
    }

    #[inline]
    fn set_bits(&self, out: &mut [u8], index: usize, bits: u8) {
        wire::set_nd_bits(out.get_mut(self.tables_at..).unwrap_or_default(), index, bits);
    }
}

/// The qualifiers that an instance gives its properties, in the order of the lookup table.
struct PropertyQualifiers<'i> {
    /// Each set and where it stands.
    sets: Vec<(usize, &'i Qualifiers)>,
}

impl<'i> PropertyQualifiers<'i> {
    fn reserve(
        layout: &Layout,
        instance: &'i Instance,
        out: &mut Vec<u8>,
    ) -> Result<Self, EncodeError> {
        const NONE: &Qualifiers = &Qualifiers::new();
        let by_declaration = instance.property_qualifiers();
        let mut sets = Vec::new();
        if by_declaration.is_empty() {
            out.push(wire::NO_PROPERTY_QUALIFIERS);
        } else {
            out.push(wire::PROPERTY_QUALIFIERS);
            for index in &layout.places().lookup {
                let set = by_declaration.get(usize::from(*index)).unwrap_or(NONE);
                sets.push((reserve_set(out, set.iter())?, set));
            }
        }
        Ok(Self { sets })
    }

    fn fill(self, out: &mut Vec<u8>, heap: Heap, depth: usize) -> Result<(), EncodeError> {
        self.sets.into_iter().try_for_each(|(at, set)| fill_set(out, at, set.iter(), heap, depth))
    }
}
