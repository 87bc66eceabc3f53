//! Methods and their signatures.

use std::sync::Arc;

use winreach_cim::{Method, Qualifiers};

use super::qualifiers::{name, qualifiers};
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::heap::Heap;
use crate::layout::Layout;
use crate::part::MethodsPart;
use crate::unit::{ClassUnit, Unit};
use crate::wire;
use crate::work::Work;

/// More methods than any class has; the model compares their names pair by pair.
const MAX_METHODS: usize = 2048;

/// The layouts of what goes into a method and of what comes out: with these, and with the class
/// parts they hold, parameters travel.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// What goes in; nothing where the method takes no parameters.
    pub input: Option<Arc<Layout>>,
    /// What comes out, `ReturnValue` included.
    pub output: Option<Arc<Layout>>,
}

/// Reads the methods of a class, and the layouts of their parameters in the same order.
pub(crate) fn methods(
    part: &MethodsPart<'_>,
    work: &mut Work,
) -> Result<(Vec<Method>, Vec<Signature>), Error> {
    let mut descriptions = part.descriptions;
    if descriptions.left().len() > MAX_METHODS * wire::METHOD_DESCRIPTION {
        return Err(descriptions.error("MethodCount", ErrorKind::TooMuchWork));
    }
    let mut methods = Vec::new();
    let mut signatures = Vec::new();
    while !descriptions.is_empty() {
        let (method, signature) = method(&mut descriptions, part.heap, work)?;
        methods.push(method);
        signatures.push(signature);
    }
    Ok((methods, signatures))
}

fn method(
    description: &mut Cursor<'_>,
    heap: Heap<'_>,
    work: &mut Work,
) -> Result<(Method, Signature), Error> {
    work.spend(wire::METHOD_DESCRIPTION, description.offset(), "MethodDescription")?;
    let name = name(description.u32("MethodName")?, heap, "MethodName", work)?;
    let flags = description.u8("MethodFlags")?;
    description.take(3, "MethodPadding")?;
    let origin = description.u32("MethodOrigin")?;
    let qualifiers = match heap.item(description.u32("MethodQualifiers")?, "MethodQualifiers")? {
        Some(mut set) => qualifiers(set.counted("MethodQualifiers")?, heap, work)?,
        None => Qualifiers::new(),
    };
    let parts = |unit: ClassUnit| (unit.class, unit.layout);
    let (input, input_layout) =
        signature(description, heap, "InputSignature", work)?.map(parts).unzip();
    let (output, output_layout) =
        signature(description, heap, "OutputSignature", work)?.map(parts).unzip();
    let propagated = flags & wire::METHOD_INHERITED != 0;
    let method = Method { name, origin, propagated, qualifiers, input, output };
    Ok((method, Signature { input: input_layout, output: output_layout }))
}

/// The class of the parameters in one direction. No parameters are a null reference, or one to an
/// object of no length, as Windows writes it.
fn signature(
    description: &mut Cursor<'_>,
    heap: Heap<'_>,
    field: &'static str,
    work: &mut Work,
) -> Result<Option<ClassUnit>, Error> {
    let Some(mut item) = heap.item(description.u32(field)?, field)? else { return Ok(None) };
    let len = item.u32(field)?;
    if len == 0 {
        return Ok(None);
    }
    let block = item.part(len, field)?;
    let unit = work.deeper(block.offset(), field, |work| {
        Unit::read_block(block.left(), block.offset(), work)
    })?;
    match unit {
        Unit::Class(unit) => Ok(Some(unit)),
        Unit::Instance(_) => {
            let flags = block.left().first().copied().unwrap_or_default();
            Err(block.error(field, ErrorKind::Value(flags.into())))
        }
    }
}
