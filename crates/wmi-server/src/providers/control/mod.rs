//! Methods that change the machine. They are off unless somebody switches them on.

mod account;
mod command_line;
mod process;
mod service;

pub(super) use process::ProcessMethods;
pub(super) use service::ServiceMethods;

use winreach_cim::{CimType, Method, MethodBuilder, Qualifier};

/// Which methods that change the machine are carried out, and as whom.
///
/// ```
/// use winreach_wmi_server::providers::{self, Control, Machine, RunAs};
///
/// let control = Control { processes: Some(RunAs::Caller), ..Control::default() };
/// let providers = providers::controlled(Machine::this(), control);
/// # assert!(providers.iter().any(|provider| provider.methods().is_some()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Control {
    /// `Win32_Process.Create` and `Terminate`.
    pub processes: Option<RunAs>,
    /// `Win32_Service.StartService` and `StopService`.
    pub services: Option<RunAs>,
}

/// As which user of this machine a method is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunAs {
    /// As the user whose name is that of the caller's account among the accounts of this server. A user
    /// other than the server's own takes a server that runs as root. Callers of other domains have no
    /// user here.
    Caller,
    /// As the user whom the server runs as, whoever calls.
    Server,
}

/// A method of ours: of type `uint32`, and disabled where it is not switched on.
#[expect(clippy::expect_used, reason = "signatures are constant, and a test builds them all")]
fn built(method: MethodBuilder, is_on: bool) -> Method {
    let method = match is_on {
        true => method,
        false => method.qualifier(Qualifier::new("Disabled", true)),
    };
    method.returns(CimType::Uint32).build().expect("the parameters have names of their own")
}
