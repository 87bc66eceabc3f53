//! Writing a keytab, version 2.

use zeroize::Zeroizing;

use super::super::wire::Writer;
use super::{Entry, FORMAT};
use crate::credentials::Unencodable;

pub(super) fn entries(entries: &[Entry]) -> Result<Zeroizing<Vec<u8>>, Unencodable> {
    let mut writer = Writer::new(FORMAT);
    writer.put(&[5, 2]);
    for found in entries {
        let record = entry(found)?;
        writer.count31(record.len(), "record")?;
        writer.put(&record);
    }
    Ok(writer.finish())
}

fn entry(entry: &Entry) -> Result<Zeroizing<Vec<u8>>, Unencodable> {
    let mut writer = Writer::new(FORMAT);
    writer.count16(entry.principal.components.len(), "number of components")?;
    writer.counted16(entry.principal.realm.as_bytes(), "realm")?;
    for component in &entry.principal.components {
        writer.counted16(component.as_bytes(), "component")?;
    }
    writer.u32(entry.principal.name_type.0.cast_unsigned());
    writer.u32(entry.timestamp);
    // The lowest eight bits, for programs that know no more.
    let [.., low_kvno] = entry.kvno.to_be_bytes();
    writer.put(&[low_kvno]);
    writer.i16(entry.key.etype.into(), "encryption type")?;
    writer.counted16(&entry.key.bytes, "key")?;
    writer.u32(entry.kvno);
    Ok(writer.finish())
}
