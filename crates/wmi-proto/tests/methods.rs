//! What holds for every method: what is written is read, to the last byte; what is cut is an error;
//! what is damaged is an error or a value.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fmt::Debug;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;
use winreach_dcom::wire::{
    DualStringArray, ErrorInfo, ObjRef, ObjRefBody, SecurityBinding, StdObjRef, StringBinding,
};
use winreach_ndr::{Bstr, ConformantVarying, Endian, NarrowString, Unique, WideString};
use winreach_wmi_proto::backup::RestoreFlags;
use winreach_wmi_proto::enumerator::Objects;
use winreach_wmi_proto::refresher::{
    Added, BlobType, NonHiPerf, ReconnectInfo, ReconnectResult, ReconnectResults, RefreshInfo,
    RefreshTarget, RefreshedObject, RefreshedObjects, RefresherId, Remote, RemoteRefresher,
};
use winreach_wmi_proto::services::{NamespaceOrCall, ObjectOrCall};
use winreach_wmi_proto::sink::StatusKind;
use winreach_wmi_proto::smart::Packet;
use winreach_wmi_proto::{
    ClassObject, Context, ErrorObject, FileTime, Flags, HResult, Method, Parameters, PutFlags,
    Reader, Response, Slot, Timeout, Variant, VariantArray, backup, call_result, enumerator, login,
    refresher, services, sink, smart,
};

/// A parameter that can be anything.
trait Sample: Sized + Clone + Debug + 'static {
    fn sample() -> BoxedStrategy<Self>;
}

fn sample<T: Sample>() -> BoxedStrategy<T> {
    T::sample()
}

/// Text without NULs, which readers take off its end.
fn text() -> impl Strategy<Value = String> + Clone {
    "[^\u{0}]{0,9}"
}

macro_rules! samples {
    ($( $type:ty => $strategy:expr; )*) => {$(
        impl Sample for $type {
            fn sample() -> BoxedStrategy<Self> {
                $strategy.boxed()
            }
        }
    )*};
}

samples! {
    () => Just(());
    u32 => any::<u32>();
    Uuid => any::<u128>().prop_map(Uuid::from_u128);
    Bstr => prop::option::of(text()).prop_map(Bstr);
    WideString => text().prop_map(WideString);
    NarrowString => vec(1..=u8::MAX, 0..9).prop_map(NarrowString);
    Unique<WideString> => prop::option::of(sample()).prop_map(Unique);
    Flags => any::<u32>().prop_map(Flags::from_bits_retain);
    PutFlags => any::<u32>().prop_map(PutFlags::from_bits_retain);
    RestoreFlags => any::<u32>().prop_map(RestoreFlags::from_bits_retain);
    Timeout => any::<u32>().prop_map(Timeout);
    HResult => any::<u32>().prop_map(HResult);
    StatusKind => any::<u32>().prop_map(StatusKind);
    FileTime => any::<u64>().prop_map(FileTime);
    ConformantVarying<u8> => (vec(any::<u8>(), 0..20), 20..30_u32)
        .prop_map(|(elements, max_count)| ConformantVarying { max_count, elements });
    Unique<ConformantVarying<u8>> => prop::option::of(sample()).prop_map(Unique);
    ClassObject => vec(any::<u8>(), 0..20).prop_map(|unit| ClassObject(unit.into()));
    Option<ClassObject> => prop::option::of(sample());
    Slot<ClassObject> => slot();
    ObjRef => objref();
    Option<ObjRef> => prop::option::of(sample());
    Slot<ObjRef> => slot();
    Option<Context> => prop::option::of(context());
    Vec<ClassObject> => vec(sample(), 0..4);
    Vec<u32> => vec(any::<u32>(), 0..4);
    ObjectOrCall => (sample(), sample()).prop_map(|(object, call)| ObjectOrCall { object, call });
    NamespaceOrCall => (sample(), sample())
        .prop_map(|(namespace, call)| NamespaceOrCall { namespace, call });
    Objects => (vec(sample(), 0..4), 4..9_u32)
        .prop_map(|(objects, capacity)| Objects { capacity, objects });
    Packet => (any::<u32>(), vec(any::<u8>(), 0..20))
        .prop_map(|(returned, objects)| Packet { returned, objects: objects.into() });
    RefresherId => (sample(), any::<u32>(), sample())
        .prop_map(|(machine, process, id)| RefresherId { machine, process, id });
    Unique<NarrowString> => prop::option::of(sample()).prop_map(Unique);
    RefreshTarget => prop_oneof![
        sample().prop_map(RefreshTarget::Invalid),
        (sample(), sample(), sample()).prop_map(|(refresher, template, id)| {
            RefreshTarget::Remote(Remote { refresher, template, id })
        }),
        (prop::option::of(text()), sample()).prop_map(|(namespace, template)| {
            RefreshTarget::NonHiPerf(NonHiPerf { namespace, template })
        }),
    ];
    Added => (sample(), any::<u32>(), any::<u32>())
        .prop_map(|(target, cancel_id, server_version)| {
            Added { info: RefreshInfo { target, cancel_id }, server_version }
        });
    RemoteRefresher => (sample(), sample(), any::<u32>())
        .prop_map(|(refresher, id, server_version)| {
            RemoteRefresher { refresher, id, server_version }
        });
    RefreshedObject => (any::<u32>(), any::<u32>(), vec(any::<u8>(), 0..20))
        .prop_map(|(request_id, kind, blob)| {
            RefreshedObject { request_id, blob_type: BlobType(kind), blob: blob.into() }
        });
    RefreshedObjects => vec(sample(), 0..4).prop_map(RefreshedObjects);
    ReconnectInfo => (any::<u32>(), sample()).prop_map(|(kind, path)| ReconnectInfo { kind, path });
    ReconnectResult => (any::<u32>(), any::<u32>())
        .prop_map(|(id, status)| ReconnectResult { id, status });
    (ReconnectInfo, ReconnectResult) => (sample(), sample());
    ReconnectResults => (vec(sample(), 0..4), any::<u32>())
        .prop_map(|(results, server_version)| ReconnectResults { results, server_version });
    refresher::ReconnectRemoteRefresher =>
        (sample(), any::<u32>(), any::<u32>(), vec(sample(), 0..4)).prop_map(
            |(refresher, flags, client_version, both): (_, _, _, Vec<(_, _)>)| {
                let (objects, results) = both.into_iter().unzip();
                refresher::ReconnectRemoteRefresher {
                    refresher, flags, client_version, objects, results,
                }
            },
        );
}

fn slot<T: Sample>() -> impl Strategy<Value = Slot<T>> {
    prop_oneof![Just(Slot::Absent), Just(Slot::Empty), sample().prop_map(Slot::Filled)]
}

fn objref() -> impl Strategy<Value = ObjRef> {
    let std = (any::<u32>(), any::<u32>(), any::<u64>(), any::<u64>(), sample()).prop_map(
        |(flags, public_refs, oxid, oid, ipid)| StdObjRef { flags, public_refs, oxid, oid, ipid },
    );
    let string = (1_u16.., text()).prop_map(|(tower, address)| StringBinding { tower, address });
    let security =
        (1_u16.., text()).prop_map(|(service, principal)| SecurityBinding { service, principal });
    let resolver = (vec(string, 0..3), vec(security, 0..3))
        .prop_map(|(strings, security)| DualStringArray { strings, security });
    let standard =
        (std, resolver).prop_map(|(std, resolver)| ObjRefBody::Standard { std, resolver });
    let custom = (sample(), any::<u32>(), vec(any::<u8>(), 0..9))
        .prop_map(|(clsid, reserved, data)| ObjRefBody::Custom { clsid, reserved, data });
    (sample(), prop_oneof![standard, custom]).prop_map(|(iid, body)| ObjRef { iid, body })
}

fn context() -> impl Strategy<Value = Context> {
    let value = prop_oneof![
        Just(Variant::Null),
        any::<i32>().prop_map(Variant::Sint32),
        text().prop_map(Variant::String),
        vec(text(), 0..3).prop_map(|texts| Variant::Array(VariantArray::strings(texts))),
    ];
    (sample(), vec((text(), value), 0..3)).prop_map(|(id, values)| Context { id, values })
}

/// What holds for the parameters of every method.
fn holds<P: Parameters + PartialEq + Debug>(name: &str, strategy: impl Strategy<Value = P>) {
    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    let damage = (strategy, any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let run = TestRunner::new(config).run(&damage, |(parameters, cut, bit)| {
        let stub = Bytes::from(parameters.encode());
        let mut reader = Reader::new(&stub, Endian::Little);
        let decoded = P::read(&mut reader);
        prop_assert_eq!(decoded, Ok(parameters));
        prop_assert!(reader.rest().is_empty(), "{:02x?} is left", reader.rest());
        if stub.is_empty() {
            return Ok(());
        }
        prop_assert!(P::decode(&stub.slice(..cut.index(stub.len())), Endian::Little).is_err());
        let mut damaged = stub.to_vec();
        let bit = bit.index(damaged.len() * 8);
        damaged[bit / 8] ^= 1 << (bit % 8);
        let damaged = Bytes::from(damaged);
        for endian in [Endian::Little, Endian::Big] {
            if let Ok(parameters) = P::decode(&damaged, endian) {
                // What was read at all can be written.
                parameters.encode();
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// What holds for a method and for its answer.
fn method<M: Method + PartialEq + Debug>(strategy: impl Strategy<Value = M>) -> (&'static str, u16)
where
    M::Out: Sample + PartialEq,
{
    holds(M::NAME, strategy);
    let answer = (sample::<M::Out>(), sample()).prop_map(|(out, status)| Response { out, status });
    holds(M::NAME, answer);
    (M::NAME, M::OPNUM)
}

macro_rules! methods {
    ($( $module:ident::$method:ident $fields:tt; )*) => {
        [$( method(methods!(@ $module::$method $fields)) ),*]
    };
    (@ $module:ident::$method:ident {}) => { Just($module::$method {}) };
    (@ $module:ident::$method:ident { $($field:ident),+ }) => {
        ($( methods!(# $field), )+).prop_map(|($( $field, )+)| $module::$method { $($field),+ })
    };
    (# $field:ident) => { sample() };
    (@ $module:ident::$method:ident sample) => { sample::<$module::$method>() };
}

#[test]
fn every_method_comes_back() {
    let methods = methods! {
        login::EstablishPosition { reserved1, reserved2 };
        login::RequestChallenge { reserved1, reserved2 };
        login::WBEMLogin { reserved1, reserved2, reserved3, reserved4 };
        login::NTLMLogin { network_resource, preferred_locale, flags, context };
        login::SetClientInfo { machine, process, reserved };
        login::SetClientInfoEx { machine, machine_fqdn, process, process_created, reserved };
        login::SetEvent { event };
        services::OpenNamespace { namespace, flags, context, working_namespace, call };
        services::CancelAsyncCall { sink };
        services::QueryObjectSink { flags };
        services::GetObject { path, flags, context, object, call };
        services::GetObjectAsync { path, flags, context, sink };
        services::PutClass { object, flags, context, call };
        services::PutClassAsync { object, flags, context, sink };
        services::DeleteClass { class, flags, context, call };
        services::DeleteClassAsync { class, flags, context, sink };
        services::CreateClassEnum { superclass, flags, context };
        services::CreateClassEnumAsync { superclass, flags, context, sink };
        services::PutInstance { object, flags, context, call };
        services::PutInstanceAsync { object, flags, context, sink };
        services::DeleteInstance { path, flags, context, call };
        services::DeleteInstanceAsync { path, flags, context, sink };
        services::CreateInstanceEnum { class, flags, context };
        services::CreateInstanceEnumAsync { class, flags, context, sink };
        services::ExecQuery { language, query, flags, context };
        services::ExecQueryAsync { language, query, flags, context, sink };
        services::ExecNotificationQuery { language, query, flags, context };
        services::ExecNotificationQueryAsync { language, query, flags, context, sink };
        services::ExecMethod { path, method, flags, context, input, output, call };
        services::ExecMethodAsync { path, method, flags, context, input, sink };
        enumerator::Reset {};
        enumerator::Next { timeout, count };
        enumerator::NextAsync { count, sink };
        enumerator::Clone {};
        enumerator::Skip { timeout, count };
        smart::GetSmartEnum {};
        smart::Next { proxy, timeout, count };
        call_result::GetResultObject { timeout };
        call_result::GetResultString { timeout };
        call_result::GetResultServices { timeout };
        call_result::GetCallStatus { timeout };
        sink::Indicate { objects };
        sink::SetStatus { kind, status, text, object };
        backup::Backup { file, flags };
        backup::Restore { file, flags };
        backup::Pause {};
        backup::Resume {};
        refresher::AddObjectToRefresher { refresher, path, flags, context, client_version };
        refresher::AddObjectToRefresherByTemplate {
            refresher, template, flags, context, client_version
        };
        refresher::AddEnumToRefresher { refresher, class, flags, context, client_version };
        refresher::RemoveObjectFromRefresher { refresher, id, flags, client_version };
        refresher::GetRemoteRefresher { refresher, flags, client_version };
        refresher::ReconnectRemoteRefresher sample;
        refresher::RemoteRefresh { flags };
        refresher::StopRefreshing { ids, flags };
        refresher::Opnum5NotUsedOnWire { flags };
    };

    // Every number of every interface, and none twice.
    for (interface, opnums) in [
        ("IWbemLevel1Login", 3..=6),
        ("IWbemLoginClientID", 3..=3),
        ("IWbemLoginClientIDEx", 3..=3),
        ("IWbemLoginHelper", 3..=3),
        ("IWbemServices", 3..=25),
        ("IEnumWbemClassObject", 3..=7),
        ("IWbemFetchSmartEnum", 3..=3),
        ("IWbemWCOSmartEnum", 3..=3),
        ("IWbemCallResult", 3..=6),
        ("IWbemObjectSink", 3..=4),
        ("IWbemBackupRestore", 3..=4),
        ("IWbemBackupRestoreEx", 5..=6),
        ("IWbemRefreshingServices", 3..=8),
        ("IWbemRemoteRefresher", 3..=5),
    ] {
        let of_interface = methods.iter().filter(|(name, _)| {
            name.strip_prefix(interface).is_some_and(|rest| rest.starts_with("::"))
        });
        let found: Vec<u16> = of_interface.map(|(_, opnum)| *opnum).collect();
        assert_eq!(found, opnums.collect::<Vec<_>>(), "{interface}");
    }
    assert_eq!(methods.iter().collect::<BTreeSet<_>>().len(), 56);
}

proptest! {
    #[test]
    fn errors_beside_results(
        unit in vec(any::<u8>(), 0..20),
        iid in any::<u128>(),
        description in prop::option::of(text()),
    ) {
        let com = ErrorInfo { iid: Uuid::from_u128(iid), description, ..ErrorInfo::default() };
        for error in [ErrorObject::Status(ClassObject(unit.into())), ErrorObject::Com(com)] {
            prop_assert_eq!(ErrorObject::from_extensions(&error.to_extensions()), Some(error));
        }
    }
}
