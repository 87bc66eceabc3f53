//! The parts of an object block, found but not yet understood.

use winreach_cim::Decoration;

use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::heap::Heap;
use crate::text::Text;
use crate::wire::{self, ObjectFlags};

/// What stands before the class or instance: flags, and where the object comes from
/// (`[MS-WMIO] 2.2.5`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) flags: ObjectFlags,
    pub(crate) decoration: Option<DecorationRef<'a>>,
}

/// The server and namespace of an object, in the bytes of a peer (`[MS-WMIO] 2.2.7`).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct DecorationRef<'a> {
    /// The computer's name.
    pub(crate) server: Text<'a>,
    /// The namespace, such as `ROOT\cimv2`.
    pub(crate) namespace: Text<'a>,
}

impl DecorationRef<'_> {
    pub(crate) fn to_owned(self) -> Decoration {
        Decoration { server: self.server.into(), namespace: self.namespace.into() }
    }
}

impl<'a> Head<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = *cursor;
        let bits = cursor.u8("ObjectFlags")?;
        let flags = ObjectFlags::from_bits_retain(bits);
        if flags.contains(ObjectFlags::CLASS) == flags.contains(ObjectFlags::INSTANCE) {
            return Err(start.error("ObjectFlags", ErrorKind::Value(bits.into())));
        }
        let decoration = if flags.contains(ObjectFlags::DECORATION) {
            let server = cursor.text("DecServerName")?;
            Some(DecorationRef { server, namespace: cursor.text("DecNamespaceName")? })
        } else {
            None
        };
        Ok(Self { flags, decoration })
    }
}

/// A class without its methods (`[MS-WMIO] 2.2.15`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClassPart<'a> {
    /// All of it, its length included.
    pub(crate) bytes: &'a [u8],
    pub(crate) offset: usize,
    pub(crate) name: u32,
    pub(crate) derivation: Cursor<'a>,
    pub(crate) qualifiers: Cursor<'a>,
    /// `PropertyLookup` after `PropertyLookup`, eight octets each.
    pub(crate) lookup: Cursor<'a>,
    pub(crate) tables: Tables<'a>,
    pub(crate) tables_offset: usize,
    /// How long both tables are together.
    pub(crate) tables_len: u32,
    pub(crate) heap: Heap<'a>,
}

/// The values of a class or an instance: which of them are null or inherited, and then the values
/// themselves (`[MS-WMIO] 2.2.26`, `2.2.29`).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tables<'a> {
    pub(crate) nd: &'a [u8],
    pub(crate) values: &'a [u8],
}

impl<'a> Tables<'a> {
    fn read(cursor: &mut Cursor<'a>, len: u32, properties: usize) -> Result<Self, Error> {
        let mut both = cursor.part(len, "NdTable")?;
        let nd = both.take(wire::nd_len(properties), "NdTable")?;
        Ok(Self { nd, values: both.left() })
    }
}

impl<'a> ClassPart<'a> {
    /// The class part that comes next. What follows its heap, inside its length, is slack.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = *cursor;
        let mut part = cursor.counted("ClassPart")?;
        let bytes = start.left().get(..part.left().len() + 4).unwrap_or_default();
        part.u8("ClassHeader")?;
        let name = part.u32("ClassNameRef")?;
        let tables_len = part.u32("NdTableValueTableLength")?;
        let derivation = part.counted("DerivationList")?;
        let qualifiers = part.counted("ClassQualifierSet")?;
        let before = part;
        let count = part.u32("PropertyCount")?;
        let octets = count
            .checked_mul(8)
            .ok_or_else(|| before.error("PropertyCount", ErrorKind::Length(count)))?;
        let lookup = part.part(octets, "PropertyLookupTable")?;
        let tables_offset = part.offset();
        let tables = Tables::read(&mut part, tables_len, lookup.left().len() / 8)?;
        let heap = Heap::read(&mut part, "ClassHeap")?;
        Ok(Self {
            bytes,
            offset: start.offset(),
            name,
            derivation,
            qualifiers,
            lookup,
            tables,
            tables_offset,
            tables_len,
            heap,
        })
    }

    /// How many properties the class has.
    pub(crate) fn properties(&self) -> usize {
        self.lookup.left().len() / 8
    }
}

/// The methods of a class (`[MS-WMIO] 2.2.38`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct MethodsPart<'a> {
    /// Description after description, 24 octets each.
    pub(crate) descriptions: Cursor<'a>,
    pub(crate) heap: Heap<'a>,
}

impl<'a> MethodsPart<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let mut part = cursor.counted("MethodsPart")?;
        let count = part.u16("MethodCount")?;
        part.u16("MethodCountPadding")?;
        let octets = wire::METHOD_DESCRIPTION * usize::from(count);
        let offset = part.offset();
        let descriptions = Cursor::new(part.take(octets, "MethodDescription")?, offset);
        Ok(Self { descriptions, heap: Heap::read(&mut part, "MethodHeap")? })
    }
}

/// What an instance has of its own, beside its class (`[MS-WMIO] 2.2.53`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct InstancePart<'a> {
    pub(crate) name: u32,
    pub(crate) body: InstanceBody<'a>,
    pub(crate) heap: Heap<'a>,
}

/// What lies between the name of an instance and its heap.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InstanceBody<'a> {
    pub(crate) tables: Tables<'a>,
    pub(crate) qualifiers: Cursor<'a>,
    /// The qualifier sets of the properties, in the order of the lookup table, where there are any.
    pub(crate) property_qualifiers: Option<Cursor<'a>>,
}

impl<'a> InstancePart<'a> {
    /// Where the body begins: behind the length, the flags and the name.
    pub(crate) const BODY_AT: usize = 9;

    /// The instance part that comes next, of a class with so many properties and such tables.
    #[inline]
    pub(crate) fn read(
        cursor: &mut Cursor<'a>,
        properties: usize,
        tables_len: u32,
    ) -> Result<Self, Error> {
        let mut part = cursor.counted("InstanceType")?;
        part.u8("InstanceFlags")?;
        let name = part.u32("InstanceClassName")?;
        let body = InstanceBody::read(&mut part, properties, tables_len)?;
        let heap = Heap::read(&mut part, "InstanceHeap")?;
        Ok(Self { name, body, heap })
    }
}

impl<'a> InstanceBody<'a> {
    /// What comes next, of a class with so many properties and such tables.
    #[inline]
    pub(crate) fn read(
        part: &mut Cursor<'a>,
        properties: usize,
        tables_len: u32,
    ) -> Result<Self, Error> {
        let tables = Tables::read(part, tables_len, properties)?;
        let qualifiers = part.counted("InstanceQualifierSet")?;
        let flag_at = *part;
        let property_qualifiers = match part.u8("InstancePropQualifierSet")? {
            wire::NO_PROPERTY_QUALIFIERS => None,
            wire::PROPERTY_QUALIFIERS => {
                let sets = *part;
                for _ in 0..properties {
                    part.counted("InstancePropQualifierSet")?;
                }
                Some(sets)
            }
            flag => {
                let kind = ErrorKind::Value(flag.into());
                return Err(flag_at.error("InstancePropQualifierSet", kind));
            }
        };
        Ok(Self { tables, qualifiers, property_qualifiers })
    }
}
