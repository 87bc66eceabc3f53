//! What a program gives to be called.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_auth::{AuthLevel, Identity};
use winreach_ndr::{Decoder, Encoder, Endian};
use winreach_rpc::Fault;
use winreach_rpc::server::ConnectionInfo;

use super::Exporter;
use crate::Status;
use crate::wire::{Extensions, ObjRef, OrpcThat};

/// An object that clients call.
pub trait Object: Send + Sync + 'static {
    /// The interfaces that it has, beside IUnknown.
    fn interfaces(&self) -> &[Uuid];

    /// Carries out a call and returns what stands behind the ORPC header, HRESULT included.
    ///
    /// # Errors
    /// A fault, where there are no results at all: parameters that cannot be read
    /// ([`Fault::BAD_STUB_DATA`]), a method that is not there ([`Fault::OP_RANGE_ERROR`]).
    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>>;
}

/// Makes objects.
pub trait Activator: Send + Sync + 'static {
    /// An object of a class for a caller; nobody else may use it.
    ///
    /// # Errors
    /// [`Status::REGDB_E_CLASSNOTREG`] where there is no such class, or another HRESULT.
    fn create(&self, clsid: Uuid, caller: &Arc<Identity>) -> Result<Arc<dyn Object>, Status>;
}

/// A call on an object: the caller is authenticated, at packet integrity at least, and the object
/// is his.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// The interface.
    pub iid: Uuid,
    /// The method.
    pub opnum: u16,
    /// The parameters. Bytes may follow the last one.
    pub stub: Bytes,
    /// How the numbers in the stub are written.
    pub endian: Endian,
    /// What came beside the parameters.
    pub extensions: Extensions,
    /// Names the chain of calls to which this one belongs.
    pub causality: Uuid,
    /// Who calls.
    pub caller: Arc<Identity>,
    /// How the call was protected.
    pub level: AuthLevel,
    /// The connection that it came on.
    pub connection: Arc<ConnectionInfo>,
    /// The exporter that the object lives in.
    pub exporter: Exporter,
}

impl Call {
    /// A decoder of the parameters.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder::with_endian(&self.stub, self.endian)
    }

    /// A reference to an object, for the caller.
    ///
    /// # Errors
    /// [`Status::E_NOINTERFACE`] where the object lacks the interface, [`Status::E_OUTOFMEMORY`]
    /// where the caller holds too much already.
    pub fn export(&self, object: &Arc<dyn Object>, iid: Uuid) -> Result<ObjRef, Status> {
        self.exporter.export(object, iid, &self.caller, &self.connection)
    }
}

/// The results of a call: an encoder that stands behind the ORPC header.
#[derive(Clone, Debug)]
pub struct Results(Encoder);

impl Results {
    /// No results yet.
    pub fn new() -> Self {
        Self::with_extensions(Extensions::default())
    }

    /// No results yet, and something beside them.
    pub fn with_extensions(extensions: Extensions) -> Self {
        let extensions = (!extensions.0.is_empty()).then_some(extensions);
        let mut encoder = Encoder::new();
        encoder.put(&OrpcThat { flags: 0, extensions: extensions.into() });
        Self(encoder)
    }

    pub(crate) fn finish(self) -> Bytes {
        self.0.finish().into()
    }
}

impl Default for Results {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Results {
    type Target = Encoder;

    fn deref(&self) -> &Encoder {
        &self.0
    }
}

impl DerefMut for Results {
    fn deref_mut(&mut self) -> &mut Encoder {
        &mut self.0
    }
}
