//! What is asked of security and what is in effect, with the embedded server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;

use futures_core::future::BoxFuture;
use support::PASSWORD;
use winreach_auth::ntlm::{self, NtHash, UserTable};
use winreach_auth::{AuthType, Error as AuthError, Initiator, InitiatorSource, Step as Leg};
use winreach_cim::WbemStatus;
use winreach_wmi::{
    AuthLevel, Credentials, Error, ErrorKind, ImpersonationLevel, Locator, Step, blocking,
};
use winreach_wmi_server::Server;

fn server() -> Server {
    let mut users = UserTable::new();
    users.insert("tester", NtHash::of_password(PASSWORD));
    let class = winreach_cim::Class::builder("Thing").build().unwrap();
    let server = Server::builder().name("SERVER").accounts(users);
    server.class(r"root\cimv2", Arc::new(class)).build().unwrap()
}

fn tester() -> ntlm::Source {
    ntlm::Source::new(Credentials::new("tester", PASSWORD.into()))
}

fn locator(initiators: impl InitiatorSource + 'static) -> Locator {
    Locator::with_initiators("server", Arc::new(initiators))
        .connector(Arc::new(server().connector()))
}

async fn refused(locator: Locator) -> Error {
    locator.connect().await.unwrap_err()
}

#[tokio::test]
async fn the_defaults_are_the_safe_ones_and_can_be_read() {
    let services = locator(tester()).connect().await.unwrap();
    let security = services.security().unwrap();
    assert_eq!((security.asked, security.level), (AuthLevel::Privacy, AuthLevel::Privacy));
    assert_eq!(security.impersonation(), ImpersonationLevel::Impersonate);
    assert_eq!(
        security.to_string(),
        "NTLM, level privacy, headers signed, server not proven, impersonate, as tester"
    );
    let integrity = locator(tester()).level(AuthLevel::Integrity).connect().await.unwrap();
    assert_eq!(integrity.security().unwrap().level, AuthLevel::Integrity);
}

#[test]
fn without_a_runtime_it_is_the_same() {
    let services = blocking::Services::connect(&locator(tester())).unwrap();
    assert_eq!(services.security().unwrap().level, AuthLevel::Privacy);
    services.close();
}

#[tokio::test]
async fn levels_that_are_too_low_are_refused_with_cause_and_remedy() {
    for level in [AuthLevel::None, AuthLevel::Connect, AuthLevel::Call, AuthLevel::Packet] {
        let error = refused(locator(tester()).level(level)).await;
        assert_eq!(error.kind(), ErrorKind::Security, "{level}: {error}");
        assert_eq!(error.symbol(), Some("ERROR_ACCESS_DENIED"));
        let advice = error.advice().unwrap();
        assert!(advice.cause.contains("below packet integrity"), "{level}: {advice:?}");
        assert!(advice.remedy.contains("privacy"));
    }
}

#[tokio::test]
async fn mutual_authentication_is_not_done_without_once_it_is_required() {
    let error = refused(locator(tester()).require_mutual(true)).await;
    assert_eq!(error.kind(), ErrorKind::Security);
    assert_eq!(error.step(), &Step::Connect { host: "server".into() });
    assert!(error.to_string().contains("did not prove who it is"), "{error}");
    assert!(error.advice().unwrap().remedy.contains("Kerberos"));
    let none = locator(tester()).level(AuthLevel::None).require_mutual(true);
    assert!(refused(none).await.to_string().contains("at level none nobody is authenticated"));
    locator(tester()).require_mutual(false).connect().await.unwrap();
}

#[tokio::test]
async fn nobody_is_told_to_name_somebody() {
    let error = refused(locator(ntlm::Source::anonymous())).await;
    assert_eq!(error.kind(), ErrorKind::Security);
    let advice = error.advice().unwrap();
    assert!(advice.cause.contains("anonymous") && advice.remedy.contains("name a user"));
}

#[tokio::test]
async fn impersonation_is_needed_and_delegation_is_not_to_be_had() {
    for level in [ImpersonationLevel::Anonymous, ImpersonationLevel::Identify] {
        let error = refused(locator(tester().with_impersonation(level))).await;
        assert_eq!(error.wbem_status(), Some(WbemStatus::E_ACCESS_DENIED), "{level}: {error}");
        assert!(error.advice().unwrap().remedy.contains("impersonate"));
    }
    let delegate = tester().with_impersonation(ImpersonationLevel::Delegate);
    let error = refused(locator(delegate)).await;
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert!(error.to_string().contains("NTLM cannot delegate"), "{error}");
    assert!(error.advice().unwrap().remedy.contains("Kerberos"));
}

/// An initiator whose token no server can want.
struct Nonsense(AuthType);

impl Initiator for Nonsense {
    fn auth_type(&self) -> AuthType {
        self.0
    }

    fn step(&mut self, _: Option<&[u8]>) -> Result<Leg, AuthError> {
        Ok(Leg::reply(b"nonsense".to_vec()))
    }
}

impl InitiatorSource for Nonsense {
    fn initiator<'a>(
        &'a self,
        _: &'a str,
        _: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, AuthError>> {
        let initiator: Box<dyn Initiator> = Box::new(Self(self.0));
        Box::pin(std::future::ready(Ok(initiator)))
    }
}

#[tokio::test]
async fn providers_that_are_not_taken_or_fail_are_a_matter_of_security() {
    let error = refused(locator(Nonsense(AuthType::Netlogon))).await;
    assert_eq!(error.kind(), ErrorKind::Security);
    assert_eq!(error.symbol(), Some("RPC_S_UNKNOWN_AUTHN_SERVICE"));
    assert!(error.advice().unwrap().cause.contains("this way of authentication"));

    let error = refused(locator(Nonsense(AuthType::Ntlm))).await;
    assert_eq!(error.kind(), ErrorKind::Security);
    assert!(error.advice().unwrap().cause.contains("security provider of the server failed"));
}
