//! Writing a credential cache, version 4.

use zeroize::Zeroizing;

use super::super::key::RawKey;
use super::super::wire::Writer;
use super::{CONFIG_NAME, CONFIG_REALM, Credential, CredentialCache, FORMAT, Times};
use crate::credentials::Unencodable;
use crate::{NameType, Principal};

pub(super) fn cache(cache: &CredentialCache) -> Result<Zeroizing<Vec<u8>>, Unencodable> {
    let mut writer = Writer::new(FORMAT);
    writer.put(&[5, 4]);
    match cache.time_offset {
        None => writer.u16(0, "header")?,
        Some(offset) => {
            writer.put(&[0, 12, 0, 1, 0, 8]);
            writer.u32(offset.seconds.cast_unsigned());
            writer.u32(offset.microseconds.cast_unsigned());
        }
    }
    principal(&mut writer, &cache.default_principal)?;
    for entry in &cache.config {
        let name = [CONFIG_NAME, &entry.key].into_iter().chain(entry.principal.as_deref());
        credential(
            &mut writer,
            &Credential {
                client: cache.default_principal.clone(),
                server: Principal::new(name, CONFIG_REALM).with_type(NameType::PRINCIPAL),
                key: RawKey::new(0, []),
                times: Times::default(),
                is_skey: false,
                ticket_flags: 0,
                addresses: Vec::new(),
                authdata: Vec::new(),
                ticket: entry.value.clone(),
                second_ticket: Vec::new(),
            },
        )?;
    }
    for found in &cache.credentials {
        credential(&mut writer, found)?;
    }
    Ok(writer.finish())
}

fn principal(writer: &mut Writer, principal: &Principal) -> Result<(), Unencodable> {
    writer.u32(principal.name_type.0.cast_unsigned());
    writer.count32(principal.components.len(), "number of components")?;
    writer.counted32(principal.realm.as_bytes(), "realm")?;
    for component in &principal.components {
        writer.counted32(component.as_bytes(), "component")?;
    }
    Ok(())
}

fn credential(writer: &mut Writer, credential: &Credential) -> Result<(), Unencodable> {
    principal(writer, &credential.client)?;
    principal(writer, &credential.server)?;
    writer.i16(credential.key.etype.into(), "encryption type")?;
    writer.counted32(&credential.key.bytes, "key")?;
    let Times { auth, start, end, renew_till } = credential.times;
    for time in [auth, start, end, renew_till] {
        writer.u32(time);
    }
    writer.put(&[credential.is_skey.into()]);
    writer.u32(credential.ticket_flags);
    writer.count32(credential.addresses.len(), "number of addresses")?;
    for address in &credential.addresses {
        writer.u16(address.kind.into(), "address type")?;
        writer.counted32(&address.bytes, "address")?;
    }
    writer.count32(credential.authdata.len(), "number of authorization data")?;
    for element in &credential.authdata {
        writer.i16(element.kind.into(), "authorization data type")?;
        writer.counted32(&element.bytes, "authorization data")?;
    }
    writer.counted32(&credential.ticket, "ticket")?;
    writer.counted32(&credential.second_ticket, "second ticket")
}
