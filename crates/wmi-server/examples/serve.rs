//! The smallest server: one class, one account, kept in memory.
//!
//! ```text
//! cargo run -p winreach-wmi-server --example serve -- [ADDRESS [RESOLVER-PORT]]
//! ```

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;

use winreach_cim::{CimType, Class, Instance, Property};
use winreach_wmi_server::accounts::AccountSet;
use winreach_wmi_server::{MemoryProvider, Server};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let class = Class::builder("Acme_Lamp")
        .property(Property::new("Room", CimType::String).key())
        .property(Property::new("Lit", CimType::Boolean))
        .build()?;
    let class = Arc::new(class);
    let mut lamp = Instance::new(Arc::clone(&class));
    lamp.set("Room", "hall");
    lamp.set("Lit", true);

    let mut accounts = AccountSet::new();
    accounts.set("guest".parse()?, &"open sesame".into());

    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().map_or(Ok(Ipv4Addr::LOCALHOST.into()), |text| text.parse())?;
    let resolver_port = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let server = Server::builder()
        .accounts(accounts)
        .providers([Arc::new(MemoryProvider::new(class, vec![lamp])) as _])
        .listen(address, resolver_port, 0)
        .build()?;
    let bound = server.bind().await?;
    println!("ready: resolver at {}", bound.resolver_address());
    bound.run(std::future::pending()).await;
    Ok(())
}
