//! Arrays of parameters that are no structures of NDR alone.

use winreach_ndr::{Encoder, Error, ErrorKind};

use crate::ClassObject;
use crate::parameter::{read_pointee, write_pointee};
use crate::stub::{Parameters, Reader};

/// The elements of an array of objects: first whether each is there, and then each.
pub(crate) fn write_objects(objects: &[ClassObject], encoder: &mut Encoder) {
    objects.iter().for_each(|_| encoder.referent(true));
    objects.iter().for_each(|object| write_pointee(object, encoder));
}

/// So many elements of an array of objects, none of which may be null. The count is one that
/// [`Decoder::count`](winreach_ndr::Decoder::count) let through.
pub(crate) fn read_objects(
    reader: &mut Reader<'_>,
    count: usize,
    field: &'static str,
) -> Result<Vec<ClassObject>, Error> {
    let decoder = reader.decoder();
    for _ in 0..count {
        if !decoder.referent(field)? {
            return Err(decoder.error(field, ErrorKind::Invalid("a null object")));
        }
    }
    let mut objects = Vec::new();
    for _ in 0..count {
        let object = read_pointee(reader)?
            .ok_or_else(|| reader.decoder().error(field, ErrorKind::Invalid("an empty object")))?;
        objects.push(object);
    }
    Ok(objects)
}

/// The number of elements as a parameter of its own, and right behind it as the conformance of the
/// array.
fn read_count(reader: &mut Reader<'_>) -> Result<usize, Error> {
    let decoder = reader.decoder();
    let expected = decoder.u32("")?;
    let count = decoder.count(size_of::<u32>(), "")?;
    match u32::try_from(count) {
        Ok(found) if found == expected => Ok(count),
        _ => {
            let found = u32::try_from(count).unwrap_or(u32::MAX);
            Err(decoder.error("", ErrorKind::Disagreement { expected, found }))
        }
    }
}

/// A count and the objects that it counts.
impl Parameters for Vec<ClassObject> {
    fn write(&self, encoder: &mut Encoder) {
        encoder.count(self.len());
        encoder.count(self.len());
        write_objects(self, encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = read_count(reader)?;
        read_objects(reader, count, "")
    }
}

/// A count and the numbers that it counts.
impl Parameters for Vec<u32> {
    fn write(&self, encoder: &mut Encoder) {
        encoder.count(self.len());
        encoder.count(self.len());
        self.iter().for_each(|number| encoder.u32(*number));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let count = read_count(reader)?;
        (0..count).map(|_| reader.decoder().u32("")).collect()
    }
}
