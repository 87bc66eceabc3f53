//! Tokens that others made, tokens that were tampered with, and what holds for all messages.

mod hostile;
mod peers;
mod recorded;

use super::{Message, Protection, ProtectionError, Role, Scheme};
use crate::crypto::sealer::Pieces;
use crate::crypto::{EncryptionType, Key, KeyUsage};

fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The two ends of a way: who sends, and who receives.
fn ends(key: &Key, subkey: bool, sender: Role, number: u64) -> (Protection, Protection) {
    let receiver = match sender {
        Role::Initiator => Role::Acceptor,
        Role::Acceptor => Role::Initiator,
    };
    let sending = Protection::new(key, subkey, sender, number, 0);
    (sending, Protection::new(key, subkey, receiver, 0, number))
}

/// A sealed message, as it travels.
#[derive(Clone)]
struct Sealed {
    header: Vec<u8>,
    body: Vec<u8>,
    trailer: Vec<u8>,
    sign_header: bool,
    token: Vec<u8>,
}

impl Sealed {
    fn open(&mut self, receiver: &mut Protection) -> Result<(), ProtectionError> {
        let Self { header, body, trailer, sign_header, token } = self;
        receiver.unseal(header, body, trailer, *sign_header, token)
    }

    /// The confounder and the filler in it.
    fn random(&self, key: &Key, sender: Role, number: u64) -> ([u8; 16], [u8; 16]) {
        let Some(aes) = key.aes() else {
            // What zeros are encrypted to is what the confounder was encrypted with.
            let (mut stream, mut random) = (self.token.clone(), [0; 16]);
            let (mut sending, _) = ends(key, false, sender, number);
            sending.seal_with(Message::new(&[], &mut [], &[], false), &mut stream, random, random);
            for (at, to) in random[..8].iter_mut().enumerate() {
                *to = stream[37 + at] ^ self.token[37 + at];
            }
            return (random, [0; 16]);
        };
        let usage = match sender {
            Role::Initiator => KeyUsage::INITIATOR_SEAL,
            Role::Acceptor => KeyUsage::ACCEPTOR_SEAL,
        };
        let [mut confounder, mut filler] = [[0; 16]; 2];
        let (tail, rest) = self.token[16..].split_at(32);
        let (checksum, first) = rest.split_at(rest.len() - 16);
        confounder.copy_from_slice(first);
        let (mut body, mut tail) = (self.body.clone(), tail.to_vec());
        let covered = |part| if self.sign_header { part } else { [].as_slice() };
        let pieces = Pieces {
            confounder: &mut confounder,
            header: covered(&self.header),
            body: &mut body,
            trailer: covered(&self.trailer),
            tail: &mut tail,
        };
        aes.sealer(usage).open(pieces, checksum).unwrap();
        filler.copy_from_slice(&tail[..16]);
        (confounder, filler)
    }
}

impl Protection {
    /// Seals a message, the random bytes it takes given.
    fn seal_with(
        &mut self,
        message: Message<'_>,
        token: &mut [u8],
        confounder: [u8; 16],
        filler: [u8; 16],
    ) {
        match &mut self.0 {
            Scheme::Cfx(cfx) => cfx.seal(message, token, confounder, filler),
            Scheme::Arcfour(arcfour) => arcfour.seal(message, token, confounder),
        }
        .unwrap();
    }
}
