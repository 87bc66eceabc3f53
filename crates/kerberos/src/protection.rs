//! Signed and sealed messages (RFC 4121, 4757).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Initiator,
    Acceptor,
}
#[derive(Debug)]
pub struct Protection;
impl Protection {
    pub fn new(_: &crate::crypto::Key, _: bool, _: Role, _: u64, _: u64) -> Self {
        Self
    }
}
