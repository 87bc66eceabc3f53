//! What a refresh brings: instances without their class, which is that of a template sent before.
//!
//! Source: `[MS-WMI] 2.2.16`, 2.2.18 and 2.2.19. No recorded traffic has it.

use winreach_cim::Instance;

use crate::cursor::Cursor;
use crate::encode::{patch_u32, size};
use crate::error::{EncodeError, Error, ErrorKind};
use crate::heap::Heap;
use crate::layout::Layout;
use crate::part::{InstanceBody, InstancePart};
use crate::row::Row;
use crate::wire::TOP_BIT;

/// The version of a blob of many instances.
const VERSION: u32 = 1;

/// Refreshed instances, with the layout of the template.
///
/// ```
/// # use std::sync::Arc;
/// # use winreach_cim::{CimType, Class, Instance, Property};
/// # use winreach_wmio::{Layout, ValueRef};
/// # let class = Class::builder("Counter").property(Property::new("Ticks", CimType::Uint64));
/// # let class = Arc::new(class.build()?);
/// let layout = Layout::new(&class)?;
/// let counters = [1u64, 2].map(|ticks| {
///     let mut counter = Instance::new(class.clone());
///     counter.set("Ticks", ticks);
///     counter
/// });
/// let mut blob = Vec::new();
/// layout.encode_refreshed(&counters[0], &mut blob)?;
/// assert_eq!(layout.refreshed(&blob)?.get("Ticks")?, ValueRef::Uint64(1));
///
/// let mut blob = Vec::new();
/// layout.encode_all_refreshed(&counters, &mut blob)?;
/// let rows = layout.all_refreshed(&blob)?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(rows[1].get("Ticks")?, ValueRef::Uint64(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Layout {
    /// The instance in a blob of one (`[MS-WMI] 2.2.19`).
    ///
    /// The heap may stand there with or without a length of its own: the specification can be read
    /// either way.
    ///
    /// # Errors
    /// When the blob is malformed. What its references lead to is checked when it is read.
    pub fn refreshed<'a>(&'a self, blob: &'a [u8]) -> Result<Row<'a>, Error> {
        self.read_refreshed(Cursor::new(blob, 0))
    }

    /// The instances in a blob of many (`[MS-WMI] 2.2.16`). After an error there is none.
    ///
    /// # Errors
    /// When the head of the blob is malformed.
    pub fn all_refreshed<'a>(&'a self, blob: &'a [u8]) -> Result<Refreshed<'a>, Error> {
        let mut cursor = Cursor::new(blob, 0);
        cursor.expect(VERSION, "Version")?;
        let left = cursor.u32("numObjects")?;
        Ok(Refreshed { layout: self, cursor, left })
    }

    /// Appends a blob of one instance.
    ///
    /// # Errors
    /// As [`Layout::encode`].
    pub fn encode_refreshed(
        &self,
        instance: &Instance,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut part = Vec::new();
        self.encode_part(instance, &mut part)?;
        // The part begins with its length, its flags and the name of its class, and ends with its
        // heap, whose length moves to the front. The name stays in the heap, at its start: there it
        // stands in the template too.
        let heap_at = self.row(&part).map_err(|_| EncodeError::TooLarge)?.heap_at();
        let (head, heap) = part.split_at_checked(heap_at).ok_or(EncodeError::TooLarge)?;
        out.extend_from_slice(&size(heap.len())?.to_le_bytes());
        let body = head.get(InstancePart::BODY_AT..head.len() - size_of::<u32>());
        out.extend_from_slice(body.unwrap_or_default());
        out.extend_from_slice(heap);
        Ok(())
    }

    /// Appends a blob of many instances.
    ///
    /// # Errors
    /// As [`Layout::encode`].
    pub fn encode_all_refreshed<'i>(
        &self,
        instances: impl IntoIterator<Item = &'i Instance>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(&VERSION.to_le_bytes());
        let count_at = out.len();
        out.extend_from_slice(&[0; 4]);
        let mut count = 0;
        for instance in instances {
            let size_at = out.len();
            out.extend_from_slice(&[0; 4]);
            self.encode_refreshed(instance, out)?;
            let length = size(out.len() - size_at - 4)?;
            patch_u32(out, size_at, length);
            count += 1;
        }
        patch_u32(out, count_at, size(count)?);
        Ok(())
    }

    fn read_refreshed<'a>(&'a self, mut blob: Cursor<'a>) -> Result<Row<'a>, Error> {
        let at = blob;
        let length = blob.u32("InstanceHeap size")? & !TOP_BIT;
        let places = self.places();
        let body = InstanceBody::read(&mut blob, places.slots.len(), places.tables_len)?;
        let heap = match usize::try_from(length) {
            Ok(length) if blob.left().len() == length + size_of::<u32>() => {
                Heap::read(&mut blob, "InstanceHeap")?
            }
            _ => {
                let heap = blob.part(length, "InstanceHeap")?;
                Heap::new(heap.left(), heap.offset())
            }
        };
        match u32::try_from(heap.bytes().len()) {
            Ok(found) if found == length => Ok(Row::of(self, body, heap)),
            _ => Err(at.error("InstanceHeap size", ErrorKind::Length(length))),
        }
    }
}

/// The instances in a blob of many.
#[derive(Clone, Debug)]
pub struct Refreshed<'a> {
    layout: &'a Layout,
    cursor: Cursor<'a>,
    left: u32,
}

impl<'a> Refreshed<'a> {
    fn read_next(&mut self) -> Result<Row<'a>, Error> {
        let size = self.cursor.u32("blobSize")?;
        self.layout.read_refreshed(self.cursor.part(size, "blob")?)
    }
}

impl<'a> Iterator for Refreshed<'a> {
    type Item = Result<Row<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let row = self.read_next();
        if row.is_err() {
            self.left = 0;
        }
        Some(row)
    }
}
