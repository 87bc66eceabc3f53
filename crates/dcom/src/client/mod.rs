//! The importing half: from the name of a host to calls on its objects.
//!
//! ```no_run
//! use std::{sync::Arc, time::Duration};
//! use tokio::time::Instant;
//! use uuid::uuid;
//! use winreach_auth::{Credentials, ntlm};
//! use winreach_dcom::client::{Client, Options};
//!
//! # async fn example() -> Result<(), winreach_dcom::client::Error> {
//! let me = Credentials::new("CORP\\alice", "open sesame".into());
//! let client = Client::new(Options::new(Arc::new(ntlm::Source::new(me))));
//! let class = uuid!("8bc3f05e-d86b-11d0-a075-00c04fb68820");
//! let interface = uuid!("f309ad18-d86a-11d0-a075-00c04fb68820");
//! let deadline = Instant::now() + Duration::from_secs(30);
//! let object = client.activate("dc1.corp.example", class, &[interface], deadline).await?.remove(0);
//! let reply = object.call(3, |stub| { stub.referent(false); stub.u32(0) }, deadline).await?;
//! # Ok(())
//! # }
//! ```
//!
//! An activation takes two round trips (bind; the end of the authentication together with
//! `RemoteCreateInstance`), the first call on the object two more.

mod activation;
mod addresses;
mod advice;
mod connector;
mod dial;
mod error;
mod exporter;
mod housekeeper;
mod machine;
mod options;
mod ping_set;
mod proxy;
mod releases;
mod reply;

pub use activation::{Client, activate};
pub use addresses::AddressPolicy;
pub use connector::{Connector, LookupError, Stream, TcpConnector};
pub use error::{Attempt, Error, ErrorKind, Step};
pub use options::{Options, RESOLVER_PORT};
pub use proxy::Proxy;
pub use reply::Reply;
pub use winreach_rpc::client::SecurityInfo;

use error::During;
