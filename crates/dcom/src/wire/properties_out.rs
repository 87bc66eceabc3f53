//! The properties of an answer to an activation, each a type serialization stream of its own.
//!
//! Source: `[MS-DCOM] 2.2.22.2`.

use uuid::Uuid;
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Error, Layout};

use super::counted::behind;
use super::properties::{required_pointer, reserved_pointer};
use super::{ComVersion, DualStringArray, InterfacePointer};

/// The interfaces of the new object.
///
/// Source: `[MS-DCOM] 2.2.22.2.9`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PropsOutInfo {
    /// One result for each interface that was asked for.
    pub interfaces: Vec<InterfaceResult>,
}

/// One interface of the new object, or why there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InterfaceResult {
    /// The interface.
    pub iid: Uuid,
    /// 0 where there is a reference.
    pub hresult: u32,
    /// The reference.
    pub reference: InterfacePointer,
}

impl Layout for PropsOutInfo {
    const ALIGN: usize = 4;
}

impl Encode for PropsOutInfo {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.count(self.interfaces.len());
        for _array in ["piid", "phresults", "ppIntfData"] {
            encoder.referent(true);
        }
        encoder.count(self.interfaces.len());
        self.interfaces.iter().for_each(|interface| encoder.uuid(&interface.iid));
        encoder.count(self.interfaces.len());
        self.interfaces.iter().for_each(|interface| encoder.u32(interface.hresult));
        encoder.count(self.interfaces.len());
        self.interfaces.iter().for_each(|interface| interface.reference.encode(encoder));
        self.interfaces.iter().for_each(|interface| interface.reference.encode_deferred(encoder));
    }
}

impl Decode for PropsOutInfo {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let count = decoder.u32("PropsOutInfo.cIfs")?;
        let iids_present = decoder.referent("PropsOutInfo.piid")?;
        let hresults_present = decoder.referent("PropsOutInfo.phresults")?;
        let references_present = decoder.referent("PropsOutInfo.ppIntfData")?;
        let iids: Vec<Uuid> = behind(decoder, iids_present, count)
            .map_err(|error| error.named("PropsOutInfo.piid"))?;
        let hresults: Vec<u32> = behind(decoder, hresults_present, count)
            .map_err(|error| error.named("PropsOutInfo.phresults"))?;
        let references: Vec<InterfacePointer> = behind(decoder, references_present, count)
            .map_err(|error| error.named("PropsOutInfo.ppIntfData"))?;
        let interfaces = iids
            .into_iter()
            .zip(hresults)
            .zip(references)
            .map(|((iid, hresult), reference)| InterfaceResult { iid, hresult, reference })
            .collect();
        Ok(Self { interfaces })
    }
}

/// The exporter in which the new object lives.
///
/// Source: `[MS-DCOM] 2.2.22.2.8`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScmReplyInfo {
    /// The exporter.
    pub oxid: u64,
    /// Where it can be reached, with endpoints.
    pub bindings: DualStringArray,
    /// Its IRemUnknown.
    pub ipid_rem_unknown: Uuid,
    /// The lowest authentication level that it takes.
    pub authn_hint: u32,
    /// What it speaks.
    pub version: ComVersion,
}

impl Layout for ScmReplyInfo {
    const ALIGN: usize = 4;
}

impl Encode for ScmReplyInfo {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.referent(false);
        encoder.referent(true);
        encoder.u64(self.oxid);
        encoder.referent(true);
        encoder.uuid(&self.ipid_rem_unknown);
        encoder.u32(self.authn_hint);
        self.version.encode(encoder);
        self.bindings.encode(encoder);
    }
}

impl Decode for ScmReplyInfo {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        reserved_pointer(decoder, "ScmReplyInfoData.pdwReserved")?;
        required_pointer(decoder, "ScmReplyInfoData.remoteReply")?;
        let oxid = decoder.u64("customREMOTE_REPLY_SCM_INFO.Oxid")?;
        required_pointer(decoder, "customREMOTE_REPLY_SCM_INFO.pdsaOxidBindings")?;
        Ok(Self {
            oxid,
            ipid_rem_unknown: decoder.uuid("customREMOTE_REPLY_SCM_INFO.ipidRemUnknown")?,
            authn_hint: decoder.u32("customREMOTE_REPLY_SCM_INFO.authnHint")?,
            version: decoder.get_named("customREMOTE_REPLY_SCM_INFO.serverVersion")?,
            bindings: decoder.get_named("customREMOTE_REPLY_SCM_INFO.pdsaOxidBindings")?,
        })
    }
}
