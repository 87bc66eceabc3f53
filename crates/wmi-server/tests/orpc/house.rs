//! A server to test against, and what it serves.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use winreach_cim::{CimType, Class, Instance, Property};
use winreach_wmi_server::provider::{Provider, ProviderError, Request};
use winreach_wmi_server::{Limits, MemoryProvider, Server, ServerBuilder};

use crate::client::accounts;

fn class(name: &str) -> Arc<Class> {
    let class = Class::builder(name)
        .property(Property::new("Id", CimType::Uint32).key())
        .property(Property::new("Room", CimType::String));
    Arc::new(class.build().unwrap())
}

fn lamp(class: &Arc<Class>, id: u32) -> Instance {
    let mut lamp = Instance::new(Arc::clone(class));
    lamp.set("Id", id);
    lamp.set("Room", format!("room {id}"));
    lamp
}

/// `Acme_Lamp`: lamps 0 to 9.
fn lamps() -> Arc<dyn Provider> {
    let class = class("Acme_Lamp");
    let lamps = (0..10).map(|id| lamp(&class, id)).collect();
    Arc::new(MemoryProvider::new(class, lamps))
}

/// Gives as many rows as it is allowed to, and keeps count.
pub(crate) struct Tap {
    class: Arc<Class>,
    pub(crate) given: AtomicUsize,
    pub(crate) running: AtomicUsize,
    allowed: Mutex<usize>,
    changed: Condvar,
    /// From this row on it fails.
    fails_after: Option<usize>,
}

impl Tap {
    fn new(name: &str, allowed: usize, fails_after: Option<usize>) -> Arc<Self> {
        Arc::new(Self {
            class: class(name),
            given: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            allowed: Mutex::new(allowed),
            changed: Condvar::new(),
            fails_after,
        })
    }

    /// Lets further rows out.
    pub(crate) fn allow(&self, rows: usize) {
        let mut allowed = self.allowed.lock().unwrap();
        *allowed = allowed.saturating_add(rows);
        self.changed.notify_all();
    }

    fn wait(&self) {
        let mut allowed =
            self.changed.wait_while(self.allowed.lock().unwrap(), |rows| *rows == 0).unwrap();
        *allowed -= 1;
    }

    /// Waits until no query reads from it any more.
    pub(crate) async fn idle(&self) {
        while self.running.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}

impl Provider for Tap {
    fn class(&self) -> &Arc<Class> {
        &self.class
    }

    fn enumerate(
        &self,
        _request: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        self.running.fetch_add(1, Ordering::SeqCst);
        let end = loop {
            self.wait();
            let given = self.given.fetch_add(1, Ordering::SeqCst);
            if self.fails_after.is_some_and(|rows| given >= rows) {
                break Err(ProviderError { status: 0x8004_1004, message: "dry".into() });
            }
            if sink(lamp(&self.class, u32::try_from(given).unwrap())).is_break() {
                break Ok(());
            }
        };
        self.running.fetch_sub(1, Ordering::SeqCst);
        end
    }
}

pub(crate) struct House {
    pub(crate) server: Server,
    /// `Acme_Spring`: rows without end.
    pub(crate) spring: Arc<Tap>,
    /// `Acme_Tap`: rows as the test allows.
    pub(crate) tap: Arc<Tap>,
}

pub(crate) fn house(limits: Limits) -> House {
    house_with(|server| server.limits(limits))
}

/// The same, with something else about its server.
pub(crate) fn house_with(change: impl FnOnce(ServerBuilder) -> ServerBuilder) -> House {
    let spring = Tap::new("Acme_Spring", usize::MAX, None);
    let tap = Tap::new("Acme_Tap", 0, None);
    let server = Server::builder()
        .name("HOUSE")
        .accounts(accounts())
        .providers([
            lamps(),
            Arc::clone(&spring) as Arc<dyn Provider>,
            Arc::clone(&tap) as Arc<dyn Provider>,
            // Fail at once, and after three rows.
            Tap::new("Acme_Dry", usize::MAX, Some(0)),
            Tap::new("Acme_Leak", usize::MAX, Some(3)),
        ])
        .listen([127, 0, 0, 1].into(), 0, 0);
    let server = change(server).build().unwrap();
    House { server, spring, tap }
}
