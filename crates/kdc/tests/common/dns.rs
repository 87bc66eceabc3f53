//! A name server on loopback that knows some SRV records (RFC 1035 section 4, RFC 2782).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;

use super::LOOPBACK;

/// What it says of a name.
#[derive(Clone)]
pub(crate) enum Zone {
    /// Records of priority, weight, port and target.
    Records(Vec<(u16, u16, u16, &'static str)>),
    /// No data, with this code: 0 where the name exists, 2 for a failure of the server.
    Code(u8),
    Silent,
}

pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// Says NXDOMAIN of every name that is not here; names in lower case.
    pub(crate) async fn start(zones: impl IntoIterator<Item = (&str, Zone)>) -> Self {
        let zones: HashMap<String, Zone> =
            zones.into_iter().map(|(name, zone)| (name.to_owned(), zone)).collect();
        let socket = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve(socket, zones, asked.clone()));
        Self { address, asked }
    }

    /// The names it was asked for, sorted, each once.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.sort();
        asked.dedup();
        asked
    }
}

async fn serve(socket: UdpSocket, zones: HashMap<String, Zone>, asked: Arc<Mutex<Vec<String>>>) {
    let mut query = [0; 512];
    while let Ok((length, peer)) = socket.recv_from(&mut query).await {
        let mut end = 12;
        let mut labels = Vec::new();
        while query[end] != 0 {
            let label = &query[end + 1..][..usize::from(query[end])];
            labels.push(String::from_utf8(label.to_vec()).unwrap());
            end += 1 + label.len();
        }
        let name = labels.join(".").to_lowercase();
        end += 5;
        assert_eq!(query[end - 4..end], [0, 33, 0, 1], "SRV IN of {name} in {length} bytes");
        asked.lock().unwrap().push(name.clone());
        let (code, records) = match zones.get(&name).cloned().unwrap_or(Zone::Code(3)) {
            Zone::Records(records) => (0, records),
            Zone::Code(code) => (code, Vec::new()),
            Zone::Silent => continue,
        };
        // An answer without recursion denied; one question, so many answers.
        let mut answer =
            [&query[..2], &[0x81, 0x80 | code, 0, 1, 0], &[byte(records.len())]].concat();
        answer.extend([0; 4]);
        answer.extend(&query[12..end]);
        for (priority, weight, port, target) in records {
            let mut data = [priority, weight, port].map(u16::to_be_bytes).concat();
            for label in target.split('.').filter(|label| !label.is_empty()) {
                data.push(byte(label.len()));
                data.extend(label.as_bytes());
            }
            data.push(0);
            answer.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0, byte(data.len())]);
            answer.extend(data);
        }
        socket.send_to(&answer, peer).await.unwrap();
    }
}

fn byte(length: usize) -> u8 {
    u8::try_from(length).unwrap()
}
