//! What the tests stand on: connections within the process, and two servers to reach by them.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

pub mod fake;
pub mod network;
pub mod recorded;

use std::sync::Arc;

use network::Network;
use winreach_wmi::{Credentials, Locator, Logon, Mechanism};

pub const PASSWORD: &str = "correct horse";

/// A locator for the server behind these doors.
pub fn locator(network: &Arc<Network>) -> Locator {
    Locator::new(
        "server",
        Logon::with_password(Credentials::new("tester", PASSWORD.into()))
            .mechanism(Mechanism::Ntlm),
    )
    .connector(Arc::clone(network) as _)
}
