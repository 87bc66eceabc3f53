//! Kerberos V5 as Windows speaks it, without I/O.
//!
//! From the ground up:
//!
//! * [`crypto`]: encryption types, keys, checksums (RFC 3961, 3962, 8009, 4757);
//! * [`Principal`]: who has a key;
//! * [`credentials`]: what others left in files: credential caches, keytabs, `krb5.conf`;
//! * [`protection`]: signed and sealed messages once two peers share a key (RFC 4121, 4757);
//! * [`transport`]: the seam to whoever carries requests to a KDC.
//!
//! Source: RFC 4120, `[MS-KILE]`.

pub mod credentials;
pub mod crypto;
mod principal;
pub mod protection;
pub mod transport;

pub use principal::{NameType, Principal, PrincipalError};
