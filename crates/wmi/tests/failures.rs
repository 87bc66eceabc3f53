//! Each failure is an error of its own, with the step that failed and what to try.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use support::fake::Fake;
use support::network::{Network, Scripted};
use support::{PASSWORD, locator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use winreach_cim::WbemStatus;
use winreach_dcom::client::{Connector, Stream};
use winreach_rpc::server::{Fault, Request, Service};
use winreach_wmi::{AuthLevel, Credentials, Error, ErrorKind, Locator, Logon, Mechanism, Step};
use winreach_wmi_proto::HResult;

/// A connector that does what a closure does.
struct Connecting<F>(F);

impl<F> Connector for Connecting<F>
where
    F: Fn() -> BoxFuture<'static, io::Result<Box<dyn Stream>>> + Send + Sync,
{
    fn connect<'a>(&'a self, _: &'a str, _: u16) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        (self.0)()
    }
}

async fn through(
    connect: impl Fn() -> BoxFuture<'static, io::Result<Box<dyn Stream>>> + Send + Sync + 'static,
) -> Error {
    Locator::new(
        "server",
        Logon::with_password(Credentials::new("tester", PASSWORD.into()))
            .mechanism(Mechanism::Ntlm),
    )
    .connector(Arc::new(Connecting(connect)))
    .timeout(Duration::from_secs(10))
    .connect()
    .await
    .unwrap_err()
}

fn connecting() -> Step {
    Step::Connect { host: "server".into() }
}

/// The cause that is told, in lower case.
fn cause(error: &Error) -> &'static str {
    error.advice().unwrap_or_else(|| panic!("no advice on {error}")).cause
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_answer() {
    let error = through(|| Box::pin(std::future::pending())).await;
    assert_eq!((error.kind(), error.step()), (ErrorKind::Network, &connecting()));
    assert!(error.to_string().contains("server:135"), "{error}");
    assert!(cause(&error).contains("down"));
}

#[tokio::test(start_paused = true)]
async fn a_port_that_is_closed() {
    let error = through(|| Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })).await;
    assert_eq!((error.kind(), error.step()), (ErrorKind::Network, &connecting()));
    assert!(cause(&error).contains("nothing listens"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_dcom() {
    for (keeps_open, kind) in [(true, ErrorKind::Malformed), (false, ErrorKind::Network)] {
        let web = move || {
            let (near, mut far) = tokio::io::duplex(4096);
            tokio::spawn(async move {
                far.read_u8().await.unwrap();
                if keeps_open {
                    far.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
                    std::future::pending::<()>().await;
                }
            });
            Box::pin(async { Ok(Box::new(near) as Box<dyn Stream>) }) as BoxFuture<'static, _>
        };
        let error = through(web).await;
        assert_eq!((error.kind(), error.step()), (kind, &connecting()), "{error}");
        assert!(cause(&error).contains("does not speak DCOM"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_calls_and_says_nothing() {
    let silent = || {
        let (near, far) = tokio::io::duplex(4096);
        tokio::spawn(async move {
            let _far = far;
            std::future::pending::<()>().await;
        });
        Box::pin(async { Ok(Box::new(near) as Box<dyn Stream>) }) as BoxFuture<'static, _>
    };
    let error = through(silent).await;
    assert_eq!((error.kind(), error.step()), (ErrorKind::Deadline, &connecting()));
    assert!(error.advice().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_password_that_is_refused() {
    let network = Network::new(Arc::new(Fake::new(1)).ports());
    for (user, password) in [("tester", "wrong"), ("nobody", PASSWORD)] {
        let error = Locator::new(
            "server",
            Logon::with_password(Credentials::new(user, password.into()))
                .mechanism(Mechanism::Ntlm),
        )
        .connector(Arc::clone(&network) as _)
        .connect()
        .await
        .unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::Security, &connecting()));
        assert!(error.to_string().contains("authenticating to server:135"), "{error}");
        assert_eq!(error.symbol(), Some("ERROR_ACCESS_DENIED"));
        assert!(cause(&error).contains("credentials"));
        assert!(!format!("{error} {error:?}").contains(password));
    }
}

#[tokio::test(start_paused = true)]
async fn a_class_that_is_not_registered() {
    use winreach_dcom::wire::{OrpcThat, activator::ActivationResponse};
    let refuse = |_: Request| {
        let mut encoder = winreach_ndr::Encoder::new();
        encoder.put(&ActivationResponse {
            that: OrpcThat::default(),
            properties: Default::default(),
            hresult: 0x8004_0154,
        });
        Box::pin(std::future::ready(Ok(encoder.finish().into()))) as BoxFuture<'static, _>
    };
    let network = Network::new([(135, Arc::new(Scripted(refuse)) as Arc<dyn Service>)]);
    let error = locator(&network).connect().await.unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::HResult, &connecting()));
    assert_eq!((error.code(), error.symbol()), (Some(0x8004_0154), Some("REGDB_E_CLASSNOTREG")));
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_knows_no_activation() {
    let refuse = |_: Request| {
        Box::pin(std::future::ready(Err(Fault::UNKNOWN_INTERFACE))) as BoxFuture<'static, _>
    };
    let network = Network::new([(135, Arc::new(Scripted(refuse)) as Arc<dyn Service>)]);
    let error = locator(&network).connect().await.unwrap_err();
    assert_eq!((error.kind(), error.symbol()), (ErrorKind::Fault, Some("RPC_S_UNKNOWN_IF")));
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_not_there() {
    let fake = Fake::new(1).refuses("NTLMLogin", HResult(WbemStatus::E_INVALID_NAMESPACE.0));
    let network = Network::new(Arc::new(fake).ports());
    let error = locator(&network).namespace("root/none").connect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Wmi);
    assert_eq!(error.wbem_status(), Some(WbemStatus::E_INVALID_NAMESPACE));
    assert_eq!(error.step(), &Step::Login { namespace: r"\\server\root\none".into() });
    assert!(cause(&error).contains("no such namespace"));
}

#[tokio::test(start_paused = true)]
async fn a_query_that_is_no_wql() {
    let fake = Fake::new(1).refuses("ExecQuery", HResult(WbemStatus::E_INVALID_QUERY.0));
    let network = Network::new(Arc::new(fake).ports());
    let services = locator(&network).connect().await.unwrap();
    let error = services.query("SELECT * FORM Win32_Process").await.unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::Wmi, &Step::Query));
    assert_eq!(error.symbol(), Some("WBEM_E_INVALID_QUERY"));
    assert!(error.to_string().contains("column 10"), "{error}");

    // An unknown property is found by looking at the class.
    let error = services.query("SELECT Nonsense FROM Counted").await.unwrap_err();
    assert!(
        error.to_string().contains("column 8: class Counted has no property Nonsense"),
        "{error}"
    );

    // Where the query is fine to us, the server alone knows what it dislikes.
    let error = services.query("SELECT * FROM Counted").await.unwrap_err();
    assert!(!error.to_string().contains("column"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_not_there() {
    let fake = Fake::new(1).refuses("GetObject", HResult(WbemStatus::E_NOT_FOUND.0));
    let network = Network::new(Arc::new(fake).ports());
    let services = locator(&network).connect().await.unwrap();
    let error = services.get("X=1").await.unwrap_err();
    assert_eq!(error.wbem_status(), Some(WbemStatus::E_NOT_FOUND));
    assert_eq!(error.step(), &Step::Get { path: "X=1".into() });
    assert_eq!(error.to_string().matches("WBEM_E_NOT_FOUND (0x80041002)").count(), 1, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_names_a_host_or_makes_no_sense() {
    let network = Network::new(Arc::new(Fake::new(1)).ports());
    for namespace in [r"\\other\root", r"root\\\cimv2:", ""] {
        let error = match locator(&network).namespace(namespace).connect().await {
            Ok(services) => {
                assert!(namespace.is_empty());
                assert_eq!(services.namespace(), "");
                continue;
            }
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::Misuse, "{error}");
    }
    assert_eq!(network.round_trips(), 4, "misuse costs no round trip");
}

#[tokio::test(start_paused = true)]
async fn locales_are_sent_in_a_form_that_the_server_takes() {
    let login = async |fake: Fake, locale: Option<&str>| {
        let fake = Arc::new(fake);
        let network = Network::new(fake.ports());
        let mut locator = locator(&network).namespace("root/default").level(AuthLevel::Integrity);
        if let Some(locale) = locale {
            locator = locator.locale(locale);
        }
        locator.connect().await.unwrap();
        fake.log().split_off(1)
    };
    let ns = r"\\server\root\default";
    let new = || Fake::new(1);
    let old = || Fake::new(1).refuses("EstablishPosition", HResult::NOT_IMPLEMENTED);
    assert_eq!(login(new(), None).await, [format!("{ns} -"), "NTLMLogin".into()]);
    assert_eq!(login(new(), Some("MS_409")).await, [format!("{ns} MS_409"), "NTLMLogin".into()]);
    assert_eq!(
        login(new(), Some("en-US,en")).await,
        ["EstablishPosition".into(), format!("{ns} en-US,en"), "NTLMLogin".into()]
    );
    assert_eq!(
        login(old(), Some("en-US,ms_409,en")).await,
        ["EstablishPosition".into(), format!("{ns} ms_409"), "NTLMLogin".into()]
    );
}
