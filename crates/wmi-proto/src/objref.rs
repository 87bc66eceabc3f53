//! References to objects that stay where they are.

use bytes::Bytes;
use winreach_ndr::{Encoder, Error};

use crate::Marshal;

/// An object reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjRef(pub Bytes);

impl Marshal for ObjRef {
    fn marshal(&self, encoder: &mut Encoder) {
        encoder.bytes(&self.0);
    }

    fn unmarshal(objref: Bytes, _offset: usize) -> Result<Self, Error> {
        Ok(Self(objref))
    }
}
