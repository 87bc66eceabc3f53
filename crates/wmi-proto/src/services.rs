//! `IWbemServices`: one namespace.
//!
//! Source: `[MS-WMI] 3.1.4.3`.

use winreach_dcom::wire::ObjRef;
use winreach_ndr::{Bstr, Encoder, Error};

use crate::parameter::Slot;
use crate::stub::{Parameters, Reader, methods};
use crate::{ClassObject, Context, Flags, PutFlags, iid};

/// An object, or the call that will have it: what `GetObject` and `ExecMethod` give back.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ObjectOrCall {
    /// The object.
    pub object: Slot<ClassObject>,
    /// The `IWbemCallResult` of a call that returned at once.
    pub call: Slot<ObjRef>,
}

impl Parameters for ObjectOrCall {
    fn write(&self, encoder: &mut Encoder) {
        self.object.write(encoder);
        self.call.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { object: Slot::read(reader)?, call: Slot::read(reader)? })
    }
}

/// A namespace, or the call that will have it: what `OpenNamespace` gives back.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NamespaceOrCall {
    /// The `IWbemServices` of the namespace.
    pub namespace: Slot<ObjRef>,
    /// The `IWbemCallResult` of a call that returned at once.
    pub call: Slot<ObjRef>,
}

impl Parameters for NamespaceOrCall {
    fn write(&self, encoder: &mut Encoder) {
        self.namespace.write(encoder);
        self.call.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { namespace: Slot::read(reader)?, call: Slot::read(reader)? })
    }
}

methods! {
    "IWbemServices" iid::SERVICES;

    /// Opens a namespace below this one.
    3 => OpenNamespace {
        /// The path, relative to this namespace.
        namespace: Bstr,
        /// `RETURN_IMMEDIATELY` or nothing.
        flags: Flags,
        /// Null.
        context: Option<Context>,
        /// Whether the caller wants the namespace.
        working_namespace: Slot<ObjRef>,
        /// Whether the caller wants the call.
        call: Slot<ObjRef>,
    } -> NamespaceOrCall;

    /// Stops every call that delivers to a sink.
    4 => CancelAsyncCall {
        /// The sink.
        sink: Option<ObjRef>,
    } -> ();

    /// Gives back a sink that takes events.
    5 => QueryObjectSink {
        /// 0.
        flags: Flags,
    } -> Option<ObjRef>;

    /// Reads a class or an instance.
    6 => GetObject {
        /// The path; null for an empty object, out of which a class is made.
        path: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Whether the caller wants the object.
        object: Slot<ClassObject>,
        /// Whether the caller wants the call.
        call: Slot<ObjRef>,
    } -> ObjectOrCall;

    /// [`GetObject`], delivered to a sink.
    7 => GetObjectAsync {
        /// The path.
        path: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Creates or changes a class.
    8 => PutClass {
        /// The class.
        object: Option<ClassObject>,
        /// How.
        flags: PutFlags,
        /// Named values.
        context: Option<Context>,
        /// Whether the caller wants the call.
        call: Slot<ObjRef>,
    } -> Slot<ObjRef>;

    /// [`PutClass`], delivered to a sink.
    9 => PutClassAsync {
        /// The class.
        object: Option<ClassObject>,
        /// How.
        flags: PutFlags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Deletes a class with its subclasses and instances.
    10 => DeleteClass {
        /// The name.
        class: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Whether the caller wants the call.
        call: Slot<ObjRef>,
    } -> Slot<ObjRef>;

    /// [`DeleteClass`], delivered to a sink.
    11 => DeleteClassAsync {
        /// The name.
        class: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Lists subclasses; gives back an `IEnumWbemClassObject`.
    12 => CreateClassEnum {
        /// The class whose subclasses are meant; null or empty for all.
        superclass: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
    } -> Option<ObjRef>;

    /// [`CreateClassEnum`], delivered to a sink.
    13 => CreateClassEnumAsync {
        /// The class whose subclasses are meant.
        superclass: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Creates or changes an instance.
    14 => PutInstance {
        /// The instance.
        object: Option<ClassObject>,
        /// How.
        flags: PutFlags,
        /// Named values.
        context: Option<Context>,
        /// Whether the caller wants the call.
        call: Slot<ObjRef>,
    } -> Slot<ObjRef>;

    /// [`PutInstance`], delivered to a sink.
    15 => PutInstanceAsync {
        /// The instance.
        object: Option<ClassObject>,
        /// How.
        flags: PutFlags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Deletes an instance.
    16 => DeleteInstance {
        /// The path.
        path: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Whether the caller wants the call.
        call: Slot<ObjRef>,
    } -> Slot<ObjRef>;

    /// [`DeleteInstance`], delivered to a sink.
    17 => DeleteInstanceAsync {
        /// The path.
        path: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Lists the instances of a class; gives back an `IEnumWbemClassObject`.
    18 => CreateInstanceEnum {
        /// The name.
        class: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
    } -> Option<ObjRef>;

    /// [`CreateInstanceEnum`], delivered to a sink.
    19 => CreateInstanceEnumAsync {
        /// The name.
        class: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Runs a query; gives back an `IEnumWbemClassObject`.
    20 => ExecQuery {
        /// `WQL`.
        language: Bstr,
        /// The query.
        query: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
    } -> Option<ObjRef>;

    /// [`ExecQuery`], delivered to a sink.
    21 => ExecQueryAsync {
        /// `WQL`.
        language: Bstr,
        /// The query.
        query: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Subscribes to events; gives back an `IEnumWbemClassObject` that has no end.
    22 => ExecNotificationQuery {
        /// `WQL`.
        language: Bstr,
        /// The query.
        query: Bstr,
        /// `RETURN_IMMEDIATELY` and `FORWARD_ONLY` at least.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
    } -> Option<ObjRef>;

    /// [`ExecNotificationQuery`], delivered to a sink.
    23 => ExecNotificationQueryAsync {
        /// `WQL`.
        language: Bstr,
        /// The query.
        query: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// Calls a method of a class or an instance.
    24 => ExecMethod {
        /// The path of the object; for a static method, the class.
        path: Bstr,
        /// The method.
        method: Bstr,
        /// `RETURN_IMMEDIATELY` or nothing.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// An instance of the class of the method's input; null where it has none.
        input: Option<ClassObject>,
        /// Whether the caller wants the output.
        output: Slot<ClassObject>,
        /// Whether the caller wants the call.
        call: Slot<ObjRef>,
    } -> ObjectOrCall;

    /// [`ExecMethod`], delivered to a sink.
    25 => ExecMethodAsync {
        /// The path of the object.
        path: Bstr,
        /// The method.
        method: Bstr,
        /// How.
        flags: Flags,
        /// Named values.
        context: Option<Context>,
        /// The input.
        input: Option<ClassObject>,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();
}
