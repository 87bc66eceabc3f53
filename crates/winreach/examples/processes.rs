//! Asks the embedded WMI server of this machine for processes, through the whole stack, and prints
//! those that use the most memory.
//!
//! `cargo run -p winreach --example processes`
//!
//! For a remote computer leave out the server and the connector: `Locator::new("server01", …)`.

use std::sync::Arc;

use winreach::auth::Credentials;
use winreach::server::Server;
use winreach::server::accounts::AccountSet;
use winreach::server::providers::{self, Machine};
use winreach::wmi::{Locator, Logon, Mechanism};

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Process {
    name: String,
    process_id: u32,
    working_set_size: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut accounts = AccountSet::new();
    accounts.set("reader".parse()?, &"open sesame".into());
    let server =
        Server::builder().accounts(accounts).providers(providers::all(Machine::this())).build()?;

    let credentials = Credentials::new("reader", "open sesame".into());
    let services =
        Locator::new("127.0.0.1", Logon::with_password(credentials).mechanism(Mechanism::Ntlm))
            .connector(Arc::new(server.connector()))
            .connect()
            .await?;

    let wql = "SELECT Name, ProcessId, WorkingSetSize FROM Win32_Process WHERE WorkingSetSize > 0";
    let mut processes: Vec<Process> = services.query_as(wql).await?.collect().await?;
    processes.sort_by_key(|process| std::cmp::Reverse(process.working_set_size));
    for Process { name, process_id, working_set_size } in processes.iter().take(10) {
        println!("{process_id:>7} {:>8} KiB  {name}", working_set_size.unwrap_or_default() / 1024);
    }
    Ok(())
}
