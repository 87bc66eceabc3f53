//! How to refresh what was added.

use uuid::Uuid;
use winreach_dcom::wire::ObjRef;
use winreach_ndr::{Encoder, Error, ErrorKind, WideString};

use crate::parameter::{read_pointee, write_pointee};
use crate::stub::{Parameters, Reader};
use crate::{ClassObject, HResult};

/// How to refresh an object or an enumeration that was added.
///
/// Source: `[MS-WMI] 2.2.20`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RefreshInfo {
    /// Where its values come from.
    pub target: RefreshTarget,
    /// By which number it is taken out again.
    pub cancel_id: u32,
}

/// Where values come from.
///
/// Source: `[MS-WMI] 2.2.28`.
#[derive(Clone, PartialEq, Debug)]
pub enum RefreshTarget {
    /// Nothing was added; a successful method never says so.
    Invalid(HResult),
    /// A remote refresher reads them.
    Remote(Remote),
    /// No refresher reads them: the client gets the object, or enumerates the class, by itself.
    NonHiPerf(NonHiPerf),
}

/// All zeros, which is what a method that fails gives back.
impl Default for RefreshTarget {
    fn default() -> Self {
        Self::Invalid(HResult::OK)
    }
}

/// A remote refresher, and how to read what it brings.
///
/// Source: `[MS-WMI] 2.2.27`.
#[derive(Clone, PartialEq, Debug)]
pub struct Remote {
    /// The `IWbemRemoteRefresher`; the same for all objects of a client.
    pub refresher: Option<ObjRef>,
    /// An instance that sets nothing: its class reads the blobs.
    pub template: Option<ClassObject>,
    /// Which refresher it is.
    pub id: Uuid,
}

/// An object or a class without a refresher.
///
/// Source: `[MS-WMI] 2.2.26`.
#[derive(Clone, PartialEq, Debug)]
pub struct NonHiPerf {
    /// The namespace that it is in.
    pub namespace: Option<String>,
    /// An instance that sets nothing.
    pub template: Option<ClassObject>,
}

/// The constants of `[MS-WMI] 2.2.25`.
mod kind {
    pub(super) const INVALID: u32 = 0;
    pub(super) const REMOTE: u32 = 3;
    pub(super) const NON_HIPERF: u32 = 6;
}

impl Parameters for RefreshInfo {
    fn write(&self, encoder: &mut Encoder) {
        // The type stands twice: once in the structure, once as the tag of the union.
        let mut tag = |kind| {
            encoder.u32(kind);
            encoder.u32(kind);
        };
        match &self.target {
            RefreshTarget::Invalid(status) => {
                tag(kind::INVALID);
                status.write(encoder);
                encoder.u32(self.cancel_id);
            }
            RefreshTarget::Remote(Remote { refresher, template, id }) => {
                tag(kind::REMOTE);
                encoder.referent(refresher.is_some());
                encoder.referent(template.is_some());
                encoder.uuid(id);
                encoder.u32(self.cancel_id);
                refresher.iter().for_each(|refresher| write_pointee(refresher, encoder));
                template.iter().for_each(|template| write_pointee(template, encoder));
            }
            RefreshTarget::NonHiPerf(NonHiPerf { namespace, template }) => {
                tag(kind::NON_HIPERF);
                encoder.referent(namespace.is_some());
                encoder.referent(template.is_some());
                encoder.u32(self.cancel_id);
                if let Some(namespace) = namespace {
                    encoder.put(&WideString::from(namespace.as_str()));
                }
                template.iter().for_each(|template| write_pointee(template, encoder));
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let decoder = reader.decoder();
        let kind = decoder.u32("WBEM_REFRESH_INFO.m_lType")?;
        let tag = decoder.u32("WBEM_REFRESH_INFO.m_Info")?;
        if tag != kind {
            let kind = ErrorKind::Disagreement { expected: kind, found: tag };
            return Err(decoder.error("WBEM_REFRESH_INFO.m_Info", kind));
        }
        match kind {
            kind::INVALID => {
                let status = HResult(decoder.u32("WBEM_REFRESH_INFO.m_hres")?);
                let cancel_id = decoder.u32(CANCEL_ID)?;
                Ok(Self { target: RefreshTarget::Invalid(status), cancel_id })
            }
            kind::REMOTE => read_remote(reader),
            kind::NON_HIPERF => read_non_hiperf(reader),
            _ => {
                let kind = ErrorKind::Invalid("not a type of refresher");
                Err(decoder.error("WBEM_REFRESH_INFO.m_lType", kind))
            }
        }
    }
}

const CANCEL_ID: &str = "WBEM_REFRESH_INFO.m_lCancelId";

/// The pointers, the rest of the structure, and then what the pointers lead to.
fn read_remote(reader: &mut Reader<'_>) -> Result<RefreshInfo, Error> {
    let decoder = reader.decoder();
    let has_refresher = decoder.referent("WBEM_REFRESH_INFO_REMOTE.m_pRefresher")?;
    let has_template = decoder.referent("WBEM_REFRESH_INFO_REMOTE.m_pTemplate")?;
    let id = decoder.uuid("WBEM_REFRESH_INFO_REMOTE.m_Guid")?;
    let cancel_id = decoder.u32(CANCEL_ID)?;
    let refresher = if has_refresher { read_pointee(reader)? } else { None };
    let template = if has_template { read_pointee(reader)? } else { None };
    let target = RefreshTarget::Remote(Remote { refresher, template, id });
    Ok(RefreshInfo { target, cancel_id })
}

fn read_non_hiperf(reader: &mut Reader<'_>) -> Result<RefreshInfo, Error> {
    let decoder = reader.decoder();
    let has_namespace = decoder.referent("WBEM_REFRESH_INFO_NON_HIPERF.m_wszNamespace")?;
    let has_template = decoder.referent("WBEM_REFRESH_INFO_NON_HIPERF.m_pTemplate")?;
    let cancel_id = decoder.u32(CANCEL_ID)?;
    let namespace = if has_namespace {
        let text: WideString = decoder.get_named("WBEM_REFRESH_INFO_NON_HIPERF.m_wszNamespace")?;
        Some(text.0)
    } else {
        None
    };
    let template = if has_template { read_pointee(reader)? } else { None };
    let target = RefreshTarget::NonHiPerf(NonHiPerf { namespace, template });
    Ok(RefreshInfo { target, cancel_id })
}
