//! `IEnumWbemClassObject`: a result, read by objects that each bring their class.
//!
//! Source: `[MS-WMI] 3.1.4.4`.

use winreach_dcom::wire::ObjRef;
use winreach_ndr::{Encoder, Error, ErrorKind};

use crate::array::{read_objects, write_objects};
use crate::stub::{Parameters, Reader, methods};
use crate::{ClassObject, Timeout, iid};

/// What [`Next`] gives back.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Objects {
    /// How many there was room for: `uCount` of the request.
    pub capacity: u32,
    /// The objects that are there.
    pub objects: Vec<ClassObject>,
}

impl Parameters for Objects {
    fn write(&self, encoder: &mut Encoder) {
        encoder.u32(self.capacity);
        encoder.u32(0);
        encoder.count(self.objects.len());
        write_objects(&self.objects, encoder);
        encoder.count(self.objects.len());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let decoder = reader.decoder();
        let capacity = decoder.u32("Next.apObjects.max_count")?;
        if decoder.u32("Next.apObjects.offset")? != 0 {
            let kind = ErrorKind::Invalid("an array that starts late");
            return Err(decoder.error("Next.apObjects.offset", kind));
        }
        let count = decoder.count(size_of::<u32>(), "Next.apObjects.actual_count")?;
        let objects = read_objects(reader, count, "Next.apObjects")?;
        let decoder = reader.decoder();
        let returned = decoder.u32("Next.puReturned")?;
        if usize::try_from(returned) != Ok(count) || returned > capacity {
            let kind = ErrorKind::Invalid("not the number of objects, or more than there is room");
            return Err(decoder.error("Next.puReturned", kind));
        }
        Ok(Self { capacity, objects })
    }
}

methods! {
    "IEnumWbemClassObject" iid::ENUM_CLASS_OBJECT;

    /// Starts again at the first object.
    3 => Reset {} -> ();

    /// Reads objects.
    4 => Next {
        /// How long to wait for them.
        timeout: Timeout,
        /// How many at most.
        count: u32,
    } -> Objects;

    /// Reads objects, delivered to a sink.
    5 => NextAsync {
        /// How many at most.
        count: u32,
        /// Where to deliver.
        sink: Option<ObjRef>,
    } -> ();

    /// A second enumerator over the same objects.
    6 => Clone {} -> Option<ObjRef>;

    /// Passes over objects.
    7 => Skip {
        /// How long to wait for them.
        timeout: Timeout,
        /// How many.
        count: u32,
    } -> ();
}
