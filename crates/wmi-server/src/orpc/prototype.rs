//! The answer to a query with `WBEM_FLAG_PROTOTYPE`: the class of the rows, and no rows.

use std::sync::{Mutex, PoisonError};

use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_cim::{Name, WbemStatus};
use winreach_dcom::server::{Call, Object, Results};
use winreach_rpc::Fault;
use winreach_wmi_proto::enumerator::{Clone, Next, NextAsync, Objects, Reset, Skip};
use winreach_wmi_proto::{ClassObject, HResult, Method, iid};
use winreach_wmio::ObjectFlags;
use winreach_wmio::encode::{Zeros, class_with};

use super::Shared;
use super::method::{answer, export, hresult, parameters, respond};
use crate::engine::Plan;
use crate::quota::Share;

/// A result of one class. It can be read again, whether or not the query was to be forward-only,
/// and has no smart twin.
pub(super) struct PrototypeEnumerator {
    shared: Shared,
    class: ClassObject,
    was_read: Mutex<bool>,
    _share: Share<Name>,
}

const INTERFACES: [Uuid; 1] = [iid::ENUM_CLASS_OBJECT];

impl PrototypeEnumerator {
    pub(super) fn new(shared: Shared, plan: &Plan, share: Share<Name>) -> Result<Self, HResult> {
        let mut marks = ObjectFlags::PROTOTYPE;
        marks.set(ObjectFlags::KEYS_MISSING, plan.drops_keys());
        let mut unit = Vec::new();
        class_with(&plan.prototype(), marks, &mut Zeros, &mut unit).map_err(|error| {
            tracing::error!(%error, "a prototype cannot be encoded");
            hresult(WbemStatus::E_FAILED)
        })?;
        Ok(Self::of(shared, ClassObject(unit.into()), false, share))
    }

    fn of(shared: Shared, class: ClassObject, was_read: bool, share: Share<Name>) -> Self {
        Self { shared, class, was_read: Mutex::new(was_read), _share: share }
    }

    fn dispatch(&self, call: &Call) -> Result<Results, Fault> {
        match call.opnum {
            Reset::OPNUM => {
                parameters::<Reset>(call)?;
                *self.was_read.lock().unwrap_or_else(PoisonError::into_inner) = false;
                respond::<Reset>((), HResult::OK)
            }
            Next::OPNUM => {
                let Next { count, .. } = parameters(call)?;
                let (found, status) = self.advance(count);
                let objects = if found { vec![self.class.clone()] } else { Vec::new() };
                respond::<Next>(Objects { capacity: count, objects }, status)
            }
            NextAsync::OPNUM => {
                parameters::<NextAsync>(call)?;
                respond::<NextAsync>((), hresult(WbemStatus::E_NOT_SUPPORTED))
            }
            Clone::OPNUM => {
                parameters::<Clone>(call)?;
                let twin = self.duplicate(call);
                let twin = twin.and_then(|twin| export(call, twin, iid::ENUM_CLASS_OBJECT));
                answer::<Clone>(twin.map(Some), || None)
            }
            Skip::OPNUM => {
                let Skip { count, .. } = parameters(call)?;
                respond::<Skip>((), self.advance(count).1)
            }
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    }

    /// Whether the class comes now, and the status that goes with it.
    fn advance(&self, count: u32) -> (bool, HResult) {
        let mut was_read = self.was_read.lock().unwrap_or_else(PoisonError::into_inner);
        let found = count > 0 && !*was_read;
        *was_read |= found;
        let complete = u32::from(found) == count;
        (found, if complete { HResult::OK } else { HResult::FALSE })
    }

    fn duplicate(&self, call: &Call) -> Result<Self, HResult> {
        let share = self.shared.enumerator(call)?;
        let was_read = *self.was_read.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Self::of(self.shared.clone(), self.class.clone(), was_read, share))
    }
}

impl Object for PrototypeEnumerator {
    fn interfaces(&self) -> &[Uuid] {
        &INTERFACES
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(std::future::ready(self.dispatch(&call)))
    }
}
