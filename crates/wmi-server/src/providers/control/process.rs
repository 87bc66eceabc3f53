//! `Win32_Process`: `Create`, `Terminate`, `GetOwner`.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use winreach_auth::Identity;
use winreach_cim::{Array, CimType, Instance, Method, Property, Qualifier, Value};

use super::account::User;
use super::command_line::words;
use super::{RunAs, built};
use crate::methods::{MethodCall, MethodOutput, Methods};
use crate::provider::ProviderError;
use crate::providers::machine::Machine;
use crate::quota::{Quota, Share};

/// The documented return values of all three.
mod code {
    pub(super) const SUCCESS: u32 = 0;
    pub(super) const ACCESS_DENIED: u32 = 2;
    pub(super) const INSUFFICIENT_PRIVILEGE: u32 = 3;
    pub(super) const UNKNOWN_FAILURE: u32 = 8;
    pub(super) const PATH_NOT_FOUND: u32 = 9;
    pub(super) const INVALID_PARAMETER: u32 = 21;
}

/// Processes of ours that have not ended, all callers together; each has a thread that waits for it.
const MOST: usize = 256;

/// Where programs are looked for, and nothing else of the server's own environment is passed on.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Carries out the methods of processes.
pub(in crate::providers) struct ProcessMethods {
    machine: Machine,
    run_as: Option<RunAs>,
    running: Arc<Quota<()>>,
}

impl ProcessMethods {
    /// Methods that change something are carried out as `run_as` says, if at all.
    pub(in crate::providers) fn new(machine: &Machine, run_as: Option<RunAs>) -> Self {
        Self { machine: machine.clone(), run_as, running: Quota::new(MOST, MOST) }
    }

    /// The declarations, in the order of Windows.
    pub(in crate::providers) fn declarations(&self) -> Vec<Method> {
        let is_on = self.run_as.is_some();
        let startup = Qualifier::new("CIMTYPE", "object:Win32_ProcessStartup");
        let text = |name| Property::new(name, CimType::String);
        let create = Method::builder("Create")
            .qualifier(Qualifier::new("Constructor", true))
            .on_class()
            .input(text("CommandLine"))
            .input(text("CurrentDirectory"))
            .input(Property::new("ProcessStartupInformation", CimType::Object).qualifier(startup))
            .output(Property::new("ProcessId", CimType::Uint32));
        let terminate = Method::builder("Terminate")
            .qualifier(Qualifier::new("Destructor", true))
            .input(Property::new("Reason", CimType::Uint32));
        let owner = Method::builder("GetOwner").output(text("User")).output(text("Domain"));
        vec![built(create, is_on), built(terminate, is_on), built(owner, true)]
    }

    fn user(&self, caller: &Identity) -> Result<User, u32> {
        let run_as = self.run_as.ok_or(code::ACCESS_DENIED)?;
        User::of(&self.machine, run_as, caller).ok_or(code::INSUFFICIENT_PRIVILEGE)
    }

    /// Starts a program, without a shell, as the caller's user.
    fn create(&self, call: &MethodCall<'_>) -> Result<u32, u32> {
        let user = self.user(call.caller())?;
        if !user.can_be_taken_on() {
            return Err(code::INSUFFICIENT_PRIVILEGE);
        }
        let line = call.text("CommandLine").ok_or(code::INVALID_PARAMETER)?;
        let words = words(line).ok_or(code::INVALID_PARAMETER)?;
        let (program, arguments) = words.split_first().ok_or(code::INVALID_PARAMETER)?;
        let startup = call.value("ProcessStartupInformation").as_object();
        let environment = environment(startup.and_then(|startup| startup.as_instance()))?;
        let folder = call.text("CurrentDirectory").filter(|folder| !folder.is_empty());
        let share = self.running.take(()).map_err(|_| code::UNKNOWN_FAILURE)?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", PATH)
            .envs([("HOME", &user.home), ("USER", &user.name), ("LOGNAME", &user.name)])
            .envs(environment)
            .current_dir(folder.unwrap_or("/"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        if rustix::process::geteuid().as_raw() != user.id {
            // Gives up the groups of root too.
            command.uid(user.id).gid(user.group);
        }
        let child = command.spawn().map_err(|error| of_io(&error))?;
        let id = child.id();
        tracing::info!(account = %call.caller(), user = user.name, id, ?program, "started a process");
        reap(child, share);
        Ok(id)
    }

    /// Ends a process of the caller's user, or any one where that is root.
    fn terminate(&self, call: &MethodCall<'_>) -> Result<(), u32> {
        let user = self.user(call.caller())?;
        let (id, pid) = self.process(call)?;
        // Held on to first: from here on nobody else can have the number.
        let process = pidfd_open(pid, PidfdFlags::empty()).map_err(of_errno)?;
        let owner = self.owner(id)?;
        let untouchable = id == 1 || id == std::process::id();
        if untouchable || user.id != 0 && user.id != owner {
            return Err(code::ACCESS_DENIED);
        }
        pidfd_send_signal(&process, Signal::KILL).map_err(of_errno)?;
        tracing::info!(account = %call.caller(), user = user.name, id, "ended a process");
        Ok(())
    }

    fn process(&self, call: &MethodCall<'_>) -> Result<(u32, Pid), u32> {
        let id = call.object().and_then(|process| process.get("ProcessId")?.as_u64());
        let id = id.and_then(|id| u32::try_from(id).ok()).ok_or(code::PATH_NOT_FOUND)?;
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw).ok_or(code::PATH_NOT_FOUND)?;
        Ok((id, pid))
    }

    /// The real user of a process: the first number of a line in `/proc/PID/status`.
    fn owner(&self, id: u32) -> Result<u32, u32> {
        let status = self.machine.text(&format!("/proc/{id}/status"));
        let status = status.ok_or(code::PATH_NOT_FOUND)?;
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        let number = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
        number.ok_or(code::UNKNOWN_FAILURE)
    }

    fn owner_name(&self, call: &MethodCall<'_>) -> Result<String, u32> {
        let (id, _) = self.process(call)?;
        Ok(User::name_of(&self.machine, self.owner(id)?))
    }
}

impl Methods for ProcessMethods {
    fn call(&self, call: &MethodCall<'_>) -> Result<MethodOutput, ProviderError> {
        let success = || MethodOutput::returning(code::SUCCESS);
        let done = match call.method().as_str() {
            "Create" => self.create(call).map(|id| success().with("ProcessId", id)),
            "Terminate" => self.terminate(call).map(|()| success()),
            "GetOwner" => self
                .owner_name(call)
                .map(|user| success().with("User", user).with("Domain", self.machine.host_name())),
            _ => return Err(call.not_implemented()),
        };
        Ok(done.unwrap_or_else(MethodOutput::returning))
    }
}

/// The variables that the startup information adds. What it says of windows has no meaning here, since
/// there are none; what would change how the program runs and cannot be had is refused.
fn environment(startup: Option<&Instance>) -> Result<Vec<(String, String)>, u32> {
    let Some(startup) = startup else { return Ok(Vec::new()) };
    let number = |name| startup.get(name).and_then(Value::as_u64);
    let is_usual = |name, usual: &[u64]| number(name).is_none_or(|value| usual.contains(&value));
    // 32 is the normal priority.
    if !is_usual("CreateFlags", &[0])
        || !is_usual("ErrorMode", &[0, 1])
        || !is_usual("PriorityClass", &[32])
    {
        return Err(code::INVALID_PARAMETER);
    }
    let variables = match startup.get("EnvironmentVariables") {
        Some(Value::Array(array)) => match &**array {
            Array::String(variables) => variables.as_slice(),
            _ => return Err(code::INVALID_PARAMETER),
        },
        _ => &[],
    };
    let pair = |variable: &Option<String>| {
        let (name, value) = variable.as_ref()?.split_once('=')?;
        let sound = !name.is_empty() && !name.contains('\0') && !value.contains('\0');
        sound.then(|| (name.to_owned(), value.to_owned()))
    };
    variables.iter().map(|variable| pair(variable).ok_or(code::INVALID_PARAMETER)).collect()
}

/// Waits for a process, so that nothing is left of it when it ends.
fn reap(mut child: Child, share: Share<()>) {
    let waiting = std::thread::Builder::new().name("winreach-reap".into()).spawn(move || {
        let _until_ended = share;
        let _ = child.wait();
    });
    if let Err(error) = waiting {
        tracing::warn!(%error, "a process will not be waited for");
    }
}

fn of_io(error: &io::Error) -> u32 {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => code::PATH_NOT_FOUND,
        io::ErrorKind::PermissionDenied => code::ACCESS_DENIED,
        io::ErrorKind::InvalidInput => code::INVALID_PARAMETER,
        _ => code::UNKNOWN_FAILURE,
    }
}

fn of_errno(error: Errno) -> u32 {
    match error {
        Errno::SRCH => code::PATH_NOT_FOUND,
        Errno::PERM | Errno::ACCESS => code::ACCESS_DENIED,
        _ => code::UNKNOWN_FAILURE,
    }
}
