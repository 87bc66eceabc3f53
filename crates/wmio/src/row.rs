//! Instances as they lie in a peer's bytes.

use std::sync::Arc;

use bytes::Bytes;
use winreach_cim::{Decoration, Instance, Qualifiers, Value};

use crate::cursor::Cursor;
use crate::decode;
use crate::error::{Error, ErrorKind};
use crate::heap::Heap;
use crate::layout::{Layout, Slot};
use crate::part::{Head, InstanceBody, InstancePart};
use crate::text::Text;
use crate::value::ValueRef;
use crate::wire::{self, ObjectFlags};
use crate::work::Work;

/// An instance borrowed from bytes: values are read one by one, where they lie.
///
/// ```
/// # use std::sync::Arc;
/// # use winreach_cim::{CimType, Class, Instance, Property};
/// # use winreach_wmio::{Layout, ValueRef};
/// # let class = Arc::new(Class::builder("C").property(Property::new("Name", CimType::String)).build()?);
/// # let mut instance = Instance::new(Arc::clone(&class));
/// # instance.set("Name", "spooler");
/// let layout = Layout::new(&class)?;
/// let mut bytes = Vec::new();
/// layout.encode_part(&instance, &mut bytes)?;
///
/// let row = layout.row(&bytes)?;
/// assert!(matches!(row.get("name")?, ValueRef::String(text) if text == "spooler"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    layout: &'a Layout,
    part: InstancePart<'a>,
}

impl<'a> Row<'a> {
    #[inline]
    pub(crate) fn read(layout: &'a Layout, mut cursor: Cursor<'a>) -> Result<Self, Error> {
        let places = layout.places();
        let part = InstancePart::read(&mut cursor, places.slots.len(), places.tables_len)?;
        Ok(Self { layout, part })
    }

    /// A row without a name, whose body was found elsewhere.
    pub(crate) fn of(layout: &'a Layout, body: InstanceBody<'a>, heap: Heap<'a>) -> Self {
        Self { layout, part: InstancePart { name: wire::NULL_REF, body, heap } }
    }

    /// Where the first byte of the heap lies.
    pub(crate) fn heap_at(&self) -> usize {
        self.part.heap.offset()
    }

    /// The layout that the row is read by, and with it the class.
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// The name of the class as the instance itself says it; empty where it does not.
    ///
    /// # Errors
    /// When the name is malformed.
    pub fn class_name(&self) -> Result<Text<'a>, Error> {
        let name = self.part.heap.text(self.part.name, "InstanceClassName")?;
        Ok(name.unwrap_or(Text::Latin1(b"")))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.layout.places().slots.len()
    }

    /// Whether the class has no properties.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value in effect of the property of this name: the instance's own, or the class's default.
    ///
    /// # Errors
    /// When the class has no such property, or the value is malformed.
    pub fn get(&self, name: &str) -> Result<ValueRef<'a>, Error> {
        let index = self.layout.class().property_index(name);
        self.value(index.ok_or_else(|| Error::new(0, "property", ErrorKind::NoSuchProperty))?)
    }

    /// The value in effect of the property at `index` in
    /// [`Class::properties`](winreach_cim::Class::properties).
    ///
    /// # Errors
    /// When there is no such property, or the value is malformed.
    #[inline]
    pub fn value(&self, index: usize) -> Result<ValueRef<'a>, Error> {
        let slot = self.layout.slot(index)?;
        match wire::nd_bits(self.part.body.tables.nd, index) {
            0 => self.read_slot(slot),
            wire::ND_DEFAULT => self.layout.default(index),
            _ => Ok(ValueRef::Null),
        }
    }

    /// The value that the instance itself has, where it has one.
    pub(crate) fn own_value(&self, index: usize) -> Result<Option<ValueRef<'a>>, Error> {
        let slot = self.layout.slot(index)?;
        match wire::nd_bits(self.part.body.tables.nd, index) {
            0 => self.read_slot(slot).map(Some),
            _ => Ok(None),
        }
    }

    #[inline]
    fn read_slot(&self, slot: Slot) -> Result<ValueRef<'a>, Error> {
        let octets = self.part.body.tables.values.get(slot.offset..).unwrap_or_default();
        ValueRef::read(slot.value_type, octets, self.part.heap)
    }

    /// Every value in effect, in the order of declaration.
    pub fn values(self) -> impl ExactSizeIterator<Item = Result<ValueRef<'a>, Error>> {
        (0..self.len()).map(move |index| self.value(index))
    }

    /// The instance, independent of the bytes, without decoration. It shares the layout's class.
    ///
    /// # Errors
    /// When a value is malformed.
    pub fn to_instance(&self) -> Result<Instance, Error> {
        let part = &self.part;
        let tables = part.body.tables.nd.len() + part.body.tables.values.len();
        self.own(&mut Work::for_size(tables + part.heap.bytes().len()))
    }

    pub(crate) fn own(&self, work: &mut Work) -> Result<Instance, Error> {
        let mut values = Vec::with_capacity(self.len());
        for (index, slot) in self.layout.places().slots.iter().enumerate() {
            values.push(match wire::nd_bits(self.part.body.tables.nd, index) {
                // Matched in place: a value that is moved after each step costs more than to read.
                0 => match self.read_slot(*slot) {
                    Ok(ref value) => Some(value.own(work)?),
                    Err(error) => return Err(error),
                },
                wire::ND_DEFAULT => None,
                // Null by the class's default, unless the class has one that is not null.
                bits if bits & wire::ND_DEFAULT != 0 && slot.default_is_null => None,
                _ => Some(Value::Null),
            });
        }
        let mut instance = Instance::from_values(Arc::clone(self.layout.class()), values);
        let set = self.part.body.qualifiers;
        if !set.is_empty() || self.part.body.property_qualifiers.is_some() {
            let own = decode::qualifiers(set, self.part.heap, work)?;
            instance.set_qualifiers(own, self.property_qualifiers(work)?);
        }
        Ok(instance)
    }

    /// The qualifier sets come in the order of the lookup table, and go by declaration.
    fn property_qualifiers(&self, work: &mut Work) -> Result<Vec<Qualifiers>, Error> {
        let Some(mut sets) = self.part.body.property_qualifiers else { return Ok(Vec::new()) };
        let mut by_declaration = vec![Qualifiers::new(); self.len()];
        for index in &self.layout.places().lookup {
            let set = sets.counted("InstancePropQualifierSet")?;
            let set = decode::qualifiers(set, self.part.heap, work)?;
            if let Some(place) = by_declaration.get_mut(usize::from(*index)) {
                *place = set;
            }
        }
        Ok(by_declaration)
    }
}

/// An instance that shares the buffer it arrived in: what an enumeration hands out, row by row.
#[derive(Clone, Debug)]
pub struct SharedRow {
    layout: Arc<Layout>,
    decoration: Option<Arc<Decoration>>,
    /// The instance part.
    part: Bytes,
}

impl SharedRow {
    /// The row of an object block without a class part (`[MS-WMI] 2.2.14.4`), whose class is known.
    ///
    /// # Errors
    /// When the block is malformed. What its references lead to is checked when it is read.
    pub fn decode(layout: Arc<Layout>, block: Bytes) -> Result<Self, Error> {
        let mut cursor = Cursor::new(&block, 0);
        let head = Head::read(&mut cursor)?;
        if !head.flags.contains(ObjectFlags::INSTANCE) {
            let kind = ErrorKind::Value(head.flags.bits().into());
            return Err(Error::new(0, "ObjectFlags", kind));
        }
        let decoration = head.decoration.map(|decoration| Arc::new(decoration.to_owned()));
        let part_at = cursor.offset();
        Self::new(layout, decoration, block.slice(part_at..))
    }

    /// Checks that the part is one of this layout.
    pub(crate) fn new(
        layout: Arc<Layout>,
        decoration: Option<Arc<Decoration>>,
        part: Bytes,
    ) -> Result<Self, Error> {
        layout.row(&part)?;
        Ok(Self { layout, decoration, part })
    }

    /// The row, to read values from.
    ///
    /// # Errors
    /// Never for a row that came out of [`ObjectArray`](crate::ObjectArray) or
    /// [`SharedRow::decode`]: both have checked it.
    #[inline]
    pub fn view(&self) -> Result<Row<'_>, Error> {
        self.layout.row(&self.part)
    }

    /// The layout that the row is read by, and with it the class.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Where the instance came from.
    pub fn decoration(&self) -> Option<&Arc<Decoration>> {
        self.decoration.as_ref()
    }

    /// The instance, independent of the buffer. It shares the layout's class.
    ///
    /// # Errors
    /// When a value is malformed.
    pub fn to_instance(&self) -> Result<Instance, Error> {
        let mut instance = self.view()?.to_instance()?;
        instance.set_decoration(self.decoration.clone());
        Ok(instance)
    }
}
