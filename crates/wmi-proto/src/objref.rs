//! References to objects that stay where they are.

use bytes::Bytes;
use winreach_dcom::wire::ObjRef;
use winreach_ndr::{Encoder, Error};

use crate::Marshal;

impl Marshal for ObjRef {
    fn marshal(&self, encoder: &mut Encoder) {
        encoder.bytes(&self.to_bytes());
    }

    fn unmarshal(objref: Bytes, offset: usize) -> Result<Self, Error> {
        Self::from_bytes(&objref).map_err(|error| Error { offset: offset + error.offset, ..error })
    }
}
