//! The `winreach` command.

mod arguments;
mod commands;
mod failure;
mod local;
mod output;
mod password;
mod security;
mod session;
mod target;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    start_log(arguments.verbose, matches!(arguments.command, arguments::Command::Serve(_)));
    match commands::run(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody may be reading; the status tells it too.
            let _ = writeln!(std::io::stderr(), "winreach: {failure}");
            ExitCode::from(failure.exit_status())
        }
    }
}

/// Diagnostics go to standard error, so that standard output holds results alone. A server that is
/// in here for one query need not say what its client is told anyway.
fn start_log(verbose: u8, serving: bool) {
    use tracing_subscriber::EnvFilter;
    let default = match verbose {
        0 if serving => "warn,winreach_wmi_server=info",
        0 => "warn,winreach_wmi_server=off",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter =
        EnvFilter::try_from_env("WINREACH_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .log_internal_errors(false)
        .init();
}
