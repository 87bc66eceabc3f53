//! The class parts of method signatures.
//!
//! Windows does not merge these but grows them, qualifier by qualifier; each `PropertyInfo` that a
//! longer one replaces stays behind in the heap.

use winreach_cim::{Class, Qualifier};

use super::chance::{Chance, Leftover};
use super::frame::{Body, Entry, Frame};
use super::qualifiers::{FLAVOR_AT, VALUE_AT, put_name, reserve_set, value_type};
use super::value::{Values, is_in_heap};
use super::writer::{self, patch_u32};
use crate::error::EncodeError;
use crate::layout::Places;
use crate::wire;

/// A class part as Windows grows it: the name and the qualifiers of the class; by declaration, the
/// parameters with all that they were before.
pub(super) fn put_grown(
    out: &mut Vec<u8>,
    class: &Class,
    depth: usize,
    chance: &mut dyn Chance,
) -> Result<Places, EncodeError> {
    let body = Body::merged(class, depth)?;
    let frame = Frame::open(out, &body)?;
    frame.fill_head(out, &body)?;
    frame.fill_tables(out, &body);
    for (entry, index) in body.properties.iter().zip(body.places_in_lookup()) {
        Growth { frame: &frame, body: &body, entry, index, links: Vec::new() }.run(out, chance)?;
    }
    if let Some((at, mask)) = frame.spare_bits(&body)
        && let Some(octet) = out.get_mut(at)
    {
        // What recorded classes of one, two and three parameters have there.
        *octet |= 0b0001_1000 & mask;
    }
    frame.heap.close(out)?;
    out.extend(chance.spare(Leftover::Signature, out.len()));
    frame.close(out, &body)
}

/// A parameter that is being grown.
struct Growth<'g> {
    frame: &'g Frame,
    body: &'g Body<'g>,
    entry: &'g Entry<'g>,
    /// Its place in the lookup table.
    index: usize,
    /// What its qualifiers refer to, as far as it has got.
    links: Vec<Links>,
}

/// The references of a qualifier: its name, and its value where that lies in the heap.
struct Links {
    name: u32,
    value: Option<u32>,
}

impl Growth<'_> {
    /// First there is nothing but the type; then a `CIMTYPE` of the base type alone, and the
    /// default; then one qualifier after the other; and at last the full `CIMTYPE`. The return
    /// value has its full `CIMTYPE` before any other qualifier.
    fn run(mut self, out: &mut Vec<u8>, chance: &mut dyn Chance) -> Result<(), EncodeError> {
        let property = self.entry.property;
        let mut qualifiers = self.entry.qualifiers.as_slice();
        let mut info = self.put_info(out)?;
        self.frame.link_name(out, self.index, &property.name)?;

        let cimtype = match qualifiers {
            [first, rest @ ..] if first.name == "CIMTYPE" && first.value.as_str().is_some() => {
                qualifiers = rest;
                let value = Some(self.frame.heap.next(out)?);
                writer::text(out, property.value_type.base.name(), &first.name)?;
                self.add(out, first, value)?;
                info = self.put_info(out)?;
                first.value.as_str()
            }
            _ => None,
        };
        self.frame.put_default(out, self.body, self.entry)?;
        let (before, after) =
            if property.name == "ReturnValue" { (cimtype, None) } else { (None, cimtype) };
        self.put_full_cimtype(out, info, before)?;
        for qualifier in qualifiers {
            let value = self.put_value(out, qualifier)?;
            self.add(out, qualifier, value)?;
            self.leave(out, info, chance);
            info = self.put_info(out)?;
        }
        self.put_full_cimtype(out, info, after)
    }

    /// Takes a qualifier in, whose value is in the heap already if it belongs there.
    fn add(
        &mut self,
        out: &mut Vec<u8>,
        qualifier: &Qualifier,
        value: Option<u32>,
    ) -> Result<(), EncodeError> {
        let name = put_name(out, qualifier, self.frame.heap)?;
        self.links.push(Links { name, value });
        Ok(())
    }

    /// What a qualifier's value has in the heap.
    fn put_value(
        &self,
        out: &mut Vec<u8>,
        qualifier: &Qualifier,
    ) -> Result<Option<u32>, EncodeError> {
        let value_type = value_type(qualifier);
        if qualifier.value.is_null() {
            return Ok(Some(wire::NULL_REF));
        }
        if !is_in_heap(value_type) {
            return Ok(None);
        }
        let reference = self.frame.heap.next(out)?;
        self.values(qualifier).put_item(out, value_type, &qualifier.value)?;
        Ok(Some(reference))
    }

    /// A `PropertyInfo` with the qualifiers so far, and the lookup table on to it: where its first
    /// qualifier stands.
    fn put_info(&self, out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        self.frame.link_info(out, self.index)?;
        self.entry.put_info(out)?;
        let first = reserve_set(out, self.so_far())? + 4;
        let mut at = first;
        for (qualifier, links) in self.so_far().zip(&self.links) {
            patch_u32(out, at, links.name);
            match links.value {
                Some(value) => patch_u32(out, at + VALUE_AT, value),
                None => {
                    let values = self.values(qualifier);
                    values.put(out, at + VALUE_AT, value_type(qualifier), &qualifier.value)?;
                }
            }
            at += VALUE_AT + wire::width(value_type(qualifier));
        }
        Ok(first)
    }

    /// Leaves a `PropertyInfo` behind, as the next one replaces it.
    fn leave(&self, out: &mut [u8], first: usize, chance: &mut dyn Chance) {
        let mut at = first;
        for qualifier in self.so_far().take(self.links.len() - 1) {
            let flavor_at = at + FLAVOR_AT;
            if let Some(flavor) = out.get_mut(flavor_at) {
                chance.fill(Leftover::ReplacedFlavor, flavor_at, std::slice::from_mut(flavor));
            }
            at += VALUE_AT + wire::width(value_type(qualifier));
        }
    }

    /// The `CIMTYPE` with the class of a reference or object, when it is its turn.
    fn put_full_cimtype(
        &mut self,
        out: &mut Vec<u8>,
        first: usize,
        cimtype: Option<&str>,
    ) -> Result<(), EncodeError> {
        let (Some(text), Some(links)) = (cimtype, self.links.first_mut()) else { return Ok(()) };
        let value = self.frame.heap.next(out)?;
        links.value = Some(value);
        patch_u32(out, first + VALUE_AT, value);
        writer::text(out, text, &self.entry.property.name)
    }

    fn so_far(&self) -> impl Iterator<Item = &Qualifier> {
        self.entry.qualifiers.iter().copied().take(self.links.len())
    }

    fn values<'q>(&self, qualifier: &'q Qualifier) -> Values<'q> {
        Values { heap: self.frame.heap, element: &qualifier.name, depth: self.body.depth }
    }
}
