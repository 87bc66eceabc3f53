//! `IWbemWCOSmartEnum`: a result whose classes travel once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_cim::WbemStatus;
use winreach_dcom::server::{Call, Object, Results};
use winreach_rpc::Fault;
use winreach_wmi_proto::smart::{Next, Packet};
use winreach_wmi_proto::{HResult, Method, iid};
use winreach_wmio::{ObjectArrayWriter, SentClasses};

use super::enumeration::Enumeration;
use super::method::{hresult, parameters, respond};

/// The twin of an enumerator: it reads the same rows from the same place on.
///
/// Source: `[MS-WMI] 3.1.4.7`, 2.2.14.
pub(super) struct SmartEnumerator {
    rows: Arc<Enumeration>,
    /// Which classes each reader has.
    sent: Mutex<HashMap<Uuid, SentClasses>>,
}

const INTERFACES: [Uuid; 1] = [iid::WCO_SMART_ENUM];

/// How many readers are kept in mind. A client has one; one that is forgotten gets its classes
/// again, which does no harm.
const READERS: usize = 8;

impl SmartEnumerator {
    pub(super) fn new(rows: Arc<Enumeration>) -> Self {
        Self { rows, sent: Mutex::default() }
    }

    async fn dispatch(&self, call: Call) -> Result<Results, Fault> {
        match call.opnum {
            Next::OPNUM => {
                let (packet, status) = self.next(&parameters(&call)?).await;
                respond::<Next>(packet, status)
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    async fn next(&self, request: &Next) -> (Packet, HResult) {
        // Taken out for the length of the call: when the call is given up, the reader may not have
        // got its classes, and will get them again.
        let mut sent = self.take(request.proxy);
        let mut packet = ObjectArrayWriter::with_options(&mut sent, self.rows.options());
        let pulled = self
            .rows
            .pull(request.timeout, request.count, &mut |layouts, row| {
                packet.push(&layouts.of(row.class())?, row)?;
                Ok(packet.octets())
            })
            .await;
        if pulled.count == 0 {
            self.put_back(request.proxy, sent);
            return (Packet::default(), pulled.status);
        }
        match packet.finish() {
            Ok(objects) => {
                self.put_back(request.proxy, sent);
                (Packet { returned: pulled.count, objects: objects.into() }, pulled.status)
            }
            Err(error) => {
                tracing::error!(%error, "a packet cannot be encoded");
                (Packet::default(), hresult(WbemStatus::E_FAILED))
            }
        }
    }

    fn take(&self, reader: Uuid) -> SentClasses {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.remove(&reader).unwrap_or_default()
    }

    fn put_back(&self, reader: Uuid, classes: SentClasses) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() >= READERS {
            sent.clear();
        }
        sent.insert(reader, classes);
    }
}

impl Object for SmartEnumerator {
    fn interfaces(&self) -> &[Uuid] {
        &INTERFACES
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(self.dispatch(call))
    }
}
