//! Where the values of a class's instances lie.

use std::sync::Arc;

use bytes::Bytes;
use winreach_cim::{Class, ValueType};

use crate::cursor::Cursor;
use crate::decode;
use crate::encode::{self, Chance, Style, Zeros};
use crate::error::{EncodeError, Error, ErrorKind};
use crate::heap::Heap;
use crate::part::ClassPart;
use crate::row::Row;
use crate::value::ValueRef;
use crate::wire;
use crate::work::Work;

/// A class, its class part byte for byte, and the places of its values: worked out once, so that
/// instances can be read and written without looking at the class again.
///
/// A client that sends an instance back, or the parameters of a method, must send the server's own
/// class part unaltered (`[MS-WMIO] 2.3.4`); a layout that was decoded keeps it.
///
/// ```
/// # use std::sync::Arc;
/// # use winreach_cim::{CimType, Class, Instance, Property};
/// use winreach_wmio::{Layout, Unit};
///
/// let class = Arc::new(Class::builder("C").property(Property::new("N", CimType::Uint32)).build()?);
/// let layout = Layout::new(&class)?;
/// let mut instance = Instance::new(class);
/// instance.set("N", 7u32);
///
/// let mut bytes = Vec::new();
/// layout.encode(&instance, &mut bytes)?;
/// let Unit::Instance(decoded) = Unit::decode(&bytes)? else { panic!("a class") };
/// assert_eq!(decoded.instance, instance);
/// assert_eq!(decoded.layout.class_part(), layout.class_part());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Layout {
    class: Arc<Class>,
    part: Bytes,
    places: Places,
}

/// Where things lie in a class part, and where in the tables of every instance.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Places {
    /// The value of each property, in the order of declaration.
    pub(crate) slots: Vec<Slot>,
    /// Indexes into the properties, in the order of the lookup table.
    pub(crate) lookup: Vec<u16>,
    /// Where the tables begin in the class part.
    pub(crate) tables_at: usize,
    /// How long both tables are together.
    pub(crate) tables_len: u32,
    /// Where the first byte of the heap lies in the class part.
    pub(crate) heap_at: usize,
}

/// The place of a property's value in the value table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    pub(crate) offset: usize,
    pub(crate) value_type: ValueType,
    /// Whether the class has no default for it.
    pub(crate) default_is_null: bool,
}

impl Layout {
    /// The layout of a class of our own, as Windows lays it out.
    ///
    /// # Errors
    /// When the class does not fit the format; see [`EncodeError`].
    pub fn new(class: &Arc<Class>) -> Result<Self, EncodeError> {
        Self::with(class, Style::Schema, &mut Zeros)
    }

    /// The layout of a method's `__PARAMETERS` class of our own: its class part is the one that
    /// stands in the class with the method, as it must be.
    ///
    /// # Errors
    /// When the class does not fit the format; see [`EncodeError`].
    pub fn for_parameters(class: &Arc<Class>) -> Result<Self, EncodeError> {
        Self::with(class, Style::Parameters, &mut Zeros)
    }

    /// The layout of a class of our own, with a say in what Windows leaves to chance.
    ///
    /// # Errors
    /// When the class does not fit the format; see [`EncodeError`].
    pub fn with(
        class: &Arc<Class>,
        style: Style,
        chance: &mut dyn Chance,
    ) -> Result<Self, EncodeError> {
        let (part, places) = encode::class_part(class, style, 0, chance)?;
        Ok(Self { class: Arc::clone(class), part: part.into(), places })
    }

    /// The layout of a class whose instances lie in so many other objects.
    pub(crate) fn at_depth(class: &Arc<Class>, depth: usize) -> Result<Self, EncodeError> {
        let (part, places) = encode::class_part(class, Style::Schema, depth, &mut Zeros)?;
        Ok(Self { class: Arc::clone(class), part: part.into(), places })
    }

    /// The layout that a peer's class part prescribes (`[MS-WMIO] 2.2.15`).
    ///
    /// # Errors
    /// When the class part is malformed.
    pub fn decode(class_part: &[u8]) -> Result<Self, Error> {
        let part = ClassPart::read(&mut Cursor::new(class_part, 0))?;
        Self::read(&part, &mut Work::for_size(class_part.len()))
    }

    /// The layout of a class as it stands in an instance, without parent and methods.
    pub(crate) fn read(part: &ClassPart<'_>, work: &mut Work) -> Result<Self, Error> {
        let (schema, places) = decode::class(part, work)?;
        Ok(Self::assemble(schema.build(None, Vec::new(), None)?, part, places))
    }

    pub(crate) fn assemble(class: Arc<Class>, part: &ClassPart<'_>, places: Places) -> Self {
        Self { class, part: Bytes::copy_from_slice(part.bytes), places }
    }

    /// The class.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// The class part, byte for byte (`[MS-WMIO] 2.2.15`).
    pub fn class_part(&self) -> &Bytes {
        &self.part
    }

    /// The default of the property at `index` in [`Class::properties`], borrowed.
    ///
    /// # Errors
    /// When there is no such property, or its value is malformed.
    pub fn default(&self, index: usize) -> Result<ValueRef<'_>, Error> {
        let slot = self.slot(index)?;
        let tables = self.part.get(self.places.tables_at..).unwrap_or_default();
        let (nd, values) = tables.split_at_checked(self.nd_len()).unwrap_or_default();
        if wire::nd_bits(nd, index) & wire::ND_NULL != 0 {
            return Ok(ValueRef::Null);
        }
        let heap_at = self.places.heap_at;
        let heap = Heap::new(self.part.get(heap_at..).unwrap_or_default(), heap_at);
        ValueRef::read(slot.value_type, values.get(slot.offset..).unwrap_or_default(), heap)
    }

    /// The instance whose own part (`[MS-WMIO] 2.2.53` after its `CurrentClass`) these bytes are.
    ///
    /// # Errors
    /// When the instance part is malformed. What its references lead to is checked when it is read.
    pub fn row<'a>(&'a self, instance_part: &'a [u8]) -> Result<Row<'a>, Error> {
        Row::read(self, Cursor::new(instance_part, 0))
    }

    /// The place of the property at `index`.
    #[inline]
    pub(crate) fn slot(&self, index: usize) -> Result<Slot, Error> {
        let slot = self.places.slots.get(index).copied();
        slot.ok_or_else(|| Error::new(0, "property", ErrorKind::NoSuchProperty))
    }

    /// The size of the NdTable.
    pub(crate) fn nd_len(&self) -> usize {
        wire::nd_len(self.places.slots.len())
    }

    pub(crate) fn places(&self) -> &Places {
        &self.places
    }
}
