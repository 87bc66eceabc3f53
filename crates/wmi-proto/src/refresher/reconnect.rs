//! Adding everything again after a connection was lost.

use uuid::Uuid;
use winreach_ndr::{Conformant, Encoder, Error, ErrorKind, Unique, WideString, ndr_struct};

use super::RefresherId;
use crate::stub::{Method, Parameters, Reader};
use crate::{HResult, iid};

/// Adds everything again to a refresher that is not the one from before the connection was lost.
///
/// Source: `[MS-WMI] 3.1.4.12.6`.
#[derive(Clone, PartialEq, Debug)]
pub struct ReconnectRemoteRefresher {
    /// Who refreshes.
    pub refresher: RefresherId,
    /// 0.
    pub flags: u32,
    /// [`CLIENT_VERSION`](super::CLIENT_VERSION).
    pub client_version: u32,
    /// What to add.
    pub objects: Vec<ReconnectInfo>,
    /// Room for an outcome of each; a server does not look into it.
    pub results: Vec<ReconnectResult>,
}

ndr_struct! {
    /// What to add again.
    ///
    /// Source: `[MS-WMI] 2.2.22`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct ReconnectInfo {
        /// [`ReconnectInfo::OBJECT`] or [`ReconnectInfo::ENUM`].
        pub kind: u32,
        /// The path of the object, or the class.
        pub path: Unique<WideString>,
    }
}

impl ReconnectInfo {
    /// One object.
    pub const OBJECT: u32 = 0;
    /// All instances of a class.
    pub const ENUM: u32 = 1;
}

ndr_struct! {
    /// What became of it.
    ///
    /// Source: `[MS-WMI] 2.2.23`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct ReconnectResult {
        /// By which number it is taken out again.
        pub id: u32,
        /// The status, an [`HResult`].
        pub status: u32,
    }
}

impl ReconnectResult {
    /// Whether it is refreshed again.
    pub fn status(&self) -> HResult {
        HResult(self.status)
    }
}

/// What [`ReconnectRemoteRefresher`] gives back.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReconnectResults {
    /// The outcome of each.
    pub results: Vec<ReconnectResult>,
    /// [`SERVER_VERSION`](super::SERVER_VERSION); a client takes any.
    pub server_version: u32,
}

impl Parameters for ReconnectRemoteRefresher {
    fn write(&self, encoder: &mut Encoder) {
        encoder.put(&self.refresher);
        encoder.u32(self.flags);
        encoder.count(self.objects.len());
        encoder.u32(self.client_version);
        encoder.put(&Conformant(self.objects.clone()));
        encoder.put(&Conformant(self.results.clone()));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let decoder = reader.decoder();
        let refresher = decoder.get()?;
        let flags = decoder.u32("ReconnectRemoteRefresher.lFlags")?;
        let count = decoder.u32("ReconnectRemoteRefresher.lNumObjects")?;
        let client_version = decoder.u32("ReconnectRemoteRefresher.dwClientRefrVersion")?;
        let Conformant(objects) =
            decoder.get_named("ReconnectRemoteRefresher.apReconnectInfo.max_count")?;
        let Conformant(results) =
            decoder.get_named("ReconnectRemoteRefresher.apReconnectResults.max_count")?;
        for (found, field) in [
            (objects.len(), "ReconnectRemoteRefresher.apReconnectInfo.max_count"),
            (results.len(), "ReconnectRemoteRefresher.apReconnectResults.max_count"),
        ] {
            let found = u32::try_from(found).unwrap_or(u32::MAX);
            if found != count {
                let kind = ErrorKind::Disagreement { expected: count, found };
                return Err(decoder.error(field, kind));
            }
        }
        Ok(Self { refresher, flags, client_version, objects, results })
    }
}

impl Method for ReconnectRemoteRefresher {
    type Out = ReconnectResults;
    const INTERFACE: Uuid = iid::REFRESHING_SERVICES;
    const OPNUM: u16 = 8;
    const NAME: &'static str = "IWbemRefreshingServices::ReconnectRemoteRefresher";
}

impl Parameters for ReconnectResults {
    fn write(&self, encoder: &mut Encoder) {
        encoder.put(&Conformant(self.results.clone()));
        encoder.u32(self.server_version);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let decoder = reader.decoder();
        let Conformant(results) =
            decoder.get_named("ReconnectRemoteRefresher.apReconnectResults.max_count")?;
        let server_version = decoder.u32("ReconnectRemoteRefresher.pdwSvrRefrVersion")?;
        Ok(Self { results, server_version })
    }
}
