//! What a refresh brings.

use bytes::Bytes;
use winreach_ndr::{Encoder, Error, ErrorKind};

use crate::stub::{Parameters, Reader};

/// What [`RemoteRefresh`](super::RemoteRefresh) gives back.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RefreshedObjects(pub Vec<RefreshedObject>);

/// The values of one object, or of all instances of a class.
///
/// Source: `[MS-WMI] 2.2.15`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefreshedObject {
    /// Whose: the [`cancel_id`](super::RefreshInfo::cancel_id) under which it was added.
    ///
    /// That the two numbers are the same is not written anywhere; nothing else fits.
    pub request_id: u32,
    /// What the blob is.
    pub blob_type: BlobType,
    /// The values; empty where they could not be read.
    pub blob: Bytes,
}

/// What a blob is.
///
/// Source: `[MS-WMI] 2.2.17`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BlobType(pub u32);

impl BlobType {
    /// One instance.
    pub const ALL: Self = Self(2);
    /// An error in place of an instance.
    pub const ERROR: Self = Self(3);
    /// All instances of a class.
    pub const ENUM: Self = Self(4);
}

/// What an element of the array takes without its blob: three numbers and a referent.
const ELEMENT: usize = 16;

impl Parameters for RefreshedObjects {
    fn write(&self, encoder: &mut Encoder) {
        let Self(objects) = self;
        encoder.count(objects.len());
        encoder.referent(!objects.is_empty());
        if objects.is_empty() {
            return;
        }
        encoder.count(objects.len());
        for object in objects {
            encoder.u32(object.request_id);
            encoder.u32(object.blob_type.0);
            encoder.count(object.blob.len());
            encoder.referent(!object.blob.is_empty());
        }
        for object in objects.iter().filter(|object| !object.blob.is_empty()) {
            encoder.count(object.blob.len());
            encoder.bytes(&object.blob);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let decoder = reader.decoder();
        let expected = decoder.u32("RemoteRefresh.plNumObjects")?;
        let count = match decoder.referent("RemoteRefresh.paObjects")? {
            true => decoder.count(ELEMENT, "RemoteRefresh.paObjects.max_count")?,
            false => 0,
        };
        let found = u32::try_from(count).unwrap_or(u32::MAX);
        if found != expected {
            let kind = ErrorKind::Disagreement { expected, found };
            return Err(decoder.error("RemoteRefresh.paObjects.max_count", kind));
        }
        let heads = (0..count).map(|_| Head::read(reader)).collect::<Result<Vec<_>, _>>()?;
        heads.into_iter().map(|head| head.finish(reader)).collect::<Result<_, _>>().map(Self)
    }
}

/// An element without its blob.
struct Head {
    request_id: u32,
    blob_type: BlobType,
    length: u32,
    has_blob: bool,
}

impl Head {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let decoder = reader.decoder();
        Ok(Self {
            request_id: decoder.u32("WBEM_REFRESHED_OBJECT.m_lRequestId")?,
            blob_type: BlobType(decoder.u32("WBEM_REFRESHED_OBJECT.m_lBlobType")?),
            length: decoder.u32("WBEM_REFRESHED_OBJECT.m_lBlobLength")?,
            has_blob: decoder.referent("WBEM_REFRESHED_OBJECT.m_pbBlob")?,
        })
    }

    fn finish(self, reader: &mut Reader<'_>) -> Result<RefreshedObject, Error> {
        let Self { request_id, blob_type, length, has_blob } = self;
        let blob = match has_blob {
            true => {
                let decoder = reader.decoder();
                let found = decoder.u32("WBEM_REFRESHED_OBJECT.m_pbBlob.max_count")?;
                if found != length {
                    let kind = ErrorKind::Disagreement { expected: length, found };
                    return Err(decoder.error("WBEM_REFRESHED_OBJECT.m_pbBlob.max_count", kind));
                }
                reader.bytes(length as usize, "WBEM_REFRESHED_OBJECT.m_pbBlob")?
            }
            // A length without a blob says nothing.
            false => Bytes::new(),
        };
        Ok(RefreshedObject { request_id, blob_type, blob })
    }
}
