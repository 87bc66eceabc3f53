//! How calls are protected is as asked or better, can be read, and is explained where it is refused.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "common/world.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_core::future::BoxFuture;
use winreach_auth::{
    AuthLevel, AuthType, Error as AuthError, ImpersonationLevel, Initiator, InitiatorSource, Step,
    ntlm, spnego,
};
use winreach_dcom::Status;
use winreach_dcom::client::{self, Client, Error, ErrorKind, Options};
use winreach_dcom::server::Limits;
use winreach_dcom::wire::activator::ActivationResponse;
use winreach_dcom::wire::{ActivationProperties, Property, iid};
use winreach_ndr::{Decoder, Encoder};
use winreach_rpc::client as rpc;
use winreach_rpc::pdu::RejectReason;
use winreach_rpc::server::Request;
use world::{CLASS, World, at_level, calculator, double};

const WEAK: [AuthLevel; 4] =
    [AuthLevel::None, AuthLevel::Connect, AuthLevel::Call, AuthLevel::Packet];

/// Initiators of somebody else, and how many were asked for.
struct Counting<S>(S, AtomicUsize);

impl<S: InitiatorSource> InitiatorSource for Counting<S> {
    fn initiator<'a>(
        &'a self,
        spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, AuthError>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.initiator(spn, level)
    }
}

/// An initiator that says one thing.
struct Saying(AuthType, &'static [u8]);

impl Initiator for Saying {
    fn auth_type(&self) -> AuthType {
        self.0
    }

    fn step(&mut self, _: Option<&[u8]>) -> Result<Step, AuthError> {
        Ok(Step::reply(self.1.to_vec()))
    }
}

impl InitiatorSource for Saying {
    fn initiator<'a>(
        &'a self,
        _: &'a str,
        _: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, AuthError>> {
        let initiator: Box<dyn Initiator> = Box::new(Self(self.0, self.1));
        Box::pin(std::future::ready(Ok(initiator)))
    }
}

fn alice() -> ntlm::Source {
    ntlm::Source::new(winreach_auth::Credentials::new("alice", "open sesame".into()))
}

/// The options with which a client comes here by other initiators.
fn options(world: &Arc<World>, initiators: impl InitiatorSource + 'static) -> Options {
    Options { initiators: Arc::new(initiators), ..world.options("", "") }
}

async fn refused(options: Options) -> Error {
    calculator(&Client::new(options)).await.unwrap_err()
}

#[tokio::test]
async fn a_level_below_integrity_is_refused_and_explained() {
    let world = World::new();
    for level in WEAK {
        let error = calculator(&at_level(&world, level)).await.unwrap_err();
        assert_eq!(error.status(), Some(Status::ERROR_ACCESS_DENIED), "{level}: {error}");
        assert_eq!(error.step, client::Step::Activate { clsid: CLASS });
        let security = error.security.as_deref().unwrap();
        assert_eq!(security.asked, level);
        assert!(error.to_string().contains(&format!("(at level {})", security.level)), "{error}");
        assert!(error.advice().unwrap().cause.contains("below packet integrity"), "{error}");
    }
}

#[tokio::test]
async fn at_level_none_nobody_is_asked_to_authenticate() {
    let world = World::new();
    let initiators = Arc::new(Counting(alice(), AtomicUsize::new(0)));
    for (level, expected) in [(AuthLevel::None, 0), (AuthLevel::Connect, 1)] {
        let options = Options { initiators: initiators.clone(), ..world.options("", "") };
        refused(Options { level, ..options }).await;
        assert_eq!(initiators.1.swap(0, Ordering::Relaxed), expected, "{level}");
    }
}

#[tokio::test]
async fn the_security_of_a_proxy_can_be_read() {
    let world = World::new();
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let calculator = calculator(&at_level(&world, level)).await.unwrap();
        assert_eq!(calculator.security(), None, "nothing was called yet");
        double(&calculator, 1).await.unwrap();
        let security = calculator.security().unwrap();
        assert_eq!((security.asked, security.level), (level, level));
        assert_eq!((security.provider, security.mechanism()), (AuthType::Ntlm, AuthType::Ntlm));
        assert!(security.signs_headers && !security.mutual);
        assert_eq!(security.identity.to_string(), "alice");
        assert_eq!(security.impersonation(), ImpersonationLevel::Impersonate);
        let another = calculator.adopt(&world::another(&calculator).await.unwrap()).unwrap();
        assert_eq!(another.security(), Some(security));
    }
}

#[tokio::test]
async fn a_level_that_an_exporter_raises_is_told() {
    let raise = |request: &Request, results: Bytes| {
        if request.interface.uuid != iid::REMOTE_SCM_ACTIVATOR {
            return results;
        }
        let mut response: ActivationResponse = Decoder::new(&results).get().unwrap();
        let answer = response.properties.0.as_ref().unwrap();
        let mut answer = ActivationProperties::from_answer(answer).unwrap();
        let Property::ScmReply(exporter) = &mut answer.properties[1] else { panic!("{answer:?}") };
        assert_eq!(exporter.authn_hint, AuthLevel::Integrity.code().into());
        exporter.authn_hint = AuthLevel::Privacy.code().into();
        response.properties = answer.to_answer().into();
        let mut encoder = Encoder::new();
        encoder.put(&response);
        encoder.finish().into()
    };
    let world = World::with(Limits::default(), Box::new(raise));
    let calculator = calculator(&at_level(&world, AuthLevel::Integrity)).await.unwrap();
    double(&calculator, 1).await.unwrap();
    let security = calculator.security().unwrap();
    assert_eq!((security.asked, security.level), (AuthLevel::Integrity, AuthLevel::Privacy));
    let line = security.to_string();
    assert!(
        line.starts_with("NTLM, level privacy (asked for integrity), headers signed"),
        "{line}"
    );
}

#[tokio::test]
async fn mutual_authentication_that_is_required_and_missing_fails_before_any_call() {
    let world = World::new();
    for level in [AuthLevel::None, AuthLevel::Connect, AuthLevel::Integrity, AuthLevel::Privacy] {
        let options = Options { level, require_mutual: true, ..options(&world, alice()) };
        let error = refused(options).await;
        assert!(matches!(error.kind, ErrorKind::Rpc(rpc::Error::NotMutual(_))), "{error}");
        assert!(matches!(error.step, client::Step::Authenticate { .. }), "{error}");
        assert!(error.advice().unwrap().remedy.contains("Kerberos"));
    }
    assert!(world.log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nobody_is_told_to_name_somebody() {
    let world = World::new();
    let error = refused(options(&world, ntlm::Source::anonymous())).await;
    assert_eq!(error.status(), Some(Status::ERROR_ACCESS_DENIED));
    assert!(error.to_string().ends_with("(as nobody)"), "{error}");
    assert!(error.advice().unwrap().cause.contains("no anonymous callers"));
    // Whoever has a name and a wrong password is told something else.
    let error = refused(world.options("alice", "wrong")).await;
    assert!(error.to_string().ends_with("ERROR_ACCESS_DENIED (0x00000005)"), "{error}");
    assert!(error.advice().unwrap().cause.contains("wrong credentials"));
}

#[tokio::test]
async fn delegation_by_ntlm_is_refused_here() {
    let world = World::new();
    let source = alice().with_impersonation(ImpersonationLevel::Delegate);
    let error = refused(options(&world, source)).await;
    assert!(error.to_string().contains("NTLM cannot delegate"), "{error}");
    assert!(error.advice().unwrap().remedy.contains("forwardable"));
    assert!(world.log.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_provider_that_the_server_lacks_or_that_fails_there_is_explained() {
    let world = World::new();
    for provider in [AuthType::Kerberos, AuthType::Spnego, AuthType::Netlogon] {
        let error = refused(options(&world, Saying(provider, b"a token"))).await;
        assert_eq!(error.status(), Some(Status::RPC_S_UNKNOWN_AUTHN_SERVICE), "{error}");
        assert!(error.advice().unwrap().cause.contains("does not take this way"));
    }
    let error = refused(options(&world, Saying(AuthType::Ntlm, b"no token"))).await;
    let ErrorKind::Rpc(rpc::Error::BindRefused(reason)) = error.kind else { panic!("{error}") };
    assert_eq!(reason, RejectReason::INVALID_CHECKSUM);
    assert!(error.advice().unwrap().cause.contains("security provider of the server failed"));
}

/// Kerberos where there is no KDC.
struct Nowhere;

impl InitiatorSource for Nowhere {
    fn initiator<'a>(
        &'a self,
        _: &'a str,
        _: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, AuthError>> {
        let reason = "no KDC of EXAMPLE.COM answers".to_owned();
        let error = AuthError::Unavailable { mechanism: "Kerberos", reason };
        Box::pin(std::future::ready(Err(error)))
    }
}

#[tokio::test]
async fn a_refused_log_on_tells_what_was_not_used() {
    let world = World::new();
    let negotiate =
        spnego::Source::new().with_kerberos(Arc::new(Nowhere)).with_ntlm(Arc::new(alice()));
    // The server has no SPNEGO.
    let error = refused(options(&world, negotiate)).await;
    let end = " (Kerberos was not used: no KDC of EXAMPLE.COM answers)";
    assert!(error.to_string().ends_with(end), "{error}");

    let error = refused(options(&world, Saying(AuthType::Spnego, b"a token"))).await;
    assert_eq!(error.left_out, None, "{error}");
}

#[test]
fn statuses_of_security_have_cause_and_remedy() {
    for status in [
        Status::ERROR_ACCESS_DENIED,
        Status::E_ACCESSDENIED,
        Status::RPC_S_UNKNOWN_AUTHN_SERVICE,
        Status::RPC_S_UNKNOWN_AUTHN_LEVEL,
        Status::RPC_S_UNSUPPORTED_AUTHN_LEVEL,
        Status::RPC_S_SEC_PKG_ERROR,
        Status::RPC_S_INVALID_AUTH_IDENTITY,
    ] {
        assert!(status.advice().is_some(), "{status}");
    }
    assert_eq!(
        winreach_rpc::Fault::UNSUPPORTED_AUTHN_LEVEL.win32(),
        Status::RPC_S_UNSUPPORTED_AUTHN_LEVEL.0
    );
}
