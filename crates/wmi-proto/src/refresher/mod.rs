//! `IWbemRefreshingServices` and `IWbemRemoteRefresher`: many counters in one call, again and again.
//!
//! A client names itself by a [`RefresherId`], adds objects and enumerations, and gets a template of
//! each with the remote refresher; each [`RemoteRefresh`] then brings the values alone, in blobs that
//! the template's class reads.
//!
//! Source: `[MS-WMI] 3.1.4.12` and 3.1.4.13. No recorded traffic has them.

mod info;
mod reconnect;
mod refreshed;

pub use info::{NonHiPerf, RefreshInfo, RefreshTarget, Remote};
pub use reconnect::{ReconnectInfo, ReconnectRemoteRefresher, ReconnectResult, ReconnectResults};
pub use refreshed::{BlobType, RefreshedObject, RefreshedObjects};

use uuid::Uuid;
use winreach_dcom::wire::ObjRef;
use winreach_ndr::{Encoder, Error, NarrowString, Unique, WideString, ndr_struct};

use crate::stub::{Parameters, Reader, methods};
use crate::{ClassObject, Context, iid};

/// The version that a client says it has.
pub const CLIENT_VERSION: u32 = 2;
/// The version that a server says it has.
pub const SERVER_VERSION: u32 = 1;

ndr_struct! {
    /// Who refreshes.
    ///
    /// Source: `[MS-WMI] 2.2.21`.
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    pub struct RefresherId {
        /// The client's NetBIOS name.
        pub machine: Unique<NarrowString>,
        /// The client's process.
        pub process: u32,
        /// Made up by the client for this refresher.
        pub id: Uuid,
    }
}

/// What the methods that add to a refresher give back.
#[derive(Clone, PartialEq, Debug)]
pub struct Added {
    /// How to refresh it.
    pub info: RefreshInfo,
    /// [`SERVER_VERSION`]; a client takes any.
    pub server_version: u32,
}

/// What a server gives back that has added nothing.
impl Default for Added {
    fn default() -> Self {
        Self { info: RefreshInfo::default(), server_version: SERVER_VERSION }
    }
}

impl Parameters for Added {
    fn write(&self, encoder: &mut Encoder) {
        self.info.write(encoder);
        self.server_version.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { info: Parameters::read(reader)?, server_version: Parameters::read(reader)? })
    }
}

/// What [`GetRemoteRefresher`] gives back.
#[derive(Clone, PartialEq, Debug)]
pub struct RemoteRefresher {
    /// The `IWbemRemoteRefresher`.
    pub refresher: Option<ObjRef>,
    /// Which one: the same as before, or one that must be given all objects again.
    pub id: Uuid,
    /// [`SERVER_VERSION`]; a client takes any.
    pub server_version: u32,
}

impl Default for RemoteRefresher {
    fn default() -> Self {
        Self { refresher: None, id: Uuid::nil(), server_version: SERVER_VERSION }
    }
}

impl Parameters for RemoteRefresher {
    fn write(&self, encoder: &mut Encoder) {
        self.refresher.write(encoder);
        self.id.write(encoder);
        self.server_version.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self {
            refresher: Parameters::read(reader)?,
            id: Parameters::read(reader)?,
            server_version: Parameters::read(reader)?,
        })
    }
}

methods! {
    "IWbemRefreshingServices" iid::REFRESHING_SERVICES;

    /// Adds one object, by its path.
    3 => AddObjectToRefresher {
        /// Who refreshes.
        refresher: RefresherId,
        /// The path of the object.
        path: WideString,
        /// 0.
        flags: u32,
        /// Named values.
        context: Option<Context>,
        /// [`CLIENT_VERSION`].
        client_version: u32,
    } -> Added;

    /// Adds one object, by an instance that has its keys.
    4 => AddObjectToRefresherByTemplate {
        /// Who refreshes.
        refresher: RefresherId,
        /// The instance.
        template: Option<ClassObject>,
        /// 0.
        flags: u32,
        /// Named values.
        context: Option<Context>,
        /// [`CLIENT_VERSION`].
        client_version: u32,
    } -> Added;

    /// Adds all instances of a class.
    5 => AddEnumToRefresher {
        /// Who refreshes.
        refresher: RefresherId,
        /// The class.
        class: WideString,
        /// 0.
        flags: u32,
        /// Named values.
        context: Option<Context>,
        /// [`CLIENT_VERSION`].
        client_version: u32,
    } -> Added;

    /// Out of use: a server answers `WBEM_E_NOT_AVAILABLE` and its version. What was added is taken
    /// out by [`StopRefreshing`].
    6 => RemoveObjectFromRefresher {
        /// Who refreshes.
        refresher: RefresherId,
        /// What to take out.
        id: u32,
        /// 0.
        flags: u32,
        /// [`CLIENT_VERSION`].
        client_version: u32,
    } -> u32;

    /// The remote refresher again, for a client that lost its connection.
    7 => GetRemoteRefresher {
        /// Who refreshes.
        refresher: RefresherId,
        /// 0.
        flags: u32,
        /// [`CLIENT_VERSION`].
        client_version: u32,
    } -> RemoteRefresher;
}

methods! {
    "IWbemRemoteRefresher" iid::REMOTE_REFRESHER;

    /// The values of everything that was added.
    3 => RemoteRefresh {
        /// 0.
        flags: u32,
    } -> RefreshedObjects;

    /// Takes objects and enumerations out.
    4 => StopRefreshing {
        /// The [`cancel_id`](RefreshInfo::cancel_id) of each.
        ids: Vec<u32>,
        /// 0.
        flags: u32,
    } -> ();

    /// Which remote refresher this is; never asked over a network.
    5 => Opnum5NotUsedOnWire {
        /// 0.
        flags: u32,
    } -> Uuid;
}
