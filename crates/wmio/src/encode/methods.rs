//! Methods parts.

use winreach_cim::{Class, Method};

use super::chance::{Chance, Leftover};
use super::class::Style;
use super::object::put_class_block;
use super::qualifiers::{fill_set, reserve_set};
use super::writer::{self, Heap, patch, patch_u32, reserve};
use crate::error::EncodeError;
use crate::wire;

/// The methods of a class, in the order of their declaration. In the heap, method by method: the
/// name, both signatures, the qualifier set, and what that refers to.
pub(super) fn put_methods(
    out: &mut Vec<u8>,
    methods: &[Method],
    depth: usize,
    chance: &mut dyn Chance,
) -> Result<(), EncodeError> {
    let start = writer::open_length(out);
    let count = u16::try_from(methods.len()).map_err(|_| EncodeError::TooLarge)?;
    out.extend_from_slice(&count.to_le_bytes());
    let mut padding = [0; 2];
    chance.fill(Leftover::MethodCountPadding, out.len(), &mut padding);
    out.extend_from_slice(&padding);
    let mut at = reserve(out, wire::METHOD_DESCRIPTION * methods.len());
    let heap = Heap::open(out);
    for method in methods {
        put_method(out, at, method, heap, depth, chance)?;
        at += wire::METHOD_DESCRIPTION;
    }
    heap.close(out)?;
    writer::close_counted(out, start)
}

fn put_method(
    out: &mut Vec<u8>,
    at: usize,
    method: &Method,
    heap: Heap,
    depth: usize,
    chance: &mut dyn Chance,
) -> Result<(), EncodeError> {
    heap.link(out, at)?;
    writer::text(out, &method.name, &method.name)?;

    let flags = if method.propagated { wire::METHOD_INHERITED } else { 0 };
    let mut padding = [0; 3];
    chance.fill(Leftover::MethodPadding, at + 5, &mut padding);
    patch(out, at + 4, &[flags]);
    patch(out, at + 5, &padding);
    patch_u32(out, at + 8, method.origin);

    for (at, signature) in [(at + 16, &method.input), (at + 20, &method.output)] {
        heap.link(out, at)?;
        put_signature(out, signature.as_deref(), depth, chance)?;
    }

    heap.link(out, at + 12)?;
    let set_at = reserve_set(out, method.qualifiers.iter())?;
    fill_set(out, set_at, method.qualifiers.iter(), heap, depth)
}

/// The parameters in one direction: an object of no length where there are none.
fn put_signature(
    out: &mut Vec<u8>,
    class: Option<&Class>,
    depth: usize,
    chance: &mut dyn Chance,
) -> Result<(), EncodeError> {
    let length = writer::open_length(out);
    if let Some(class) = class {
        put_class_block(out, class, Style::Parameters, depth + 1, chance)?;
    }
    writer::close_length(out, length)
}
