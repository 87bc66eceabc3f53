//! Object blocks, and the units that whole objects travel in.

use winreach_cim::{Class, Decoration, Name, Object};

use super::chance::{Chance, Leftover, Zeros};
use super::class::{Style, inherited_heap, measure_own, put_merged};
use super::instance::{InstanceOptions, put_instance_part};
use super::methods::put_methods;
use super::signature::put_grown;
use super::writer::{self, reserve};
use crate::error::EncodeError;
use crate::layout::Layout;
use crate::wire::{ObjectFlags, SIGNATURE};
use crate::work::MAX_DEPTH;

/// The class part that says that there is no superclass (`[MS-WMIO] 2.2.12`).
const NO_PARENT: [u8; 29] =
    *b"\x1D\0\0\0\0\xFF\xFF\xFF\xFF\0\0\0\0\x04\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\x80";

/// Appends a class as an encoding unit (`[MS-WMIO] 2.2.1`).
///
/// # Errors
/// When the class does not fit the format; see [`EncodeError`]. What was appended by then is of no
/// use.
///
/// ```
/// # use winreach_cim::{CimType, Class, Property};
/// let class = Class::builder("C").property(Property::new("N", CimType::Uint32)).build()?;
/// let mut unit = Vec::new();
/// winreach_wmio::encode::class(&class, &mut unit)?;
/// let decoded = winreach_wmio::Unit::decode(&unit)?;
/// assert_eq!(**decoded.class(), class);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn class(class: &Class, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    class_with(class, ObjectFlags::empty(), &mut Zeros, out)
}

/// Like [`class`], with marks for a query's prototype, and with a say in what Windows leaves to
/// chance.
///
/// # Errors
/// As [`class`].
pub fn class_with(
    class: &Class,
    marks: ObjectFlags,
    chance: &mut dyn Chance,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let start = open_unit(out);
    let block = out.len();
    let lens = put_class_block(out, class, Style::Schema, 0, chance)?;
    if let Some(flags) = out.get_mut(block) {
        *flags |= (marks & (ObjectFlags::PROTOTYPE | ObjectFlags::KEYS_MISSING)).bits();
    }
    put_slack(out, start, class, &lens, chance)?;
    writer::close_length(out, start + 4)
}

/// Appends a class or an instance as an encoding unit (`[MS-WMIO] 2.2.1`). For many instances of
/// one class, [`Layout::encode`] is the quick way.
///
/// # Errors
/// As [`class`].
pub fn object(object: &Object, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match object {
        Object::Class(c) => class(c, out),
        Object::Instance(instance) => Layout::new(instance.class())?.encode(instance, out),
    }
}

/// Appends a class or an instance as a bare object block (`[MS-WMIO] 2.2.5`).
///
/// # Errors
/// As [`class`].
pub fn object_block(object: &Object, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    object_block_at(object, 0, out)
}

pub(super) fn object_block_at(
    object: &Object,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    if depth > MAX_DEPTH {
        return Err(EncodeError::TooDeep);
    }
    match object {
        Object::Class(class) => {
            put_class_block(out, class, Style::Schema, depth, &mut Zeros)?;
        }
        Object::Instance(instance) => {
            let layout = Layout::at_depth(instance.class(), depth)?;
            put_head(out, ObjectFlags::INSTANCE, instance.decoration().map(|d| &**d))?;
            out.extend_from_slice(layout.class_part());
            put_instance_part(
                &layout,
                instance,
                InstanceOptions::default(),
                depth,
                &mut Zeros,
                out,
            )?;
        }
    }
    Ok(())
}

/// The signature, and room for the length: where the unit begins.
pub(super) fn open_unit(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    writer::put_u32(out, SIGNATURE);
    reserve(out, 4);
    start
}

/// The flags, and where the object comes from.
pub(super) fn put_head(
    out: &mut Vec<u8>,
    flags: ObjectFlags,
    decoration: Option<&Decoration>,
) -> Result<(), EncodeError> {
    let Some(Decoration { server, namespace }) = decoration else {
        out.push(flags.bits());
        return Ok(());
    };
    out.push((flags | ObjectFlags::DECORATION).bits());
    for (text, element) in [(server, "__SERVER"), (namespace, "__NAMESPACE")] {
        if text.contains('\0') {
            return Err(EncodeError::Nul { element: Name::from(element) });
        }
        writer::put_text(out, text);
    }
    Ok(())
}

/// How large the class parts of a class block are.
pub(super) struct BlockLens {
    parent: usize,
    class: usize,
}

pub(super) fn put_class_block(
    out: &mut Vec<u8>,
    class: &Class,
    style: Style,
    depth: usize,
    chance: &mut dyn Chance,
) -> Result<BlockLens, EncodeError> {
    if depth > MAX_DEPTH {
        return Err(EncodeError::TooDeep);
    }
    put_head(out, ObjectFlags::CLASS, class.decoration().map(|d| &**d))?;
    let (parent_len, parent_heap) = match class.parent() {
        Some(parent) => {
            let written = put_merged(out, parent, inherited_heap(parent, depth)?, depth, chance)?;
            put_methods(out, parent.methods(), depth, chance)?;
            (written.part_len, Some(written.heap_len))
        }
        None => {
            out.extend_from_slice(&NO_PARENT);
            put_methods(out, &[], depth, chance)?;
            (NO_PARENT.len(), None)
        }
    };
    let before = out.len();
    match style {
        Style::Schema => put_merged(out, class, parent_heap, depth, chance).map(drop)?,
        Style::Parameters => put_grown(out, class, depth, chance).map(drop)?,
    }
    let class_len = out.len() - before;
    put_methods(out, class.methods(), depth, chance)?;
    Ok(BlockLens { parent: parent_len, class: class_len })
}

/// The room that Windows takes for a class before it merges it with its superclass, and does not
/// use: behind the last part of the unit. Where there are methods, these were moved down, and the
/// last of their octets are still there.
fn put_slack(
    out: &mut Vec<u8>,
    start: usize,
    class: &Class,
    lens: &BlockLens,
    chance: &mut dyn Chance,
) -> Result<(), EncodeError> {
    let room = lens.parent + measure_own(class)?.part_len + 4;
    let slack = room.saturating_sub(lens.class);
    let moved = if class.methods().is_empty() { 0 } else { slack.saturating_sub(4) };
    let end = out.len();
    out.extend_from_within(end.saturating_sub(moved).max(start)..);
    out.resize(end + slack, 0);
    if class.methods().is_empty() {
        chance.fill(Leftover::ClassUnit, end, out.get_mut(end..).unwrap_or_default());
    }
    Ok(())
}
