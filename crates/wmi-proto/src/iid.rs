//! The identifiers of the interfaces and classes.
//!
//! Source: `[MS-WMI] 1.9`, 2.2.4, 2.2.13 and the headings of 3.1.4.

use uuid::{Uuid, uuid};

/// The class to activate: its object answers `IWbemLevel1Login`.
pub const CLSID_LEVEL1_LOGIN: Uuid = uuid!("8bc3f05e-d86b-11d0-a075-00c04fb68820");
/// The class to activate: its object answers `IWbemBackupRestore` and `IWbemBackupRestoreEx`.
pub const CLSID_BACKUP_RESTORE: Uuid = uuid!("c49e32c6-bc8b-11d2-85d4-00105a1f8304");

/// `IWbemLevel1Login`: the way into a namespace.
pub const LEVEL1_LOGIN: Uuid = uuid!("f309ad18-d86a-11d0-a075-00c04fb68820");
/// `IWbemLoginClientID`: the client's name for the server's log.
pub const LOGIN_CLIENT_ID: Uuid = uuid!("d4781cd6-e5d3-44df-ad94-930efe48a887");
/// `IWbemLoginClientIDEx`: the same with more detail. Not in `[MS-WMI]`; recorded Windows 10
/// traffic.
pub const LOGIN_CLIENT_ID_EX: Uuid = uuid!("9f6c78ef-fce5-42fa-abea-3e7df91921dc");
/// `IWbemLoginHelper`: without effect over a network.
pub const LOGIN_HELPER: Uuid = uuid!("541679ab-2e5f-11d3-b34e-00104bcc4b4a");
/// `IWbemServices`: one namespace.
pub const SERVICES: Uuid = uuid!("9556dc99-828c-11cf-a37e-00aa003240c7");
/// `IWbemRefreshingServices`: performance counters, an optional part.
pub const REFRESHING_SERVICES: Uuid = uuid!("2c9273e0-1dc3-11d3-b364-00105a1f8177");
/// `IWbemRemoteRefresher`: all counters of a client at once.
pub const REMOTE_REFRESHER: Uuid = uuid!("f1e9c5b2-f59b-11d2-b362-00105a1f8177");
/// `IWbemBackupRestore`: the whole repository at once.
pub const BACKUP_RESTORE: Uuid = uuid!("c49e32c7-bc8b-11d2-85d4-00105a1f8304");
/// `IWbemBackupRestoreEx`: the same, and holding the repository still.
pub const BACKUP_RESTORE_EX: Uuid = uuid!("a359dec5-e813-4834-8a2a-ba7f1d777d76");
/// `IEnumWbemClassObject`: a result, read object by object.
pub const ENUM_CLASS_OBJECT: Uuid = uuid!("027947e1-d731-11ce-a357-000000000001");
/// `IWbemFetchSmartEnum`: from an enumerator to its smart form.
pub const FETCH_SMART_ENUM: Uuid = uuid!("1c1c45ee-4395-11d2-b60b-00104b703efd");
/// `IWbemWCOSmartEnum`: a result whose classes travel once.
pub const WCO_SMART_ENUM: Uuid = uuid!("423ec01e-2e35-11d2-b604-00104b703efd");
/// `IWbemCallResult`: the outcome of a call that returned at once.
pub const CALL_RESULT: Uuid = uuid!("44aca675-e8fc-11d0-a07c-00c04fb68820");
/// `IWbemObjectSink`: where a server delivers the objects of an asynchronous call.
pub const OBJECT_SINK: Uuid = uuid!("7c857801-7381-11cf-884d-00aa004b2e24");

/// `IWbemClassObject`: a class or an instance, always sent by value.
pub const CLASS_OBJECT: Uuid = uuid!("dc12a681-737f-11cf-884d-00aa004b2e24");
/// The class that unmarshals an `IWbemClassObject`.
pub const CLSID_CLASS_OBJECT: Uuid = uuid!("4590f812-1d3a-11d0-891f-00aa004b2e24");
/// `IWbemContext`: named values that go along with a call, always sent by value.
pub const CONTEXT: Uuid = uuid!("44aca674-e8fc-11d0-a07c-00c04fb68820");
/// The class that unmarshals an `IWbemContext`.
pub const CLSID_CONTEXT: Uuid = uuid!("674b6698-ee92-11d0-ad71-00c04fd8fdff");
