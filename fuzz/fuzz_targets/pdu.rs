//! DCE/RPC PDUs. What parses is written again and parses to the same.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use winreach_rpc::pdu::{Frame, Pdu};

fuzz_target!(|data: &[u8]| {
    let mut input = BytesMut::from(data);
    while let Ok(Some(frame)) = Frame::split_from(&mut input) {
        let _ = frame.auth_trailer();
        let Ok(pdu) = frame.parse() else { continue };
        let mut again = BytesMut::new();
        if pdu.write(&mut again).is_ok() {
            assert_eq!(Pdu::parse(again.freeze()).as_ref(), Ok(&pdu));
        }
    }
});
