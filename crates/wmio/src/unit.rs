//! Whole objects.

use std::sync::Arc;

use winreach_cim::{Class, Instance, Object};

use crate::cursor::Cursor;
use crate::decode::{self, Signature};
use crate::error::Error;
use crate::layout::Layout;
use crate::part::{ClassPart, Head, MethodsPart};
use crate::row::Row;
use crate::wire::{NULL_REF, ObjectFlags, SIGNATURE};
use crate::work::Work;

/// A class or an instance, decoded, with the layouts that are needed to send it, or something of
/// its class, back.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Unit {
    Class(ClassUnit),
    Instance(InstanceUnit),
}

/// A class, decoded.
#[derive(Clone, Debug)]
pub struct ClassUnit {
    /// The class, with its parent and its methods.
    pub class: Arc<Class>,
    /// The layout of its instances.
    pub layout: Arc<Layout>,
    /// The layouts of its methods' parameters, in the order of [`Class::methods`].
    pub signatures: Vec<Signature>,
    /// How the object was marked.
    pub flags: ObjectFlags,
}

/// An instance, decoded.
#[derive(Clone, Debug)]
pub struct InstanceUnit {
    /// The instance, decoration included. Its class has neither parent nor methods.
    pub instance: Instance,
    /// The layout of its class.
    pub layout: Arc<Layout>,
    /// How the object was marked.
    pub flags: ObjectFlags,
}

impl Unit {
    /// The object of an encoding unit (`[MS-WMIO] 2.2.1`). Slack behind the object, and a declared
    /// length that exceeds what is there, are put up with: the examples of the specification have
    /// both.
    ///
    /// # Errors
    /// When the unit is malformed.
    ///
    /// ```
    /// # use winreach_cim::{CimType, Class, Property};
    /// # use winreach_wmio::encode;
    /// use winreach_wmio::Unit;
    ///
    /// # let class = Class::builder("C").property(Property::new("N", CimType::Uint32)).build()?;
    /// # let mut bytes = Vec::new();
    /// # encode::class(&class, &mut bytes)?;
    /// match Unit::decode(&bytes)? {
    ///     Unit::Class(unit) => assert_eq!(unit.class.name(), "C"),
    ///     Unit::Instance(unit) => println!("an instance of {}", unit.instance.class().name()),
    /// }
    /// let error = Unit::decode(&bytes[..20]).unwrap_err();
    /// assert_eq!((error.offset, error.field), (13, "ClassPart"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decode(unit: &[u8]) -> Result<Self, Error> {
        let block = Self::block(unit)?;
        Self::read_block(block.left(), block.offset(), &mut Work::for_size(block.left().len()))
    }

    /// The object block of an encoding unit.
    pub(crate) fn block(unit: &[u8]) -> Result<Cursor<'_>, Error> {
        let mut cursor = Cursor::new(unit, 0);
        cursor.expect(SIGNATURE, "Signature")?;
        let declared = usize::try_from(cursor.u32("ObjectEncodingLength")?).unwrap_or(usize::MAX);
        let block = cursor.left();
        Ok(Cursor::new(block.get(..declared).unwrap_or(block), cursor.offset()))
    }

    /// The object of a bare object block (`[MS-WMIO] 2.2.5`).
    ///
    /// # Errors
    /// When the block is malformed.
    pub fn decode_block(block: &[u8]) -> Result<Self, Error> {
        Self::read_block(block, 0, &mut Work::for_size(block.len()))
    }

    pub(crate) fn read_block(block: &[u8], offset: usize, work: &mut Work) -> Result<Self, Error> {
        let mut cursor = Cursor::new(block, offset);
        let head = Head::read(&mut cursor)?;
        if head.flags.contains(ObjectFlags::CLASS) {
            ClassUnit::read(head, &mut cursor, work).map(Self::Class)
        } else {
            InstanceUnit::read(head, &mut cursor, work).map(Self::Instance)
        }
    }

    /// The object alone.
    pub fn into_object(self) -> Object {
        match self {
            Self::Class(unit) => Object::Class(unit.class),
            Self::Instance(unit) => Object::Instance(unit.instance),
        }
    }

    /// The class itself, or the class of the instance.
    pub fn class(&self) -> &Arc<Class> {
        match self {
            Self::Class(unit) => &unit.class,
            Self::Instance(unit) => unit.instance.class(),
        }
    }
}

impl ClassUnit {
    fn read(head: Head<'_>, cursor: &mut Cursor<'_>, work: &mut Work) -> Result<Self, Error> {
        let decoration = head.decoration.map(|decoration| Arc::new(decoration.to_owned()));

        let part = ClassPart::read(cursor)?;
        let methods = MethodsPart::read(cursor)?;
        let parent = if part.name == NULL_REF {
            None
        } else {
            let (schema, _) = decode::class(&part, work)?;
            let (methods, _) = decode::methods(&methods, work)?;
            Some(schema.build(None, methods, decoration.clone())?)
        };

        let part = ClassPart::read(cursor)?;
        let (schema, places) = decode::class(&part, work)?;
        let (methods, signatures) = decode::methods(&MethodsPart::read(cursor)?, work)?;
        let class = schema.build(parent, methods, decoration)?;
        let layout = Arc::new(Layout::assemble(Arc::clone(&class), &part, places));
        Ok(Self { class, layout, signatures, flags: head.flags })
    }

    /// The layouts of the parameters of the method of this name.
    pub fn signature(&self, method: &str) -> Option<&Signature> {
        let index = self.class.methods().iter().position(|m| m.name.is(method))?;
        self.signatures.get(index)
    }
}

impl InstanceUnit {
    fn read(head: Head<'_>, cursor: &mut Cursor<'_>, work: &mut Work) -> Result<Self, Error> {
        let layout = Layout::read(&ClassPart::read(cursor)?, work)?;
        let mut instance = Row::read(&layout, *cursor)?.own(work)?;
        instance.set_decoration(head.decoration.map(|decoration| Arc::new(decoration.to_owned())));
        Ok(Self { instance, layout: Arc::new(layout), flags: head.flags })
    }
}
