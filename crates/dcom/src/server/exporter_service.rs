//! Calls on objects.
//!
//! Source: `[MS-DCOM] 3.1.1.5.4`.

use bytes::Bytes;
use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_ndr::Decoder;
use winreach_rpc::server::{Request, Service};
use winreach_rpc::{Fault, SyntaxId};

use super::dispatch::{caller, check_version, endian, read};
use super::owner::Owner;
use super::{Call, Exporter, rem_unknown};
use crate::Status;
use crate::wire::{OrpcThis, iid};

/// The first three methods are those of IUnknown, which do not travel.
const FIRST_OPNUM: u16 = 3;

/// The flag with which activations come, and with which some clients (aiowmi) mark calls on objects
/// too, where `[MS-DCOM] 2.2.13.3` has 0.
const ORPCF_LOCAL: u32 = 1;

/// The service at the port of the exporter: calls on its objects.
#[derive(Clone, Debug)]
pub struct ExporterService {
    exporter: Exporter,
    interfaces: Vec<Uuid>,
}

impl ExporterService {
    /// The service for an exporter whose objects have these interfaces between them.
    pub fn new(exporter: Exporter, interfaces: impl Into<Vec<Uuid>>) -> Self {
        Self { exporter, interfaces: interfaces.into() }
    }

    async fn invoke(&self, request: Request) -> Result<Bytes, Fault> {
        let caller = caller(&request)?.clone();
        let endian = endian(&request);
        let mut decoder = Decoder::with_endian(&request.stub, endian);
        let this: OrpcThis = read(&mut decoder)?;
        check_version(&this).map_err(fault)?;
        if this.flags & !ORPCF_LOCAL != 0 {
            return Err(fault(Status::RPC_E_INVALID_HEADER));
        }
        if request.opnum < FIRST_OPNUM {
            return Err(Fault::OP_RANGE_ERROR);
        }
        // The header is a multiple of eight bytes long, so alignment starts again behind it.
        decoder.align(8).map_err(|_| Fault::BAD_STUB_DATA)?;
        let stub = request.stub.slice(decoder.position()..);
        let ipid = request.object.ok_or(fault(Status::RPC_E_INVALID_IPID))?;
        let owner = Owner::from(&*caller);
        if self.exporter.is_rem_unknown(ipid) {
            return rem_unknown::call(
                &self.exporter,
                &owner,
                &request.connection,
                request.opnum,
                &mut Decoder::with_endian(&stub, endian),
            );
        }
        // The identifier alone says which interface is meant. Some clients keep calling in the
        // presentation context of the first one.
        let running = self.exporter.begin(ipid, &owner).map_err(fault)?;
        let call = Call {
            iid: running.iid,
            opnum: request.opnum,
            stub,
            endian,
            extensions: this.extensions.0.unwrap_or_default(),
            causality: this.causality,
            caller,
            level: request.level,
            connection: request.connection,
            exporter: self.exporter.clone(),
        };
        Ok(running.object.call(call).await?.finish())
    }
}

impl Service for ExporterService {
    fn supports(&self, interface: &SyntaxId) -> bool {
        let known = [iid::REM_UNKNOWN, iid::REM_UNKNOWN2];
        (interface.major, interface.minor) == (0, 0)
            && (known.contains(&interface.uuid) || self.interfaces.contains(&interface.uuid))
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>> {
        Box::pin(self.invoke(request))
    }
}

const fn fault(status: Status) -> Fault {
    Fault(status.0)
}
