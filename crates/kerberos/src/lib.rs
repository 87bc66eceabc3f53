//! Kerberos V5 as Windows speaks it, without I/O.
//!
//! From the ground up:
//!
//! * [`crypto`]: encryption types, keys, checksums (RFC 3961, 3962, 8009, 4757);
//! * [`Principal`]: who has a key;
//! * [`messages`]: what is said (RFC 4120 section 5);
//! * [`credentials`]: what others left in files: credential caches, keytabs, `krb5.conf`;
//! * [`client`]: getting tickets from a KDC;
//! * [`transport`]: the seam to whoever carries requests to a KDC;
//! * [`ap`]: client and service, each proving who it is to the other;
//! * [`pac`]: what a domain controller says about a client's rights;
//! * [`protection`]: signed and sealed messages once two peers share a key (RFC 4121, 4757).
//!
//! Source: RFC 4120, `[MS-KILE]`.

pub mod ap;
pub mod client;
mod credential;
pub mod credentials;
pub mod crypto;
mod error;
pub mod messages;
pub mod pac;
mod principal;
pub mod protection;
mod random;
mod sid;
mod time;
pub mod transport;

pub use credential::Credential;
pub use error::{Asked, Error};
pub use principal::{NameType, Principal, PrincipalError};
pub use sid::{Sid, SidError};
