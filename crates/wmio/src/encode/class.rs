//! Class parts.

use winreach_cim::Class;

use super::chance::{Chance, Leftover};
use super::frame::{Body, Frame};
use super::qualifiers::{fill_set, reserve_set};
use super::signature::put_grown;
use super::writer::reserve;
use crate::error::EncodeError;
use crate::layout::Places;

/// What a class is for: Windows lays out the parameters of a method in another way than the classes
/// of a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// A class of a schema.
    Schema,
    /// The `__PARAMETERS` of a method, in one direction.
    Parameters,
}

/// A class part on its own, and where things lie in it. `depth` is the number of objects that it
/// lies in.
pub(crate) fn class_part(
    class: &Class,
    style: Style,
    depth: usize,
    chance: &mut dyn Chance,
) -> Result<(Vec<u8>, Places), EncodeError> {
    let mut out = Vec::new();
    let places = match style {
        Style::Schema => {
            let parent_heap = inherited_heap(class, depth)?;
            put_merged(&mut out, class, parent_heap, depth, chance)?.places
        }
        Style::Parameters => put_grown(&mut out, class, depth, chance)?,
    };
    Ok((out, places))
}

/// A class part that has been written.
pub(super) struct Written {
    pub(super) places: Places,
    pub(super) part_len: usize,
    pub(super) heap_len: usize,
}

/// A class part with all that the class inherits. In the heap: the name; the qualifiers of the
/// class, each with its value; by name, the properties, each with its qualifiers; the defaults.
///
/// `parent_heap` is the length of the superclass's heap: Windows merges two heaps into room enough
/// for both. Objects within objects do without, where the room would have to be measured again at
/// every depth.
pub(super) fn put_merged(
    out: &mut Vec<u8>,
    class: &Class,
    parent_heap: Option<usize>,
    depth: usize,
    chance: &mut dyn Chance,
) -> Result<Written, EncodeError> {
    let start = out.len();
    let body = Body::merged(class, depth)?;
    let frame = put_body(out, &body)?;
    if let Some((at, mask)) = frame.spare_bits(&body)
        && let Some(octet) = out.get_mut(at)
    {
        let mut spare = [if class.superclass().is_some() { 0xFF } else { 0 }];
        if class.superclass().is_none() {
            chance.fill(Leftover::NdTable, at, &mut spare);
        }
        let [spare] = spare;
        *octet |= spare & mask;
    }
    match parent_heap {
        Some(parent_heap) if depth == 0 => {
            let room = parent_heap + measure_own(class)?.heap_len;
            let unused = room.saturating_sub(frame.heap.len(out));
            reserve(out, unused);
        }
        None if class.superclass().is_some() => {
            out.extend(chance.spare(Leftover::ClassHeap, out.len()));
        }
        _ => {}
    }
    frame.heap.close(out)?;
    let heap_len = frame.heap.len(out);
    let places = frame.close(out, &body)?;
    Ok(Written { places, part_len: out.len() - start, heap_len })
}

/// How large the class part is of what the class adds to its superclass.
pub(super) fn measure_own(class: &Class) -> Result<Written, EncodeError> {
    let mut scratch = Vec::new();
    let body = Body::own(class)?;
    let frame = put_body(&mut scratch, &body)?;
    let heap_len = frame.heap.len(&scratch);
    let places = frame.close(&mut scratch, &body)?;
    Ok(Written { places, part_len: scratch.len(), heap_len })
}

/// How long the heap of the superclass is: as long as those of all superclasses, unmerged,
/// together. Nothing where there is none, or where not all of them are at hand.
pub(super) fn inherited_heap(class: &Class, depth: usize) -> Result<Option<usize>, EncodeError> {
    let mut len = 0;
    let mut class = class;
    while let Some(parent) = class.parent().filter(|_| depth == 0) {
        len += measure_own(parent)?.heap_len;
        class = parent;
    }
    Ok((len > 0 && class.superclass().is_none()).then_some(len))
}

fn put_body(out: &mut Vec<u8>, body: &Body<'_>) -> Result<Frame, EncodeError> {
    let frame = Frame::open(out, body)?;
    frame.fill_head(out, body)?;
    frame.fill_tables(out, body);
    for (index, entry) in body.by_name().enumerate() {
        frame.link_name(out, index, &entry.property.name)?;
        frame.link_info(out, index)?;
        entry.put_info(out)?;
        let set_at = reserve_set(out, entry.qualifiers.iter().copied())?;
        fill_set(out, set_at, entry.qualifiers.iter().copied(), frame.heap, body.depth)?;
    }
    for entry in &body.properties {
        frame.put_default(out, body, entry)?;
    }
    Ok(frame)
}
