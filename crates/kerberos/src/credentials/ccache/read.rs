//! Reading a credential cache.

use super::super::key::RawKey;
use super::super::wire::{MAX_COMPONENTS, Reader};
use super::{
    CONFIG_NAME, CONFIG_REALM, ConfigEntry, Credential, CredentialCache, FORMAT,
    REMOVED_CONFIG_REALM, TimeOffset, Times, TypedBytes,
};
use crate::credentials::{Malformed, Problem};
use crate::{NameType, Principal};

pub(super) fn cache(bytes: &[u8]) -> Result<CredentialCache, Malformed> {
    let mut reader = Reader::new(FORMAT, bytes);
    let version = version(&mut reader)?;
    let time_offset = if version == 4 { header(&mut reader)? } else { None };
    let default_principal = principal(&mut reader, version, &DEFAULT)?;
    let mut cache = CredentialCache { time_offset, ..CredentialCache::new(default_principal) };
    while reader.remaining() > 0 {
        let credential = credential(&mut reader, version)?;
        if is_removed(&credential) {
            continue;
        }
        match config_entry(&credential) {
            Some(entry) => cache.config.push(entry),
            None => cache.credentials.push(credential),
        }
    }
    Ok(cache)
}

/// The version, and the order of bytes that goes with it: versions 1 and 2 have that of the
/// machine that wrote them, which the number of components in the first name tells.
fn version(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    const EXPECTED: &str = "0x501 to 0x504";
    let version = match reader.u16("version")? {
        version @ 0x501..=0x504 => version & 0xff,
        found => {
            let problem = Problem::Value { found: found.into(), expected: EXPECTED };
            return Err(reader.error("version", 2, problem));
        }
    };
    if version < 3 {
        let mut ahead = reader.clone();
        if version == 2 {
            ahead.u32(DEFAULT.name_type)?;
        }
        let order = ahead.find_order(MAX_COMPONENTS.into(), DEFAULT.count)?;
        reader.set_order(order);
    }
    Ok(version)
}

/// The tagged fields before the default principal; those with unknown tags are skipped.
fn header(reader: &mut Reader<'_>) -> Result<Option<TimeOffset>, Malformed> {
    const TIME_OFFSET: u16 = 1;
    let len = reader.u16("header length")?;
    let mut fields = reader.part(len.into(), "header")?;
    let mut time_offset = None;
    while fields.remaining() > 0 {
        let tag = fields.u16("header tag")?;
        let len = fields.u16("header field length")?;
        let mut field = fields.part(len.into(), "header field")?;
        if tag == TIME_OFFSET {
            let seconds = field.i32("time offset")?;
            time_offset = Some(TimeOffset { seconds, microseconds: field.i32("time offset")? });
        }
    }
    Ok(time_offset)
}

/// What the parts of a name are called in errors.
struct NameFields {
    name_type: &'static str,
    count: &'static str,
    realm: &'static str,
    component: &'static str,
}

const DEFAULT: NameFields = NameFields {
    name_type: "default principal's name type",
    count: "default principal's number of components",
    realm: "default principal's realm",
    component: "default principal's component",
};
const CLIENT: NameFields = NameFields {
    name_type: "client's name type",
    count: "client's number of components",
    realm: "client's realm",
    component: "client's component",
};
const SERVER: NameFields = NameFields {
    name_type: "server's name type",
    count: "server's number of components",
    realm: "server's realm",
    component: "server's component",
};

fn principal(
    reader: &mut Reader<'_>,
    version: u16,
    fields: &NameFields,
) -> Result<Principal, Malformed> {
    // Version 1 has no name types, and counts the realm.
    let name_type = match version {
        1 => NameType::UNKNOWN,
        _ => NameType(reader.i32(fields.name_type)?),
    };
    let realms = u32::from(version == 1);
    let found = reader.u32(fields.count)?;
    let count = found.saturating_sub(realms);
    if !(1..=MAX_COMPONENTS.into()).contains(&count) {
        let problem = Problem::Value { found, expected: "1 to 255 components" };
        return Err(reader.error(fields.count, 4, problem));
    }
    let mut text = |field| {
        let bytes = reader.counted32(field)?;
        reader.text(bytes, field)
    };
    let realm = text(fields.realm)?;
    let components = (0..count).map(|_| text(fields.component)).collect::<Result<_, _>>()?;
    Ok(Principal { name_type, components, realm })
}

fn credential(reader: &mut Reader<'_>, version: u16) -> Result<Credential, Malformed> {
    Ok(Credential {
        client: principal(reader, version, &CLIENT)?,
        server: principal(reader, version, &SERVER)?,
        key: key(reader, version)?,
        times: Times {
            auth: reader.u32("authtime")?,
            start: reader.u32("starttime")?,
            end: reader.u32("endtime")?,
            renew_till: reader.u32("renew_till")?,
        },
        is_skey: reader.u8("is_skey")? != 0,
        ticket_flags: reader.u32("ticket flags")?,
        addresses: list(reader, "addresses", |reader| reader.u16("addresses").map(i32::from))?,
        authdata: list(reader, "authdata", |reader| reader.i16("authdata").map(i32::from))?,
        ticket: reader.counted32("ticket")?.to_vec(),
        second_ticket: reader.counted32("second ticket")?.to_vec(),
    })
}

fn key(reader: &mut Reader<'_>, version: u16) -> Result<RawKey, Malformed> {
    let etype = reader.i16("encryption type")?;
    if version == 3 {
        // Once the type of the key, apart from that of the encryption; the same ever since.
        reader.i16("key type")?;
    }
    Ok(RawKey::new(etype.into(), reader.counted32("key")?))
}

fn list(
    reader: &mut Reader<'_>,
    field: &'static str,
    kind: impl Fn(&mut Reader<'_>) -> Result<i32, Malformed>,
) -> Result<Vec<TypedBytes>, Malformed> {
    let count = reader.u32(field)?;
    let mut item =
        || Ok(TypedBytes { kind: kind(reader)?, bytes: reader.counted32(field)?.to_vec() });
    (0..count).map(|_| item()).collect()
}

/// Whether somebody took the credential out of the cache: that overwrites it where it stands.
fn is_removed(credential: &Credential) -> bool {
    credential.server.realm == REMOVED_CONFIG_REALM
        || (credential.times.end == 0 && credential.times.auth != 0)
}

/// The remark that is dressed as a credential.
fn config_entry(credential: &Credential) -> Option<ConfigEntry> {
    let Principal { components, realm, .. } = &credential.server;
    if realm != CONFIG_REALM {
        return None;
    }
    let (key, principal) = match components.as_slice() {
        [name, key] if name == CONFIG_NAME => (key, None),
        [name, key, principal] if name == CONFIG_NAME => (key, Some(principal.clone())),
        _ => return None,
    };
    Some(ConfigEntry { key: key.clone(), principal, value: credential.ticket.clone() })
}
