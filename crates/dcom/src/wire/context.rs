//! A client context, as an activation carries one.

use uuid::Uuid;
use winreach_ndr::Encoder;

use super::{ObjRef, clsid, iid};

/// The context is marshalled by value, the only way there is.
const BY_VALUE: u32 = 2;

/// A client context without properties, as Windows sends in every activation.
///
/// Source: `[MS-DCOM] 2.2.20`; the values from recorded Windows 10 traffic.
pub fn empty_context(context_id: Uuid) -> ObjRef {
    let (extents, extents_size, marshal_flags, properties, frozen) = (0, 0, 0, 0, 1);
    let mut encoder = Encoder::new();
    encoder.u16(1);
    encoder.u16(1);
    encoder.uuid(&context_id);
    for field in [BY_VALUE, 0, extents, extents_size, marshal_flags, properties, frozen] {
        encoder.u32(field);
    }
    ObjRef::custom(iid::CONTEXT, clsid::CONTEXT_MARSHALER, encoder.finish())
}
