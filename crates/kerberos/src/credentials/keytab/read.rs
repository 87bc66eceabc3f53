//! Reading a keytab.

use super::super::key::RawKey;
use super::super::wire::{MAX_COMPONENTS, Reader};
use super::{Entry, FORMAT};
use crate::credentials::{Malformed, Problem};
use crate::{NameType, Principal};

pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry>, Malformed> {
    let mut reader = Reader::new(FORMAT, bytes);
    let version = version(&mut reader)?;
    let mut entries = Vec::new();
    while reader.remaining() > 0 {
        let len = reader.i32("record length")?;
        let size = usize::try_from(len.unsigned_abs()).unwrap_or(usize::MAX);
        if len == 0 {
            break;
        }
        let mut record = reader.part(size, "record")?;
        // A negative length is that of a hole, where a key was taken out.
        if len > 0 {
            entries.push(entry(&mut record, version)?);
        }
    }
    Ok(entries)
}

/// The version, and the order of bytes that goes with it: version 1 has that of the machine that
/// wrote it, which the length of the first record tells.
fn version(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    match reader.u16("version")? {
        0x502 => Ok(2),
        0x501 => {
            if reader.remaining() > 0 {
                let most = u32::try_from(reader.remaining()).unwrap_or(u32::MAX);
                let order = reader.find_order(most, "record length")?;
                reader.set_order(order);
            }
            Ok(1)
        }
        found => {
            let problem = Problem::Value { found: found.into(), expected: "0x501 or 0x502" };
            Err(reader.error("version", 2, problem))
        }
    }
}

fn entry(record: &mut Reader<'_>, version: u16) -> Result<Entry, Malformed> {
    let principal = principal(record, version)?;
    let timestamp = record.u32("timestamp")?;
    let low_kvno = record.u8("key version")?;
    let etype = record.i16("encryption type")?;
    let key = RawKey::new(etype.into(), record.counted16("key")?);
    // The whole version, where there is room for it and it is not a rest of zeros: a record may be
    // longer than the key in it, which then took the place of a hole.
    let kvno = if record.remaining() >= 4 { record.u32("key version")? } else { 0 };
    let kvno = if kvno == 0 { low_kvno.into() } else { kvno };
    Ok(Entry { principal, timestamp, kvno, key })
}

fn principal(record: &mut Reader<'_>, version: u16) -> Result<Principal, Malformed> {
    const COUNT: &str = "number of components";
    // Version 1 counts the realm.
    let found = record.u16(COUNT)?;
    let count = found.saturating_sub(u16::from(version == 1));
    if !(1..=MAX_COMPONENTS).contains(&count) {
        let problem = Problem::Value { found: found.into(), expected: "1 to 255 components" };
        return Err(record.error(COUNT, 2, problem));
    }
    let mut text = |field| {
        let bytes = record.counted16(field)?;
        record.text(bytes, field)
    };
    let realm = text("realm")?;
    let components = (0..count).map(|_| text("component")).collect::<Result<_, _>>()?;
    let name_type = match version {
        1 => NameType::UNKNOWN,
        _ => NameType(record.i32("name type")?),
    };
    Ok(Principal { name_type, components, realm })
}
