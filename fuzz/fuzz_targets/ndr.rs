//! NDR: every shape of pointer, array and string, in both byte orders, through the stubs of the object resolver and of
//! IRemUnknown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_dcom::wire::{DualStringArray, OrpcThat, OrpcThis, object_exporter, rem_unknown};
use winreach_ndr::{
    Bstr, Conformant, ConformantVarying, Decode, Decoder, Endian, Unique, WideString,
};

fuzz_target!(|data: &[u8]| {
    for endian in [Endian::Little, Endian::Big] {
        decode::<OrpcThis>(data, endian);
        decode::<OrpcThat>(data, endian);
        decode::<Bstr>(data, endian);
        decode::<Unique<WideString>>(data, endian);
        decode::<Conformant<u64>>(data, endian);
        decode::<ConformantVarying<Unique<WideString>>>(data, endian);
        decode::<DualStringArray>(data, endian);
        decode::<object_exporter::ResolveOxid>(data, endian);
        decode::<object_exporter::ResolveOxid2Response>(data, endian);
        decode::<object_exporter::ServerAlive2Response>(data, endian);
        decode::<object_exporter::ComplexPing>(data, endian);
        decode::<rem_unknown::RemQueryInterface>(data, endian);
        decode::<rem_unknown::RemQueryInterfaceResponse>(data, endian);
        decode::<rem_unknown::RemQueryInterface2Response>(data, endian);
        decode::<rem_unknown::InterfaceRefs>(data, endian);
    }
});

fn decode<T: Decode>(data: &[u8], endian: Endian) {
    let _ = Decoder::with_endian(data, endian).get::<T>();
}
