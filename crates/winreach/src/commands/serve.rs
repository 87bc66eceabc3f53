//! `winreach serve`.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use winreach_kerberos::credentials::FileError;
use winreach_wmi_server::accounts::LiveAccounts;
use winreach_wmi_server::providers::{Control, RunAs};
use winreach_wmi_server::{KeytabError, ServerBuilder, ServiceKeytab};

use super::account;
use crate::arguments::Serve;
use crate::failure::Failure;
use crate::local;

/// Serves until it is told to stop. One line on standard output says that clients may come.
pub(crate) async fn run(arguments: Serve) -> Result<(), Failure> {
    let file = account::file(&arguments.accounts)?;
    let path = file.path().display().to_string();
    let accounts = LiveAccounts::open(file).map_err(|error| {
        Failure::from(error).advise(format!(
            "make the file with an account in it: winreach account add NAME --accounts {path}"
        ))
    })?;
    let allowed = |is_on: bool| is_on.then_some(RunAs::Caller);
    let control = Control {
        processes: allowed(arguments.allow_processes),
        services: allowed(arguments.allow_services),
    };
    let mut server = local::server(accounts, arguments.registry.clone(), control);
    if let Some(path) = &arguments.keytab {
        let keytab = keytab(path)?;
        server = keytab.hosts().into_iter().fold(server, ServerBuilder::alias);
        server = server.principal(keytab.principal().unwrap_or_default());
        server = server.keytab(Arc::new(keytab));
    }
    if arguments.no_ntlm {
        server = server.without_ntlm();
    }
    let server = server
        .listen(arguments.listen, arguments.port, arguments.exporter_port)
        .build()
        .map_err(Failure::new)?;
    // Before the line goes out: whoever waits for it may stop us at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let bound = server.bind().await.map_err(|error| cannot_listen(&arguments, &error))?;

    let mut out = io::stdout();
    writeln!(
        out,
        "winreach: ready, resolver {}, exporter {}",
        bound.resolver_address(),
        bound.exporter_address()
    )?;
    out.flush()?;

    bound
        .run(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await;
    Ok(())
}

fn keytab(path: &Path) -> Result<ServiceKeytab, Failure> {
    ServiceKeytab::open(path).map_err(|error| {
        let failure = Failure::new(&error);
        match error {
            KeytabError::File(FileError::Exposed { .. }) => failure,
            _ => failure.advise("how to make a keytab: winreach serve --help"),
        }
    })
}

fn cannot_listen(arguments: &Serve, error: &io::Error) -> Failure {
    let Serve { listen, port, exporter_port, .. } = arguments;
    let failure = Failure::new(format!(
        "cannot listen on {listen}, ports {port} and {exporter_port}: {error}"
    ));
    match error.kind() {
        io::ErrorKind::PermissionDenied => failure.advise(
            "ports below 1024 need root or CAP_NET_BIND_SERVICE; or choose another one with --port, \
             which winreach clients take with --port too",
        ),
        io::ErrorKind::AddrInUse => {
            failure.advise("another program has a port; choose others with --port and --exporter-port")
        }
        _ => failure,
    }
}
