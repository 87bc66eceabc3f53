//! Packets that a server sent.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use uuid::Uuid;
use winreach_cim::Decoration;

use super::{
    CLASS_HEADER_LEN, HEADER1_LEN, HEADER2_LEN, HEADER3_LEN, INSTANCE_HEADER_LEN,
    OBJECT_HEADER_LEN, SIGNATURE, kind,
};
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::layout::Layout;
use crate::part::{ClassPart, Head};
use crate::row::SharedRow;
use crate::unit::{ClassUnit, Unit};
use crate::wire::ObjectFlags;
use crate::work::Work;

/// The classes that a server sent in an enumeration: keep one for each enumerator, and pass it to
/// all of its packets.
#[derive(Debug, Default)]
pub struct ClassMap {
    layouts: HashMap<Uuid, Arc<Layout>>,
    /// How long their ClassParts are together.
    octets: usize,
    /// The classes of the latest whole instances, which come without a GUID.
    recent: VecDeque<Arc<Layout>>,
    /// The decoration of the last row, as it came and as it is: all rows have the same.
    decoration: Option<(Box<[u8]>, Arc<Decoration>)>,
}

/// How long the classes of one enumeration may be together. The whole schema of a Windows machine
/// is shorter, and a server that makes up class after class must not fill the memory.
const MAX_CLASS_OCTETS: usize = 32 << 20;

/// How many classes of whole instances are kept in mind. A result has rows of one, or of a few
/// subclasses in turn.
const RECENT: usize = 16;

/// An object out of a packet.
#[derive(Clone, Debug)]
pub enum PacketObject {
    /// A class.
    Class(Box<ClassUnit>),
    /// An instance.
    Row(SharedRow),
}

/// A packet, object by object (`[MS-WMI] 2.2.14`). Rows share the packet's buffer.
///
/// ```
/// # use std::sync::Arc;
/// # use winreach_cim::{CimType, Class, Instance, Property, Value};
/// use winreach_wmio::{ClassMap, Layout, ObjectArray, ObjectArrayWriter, PacketObject, SentClasses};
///
/// # let class = Arc::new(Class::builder("C").property(Property::new("N", CimType::Uint32)).build()?);
/// # let mut instance = Instance::new(Arc::clone(&class));
/// # instance.set("N", 7u32);
/// let layout = Arc::new(Layout::new(&class)?);
/// let mut sent = SentClasses::default();
/// let mut writer = ObjectArrayWriter::new(&mut sent);
/// writer.push(&layout, &instance)?;
/// let packet = writer.finish()?;
///
/// let mut classes = ClassMap::default();
/// let mut objects = ObjectArray::decode(packet.into())?;
/// while let Some(object) = objects.next(&mut classes) {
///     let PacketObject::Row(row) = object? else { continue };
///     assert_eq!(row.to_instance()?.get("N"), Some(&Value::Uint32(7)));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ObjectArray {
    packet: Bytes,
    /// Where the next object begins.
    offset: usize,
    left: u32,
}

impl ObjectArray {
    /// Reads the headers of a packet.
    ///
    /// # Errors
    /// When they are malformed.
    pub fn decode(packet: Bytes) -> Result<Self, Error> {
        let mut cursor = Cursor::new(&packet, 0);
        cursor.expect(0, "dwByteOrdering")?;
        let at = cursor;
        if cursor.take(SIGNATURE.len(), "abSignature")? != SIGNATURE {
            return Err(at.error("abSignature", ErrorKind::Value(0)));
        }
        cursor.expect(HEADER1_LEN, "dwSizeOfHeader1")?;
        let size1 = cursor.u32("dwDataSize1")?;
        cursor.u32("dwFlags")?;
        cursor.u8("bVersion")?;
        cursor.u8("bPacketType")?;
        let mut data1 = cursor.part(size1, "dwDataSize1")?;
        data1.expect(HEADER2_LEN, "dwSizeOfHeader2")?;
        let size2 = data1.u32("dwDataSize2")?;
        let mut data2 = data1.part(size2, "dwDataSize2")?;
        data2.expect(HEADER3_LEN, "dwSizeOfHeader3")?;
        let size3 = data2.u32("dwDataSize3")?;
        let left = data2.u32("dwNumObjects")?;
        let objects = data2.part(size3, "dwDataSize3")?;
        let (offset, end) = (objects.offset(), objects.offset() + objects.left().len());
        Ok(Self { packet: packet.slice(..end), offset, left })
    }

    /// How many objects are still to come, by the word of the packet.
    pub fn remaining(&self) -> u32 {
        self.left
    }

    /// The next object. After an error there is none.
    #[allow(clippy::should_implement_trait)] // It is given the classes each time.
    pub fn next(&mut self, classes: &mut ClassMap) -> Option<Result<PacketObject, Error>> {
        self.left = self.left.checked_sub(1)?;
        let result = self.read_next(classes);
        if result.is_err() {
            self.left = 0;
        }
        Some(result)
    }

    fn read_next(&mut self, classes: &mut ClassMap) -> Result<PacketObject, Error> {
        let packet = self.packet.clone();
        let mut cursor = Cursor::new(packet.get(self.offset..).unwrap_or_default(), self.offset);
        cursor.expect(OBJECT_HEADER_LEN, "dwSizeOfHeader")?;
        let size = cursor.u32("dwSizeOfData")?;
        let at = cursor;
        let kind = cursor.u8("bObjectType")?;
        let mut object = cursor.part(size, "dwSizeOfData")?;
        self.offset = cursor.offset();
        match kind {
            kind::CLASS => read_class(&mut object),
            kind::INSTANCE | kind::INSTANCE_WITHOUT_CLASS => {
                let with_class = kind == kind::INSTANCE;
                classes.read_row(&packet, &mut object, with_class).map(PacketObject::Row)
            }
            _ => Err(at.error("bObjectType", ErrorKind::Value(kind.into()))),
        }
    }
}

fn read_class(object: &mut Cursor<'_>) -> Result<PacketObject, Error> {
    object.expect(CLASS_HEADER_LEN, "dwSizeOfHeader")?;
    let size = object.u32("dwSizeOfData")?;
    class_of(&object.part(size, "dwSizeOfData")?)
}

/// The class in an object block.
fn class_of(block: &Cursor<'_>) -> Result<PacketObject, Error> {
    let mut work = Work::for_size(block.left().len());
    match Unit::read_block(block.left(), block.offset(), &mut work)? {
        Unit::Class(unit) => Ok(PacketObject::Class(Box::new(unit))),
        Unit::Instance(unit) => {
            Err(block.error("ObjectFlags", ErrorKind::Value(unit.flags.bits().into())))
        }
    }
}

/// The row whose instance part is what is left of a block within `buffer`.
fn row_of(
    buffer: &Bytes,
    block: &Cursor<'_>,
    layout: Arc<Layout>,
    decoration: Option<Arc<Decoration>>,
) -> Result<SharedRow, Error> {
    let (from, to) = (block.offset(), block.offset() + block.left().len());
    SharedRow::new(layout, decoration, buffer.slice(from..to))
        .map_err(|error| Error { offset: error.offset + from, ..error })
}

impl ClassMap {
    /// No class yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The layout of the class with this GUID.
    pub fn layout(&self, id: &Uuid) -> Option<&Arc<Layout>> {
        self.layouts.get(id)
    }

    /// How many classes were sent.
    pub fn len(&self) -> usize {
        self.layouts.len()
    }

    /// Whether no class was sent.
    pub fn is_empty(&self) -> bool {
        self.layouts.is_empty()
    }

    /// The object of an encoding unit (`[MS-WMIO] 2.2.1`), as `IEnumWbemClassObject::Next` sends
    /// them. Each instance brings its class along, which is read only where it differs from those of
    /// the latest ones; the row shares the buffer of the unit.
    ///
    /// # Errors
    /// When the unit is malformed.
    pub fn decode_unit(&mut self, unit: Bytes) -> Result<PacketObject, Error> {
        let mut block = Unit::block(&unit)?;
        let start = block;
        let head = Head::read(&mut block)?;
        if !head.flags.contains(ObjectFlags::INSTANCE) {
            return class_of(&start);
        }
        let raw = unit.get(start.offset()..block.offset()).unwrap_or_default();
        let decoration = self.decoration(raw, &head);
        let layout = self.recall(&ClassPart::read(&mut block)?)?;
        row_of(&unit, &block, layout, decoration).map(PacketObject::Row)
    }

    /// The class with these very bytes; read only if it was not among the latest.
    fn recall(&mut self, part: &ClassPart<'_>) -> Result<Arc<Layout>, Error> {
        if let Some(known) = self.recent.iter().find(|known| known.class_part() == part.bytes) {
            return Ok(Arc::clone(known));
        }
        let layout = Arc::new(Layout::read(part, &mut Work::for_size(part.bytes.len()))?);
        self.recent.truncate(RECENT - 1);
        self.recent.push_front(Arc::clone(&layout));
        Ok(layout)
    }

    fn read_row(
        &mut self,
        packet: &Bytes,
        object: &mut Cursor<'_>,
        with_class: bool,
    ) -> Result<SharedRow, Error> {
        object.expect(INSTANCE_HEADER_LEN, "dwSizeOfHeader")?;
        let size = object.u32("dwSizeOfData")?;
        let id_at = *object;
        let id = object.uuid("classID")?;
        let mut block = object.part(size, "dwSizeOfData")?;

        let start = block;
        let head = Head::read(&mut block)?;
        if !head.flags.contains(ObjectFlags::INSTANCE) {
            let flags = head.flags.bits().into();
            return Err(start.error("ObjectFlags", ErrorKind::Value(flags)));
        }
        let raw = packet.get(start.offset()..block.offset()).unwrap_or_default();
        let decoration = self.decoration(raw, &head);
        let layout = if with_class {
            self.learn(id, &ClassPart::read(&mut block)?)?
        } else {
            let known = self.layouts.get(&id);
            Arc::clone(known.ok_or_else(|| id_at.error("classID", ErrorKind::UnknownClass(id)))?)
        };
        row_of(packet, &block, layout, decoration)
    }

    /// The class of this GUID; read only if it was not sent before, byte for byte the same.
    fn learn(&mut self, id: Uuid, part: &ClassPart<'_>) -> Result<Arc<Layout>, Error> {
        if let Some(known) = self.layouts.get(&id)
            && known.class_part() == part.bytes
        {
            return Ok(Arc::clone(known));
        }
        let octets = self.octets.saturating_add(part.bytes.len());
        if octets > MAX_CLASS_OCTETS {
            return Err(Error::new(part.offset, "ClassPart", ErrorKind::TooManyClasses));
        }
        let layout = Arc::new(Layout::read(part, &mut Work::for_size(part.bytes.len()))?);
        self.octets = octets;
        self.layouts.insert(id, Arc::clone(&layout));
        Ok(layout)
    }

    fn decoration(&mut self, raw: &[u8], head: &Head<'_>) -> Option<Arc<Decoration>> {
        let found = head.decoration?;
        match &self.decoration {
            Some((known, decoration)) if **known == *raw => Some(Arc::clone(decoration)),
            _ => {
                let decoration = Arc::new(found.to_owned());
                self.decoration = Some((raw.into(), Arc::clone(&decoration)));
                Some(decoration)
            }
        }
    }
}
