//! `Win32_Service`: `StartService` and `StopService`, by systemctl.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use winreach_cim::{Method, Value};

use super::account::User;
use super::{RunAs, built};
use crate::methods::{MethodCall, MethodOutput, Methods};
use crate::provider::ProviderError;
use crate::providers::machine::Machine;

/// The documented return values.
mod code {
    pub(super) const SUCCESS: u32 = 0;
    pub(super) const NOT_SUPPORTED: u32 = 1;
    pub(super) const ACCESS_DENIED: u32 = 2;
    pub(super) const NOT_ACTIVE: u32 = 6;
    pub(super) const TIMED_OUT: u32 = 7;
    pub(super) const UNKNOWN_FAILURE: u32 = 8;
    pub(super) const PATH_NOT_FOUND: u32 = 9;
    pub(super) const ALREADY_RUNNING: u32 = 10;
    pub(super) const DISABLED: u32 = 14;
}

/// How long a service may take to start or stop.
const LONGEST: Duration = Duration::from_secs(90);
/// How often systemctl is looked after.
const TICK: Duration = Duration::from_millis(50);
/// So much of what systemctl complains of is read.
const MOST_TEXT: u64 = 16 << 10;

/// Carries out the methods of services.
pub(in crate::providers) struct ServiceMethods {
    machine: Machine,
    run_as: Option<RunAs>,
}

impl ServiceMethods {
    /// The methods are carried out as `run_as` says, if at all.
    pub(in crate::providers) fn new(machine: &Machine, run_as: Option<RunAs>) -> Self {
        Self { machine: machine.clone(), run_as }
    }

    /// The declarations.
    pub(in crate::providers) fn declarations(&self) -> Vec<Method> {
        let is_on = self.run_as.is_some();
        ["StartService", "StopService"].map(|name| built(Method::builder(name), is_on)).to_vec()
    }

    fn control(&self, call: &MethodCall<'_>, verb: &str) -> Result<(), u32> {
        let run_as = self.run_as.ok_or(code::ACCESS_DENIED)?;
        let user = User::of(&self.machine, run_as, call.caller()).ok_or(code::ACCESS_DENIED)?;
        if !user.can_be_taken_on() {
            return Err(code::ACCESS_DENIED);
        }
        let service = call.object().ok_or(code::PATH_NOT_FOUND)?;
        let name = service.get("Name").and_then(Value::as_str).ok_or(code::PATH_NOT_FOUND)?;
        let is_running = service.get("Started").and_then(Value::as_bool);
        match (verb, is_running) {
            ("start", Some(true)) => return Err(code::ALREADY_RUNNING),
            ("stop", Some(false)) => return Err(code::NOT_ACTIVE),
            _ => {}
        }
        let mode = service.get("StartMode").and_then(Value::as_str);
        if verb == "start" && mode == Some("Disabled") {
            return Err(code::DISABLED);
        }
        // sd_booted(3) asks the same question.
        let systemctl = ["/usr/bin/systemctl", "/bin/systemctl"];
        let systemctl = systemctl.iter().find(|path| self.machine.exists(path));
        let (true, Some(systemctl)) = (self.machine.exists("/run/systemd/system"), systemctl)
        else {
            return Err(code::NOT_SUPPORTED);
        };
        let mut command = Command::new(self.machine.path(systemctl));
        command
            .args(["--no-ask-password", "--quiet", verb, "--", &format!("{name}.service")])
            .env_clear()
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if rustix::process::geteuid().as_raw() != user.id {
            command.uid(user.id).gid(user.group);
        }
        tracing::info!(account = %call.caller(), user = user.name, verb, ?name, "a service");
        run(command)
    }
}

impl Methods for ServiceMethods {
    fn call(&self, call: &MethodCall<'_>) -> Result<MethodOutput, ProviderError> {
        let done = match call.method().as_str() {
            "StartService" => self.control(call, "start"),
            "StopService" => self.control(call, "stop"),
            _ => return Err(call.not_implemented()),
        };
        Ok(MethodOutput::returning(done.err().unwrap_or(code::SUCCESS)))
    }
}

/// Runs systemctl, which asks the service manager, which knows who may do what.
fn run(mut command: Command) -> Result<(), u32> {
    let mut child = command.spawn().map_err(|error| {
        tracing::warn!(%error, "systemctl cannot be run");
        code::UNKNOWN_FAILURE
    })?;
    let Some(status) = wait(&mut child) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(code::TIMED_OUT);
    };
    if status.success() {
        return Ok(());
    }
    let mut complaint = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(MOST_TEXT).read_to_end(&mut complaint);
    }
    let complaint = String::from_utf8_lossy(&complaint);
    tracing::warn!(?complaint, "systemctl failed");
    let refusals = ["Access denied", "authentication required", "Permission denied"];
    match refusals.iter().any(|refusal| complaint.contains(refusal)) {
        true => Err(code::ACCESS_DENIED),
        false => Err(code::UNKNOWN_FAILURE),
    }
}

/// How a process ended, where it did in time.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + LONGEST;
    while Instant::now() < end {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => sleep(TICK),
            Err(_) => return None,
        }
    }
    None
}
