//! One module a verb.

mod account;
mod call;
mod describe;
mod get;
mod query;
mod serve;

pub(crate) use account::registry_path;

use std::future::Future;

use crate::arguments::Command;
use crate::failure::Failure;

/// Does what the command line asks.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Query(arguments) => block_on(query::run(arguments)),
        Command::Get(arguments) => block_on(get::run(arguments)),
        Command::Describe(arguments) => block_on(describe::run(arguments)),
        Command::Call(arguments) => block_on(call::run(arguments)),
        Command::Serve(arguments) => block_on(serve::run(arguments)),
        Command::Account { action } => account::run(action),
    }
}

fn block_on<F: Future<Output = Result<(), Failure>>>(future: F) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(future);
    // The system may still be looking up a name, which nobody can break off: not waited for.
    runtime.shutdown_background();
    outcome
}
