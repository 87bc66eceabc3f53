//! `Win32_Service`: what the service manager looks after.
//!
//! Where systemd runs the machine, a service is a unit: its files say what it is, links between
//! them whether it is started by itself, and `/run` and its control group whether it runs. Where
//! it does not, a service is a script in `/etc/init.d`: its header says what it is, the links of
//! the run levels whether it is started by itself, and a PID file or the processes whether it
//! runs. Neither manager is talked to.

use crate::provider::{ProviderError, Request};

use super::machine::Machine;
use super::table::{Source, Table, may_be, table};

mod script;
mod unit;

/// A service, whichever manager looks after it.
#[derive(Clone, Debug, Default)]
pub(super) struct Service {
    host: Option<String>,
    name: String,
    display_name: Option<String>,
    description: Option<String>,
    command: Option<String>,
    account: Option<String>,
    start: Start,
    state: State,
    accepts_stop: bool,
}

/// How a service is started.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Start {
    Auto,
    #[default]
    Manual,
    Disabled,
}

/// Whether a service runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    /// The main process is nothing where the service has done its work and left.
    Running {
        process: Option<u32>,
    },
    Stopped,
    #[default]
    Unknown,
}

impl Service {
    fn caption(&self) -> String {
        self.display_name.clone().unwrap_or_else(|| self.name.clone())
    }

    fn start_mode(&self) -> String {
        match self.start {
            Start::Auto => "Auto",
            Start::Manual => "Manual",
            Start::Disabled => "Disabled",
        }
        .to_owned()
    }

    fn state(&self) -> String {
        match self.state {
            State::Running { .. } => "Running",
            State::Stopped => "Stopped",
            State::Unknown => "Unknown",
        }
        .to_owned()
    }

    fn is_running(&self) -> Option<bool> {
        match self.state {
            State::Running { .. } => Some(true),
            State::Stopped => Some(false),
            State::Unknown => None,
        }
    }

    /// As in Windows, 0 where there is no process.
    fn process(&self) -> Option<u32> {
        match self.state {
            State::Running { process } => Some(process.unwrap_or(0)),
            State::Stopped => Some(0),
            State::Unknown => None,
        }
    }
}

impl Source for Service {
    fn all(
        machine: &Machine,
        request: &Request,
    ) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let is_wanted = |name: &str| may_be(request, "Name", name);
        let host = machine.host_name();
        // sd_booted(3) asks the same question.
        let services = if machine.exists("/run/systemd/system") {
            unit::services(machine, &is_wanted)
        } else {
            script::services(machine, &is_wanted)
        };
        Ok(services.into_iter().map(move |service| Self { host: host.clone(), ..service }))
    }

    fn table() -> Table<Self> {
        table! {
            /// A service of this computer.
            Win32_Service: Win32_BaseService = "{8502C4D9-5FBB-11D2-AAC1-006008C78BC7}",
                with service: Self;
            inherits {
                Caption => service.caption();
                Description => service.description.clone();
                Status => (service.is_running() == Some(true)).then_some("OK");
                CreationClassName => "Win32_Service";
                Name => service.name.clone();
                Started => service.is_running();
                StartMode => service.start_mode();
                SystemCreationClassName => "Win32_ComputerSystem";
                SystemName => service.host.clone();
                AcceptPause => false;
                AcceptStop => service.is_running().map(|running| running && service.accepts_stop);
                DesktopInteract => false;
                DisplayName => service.caption();
                PathName => service.command.clone();
                ServiceType => "Own Process";
                StartName => service.account.clone();
                State => service.state();
            }
            declares {
                /// Progress of a start or stop.
                CheckPoint: u32;
                /// Whether the start waits until other services are up.
                DelayedAutoStart: bool;
                /// The main process; 0 where there is none.
                ProcessId: u32 => service.process();
                /// How long a start or stop may take.
                WaitHint: u32;
            }
        }
    }
}
