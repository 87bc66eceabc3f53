//! Packets for a client.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;
use winreach_cim::{Class, Instance, Object};

use super::{
    CLASS_HEADER_LEN, HEADER1_LEN, HEADER2_LEN, HEADER3_LEN, INSTANCE_HEADER_LEN,
    OBJECT_HEADER_LEN, SIGNATURE, SMART_ENUM, VERSION, kind,
};
use crate::encode::{InstanceOptions, Zeros, object_block, patch_u32, size};
use crate::error::EncodeError;
use crate::layout::Layout;

/// The classes that were sent to a client: keep one for each `proxyGUID`, and pass it to all
/// packets for it.
///
/// A class gets a GUID of its own when it is first sent, as Windows does it, and one layout is one
/// class: share the [`Arc`].
#[derive(Debug, Default)]
pub struct SentClasses {
    /// By the address of the layout, which is kept alive so that no other can have the address.
    ids: HashMap<usize, (Uuid, Arc<Layout>)>,
}

impl SentClasses {
    /// No class yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn id(&self, layout: &Arc<Layout>) -> Option<Uuid> {
        self.ids.get(&Arc::as_ptr(layout).addr()).map(|(id, _)| *id)
    }

    fn add(&mut self, id: Uuid, layout: &Arc<Layout>) {
        self.ids.insert(Arc::as_ptr(layout).addr(), (id, Arc::clone(layout)));
    }
}

/// Makes a packet (`[MS-WMI] 2.2.14`). The first instance of a class brings the class along.
#[derive(Debug)]
pub struct ObjectArrayWriter<'s> {
    out: Vec<u8>,
    sent: &'s mut SentClasses,
    options: InstanceOptions,
    objects: u32,
}

impl<'s> ObjectArrayWriter<'s> {
    /// An empty packet to a client that has these classes.
    pub fn new(sent: &'s mut SentClasses) -> Self {
        Self::with_options(sent, InstanceOptions::default())
    }

    /// An empty packet, whose instances are written with these options.
    pub fn with_options(sent: &'s mut SentClasses, options: InstanceOptions) -> Self {
        let mut out = Vec::with_capacity(4096);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(SIGNATURE);
        out.extend_from_slice(&HEADER1_LEN.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&[VERSION, SMART_ENUM]);
        out.extend_from_slice(&HEADER2_LEN.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&HEADER3_LEN.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        Self { out, sent, options, objects: 0 }
    }

    /// Appends an instance of the layout's class.
    ///
    /// # Errors
    /// When the instance is of another class, or does not fit the format; the packet is then as it
    /// was before.
    pub fn push(&mut self, layout: &Arc<Layout>, instance: &Instance) -> Result<(), EncodeError> {
        self.or_undo(|writer, start| writer.put_instance(start, layout, instance))
    }

    /// Appends a class, as the result of a query for classes.
    ///
    /// # Errors
    /// When the class does not fit the format; the packet is then as it was before.
    pub fn push_class(&mut self, class: &Arc<Class>) -> Result<(), EncodeError> {
        self.or_undo(|writer, start| writer.put_class(start, class))
    }

    fn or_undo(
        &mut self,
        put: impl FnOnce(&mut Self, usize) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let start = self.out.len();
        let result = put(self, start);
        match &result {
            Ok(()) => self.objects += 1,
            Err(_) => self.out.truncate(start),
        }
        result
    }

    fn put_class(&mut self, start: usize, class: &Arc<Class>) -> Result<(), EncodeError> {
        let data_at = self.open_object(kind::CLASS, CLASS_HEADER_LEN);
        object_block(&Object::Class(Arc::clone(class)), &mut self.out)?;
        self.close_object(start, data_at, CLASS_HEADER_LEN)
    }

    fn put_instance(
        &mut self,
        start: usize,
        layout: &Arc<Layout>,
        instance: &Instance,
    ) -> Result<(), EncodeError> {
        let known = self.sent.id(layout);
        let (kind, id) = match known {
            Some(id) => (kind::INSTANCE_WITHOUT_CLASS, id),
            None => (kind::INSTANCE, Uuid::new_v4()),
        };
        let data_at = self.open_object(kind, INSTANCE_HEADER_LEN);
        self.out.extend_from_slice(&id.to_bytes_le());
        layout.put_block(instance, self.options, known.is_none(), &mut Zeros, &mut self.out)?;
        self.close_object(start, data_at, INSTANCE_HEADER_LEN)?;
        if known.is_none() {
            self.sent.add(id, layout);
        }
        Ok(())
    }

    /// The header of an object and the two sizes of the inner one: where the latter begins.
    fn open_object(&mut self, kind: u8, inner_header: u32) -> usize {
        self.out.extend_from_slice(&OBJECT_HEADER_LEN.to_le_bytes());
        self.out.extend_from_slice(&[0; 4]);
        self.out.push(kind);
        let data_at = self.out.len();
        self.out.extend_from_slice(&inner_header.to_le_bytes());
        self.out.extend_from_slice(&[0; 4]);
        data_at
    }

    fn close_object(
        &mut self,
        start: usize,
        data_at: usize,
        inner_header: u32,
    ) -> Result<(), EncodeError> {
        let data_len = size(self.out.len() - data_at)?;
        patch_u32(&mut self.out, start + 4, data_len);
        patch_u32(&mut self.out, data_at + 4, data_len - inner_header);
        Ok(())
    }

    /// How many objects there are.
    pub fn objects(&self) -> u32 {
        self.objects
    }

    /// How many octets the packet has by now.
    pub fn octets(&self) -> usize {
        self.out.len()
    }

    /// The packet.
    ///
    /// # Errors
    /// When it is larger than 2 GiB.
    pub fn finish(mut self) -> Result<Vec<u8>, EncodeError> {
        let total = self.out.len();
        for (size_at, data_at) in [(16, 26), (30, 34), (38, 46)] {
            patch_u32(&mut self.out, size_at, size(total - data_at)?);
        }
        patch_u32(&mut self.out, 42, self.objects);
        Ok(self.out)
    }
}
