//! Qualifier sets.

use winreach_cim::{CimType, Qualifier, ValueType};

use super::value::Values;
use super::writer::{self, Heap, patch_u32, reserve};
use crate::error::EncodeError;
use crate::wire::{self, DICTIONARY, NULL_REF, TOP_BIT};

/// Where the value of a qualifier stands, after its name, flavor and type.
pub(super) const VALUE_AT: usize = 9;
/// Where its flavor stands.
pub(super) const FLAVOR_AT: usize = 4;

/// The type under which a qualifier travels. Null says nothing about its type; text is as good as
/// any.
pub(super) fn value_type(qualifier: &Qualifier) -> ValueType {
    qualifier.value.value_type().unwrap_or(ValueType::scalar(CimType::String))
}

/// The name's place in the dictionary. Windows uses it for the names of qualifiers, and compares
/// with case.
fn dictionary(name: &str) -> Option<u32> {
    let index = DICTIONARY.iter().position(|word| *word == name)?;
    u32::try_from(index).ok().map(|index| index | TOP_BIT)
}

/// A qualifier set, its names and values still open: where it begins.
pub(super) fn reserve_set<'q>(
    out: &mut Vec<u8>,
    qualifiers: impl Iterator<Item = &'q Qualifier>,
) -> Result<usize, EncodeError> {
    let at = writer::open_length(out);
    for qualifier in qualifiers {
        let value_type = value_type(qualifier);
        reserve(out, 4);
        out.push(qualifier.flavor.bits());
        writer::put_u32(out, wire::type_code(value_type));
        reserve(out, wire::width(value_type));
    }
    writer::close_counted(out, at)?;
    Ok(at)
}

/// Fills in the set that begins at `at`: for each qualifier its name, and then its value.
pub(super) fn fill_set<'q>(
    out: &mut Vec<u8>,
    at: usize,
    qualifiers: impl Iterator<Item = &'q Qualifier>,
    heap: Heap,
    depth: usize,
) -> Result<(), EncodeError> {
    let mut at = at + 4;
    for qualifier in qualifiers {
        let name = put_name(out, qualifier, heap)?;
        patch_u32(out, at, name);
        if qualifier.value.is_null() {
            patch_u32(out, at + VALUE_AT, NULL_REF);
        } else {
            let values = Values { heap, element: &qualifier.name, depth };
            values.put(out, at + VALUE_AT, value_type(qualifier), &qualifier.value)?;
        }
        at += VALUE_AT + wire::width(value_type(qualifier));
    }
    Ok(())
}

/// The reference to the name, which is put into the heap unless it stands in the dictionary.
pub(super) fn put_name(
    out: &mut Vec<u8>,
    qualifier: &Qualifier,
    heap: Heap,
) -> Result<u32, EncodeError> {
    if let Some(reference) = dictionary(&qualifier.name) {
        return Ok(reference);
    }
    let reference = heap.next(out)?;
    writer::text(out, &qualifier.name, &qualifier.name)?;
    Ok(reference)
}
