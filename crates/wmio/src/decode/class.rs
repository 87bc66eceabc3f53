//! Class parts.

use std::sync::Arc;

use winreach_cim::{Class, Decoration, Method, Name, Property, Qualifiers, Value};

use super::qualifiers::{name, qualifiers};
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::layout::{Places, Slot};
use crate::part::ClassPart;
use crate::value::ValueRef;
use crate::wire;
use crate::work::Work;

/// More properties than any class has. Every one of them can refer to the same
/// long text in a row, and a row is read without an account of the work.
const MAX_PROPERTIES: usize = 8192;

/// What a class part says.
#[derive(Debug)]
pub(crate) struct Schema {
    name: Name,
    derivation: Vec<Name>,
    qualifiers: Qualifiers,
    properties: Vec<Property>,
    offset: usize,
}

/// Reads a class part. Its properties come out in the order of their declaration.
pub(crate) fn class(part: &ClassPart<'_>, work: &mut Work) -> Result<(Schema, Places), Error> {
    work.spend(part.bytes.len(), part.offset, "ClassPart")?;
    if part.properties() > MAX_PROPERTIES {
        return Err(part.lookup.error("PropertyCount", ErrorKind::TooMuchWork));
    }
    let mut found = Vec::with_capacity(part.properties());
    let mut lookup = part.lookup;
    while !lookup.is_empty() {
        found.push(property(&mut lookup, part, work)?);
    }
    let lookup = found.iter().map(|(order, ..)| *order).collect();
    found.sort_by_key(|(order, ..)| *order);
    let mut orders = found.iter().map(|(order, ..)| *order).enumerate();
    if let Some((_, order)) = orders.find(|(place, order)| *place != usize::from(*order)) {
        return Err(part.lookup.error("DeclarationOrder", ErrorKind::Value(order.into())));
    }
    let (properties, slots) = found.into_iter().map(|(_, property, slot)| (property, slot)).unzip();
    let schema = Schema {
        name: name(part.name, part.heap, "ClassNameRef", work)?,
        derivation: derivation(part.derivation, work)?,
        qualifiers: qualifiers(part.qualifiers, part.heap, work)?,
        properties,
        offset: part.offset,
    };
    let places = Places {
        slots,
        lookup,
        tables_at: part.tables_offset - part.offset,
        tables_len: part.tables_len,
        heap_at: part.heap.offset() - part.offset,
    };
    Ok((schema, places))
}

impl Schema {
    /// The class of the model.
    pub(crate) fn build(
        self,
        parent: Option<Arc<Class>>,
        methods: Vec<Method>,
        decoration: Option<Arc<Decoration>>,
    ) -> Result<Arc<Class>, Error> {
        Class::builder(self.name)
            .raw(self.derivation, parent, self.qualifiers, self.properties, methods)
            .decoration(decoration)
            .build()
            .map(Arc::new)
            .map_err(|error| {
                Error::new(self.offset, "ClassPart", ErrorKind::Class(Box::new(error)))
            })
    }
}

/// One property: its declaration order, itself, and where its value lies.
fn property(
    lookup: &mut Cursor<'_>,
    part: &ClassPart<'_>,
    work: &mut Work,
) -> Result<(u16, Property, Slot), Error> {
    let name = name(lookup.u32("PropertyNameRef")?, part.heap, "PropertyNameRef", work)?;
    let mut info = part.heap.required(lookup.u32("PropertyInfoRef")?, "PropertyInfoRef")?;
    let at = info;
    let code = info.u32("PropertyType")?;
    let value_type =
        wire::value_type(code).ok_or_else(|| at.error("PropertyType", ErrorKind::Type(code)))?;
    let order = info.u16("DeclarationOrder")?;
    let at = info;
    let said = info.u32("ValueTableOffset")?;
    let offset = usize::try_from(said).unwrap_or(usize::MAX);
    let slot = part
        .tables
        .values
        .get(offset..)
        .filter(|slot| slot.len() >= wire::width(value_type))
        .ok_or_else(|| at.error("ValueTableOffset", ErrorKind::Value(said)))?;
    let origin = info.u32("ClassOfOrigin")?;
    let qualifiers = qualifiers(info.counted("PropertyQualifierSet")?, part.heap, work)?;
    let bits = wire::nd_bits(part.tables.nd, usize::from(order));
    let default = if bits & wire::ND_NULL != 0 {
        Value::Null
    } else {
        ValueRef::read(value_type, slot, part.heap)?.own(work)?
    };
    let default_is_null = default.is_null();
    let property = Property {
        name,
        value_type,
        origin,
        propagated: code & wire::INHERITED != 0,
        default,
        default_propagated: bits & wire::ND_DEFAULT != 0,
        qualifiers,
    };
    Ok((order, property, Slot { offset, value_type, default_is_null }))
}

/// The superclasses: each name, and after it the octets that it took (`[MS-WMIO] 2.2.18`).
fn derivation(mut list: Cursor<'_>, work: &mut Work) -> Result<Vec<Name>, Error> {
    work.spend(list.left().len(), list.offset(), "DerivationList")?;
    let mut names = Vec::new();
    while !list.is_empty() {
        let start = list;
        let text = list.text("ClassNameEncoding")?;
        let octets = list.offset() - start.offset();
        let at = list;
        let said = list.u32("ClassNameEncoding")?;
        if usize::try_from(said) != Ok(octets) {
            return Err(at.error("ClassNameEncoding", ErrorKind::Length(said)));
        }
        names.push(Name::from(&*text.to_str()));
    }
    Ok(names)
}
