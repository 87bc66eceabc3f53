//! What the peers negotiate.

use bitflags::bitflags;

use crate::{AuthLevel, Error};

bitflags! {
    /// The capabilities a message offers, chooses or confirms ([MS-NLMP] 2.2.2.5).
    ///
    /// Bits without a meaning are kept as they came.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct NegotiateFlags: u32 {
        /// Text is UTF-16.
        const UNICODE = 0x0000_0001;
        /// Text is in a character set the peers agreed on elsewhere.
        const OEM = 0x0000_0002;
        /// The server shall name itself in the CHALLENGE.
        const REQUEST_TARGET = 0x0000_0004;
        /// Messages will be signed.
        const SIGN = 0x0000_0010;
        /// Messages will be sealed.
        const SEAL = 0x0000_0020;
        /// Connectionless.
        const DATAGRAM = 0x0000_0040;
        /// LAN Manager session keys.
        const LM_KEY = 0x0000_0080;
        /// NTLM, set by everybody.
        const NTLM = 0x0000_0200;
        /// The client has no account.
        const ANONYMOUS = 0x0000_0800;
        /// The NEGOTIATE names the client's domain.
        const OEM_DOMAIN_SUPPLIED = 0x0000_1000;
        /// The NEGOTIATE names the client's machine.
        const OEM_WORKSTATION_SUPPLIED = 0x0000_2000;
        /// A session key is wanted whether or not messages will be signed.
        const ALWAYS_SIGN = 0x0000_8000;
        /// The CHALLENGE's target is a domain.
        const TARGET_TYPE_DOMAIN = 0x0001_0000;
        /// The CHALLENGE's target is a server.
        const TARGET_TYPE_SERVER = 0x0002_0000;
        /// Extended session security: HMAC signatures and a key for each direction.
        const EXTENDED_SESSION_SECURITY = 0x0008_0000;
        /// The server may know the caller and not act in its name.
        const IDENTIFY = 0x0010_0000;
        /// A session key out of the LAN Manager hash.
        const REQUEST_NON_NT_SESSION_KEY = 0x0040_0000;
        /// The CHALLENGE carries target information.
        const TARGET_INFO = 0x0080_0000;
        /// The version fields are filled.
        const VERSION = 0x0200_0000;
        /// 128-bit sealing keys.
        const KEY_128 = 0x2000_0000;
        /// The client chooses the session key.
        const KEY_EXCH = 0x4000_0000;
        /// 56-bit sealing keys.
        const KEY_56 = 0x8000_0000;

        const _ = !0;
    }
}

impl NegotiateFlags {
    /// The least both peers must agree on for messages at `level`.
    pub(super) fn required(level: AuthLevel) -> Self {
        let mut flags = Self::UNICODE | Self::EXTENDED_SESSION_SECURITY;
        if level.signs() {
            flags |= Self::SIGN | Self::KEY_128;
        }
        if level.seals() {
            flags |= Self::SEAL;
        }
        flags
    }

    /// Fails where these flags lack some of what is `required` at `level`.
    pub(super) fn demand(self, required: Self, level: AuthLevel) -> Result<(), Error> {
        let missing = required - self;
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<_> = missing.iter_names().map(|(name, _)| name).collect();
        Err(Error::Downgrade { missing: missing.join(", "), level })
    }
}
