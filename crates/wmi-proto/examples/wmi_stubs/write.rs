//! A stub of every kind.

use uuid::{Uuid, uuid};
use winreach_dcom::wire::{ObjRef, OrpcThat};
use winreach_ndr::{Bstr, Unique};
use winreach_wmi_proto::backup::{Backup, Pause, Restore, RestoreFlags, Resume};
use winreach_wmi_proto::call_result::{
    GetCallStatus, GetResultObject, GetResultServices, GetResultString,
};
use winreach_wmi_proto::enumerator::{self, Objects};
use winreach_wmi_proto::login::{
    EstablishPosition, NTLMLogin, RequestChallenge, SetClientInfo, SetEvent,
};
use winreach_wmi_proto::refresher::{
    AddObjectToRefresherByTemplate, Added, CLIENT_VERSION, GetRemoteRefresher, RefreshInfo,
    RefreshTarget, RefresherId, Remote, RemoteRefresher, RemoveObjectFromRefresher, SERVER_VERSION,
    StopRefreshing,
};
use winreach_wmi_proto::services::{
    CancelAsyncCall, CreateClassEnum, CreateClassEnumAsync, CreateInstanceEnum,
    CreateInstanceEnumAsync, DeleteClass, DeleteClassAsync, DeleteInstance, DeleteInstanceAsync,
    ExecMethod, ExecMethodAsync, ExecNotificationQuery, ExecNotificationQueryAsync, ExecQuery,
    ExecQueryAsync, GetObject, GetObjectAsync, NamespaceOrCall, ObjectOrCall, OpenNamespace,
    PutClass, PutClassAsync, PutInstance, PutInstanceAsync, QueryObjectSink,
};
use winreach_wmi_proto::sink::{Indicate, SetStatus, StatusKind};
use winreach_wmi_proto::smart::{self, GetSmartEnum};
use winreach_wmi_proto::{
    ClassObject, ErrorObject, Flags, HResult, PutFlags, Response, Slot, Timeout, iid,
};

use super::samples::{Samples, context, remote, status};
use super::{Folder, Result};

const PROXY: Uuid = uuid!("99999999-8888-4777-8666-555555555555");
const NOT_FOUND: HResult = HResult(0x8004_1002);

pub(super) fn write(folder: &Folder) -> Result<()> {
    let samples = Samples::new()?;
    login(folder)?;
    read(folder, &samples)?;
    change(folder, &samples)?;
    query(folder)?;
    methods(folder, &samples)?;
    results(folder, &samples)?;
    sinks(folder, &samples)?;
    refresh(folder, &samples)?;
    backup(folder)?;
    failure(folder)
}

fn path() -> Bstr {
    "Test_Thing.Name='x'".into()
}

fn class() -> Bstr {
    "Test_Thing".into()
}

fn sink() -> Option<ObjRef> {
    Some(remote(iid::OBJECT_SINK))
}

fn enumerator() -> Option<ObjRef> {
    Some(remote(iid::ENUM_CLASS_OBJECT))
}

fn call_result() -> Slot<ObjRef> {
    Slot::Filled(remote(iid::CALL_RESULT))
}

fn object(unit: ClassObject) -> ObjectOrCall {
    ObjectOrCall { object: Slot::Filled(unit), call: Slot::Absent }
}

fn login(folder: &Folder) -> Result<()> {
    folder.call(&EstablishPosition { reserved1: Unique::null(), reserved2: 0 })?;
    folder.answer::<EstablishPosition>(1)?;
    folder.call(&RequestChallenge { reserved1: Unique::null(), reserved2: Unique::null() })?;
    folder.call(&NTLMLogin {
        network_resource: Unique::some(r"\\DC1\root\test".into()),
        preferred_locale: Unique::some("en-US,en".into()),
        flags: 0,
        context: context(),
    })?;
    folder.answer::<NTLMLogin>(Some(remote(iid::SERVICES)))?;
    let machine = Unique::some("CLIENT".into());
    folder.call(&SetClientInfo { machine, process: 4242, reserved: 0 })?;
    folder.call(&SetEvent { event: "an event".into() })
}

fn read(folder: &Folder, samples: &Samples) -> Result<()> {
    folder.call(&OpenNamespace {
        namespace: "child".into(),
        flags: Flags::RETURN_IMMEDIATELY,
        context: None,
        working_namespace: Slot::Absent,
        call: Slot::Absent,
    })?;
    let namespace = Slot::Empty;
    folder.answer::<OpenNamespace>(NamespaceOrCall { namespace, call: call_result() })?;
    folder.call(&CancelAsyncCall { sink: sink() })?;
    folder.call(&QueryObjectSink { flags: Flags::empty() })?;
    folder.answer::<QueryObjectSink>(sink())?;
    folder.call(&GetObject {
        path: path(),
        flags: Flags::USE_AMENDED_QUALIFIERS,
        context: context(),
        object: Slot::Absent,
        call: Slot::Absent,
    })?;
    folder.answer::<GetObject>(object(samples.class()?))?;
    let flags = Flags::DIRECT_READ;
    folder.call(&GetObjectAsync { path: path(), flags, context: None, sink: sink() })?;
    let flags = Flags::SHALLOW;
    folder.call(&CreateClassEnum { superclass: "".into(), flags, context: context() })?;
    folder.answer::<CreateClassEnum>(enumerator())?;
    let superclass = class();
    folder.call(&CreateClassEnumAsync { superclass, flags, context: None, sink: sink() })?;
    let flags = Flags::FORWARD_ONLY | Flags::RETURN_IMMEDIATELY;
    folder.call(&CreateInstanceEnum { class: class(), flags, context: None })?;
    folder.answer::<CreateInstanceEnum>(enumerator())?;
    let flags = Flags::SHALLOW;
    folder.call(&CreateInstanceEnumAsync { class: class(), flags, context: None, sink: sink() })
}

fn change(folder: &Folder, samples: &Samples) -> Result<()> {
    let (context_, call) = (None, Slot::Absent);
    folder.call(&PutClass {
        object: Some(samples.class()?),
        flags: PutFlags::CREATE_ONLY,
        context: context_.clone(),
        call: call.clone(),
    })?;
    folder.answer::<PutClass>(call_result())?;
    folder.call(&PutClassAsync {
        object: Some(samples.class()?),
        flags: PutFlags::UPDATE_ONLY,
        context: context_.clone(),
        sink: sink(),
    })?;
    folder.call(&DeleteClass {
        class: class(),
        flags: Flags::RETURN_IMMEDIATELY,
        context: context_.clone(),
        call: call.clone(),
    })?;
    folder.answer::<DeleteClass>(call_result())?;
    let flags = Flags::SEND_STATUS;
    folder.call(&DeleteClassAsync { class: class(), flags, context: None, sink: sink() })?;
    folder.call(&PutInstance {
        object: Some(samples.instance("put")?),
        flags: PutFlags::CREATE_ONLY,
        context: context(),
        call: call.clone(),
    })?;
    folder.answer::<PutInstance>(call_result())?;
    folder.call(&PutInstanceAsync {
        object: Some(samples.instance("put")?),
        flags: PutFlags::empty(),
        context: context_.clone(),
        sink: sink(),
    })?;
    folder.call(&DeleteInstance {
        path: path(),
        flags: Flags::RETURN_IMMEDIATELY,
        context: context_,
        call,
    })?;
    folder.answer_with::<DeleteInstance>(Slot::Absent, NOT_FOUND)?;
    let flags = Flags::empty();
    folder.call(&DeleteInstanceAsync { path: path(), flags, context: None, sink: sink() })
}

fn query(folder: &Folder) -> Result<()> {
    let language = || Bstr::from("WQL");
    let query = || Bstr::from("SELECT * FROM Test_Thing WHERE Name='x'");
    folder.call(&ExecQuery {
        language: language(),
        query: query(),
        flags: Flags::FORWARD_ONLY,
        context: context(),
    })?;
    folder.answer::<ExecQuery>(enumerator())?;
    folder.call(&ExecQueryAsync {
        language: language(),
        query: query(),
        flags: Flags::PROTOTYPE,
        context: None,
        sink: sink(),
    })?;
    folder.call(&ExecNotificationQuery {
        language: language(),
        query: query(),
        flags: Flags::FORWARD_ONLY | Flags::RETURN_IMMEDIATELY,
        context: context(),
    })?;
    folder.answer::<ExecNotificationQuery>(enumerator())?;
    folder.call(&ExecNotificationQueryAsync {
        language: language(),
        query: query(),
        flags: Flags::SEND_STATUS,
        context: None,
        sink: sink(),
    })
}

fn methods(folder: &Folder, samples: &Samples) -> Result<()> {
    folder.call(&ExecMethod {
        path: path(),
        method: "Resize".into(),
        flags: Flags::empty(),
        context: context(),
        input: samples.input()?,
        output: Slot::Empty,
        call: Slot::Absent,
    })?;
    folder.answer::<ExecMethod>(object(samples.output()?))?;
    folder.call(&ExecMethodAsync {
        path: path(),
        method: "Resize".into(),
        flags: Flags::empty(),
        context: None,
        input: samples.input()?,
        sink: sink(),
    })
}

fn results(folder: &Folder, samples: &Samples) -> Result<()> {
    folder.call(&enumerator::Reset {})?;
    folder.answer::<enumerator::Reset>(())?;
    folder.call(&enumerator::Next { timeout: Timeout::INFINITE, count: 10 })?;
    let objects = vec![samples.instance("first")?, samples.instance("second")?];
    folder.answer_with::<enumerator::Next>(Objects { capacity: 10, objects }, HResult::FALSE)?;
    folder.call(&enumerator::NextAsync { count: 3, sink: sink() })?;
    folder.call(&enumerator::Clone {})?;
    folder.answer::<enumerator::Clone>(enumerator())?;
    let timeout = Timeout(1000);
    folder.call(&enumerator::Skip { timeout, count: 5 })?;
    folder.call(&GetSmartEnum {})?;
    folder.answer::<GetSmartEnum>(Some(remote(iid::WCO_SMART_ENUM)))?;
    folder.call(&smart::Next { proxy: PROXY, timeout, count: 5 })?;

    folder.call(&GetResultObject { timeout })?;
    folder.answer::<GetResultObject>(Some(samples.instance("result")?))?;
    folder.call(&GetResultString { timeout: Timeout::INFINITE })?;
    folder.answer::<GetResultString>(path())?;
    folder.call(&GetResultServices { timeout })?;
    folder.answer::<GetResultServices>(Some(remote(iid::SERVICES)))?;
    folder.call(&GetCallStatus { timeout })?;
    folder.answer::<GetCallStatus>(NOT_FOUND)
}

fn sinks(folder: &Folder, samples: &Samples) -> Result<()> {
    folder.call(&Indicate { objects: vec![samples.event()?, samples.instance("second")?] })?;
    folder.call(&SetStatus {
        kind: StatusKind::COMPLETE,
        status: NOT_FOUND,
        text: path(),
        object: Some(status()?),
    })
}

fn refresh(folder: &Folder, samples: &Samples) -> Result<()> {
    let refresher =
        || RefresherId { machine: Unique::some("CLIENT".into()), process: 4242, id: PROXY };
    let (flags, client_version, server_version) = (0, CLIENT_VERSION, SERVER_VERSION);
    let template = Some(samples.instance("template")?);
    folder.call(&AddObjectToRefresherByTemplate {
        refresher: refresher(),
        template: template.clone(),
        flags,
        context: context(),
        client_version,
    })?;
    let remote_refresher = Some(remote(iid::REMOTE_REFRESHER));
    let target = Remote { refresher: remote_refresher.clone(), template, id: PROXY };
    let info = RefreshInfo { target: RefreshTarget::Remote(target), cancel_id: 77 };
    folder.answer::<AddObjectToRefresherByTemplate>(Added { info, server_version })?;
    folder.call(&RemoveObjectFromRefresher {
        refresher: refresher(),
        id: 77,
        flags,
        client_version,
    })?;
    folder.call(&GetRemoteRefresher { refresher: refresher(), flags, client_version })?;
    let out = RemoteRefresher { refresher: remote_refresher, id: PROXY, server_version };
    folder.answer::<GetRemoteRefresher>(out)?;
    folder.call(&StopRefreshing { ids: vec![77, 78], flags })
}

fn backup(folder: &Folder) -> Result<()> {
    folder.call(&Backup { file: r"C:\backup.rec".into(), flags: 0 })?;
    let flags = RestoreFlags::FORCE_SHUTDOWN;
    folder.call(&Restore { file: r"C:\backup.rec".into(), flags })?;
    folder.call(&Pause {})?;
    folder.call(&Resume {})
}

/// A failure with its error beside the results.
fn failure(folder: &Folder) -> Result<()> {
    let extensions = ErrorObject::Status(status()?).to_extensions();
    let that = OrpcThat { flags: 0, extensions: Unique::some(extensions) };
    let failed = Response::<Option<ObjRef>>::failed(NOT_FOUND);
    folder.put::<CreateInstanceEnum>("failed", &that, &failed)
}
