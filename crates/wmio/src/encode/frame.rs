//! What stands around the heap of a class part, whichever way the heap is filled.

use winreach_cim::{Class, Flavor, Name, Property, Qualifier};

use super::qualifiers::{fill_set, reserve_set};
use super::value::Values;
use super::writer::{self, Heap, patch_u32, reserve};
use crate::error::EncodeError;
use crate::layout::{Places, Slot};
use crate::wire;

/// What is written of a class: all that it has, or only what it adds to its superclass.
pub(super) struct Body<'c> {
    name: &'c Name,
    derivation: &'c [Name],
    qualifiers: Vec<&'c Qualifier>,
    /// In the order of declaration.
    pub(super) properties: Vec<Entry<'c>>,
    /// Indexes into `properties`, by name.
    lookup: Vec<usize>,
    nd_len: usize,
    values_len: usize,
    /// How many objects the class lies in.
    pub(super) depth: usize,
}

/// A property, and where its value lies.
pub(super) struct Entry<'c> {
    pub(super) property: &'c Property,
    order: u16,
    slot: Slot,
    pub(super) qualifiers: Vec<&'c Qualifier>,
}

impl Entry<'_> {
    /// A `PropertyInfo` up to its qualifier set.
    pub(super) fn put_info(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let inherited = if self.property.propagated { wire::INHERITED } else { 0 };
        writer::put_u32(out, wire::type_code(self.slot.value_type) | inherited);
        out.extend_from_slice(&self.order.to_le_bytes());
        writer::put_u32(out, writer::size(self.slot.offset)?);
        writer::put_u32(out, self.property.origin);
        Ok(())
    }
}

impl<'c> Body<'c> {
    /// The class with all that it inherits.
    pub(super) fn merged(class: &'c Class, depth: usize) -> Result<Self, EncodeError> {
        let mut properties = Vec::with_capacity(class.properties().len());
        let mut values_len = 0;
        for (order, property) in class.properties().iter().enumerate() {
            let value_type = property.value_type;
            properties.push(Entry {
                property,
                order: u16::try_from(order).map_err(|_| EncodeError::TooLarge)?,
                slot: Slot {
                    offset: values_len,
                    value_type,
                    default_is_null: property.default.is_null(),
                },
                qualifiers: property.qualifiers.iter().collect(),
            });
            values_len += wire::width(value_type);
        }
        Ok(Self {
            name: class.name(),
            derivation: class.derivation(),
            qualifiers: class.qualifiers().iter().collect(),
            nd_len: wire::nd_len(properties.len()),
            properties,
            lookup: class.properties_by_name().to_vec(),
            values_len,
            depth,
        })
    }

    /// Only what the class adds to its superclass, or says anew.
    pub(super) fn own(class: &'c Class) -> Result<Self, EncodeError> {
        let own = |qualifier: &&Qualifier| !qualifier.flavor.contains(Flavor::PROPAGATED);
        let mut body = Self::merged(class, 0)?;
        body.derivation = class.derivation().get(..1).unwrap_or_default();
        body.qualifiers.retain(own);
        for entry in &mut body.properties {
            if entry.property.propagated {
                entry.qualifiers.retain(own);
            }
        }
        body.properties.retain(|entry| {
            let property = entry.property;
            !property.propagated || !property.default_propagated || !entry.qualifiers.is_empty()
        });
        body.lookup = (0..body.properties.len()).collect();
        Ok(body)
    }

    /// Each property, in the order of the lookup table.
    pub(super) fn by_name(&self) -> impl Iterator<Item = &Entry<'c>> {
        self.lookup.iter().filter_map(|index| self.properties.get(*index))
    }

    /// Where each property stands in the lookup table, in the order of declaration.
    pub(super) fn places_in_lookup(&self) -> Vec<usize> {
        let mut places = vec![0; self.properties.len()];
        for (place, index) in self.lookup.iter().enumerate() {
            if let Some(entry) = places.get_mut(*index) {
                *entry = place;
            }
        }
        places
    }
}

/// Where the parts of a class part lie that is being written.
pub(super) struct Frame {
    start: usize,
    name_at: usize,
    qualifiers_at: usize,
    lookup_at: usize,
    tables_at: usize,
    pub(super) heap: Heap,
}

impl Frame {
    /// Everything before the heap, with its references still open.
    pub(super) fn open(out: &mut Vec<u8>, body: &Body<'_>) -> Result<Self, EncodeError> {
        let start = writer::open_length(out);
        out.push(0);
        let name_at = reserve(out, 4);
        writer::put_u32(out, writer::size(body.nd_len + body.values_len)?);
        derivation_list(out, body.derivation)?;
        let qualifiers_at = reserve_set(out, body.qualifiers.iter().copied())?;
        writer::put_u32(out, writer::size(body.properties.len())?);
        let lookup_at = reserve(out, 8 * body.properties.len());
        let tables_at = reserve(out, body.nd_len + body.values_len);
        let heap = Heap::open(out);
        Ok(Self { start, name_at, qualifiers_at, lookup_at, tables_at, heap })
    }

    /// The name, and the qualifiers of the class.
    pub(super) fn fill_head(&self, out: &mut Vec<u8>, body: &Body<'_>) -> Result<(), EncodeError> {
        if body.name.is_empty() {
            patch_u32(out, self.name_at, wire::NULL_REF);
        } else {
            self.heap.link(out, self.name_at)?;
            writer::text(out, body.name, body.name)?;
        }
        fill_set(out, self.qualifiers_at, body.qualifiers.iter().copied(), self.heap, body.depth)
    }

    /// Null bits for every property, and ones for every octet of a value that is null.
    pub(super) fn fill_tables(&self, out: &mut [u8], body: &Body<'_>) {
        let values_at = self.tables_at + body.nd_len;
        for Entry { property, order, slot, .. } in &body.properties {
            let mut bits = if property.default_propagated { wire::ND_DEFAULT } else { 0 };
            if property.default.is_null() {
                bits |= wire::ND_NULL;
                writer::fill(out, values_at + slot.offset, wire::width(slot.value_type), 0xFF);
            }
            wire::set_nd_bits(
                out.get_mut(self.tables_at..).unwrap_or_default(),
                usize::from(*order),
                bits,
            );
        }
    }

    /// Makes the entry at `index` of the lookup table have its name next in the heap.
    pub(super) fn link_name(
        &self,
        out: &mut Vec<u8>,
        index: usize,
        name: &Name,
    ) -> Result<(), EncodeError> {
        self.heap.link(out, self.lookup_at + 8 * index)?;
        writer::text(out, name, name)
    }

    /// Makes the entry at `index` of the lookup table lead to what is next in the heap.
    pub(super) fn link_info(&self, out: &mut [u8], index: usize) -> Result<(), EncodeError> {
        self.heap.link(out, self.lookup_at + 8 * index + 4)
    }

    /// The default of a property, unless it is null.
    pub(super) fn put_default(
        &self,
        out: &mut Vec<u8>,
        body: &Body<'_>,
        entry: &Entry<'_>,
    ) -> Result<(), EncodeError> {
        let property = entry.property;
        if property.default.is_null() {
            return Ok(());
        }
        let at = self.tables_at + body.nd_len + entry.slot.offset;
        let values = Values { heap: self.heap, element: &property.name, depth: body.depth };
        values.put(out, at, property.value_type, &property.default)
    }

    /// Where the last octet of the NdTable lies, and which of its bits belong to no property, when
    /// there are any.
    pub(super) fn spare_bits(&self, body: &Body<'_>) -> Option<(usize, u8)> {
        let used = 2 * (body.properties.len() % 4);
        (used > 0).then_some((self.tables_at + body.nd_len - 1, 0xFF << used))
    }

    pub(super) fn close(self, out: &mut [u8], body: &Body<'_>) -> Result<Places, EncodeError> {
        writer::close_counted(out, self.start)?;
        let index = |index: &usize| u16::try_from(*index).map_err(|_| EncodeError::TooLarge);
        Ok(Places {
            slots: body.properties.iter().map(|entry| entry.slot).collect(),
            lookup: body.lookup.iter().map(index).collect::<Result<_, _>>()?,
            tables_at: self.tables_at - self.start,
            tables_len: writer::size(body.nd_len + body.values_len)?,
            heap_at: self.heap.start() - self.start,
        })
    }
}

/// A superclass after the other, each followed by the octets that its name takes.
fn derivation_list(out: &mut Vec<u8>, names: &[Name]) -> Result<(), EncodeError> {
    let list = writer::open_length(out);
    for name in names {
        let before = out.len();
        writer::text(out, name, name)?;
        writer::put_u32(out, writer::size(out.len() - before)?);
    }
    writer::close_counted(out, list)
}
