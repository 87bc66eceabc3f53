//! KERB_VALIDATION_INFO: the account and its groups (`[MS-PAC] 2.5`).

use winreach_ndr::{
    Conformant, ConformantVarying, Decode, Decoder, Error, ErrorKind, Layout, Unique, ndr_struct,
    pickle,
};

use super::Logon;
use crate::Sid;

/// The account has the group (SE_GROUP_ENABLED).
const ENABLED: u32 = 4;

/// The group only ever takes rights away (SE_GROUP_USE_FOR_DENY_ONLY).
const DENY_ONLY: u32 = 0x10;

ndr_struct! {
    struct FileTime { low: u32, high: u32 }
}

ndr_struct! {
    struct Text {
        length: u16,
        maximum_length: u16,
        buffer: Unique<ConformantVarying<u16>>,
    }
}

ndr_struct! {
    struct GroupMembership { relative_id: u32, attributes: u32 }
}

ndr_struct! {
    struct SidAndAttributes { sid: Unique<WireSid>, attributes: u32 }
}

ndr_struct! {
    struct ValidationInfo {
        logon_time: FileTime,
        logoff_time: FileTime,
        kick_off_time: FileTime,
        password_last_set: FileTime,
        password_can_change: FileTime,
        password_must_change: FileTime,
        effective_name: Text,
        full_name: Text,
        logon_script: Text,
        profile_path: Text,
        home_directory: Text,
        home_directory_drive: Text,
        logon_count: u16,
        bad_password_count: u16,
        user_id: u32,
        primary_group_id: u32,
        group_count: u32,
        group_ids: Unique<Conformant<GroupMembership>>,
        user_flags: u32,
        user_session_key: [u32; 4],
        logon_server: Text,
        logon_domain_name: Text,
        logon_domain_id: Unique<WireSid>,
        reserved1: [u32; 2],
        user_account_control: u32,
        sub_auth_status: u32,
        last_successful_ilogon: FileTime,
        last_failed_ilogon: FileTime,
        failed_ilogon_count: u32,
        reserved3: u32,
        sid_count: u32,
        extra_sids: Unique<Conformant<SidAndAttributes>>,
        resource_group_domain_sid: Unique<WireSid>,
        resource_group_count: u32,
        resource_group_ids: Unique<Conformant<GroupMembership>>,
    }
}

/// RPC_SID: the count of its parts goes before it (`[MS-DTYP] 2.4.2.3`).
struct WireSid(Sid);

impl Layout for WireSid {
    const ALIGN: usize = 4;
}

impl winreach_ndr::Encode for WireSid {
    fn encode(&self, encoder: &mut winreach_ndr::Encoder) {
        encoder.count(self.0.sub_authorities().len());
        encoder.u8(1);
        encoder.u8(u8::try_from(self.0.sub_authorities().len()).unwrap_or(u8::MAX));
        let [_, _, authority @ ..] = self.0.authority().to_be_bytes();
        encoder.bytes(&authority);
        self.0.sub_authorities().iter().for_each(|part| encoder.u32(*part));
    }
}

impl Decode for WireSid {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let count = decoder.count(4, "RPC_SID")?;
        let wrong = decoder.error("RPC_SID", ErrorKind::Invalid("not a security identifier"));
        if decoder.u8("Revision")? != 1 || usize::from(decoder.u8("SubAuthorityCount")?) != count {
            return Err(wrong);
        }
        let authority = decoder.bytes(6, "IdentifierAuthority")?;
        let authority = authority.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let parts =
            (0..count).map(|_| decoder.u32("SubAuthority")).collect::<Result<Vec<u32>, _>>()?;
        Sid::new(authority, parts).map(Self).map_err(|_| wrong)
    }
}

impl Text {
    fn to_text(&self) -> String {
        let units = self.buffer.0.as_ref().map(|buffer| buffer.elements.as_slice());
        let units = units.unwrap_or_default();
        let length = usize::from(self.length / 2).min(units.len());
        String::from_utf16_lossy(units.get(..length).unwrap_or_default())
    }
}

/// The account, or nothing where the buffer holds a null pointer.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Logon>, Error> {
    let info: Unique<ValidationInfo> = pickle::decode(&mut Decoder::new(bytes))?;
    info.0.map(|info| account(&info)).transpose()
}

fn account(info: &ValidationInfo) -> Result<Logon, Error> {
    let missing =
        || Decoder::new(&[]).error("LogonDomainId", ErrorKind::Invalid("no security identifier"));
    let domain = &info.logon_domain_id.0.as_ref().ok_or_else(missing)?.0;
    let in_domain = |domain: &Sid, rid| domain.with_rid(rid).map_err(|_| missing());
    let mut groups = Vec::new();
    for group in enabled(&info.group_ids) {
        groups.push(in_domain(domain, group.relative_id)?);
    }
    if let Some(domain) = &info.resource_group_domain_sid.0 {
        for group in enabled(&info.resource_group_ids) {
            groups.push(in_domain(&domain.0, group.relative_id)?);
        }
    }
    let extra = || info.extra_sids.0.iter().flat_map(|list| &list.0);
    for extra in extra().filter(|extra| grants(extra.attributes)) {
        groups.extend(extra.sid.0.as_ref().map(|sid| sid.0.clone()));
    }
    let sid = match info.user_id {
        // The account is not of the domain: the first of the others is its own.
        0 => extra().find_map(|extra| extra.sid.0.as_ref()).ok_or_else(missing)?.0.clone(),
        rid => in_domain(domain, rid)?,
    };
    Ok(Logon {
        user: info.effective_name.to_text(),
        domain: info.logon_domain_name.to_text(),
        sid,
        groups,
    })
}

fn enabled(list: &Unique<Conformant<GroupMembership>>) -> impl Iterator<Item = &GroupMembership> {
    list.0.iter().flat_map(|list| &list.0).filter(|group| grants(group.attributes))
}

fn grants(attributes: u32) -> bool {
    attributes & ENABLED != 0 && attributes & DENY_ONLY == 0
}
