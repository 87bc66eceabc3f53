//! What both services do with a request before they look at it.

use bytes::Bytes;
use winreach_auth::Identity;
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Endian};
use winreach_rpc::Fault;
use winreach_rpc::server::{ByteOrder, Request};

use std::sync::Arc;

use super::exporter::LEAST_LEVEL;
use crate::Status;
use crate::wire::{ComVersion, OrpcThis};

/// The caller, where the request is protected as well as anything here must be.
pub(super) fn caller(request: &Request) -> Result<&Arc<Identity>, Fault> {
    match &request.identity {
        Some(identity) if request.level >= LEAST_LEVEL => Ok(identity),
        _ => Err(Fault::ACCESS_DENIED),
    }
}

pub(super) fn endian(request: &Request) -> Endian {
    match request.byte_order {
        ByteOrder::Little => Endian::Little,
        ByteOrder::Big => Endian::Big,
    }
}

/// The parameters of a method. Bytes may follow them.
pub(super) fn parameters<T: Decode>(request: &Request) -> Result<T, Fault> {
    read(&mut Decoder::with_endian(&request.stub, endian(request)))
}

pub(super) fn read<T: Decode>(decoder: &mut Decoder<'_>) -> Result<T, Fault> {
    decoder.get().map_err(|error| {
        tracing::debug!(%error, "parameters that cannot be read");
        Fault::BAD_STUB_DATA
    })
}

pub(super) fn results(value: &impl Encode) -> Bytes {
    let mut encoder = Encoder::new();
    encoder.put(value);
    encoder.finish().into()
}

/// Whether a client speaks a version that is spoken here.
pub(super) fn check_version(this: &OrpcThis) -> Result<(), Status> {
    let ComVersion { major, minor } = ComVersion::CURRENT;
    if this.version.major == major && this.version.minor <= minor {
        Ok(())
    } else {
        Err(Status::RPC_E_VERSION_MISMATCH)
    }
}
