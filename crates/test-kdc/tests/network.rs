//! Our own client asks the KDC over the network.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use winreach_kdc::{Kdc, Realms};
use winreach_kerberos::client::{Options, Origin, Secret, Tickets};
use winreach_test_kdc::{Account, Realm, TestKdc};

#[tokio::test]
async fn what_is_too_long_for_udp_goes_by_tcp() {
    let realm = Realm::new("HOME.TEST")
        .with(Account::user("alice", "open sesame"))
        .with(Account::service("host/server.home.test"));
    // Room for what asks for pre-authentication, not for a ticket.
    let kdc = TestKdc::new([realm]).with_udp_limit(300);
    let listening = kdc.listen().await.unwrap();
    let address = listening.address.to_string().parse().unwrap();
    let transport = Kdc::new(Realms::default()).with_kdc("HOME.TEST", address);
    let client = "alice@HOME.TEST".parse().unwrap();
    let origin = Origin::Logon { client, secret: Secret::Password("open sesame".into()) };
    let tickets = Tickets::new(origin, Arc::new(transport), Arc::default(), Options::default());
    let issued = tickets.ticket(&"host/server.home.test".parse().unwrap()).await.unwrap();
    assert_eq!(issued.credential.server.to_string(), "host/server.home.test@HOME.TEST");
    // Twice over UDP, and once more over TCP.
    assert_eq!(kdc.logons(), 3);
}
