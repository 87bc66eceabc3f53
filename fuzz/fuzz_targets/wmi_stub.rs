//! Stubs of the MS-WMI methods: the first byte picks the method, the second the direction.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use winreach_wmi_proto::{
    Endian, Method, Parameters, Response, call_result, enumerator, login, services, smart,
};

fuzz_target!(|data: &[u8]| {
    let [method, direction, stub @ ..] = data else { return };
    let stub = Bytes::copy_from_slice(stub);
    macro_rules! methods {
        ($($number:literal => $type:ty),* $(,)?) => {
            match method % 16 { $($number => both::<$type>(*direction, &stub),)* _ => {} }
        };
    }
    methods! {
        0 => login::NTLMLogin,
        1 => login::SetClientInfo,
        3 => smart::Next,
        4 => enumerator::Next,
        5 => call_result::GetResultObject,
        6 => services::GetObject,
        8 => services::ExecMethod,
        14 => services::PutInstance,
        15 => services::ExecQuery,
    }
});

fn both<M: Method>(direction: u8, stub: &Bytes) {
    if direction & 1 == 0 {
        let _ = M::decode(stub, Endian::Little);
    } else {
        let _ = Response::<M::Out>::decode(stub, Endian::Little);
    }
}
