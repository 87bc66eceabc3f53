//! `IWbemServices`: one namespace.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_cim::{Object as CimObject, WbemStatus};
use winreach_dcom::server::{Call, Object, Results};
use winreach_dcom::wire::ObjRef;
use winreach_rpc::Fault;
use winreach_wmi_proto::services::{ExecMethod, ExecQuery, GetObject, ObjectOrCall};
use winreach_wmi_proto::{ClassObject, Context, Flags, HResult, Method, Variant, iid};
use winreach_wmio::{Layout, encode};

use super::Shared;
use super::call_result::CallResult;
use super::enumeration::{Enumeration, WHOLE};
use super::enumerator::Enumerator;
use super::method::{answer, export, hresult, parameters};
use super::prototype::PrototypeEnumerator;
use super::refusal::Refusal;
use super::unsupported;
use crate::engine::{Depth, Error, Options};
use crate::schema::Namespace;

/// A namespace, open to a client.
///
/// Source: `[MS-WMI] 3.1.4.3`.
pub(super) struct Services {
    shared: Shared,
    namespace: Arc<Namespace>,
}

const INTERFACES: [Uuid; 1] = [iid::SERVICES];

/// Flags that a server passes over (`[MS-WMI] 2.2.6`), and one that clients set on every method.
pub(super) const PASSED_OVER: Flags = Flags::NO_ERROR_OBJECT
    .union(Flags::RESERVED)
    .union(Flags::STRONG_VALIDATION)
    .union(Flags::ENSURE_LOCATABLE);

/// Flags of `GetObject` (`[MS-WMI] 3.1.4.3.4`). Amended qualifiers are never left out.
const GET_FLAGS: Flags = PASSED_OVER
    .union(Flags::USE_AMENDED_QUALIFIERS)
    .union(Flags::RETURN_IMMEDIATELY)
    .union(Flags::DIRECT_READ);

/// Flags of `ExecQuery` (`[MS-WMI] 3.1.4.3.18`).
const QUERY_FLAGS: Flags = GET_FLAGS.union(Flags::PROTOTYPE).union(Flags::FORWARD_ONLY);

impl Services {
    pub(super) fn new(shared: Shared, namespace: Arc<Namespace>) -> Self {
        Self { shared, namespace }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn namespace(&self) -> &Arc<Namespace> {
        &self.namespace
    }

    async fn dispatch(&self, call: Call) -> Result<Results, Fault> {
        match call.opnum {
            GetObject::OPNUM => {
                let request: GetObject = parameters(&call)?;
                let nothing = || ObjectOrCall {
                    object: request.object.answer(None),
                    call: request.call.answer(None),
                };
                answer::<GetObject>(self.get_object(&call, &request).await, nothing)
            }
            ExecQuery::OPNUM => {
                let request = parameters(&call)?;
                answer::<ExecQuery>(self.exec_query(&call, &request).await.map(Some), || None)
            }
            ExecMethod::OPNUM => {
                let request: ExecMethod = parameters(&call)?;
                let nothing = || ObjectOrCall {
                    object: request.output.answer(None),
                    call: request.call.answer(None),
                };
                answer::<ExecMethod>(self.exec_method(&call, &request).await, nothing)
            }
            _ => unsupported::answer(&call),
        }
    }

    async fn get_object(&self, call: &Call, request: &GetObject) -> Result<ObjectOrCall, Refusal> {
        check(request.flags, GET_FLAGS, request.context.as_ref())?;
        let immediately = request.flags.contains(Flags::RETURN_IMMEDIATELY);
        if immediately && !request.call.is_wanted() {
            return Err(hresult(WbemStatus::E_INVALID_PARAMETER).into());
        }
        let found = self.find(call, request.path.as_str().to_owned(), depth(request.flags))?;
        if immediately {
            let result = export(call, CallResult::of(found), iid::CALL_RESULT)?;
            return Ok(ObjectOrCall {
                object: request.object.answer(None),
                call: request.call.answer(Some(result)),
            });
        }
        let path = request.path.as_str();
        let object = found.await.map_err(|error| Refusal::of(call, &error, path))?;
        Ok(ObjectOrCall {
            object: request.object.answer(Some(to_wire(&object)?)),
            call: request.call.answer(None),
        })
    }

    /// Looks an object up, on a thread that may block.
    fn find(
        &self,
        call: &Call,
        path: String,
        depth: Depth,
    ) -> Result<impl Future<Output = Result<CimObject, Error>> + Send + use<>, HResult> {
        let share = self.shared.lookup(call)?;
        let (engine, namespace) = (Arc::clone(&self.shared.engine), Arc::clone(&self.namespace));
        let work = tokio::task::spawn_blocking(move || {
            let _until_found = share;
            engine.get(&namespace, &path, depth)
        });
        Ok(async { work.await.unwrap_or_else(|_| Err(Error::crashed())) })
    }

    async fn exec_query(&self, call: &Call, request: &ExecQuery) -> Result<ObjRef, Refusal> {
        let flags = request.flags;
        check(flags, QUERY_FLAGS, request.context.as_ref())?;
        let locatable = flags.contains(Flags::ENSURE_LOCATABLE);
        let options = Options { depth: depth(flags), locatable };
        let (language, query) = (request.language.as_str(), request.query.as_str());
        let engine = &self.shared.engine;
        let plan = engine
            .plan(&self.namespace, language, query, options)
            .map_err(|error| Refusal::of(call, &error, query))?;
        let share = self.shared.enumerator(call)?;
        tracing::info!(account = %call.caller, namespace = self.namespace.name(), query, "query");

        if flags.contains(Flags::PROTOTYPE) {
            let prototype = PrototypeEnumerator::new(self.shared.clone(), &plan, share)?;
            return Ok(export(call, prototype, iid::ENUM_CLASS_OBJECT)?);
        }
        let forward_only = flags.contains(Flags::FORWARD_ONLY);
        let rows = Enumeration::start(engine, Arc::new(plan), forward_only, share);
        if !flags.contains(Flags::RETURN_IMMEDIATELY) {
            // A synchronous call should collect all rows before it returns. No client can tell,
            // and memory stays bounded, where it only says whether there are any.
            rows.ready().await.map_err(|error| Refusal::of(call, &error, query))?;
        }
        Ok(export(call, Enumerator::new(self.shared.clone(), rows), iid::ENUM_CLASS_OBJECT)?)
    }
}

impl Object for Services {
    fn interfaces(&self) -> &[Uuid] {
        &INTERFACES
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(self.dispatch(call))
    }
}

/// Whether the flags are those of the method, and the context says nothing impossible.
pub(super) fn check(
    flags: Flags,
    allowed: Flags,
    context: Option<&Context>,
) -> Result<(), HResult> {
    // One provider serves each class here, whatever architecture is asked for
    // (`[MS-WMI] 3.1.4`).
    let architecture = context.and_then(|context| context.get("__ProviderArchitecture"));
    let sound = architecture.is_none_or(|value| matches!(value, Variant::Sint32(32 | 64)));
    if allowed.contains(flags) && sound {
        Ok(())
    } else {
        Err(hresult(WbemStatus::E_INVALID_PARAMETER))
    }
}

fn depth(flags: Flags) -> Depth {
    if flags.contains(Flags::DIRECT_READ) { Depth::Direct } else { Depth::Deep }
}

/// An object as it travels.
pub(super) fn to_wire(object: &CimObject) -> Result<ClassObject, HResult> {
    let mut unit = Vec::new();
    let encoded = match object {
        CimObject::Class(class) => encode::class(class, &mut unit),
        CimObject::Instance(instance) => Layout::new(instance.class())
            .and_then(|layout| layout.encode_with(instance, WHOLE, &mut encode::Zeros, &mut unit)),
    };
    encoded.map_err(|error| {
        tracing::error!(%error, class = %object.class().name(), "an object cannot be encoded");
        hresult(WbemStatus::E_FAILED)
    })?;
    Ok(ClassObject(unit.into()))
}
