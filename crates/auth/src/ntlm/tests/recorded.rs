//! NTLM messages of recorded Windows traffic.

use super::*;
use crate::ntlm::wire::SIGNATURE;

/// Every NTLM message in a capture file, cut out of its packet.
fn ntlm_messages(capture: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    let mut rest = &capture[24..];
    while rest.len() > 16 {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let (packet, next) = rest[16..].split_at(len);
        rest = next;
        let starts = packet.windows(8).enumerate().filter(|(_, w)| w == SIGNATURE);
        for (at, _) in starts {
            let message = &packet[at..];
            // Inside SPNEGO it is an OCTET STRING; by itself it goes to the end of its packet.
            let len = match packet[..at] {
                [.., 0x04, 0x82, high, low] => usize::from(high) << 8 | usize::from(low),
                [.., 0x04, 0x81, len] => len.into(),
                [.., 0x04, len] => len.into(),
                _ => message.len(),
            };
            messages.push(message[..len].to_vec());
        }
    }
    messages
}

#[test]
fn messages_of_recorded_traffic_read_and_write_the_same() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/captures/dcom_clear_ntlm_integrity.pcap"
    );
    let Ok(capture) = std::fs::read(path) else {
        eprintln!("SKIPPED: the recording dcom_clear_ntlm_integrity.pcap is not at hand");
        return;
    };
    let messages = ntlm_messages(&capture);
    assert_eq!(messages.len(), 9, "three exchanges");
    for exchange in messages.chunks(3) {
        let negotiate = Negotiate::parse(&exchange[0]).unwrap();
        assert_eq!(negotiate.encode().unwrap(), exchange[0]);

        let challenge = Challenge::parse(&exchange[1]).unwrap();
        assert_eq!(challenge.encode().unwrap(), exchange[1]);
        let server_info = challenge.target_info.unwrap();
        let time = server_info.timestamp().expect("a timestamp");

        let authenticate = Authenticate::parse(&exchange[2]).unwrap();
        assert_eq!(authenticate.encode().unwrap(), exchange[2]);
        assert_eq!(authenticate.lm_response, [0; 24]);
        assert!(authenticate.mic.is_some_and(|mic| mic != [0; 16]));
        let answer = ClientChallenge::parse(&authenticate.nt_response[16..]).unwrap();
        assert_eq!(answer.time, time);
        assert!(answer.target_info.flags().contains(AvFlags::MIC));
        for (id, value) in server_info.iter() {
            assert_eq!(answer.target_info.get(id), Some(value), "{id:?} comes back");
        }
        // What the client agreed to is enough for the level the connection was made at.
        assert!(authenticate.flags.contains(NegotiateFlags::required(AuthLevel::Integrity)));
        assert!(challenge.flags.contains(authenticate.flags));
    }
}
