//! Qualifier sets.

use winreach_cim::{Flavor, Name, Qualifier, Qualifiers};

use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::heap::Heap;
use crate::value::ValueRef;
use crate::wire;
use crate::work::Work;

/// The qualifiers that fill `set` (`[MS-WMIO] 2.2.59`).
pub(crate) fn qualifiers(
    mut set: Cursor<'_>,
    heap: Heap<'_>,
    work: &mut Work,
) -> Result<Qualifiers, Error> {
    work.spend(set.left().len(), set.offset(), "QualifierSet")?;
    let mut qualifiers = Vec::new();
    while !set.is_empty() {
        let name = name(set.u32("QualifierName")?, heap, "QualifierName", work)?;
        let flavor = Flavor::from_bits_retain(set.u8("QualifierFlavor")?);
        let at = set;
        let code = set.u32("QualifierType")?;
        let value_type = wire::value_type(code)
            .ok_or_else(|| at.error("QualifierType", ErrorKind::Type(code)))?;
        let slot = set.take(wire::width(value_type), "QualifierValue")?;
        let value = ValueRef::read(value_type, slot, heap)?.own(work)?;
        qualifiers.push(Qualifier { name, value, flavor });
    }
    Ok(qualifiers.into_iter().collect())
}

/// A name in a heap, which is empty where the reference is null.
pub(crate) fn name(
    reference: u32,
    heap: Heap<'_>,
    field: &'static str,
    work: &mut Work,
) -> Result<Name, Error> {
    let Some(text) = heap.text(reference, field)? else { return Ok(Name::from("")) };
    work.spend(text.octets(), heap.offset(), field)?;
    Ok(Name::from(&*text.to_str()))
}
