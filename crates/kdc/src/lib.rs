//! Finds the KDCs of a Kerberos realm and carries requests to them.
//!
//! [`Kdc`] is the [`KdcTransport`](winreach_kerberos::transport::KdcTransport) of a machine on a
//! network. It looks for KDCs among those that were given, then in [`Realms`], which is what
//! `krb5.conf` says, then in DNS. It asks them by UDP and TCP, IPv4 and IPv6, one after the other,
//! and takes the first answer. What is inside of requests and answers is another room's business,
//! but for the two error codes that mean "ask in another way" and "ask somebody else".
//!
//! Source: RFC 4120 section 7.2, RFC 2782, `[MS-KILE] 2.1`.
//!
//! ```no_run
//! use winreach_kdc::{Kdc, Realms};
//! use winreach_kerberos::transport::KdcTransport;
//!
//! # async fn example(request: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let kdc = Kdc::new(Realms::default()).with_kdc("EXAMPLE.COM", "dc1.example.com".parse()?);
//! let answer = kdc.exchange("EXAMPLE.COM", request).await?;
//! # Ok(())
//! # }
//! ```

mod address;
mod answer;
mod dns;
mod exchange;
mod kdc;
mod realms;
mod srv;
mod tcp;
mod udp;

pub use address::{AddressError, DEFAULT_PORT, KdcAddress};
pub use kdc::Kdc;
pub use realms::{DEFAULT_UDP_PREFERENCE_LIMIT, Realms};
