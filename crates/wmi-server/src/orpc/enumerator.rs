//! `IEnumWbemClassObject`: a result, read by objects that each bring their class.

use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_cim::{Instance, WbemStatus};
use winreach_dcom::server::{Call, Object, Results};
use winreach_dcom::wire::ObjRef;
use winreach_rpc::Fault;
use winreach_wmi_proto::enumerator::{Clone, Next, NextAsync, Objects, Reset, Skip};
use winreach_wmi_proto::smart::GetSmartEnum;
use winreach_wmi_proto::{ClassObject, HResult, Method, iid};
use winreach_wmio::EncodeError;
use winreach_wmio::encode::{InstanceOptions, Zeros};

use super::Shared;
use super::enumeration::{Enumeration, Layouts};
use super::method::{answer, export, hresult, parameters, respond};
use super::smart::SmartEnumerator;

/// A result.
///
/// Source: `[MS-WMI] 3.1.4.4`, 3.1.4.6.
pub(super) struct Enumerator {
    shared: Shared,
    rows: Arc<Enumeration>,
}

const INTERFACES: [Uuid; 2] = [iid::ENUM_CLASS_OBJECT, iid::FETCH_SMART_ENUM];

impl Enumerator {
    pub(super) fn new(shared: Shared, rows: Enumeration) -> Self {
        Self { shared, rows: Arc::new(rows) }
    }

    async fn dispatch(&self, call: Call) -> Result<Results, Fault> {
        match (call.iid, call.opnum) {
            (iid::ENUM_CLASS_OBJECT, Reset::OPNUM) => {
                parameters::<Reset>(&call)?;
                answer::<Reset>(self.rows.reset().await, || ())
            }
            (iid::ENUM_CLASS_OBJECT, Next::OPNUM) => {
                let request = parameters(&call)?;
                let (objects, status) = self.next(&request).await;
                respond::<Next>(Objects { capacity: request.count, objects }, status)
            }
            (iid::ENUM_CLASS_OBJECT, NextAsync::OPNUM) => {
                parameters::<NextAsync>(&call)?;
                respond::<NextAsync>((), hresult(WbemStatus::E_NOT_SUPPORTED))
            }
            (iid::ENUM_CLASS_OBJECT, Clone::OPNUM) => {
                parameters::<Clone>(&call)?;
                answer::<Clone>(self.duplicate(&call).await.map(Some), || None)
            }
            (iid::ENUM_CLASS_OBJECT, Skip::OPNUM) => {
                let Skip { timeout, count } = parameters(&call)?;
                respond::<Skip>((), self.rows.skip(timeout, count).await)
            }
            (iid::FETCH_SMART_ENUM, GetSmartEnum::OPNUM) => {
                parameters::<GetSmartEnum>(&call)?;
                let smart = SmartEnumerator::new(Arc::clone(&self.rows));
                answer::<GetSmartEnum>(export(&call, smart, iid::WCO_SMART_ENUM).map(Some), || None)
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    async fn next(&self, request: &Next) -> (Vec<ClassObject>, HResult) {
        let mut units = Units::default();
        let options = self.rows.options();
        let pulled = self
            .rows
            .pull(request.timeout, request.count, &mut |layouts, row| {
                units.push(layouts, row, options)
            })
            .await;
        (units.finish(), pulled.status)
    }

    async fn duplicate(&self, call: &Call) -> Result<ObjRef, HResult> {
        let rows = self.rows.duplicate(self.shared.enumerator(call)?).await?;
        export(call, Self::new(self.shared.clone(), rows), iid::ENUM_CLASS_OBJECT)
    }
}

impl Object for Enumerator {
    fn interfaces(&self) -> &[Uuid] {
        &INTERFACES
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(self.dispatch(call))
    }
}

/// Encoded objects, one behind the other.
#[derive(Default)]
struct Units {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Units {
    fn push(
        &mut self,
        layouts: &mut Layouts,
        row: &Instance,
        options: InstanceOptions,
    ) -> Result<usize, EncodeError> {
        let layout = layouts.of(row.class())?;
        layout.encode_with(row, options, &mut Zeros, &mut self.bytes)?;
        self.ends.push(self.bytes.len());
        Ok(self.bytes.len())
    }

    fn finish(self) -> Vec<ClassObject> {
        let bytes = Bytes::from(self.bytes);
        let mut start = 0;
        self.ends
            .into_iter()
            .map(|end| ClassObject(bytes.slice(std::mem::replace(&mut start, end)..end)))
            .collect()
    }
}
