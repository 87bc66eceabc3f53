//! Certificates of rights (`[MS-PAC]`), written from the specification, not with what reads them.

use der::Decode as _;
use winreach_kerberos::Sid;
use winreach_kerberos::crypto::{Key, KeyUsage};
use winreach_kerberos::messages::{AuthorizationData, KerberosTime, ad_type};
use winreach_ndr::Encoder;

use crate::issue::if_relevant;

/// What a domain controller says about an account.
#[derive(Debug, Clone)]
pub struct Rights {
    /// The account's name.
    pub user: String,
    /// The NetBIOS name of its domain.
    pub domain: String,
    /// The identifier of its domain.
    pub domain_sid: Sid,
    /// The relative identifier of the account.
    pub rid: u32,
    /// Groups of the domain: relative identifier and attributes.
    pub groups: Vec<(u32, u32)>,
    /// Groups of elsewhere, with their attributes.
    pub extra: Vec<(Sid, u32)>,
    /// Groups of the service's domain, and its identifier.
    pub resource: Option<(Sid, Vec<(u32, u32)>)>,
}

/// Mandatory, enabled by default, enabled.
pub const ENABLED: u32 = 7;
/// Only ever takes rights away.
pub const DENY_ONLY: u32 = 0x10;

/// Seconds from 1601 to 1970.
const EPOCH: u64 = 11_644_473_600;
const BUFFERS: usize = 4;

/// A certificate about `name`, signed with the keys of the service and of the KDC.
#[must_use]
pub fn certificate(
    rights: &Rights,
    name: &str,
    auth_time: KerberosTime,
    server: &Key,
    kdc: &Key,
) -> Vec<u8> {
    let client_time = (auth_time.0 + EPOCH) * 10_000_000;
    let name = units(name);
    let client_info =
        [&client_time.to_le_bytes()[..], &length(name.len()).to_le_bytes(), &name].concat();
    let signature = |key: &Key| {
        let checksum = key.etype().checksum_type();
        [&checksum.code().to_le_bytes()[..], &vec![0; checksum.len()]].concat()
    };
    let mut bytes = [4_u32.to_le_bytes(), 0_u32.to_le_bytes()].concat();
    bytes.resize(8 + BUFFERS * 16, 0);
    let buffers: [(u32, Vec<u8>); BUFFERS] =
        [(1, logon_info(rights)), (10, client_info), (6, signature(server)), (7, signature(kdc))];
    let mut places = Vec::new();
    for (index, (kind, content)) in buffers.iter().enumerate() {
        let size = u32::try_from(content.len()).unwrap();
        let offset = u64::try_from(bytes.len()).unwrap();
        let header = [&kind.to_le_bytes()[..], &size.to_le_bytes(), &offset.to_le_bytes()].concat();
        bytes.splice(8 + index * 16..24 + index * 16, header);
        places.push(bytes.len() + 4..bytes.len() + content.len());
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
    }
    let by_server = server.checksum(KeyUsage::PAC, &[&bytes]);
    let by_kdc = kdc.checksum(KeyUsage::PAC, &[&by_server]);
    bytes.splice(places.swap_remove(2), by_server);
    bytes.splice(places.swap_remove(2), by_kdc);
    bytes
}

/// A certificate as a ticket holds it.
#[must_use]
pub fn authorization_data(certificate: Vec<u8>) -> AuthorizationData {
    if_relevant(ad_type::WIN2K_PAC, certificate)
}

/// The certificate in what [`authorization_data`] makes.
#[must_use]
pub fn bytes(data: &AuthorizationData) -> Option<Vec<u8>> {
    let inner = AuthorizationData::from_der(data.first()?.ad_data.as_bytes()).ok()?;
    Some(inner.first()?.ad_data.as_bytes().to_vec())
}

/// KERB_VALIDATION_INFO as a stream of its own.
fn logon_info(rights: &Rights) -> Vec<u8> {
    const EXTRA_SIDS: u32 = 0x20;
    const RESOURCE_GROUPS: u32 = 0x200;
    let mut flags = 0;
    if !rights.extra.is_empty() {
        flags |= EXTRA_SIDS;
    }
    if rights.resource.is_some() {
        flags |= RESOURCE_GROUPS;
    }
    let mut e = Encoder::new();
    e.referent(true);
    // Six times, none of which is known.
    for _ in 0..6 {
        e.u32(u32::MAX);
        e.u32(0x7FFF_FFFF);
    }
    let account = [rights.user.as_str(), "", "", "", "", ""];
    let domain = ["DC", rights.domain.as_str()];
    account.iter().for_each(|text| text_head(&mut e, text));
    // LogonCount and BadPasswordCount.
    e.u16(0);
    e.u16(0);
    e.u32(rights.rid);
    // The primary group: Domain Users.
    e.u32(513);
    groups_head(&mut e, &rights.groups);
    e.u32(flags);
    (0..4).for_each(|_| e.u32(0));
    domain.iter().for_each(|text| text_head(&mut e, text));
    e.referent(true);
    // From Reserved1 to Reserved3.
    (0..10).for_each(|_| e.u32(0));
    e.count(rights.extra.len());
    e.referent(!rights.extra.is_empty());
    e.referent(rights.resource.is_some());
    let resource_groups = rights.resource.as_ref().map(|(_, groups)| groups.as_slice());
    groups_head(&mut e, resource_groups.unwrap_or_default());

    account.iter().for_each(|text| text_body(&mut e, text));
    groups_body(&mut e, &rights.groups);
    domain.iter().for_each(|text| text_body(&mut e, text));
    sid(&mut e, &rights.domain_sid);
    if !rights.extra.is_empty() {
        e.count(rights.extra.len());
        for (_, attributes) in &rights.extra {
            e.referent(true);
            e.u32(*attributes);
        }
        rights.extra.iter().for_each(|(extra, _)| sid(&mut e, extra));
    }
    if let Some((domain, groups)) = &rights.resource {
        sid(&mut e, domain);
        groups_body(&mut e, groups);
    }
    e.align(8);
    let body = e.finish();
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    [&[1, 0x10, 8, 0, 0xCC, 0xCC, 0xCC, 0xCC][..], &size, &[0; 4], &body].concat()
}

fn text_head(e: &mut Encoder, text: &str) {
    let size = length(units(text).len());
    e.u16(size);
    e.u16(size);
    e.referent(true);
}

fn text_body(e: &mut Encoder, text: &str) {
    let units: Vec<u16> = text.encode_utf16().collect();
    e.count(units.len());
    e.u32(0);
    e.count(units.len());
    units.into_iter().for_each(|unit| e.u16(unit));
}

fn groups_head(e: &mut Encoder, groups: &[(u32, u32)]) {
    e.count(groups.len());
    e.referent(!groups.is_empty());
}

fn groups_body(e: &mut Encoder, groups: &[(u32, u32)]) {
    if !groups.is_empty() {
        e.count(groups.len());
        groups.iter().flat_map(|(rid, attributes)| [*rid, *attributes]).for_each(|n| e.u32(n));
    }
}

fn sid(e: &mut Encoder, sid: &Sid) {
    let [_, _, authority @ ..] = sid.authority().to_be_bytes();
    e.count(sid.sub_authorities().len());
    e.u8(1);
    e.u8(u8::try_from(sid.sub_authorities().len()).unwrap());
    e.bytes(&authority);
    sid.sub_authorities().iter().for_each(|part| e.u32(*part));
}

fn units(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn length(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap()
}
