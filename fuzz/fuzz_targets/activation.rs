//! Activation stubs and the property blobs inside them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_dcom::wire::activator::{
    ActivationResponse, RemoteCreateInstance, RemoteGetClassObject,
};
use winreach_dcom::wire::{ActivationProperties, OrpcThat, OrpcThis};
use winreach_ndr::{Decode, Decoder};

fuzz_target!(|data: &[u8]| {
    if let Ok(properties) = ActivationProperties::from_bytes(data) {
        let again = ActivationProperties::from_bytes(&properties.to_bytes());
        assert_eq!(again.as_ref(), Ok(&properties));
    }
    request::<RemoteCreateInstance>(data);
    request::<RemoteGetClassObject>(data);
    let mut decoder = Decoder::new(data);
    if decoder.get::<OrpcThat>().is_ok() {
        let _ = decoder.get::<ActivationResponse>();
    }
});

fn request<T: Decode>(data: &[u8]) {
    let mut decoder = Decoder::new(data);
    if decoder.get::<OrpcThis>().is_ok() {
        let _ = decoder.get::<T>();
    }
}
