//! Services as scripts of System V init.
//!
//! Source: Linux Standard Base, *Comment Conventions for Init Scripts*.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use super::super::facts;
use super::super::machine::Machine;
use super::{Service, Start, State};

const SCRIPTS: &str = "/etc/init.d";

/// Each service whose name `is_wanted`.
pub(super) fn services(machine: &Machine, is_wanted: &dyn Fn(&str) -> bool) -> Vec<Service> {
    let enabled = enabled(machine);
    let wanted = machine.names(SCRIPTS).into_iter().filter(|name| is_wanted(name));
    wanted
        .filter_map(|name| Some(Script::read(machine, &name)?.service(machine, name, &enabled)))
        .collect()
}

/// A script in `/etc/init.d`.
struct Script(String);

impl Script {
    /// Nothing where it is no service: helpers of other scripts have no header.
    fn read(machine: &Machine, name: &str) -> Option<Self> {
        let path = format!("{SCRIPTS}/{name}");
        let mode = machine.path(&path).metadata().ok()?.permissions().mode();
        let text = machine.text(&path)?;
        let is_service = text.contains("### BEGIN INIT INFO") || text.contains("# chkconfig:");
        (mode & 0o111 != 0 && is_service).then_some(Self(text))
    }

    /// The value of a comment `# key: value`, and of the comments indented below it.
    fn header(&self, key: &str) -> Option<String> {
        let mut comments = self.0.lines().filter_map(|line| line.strip_prefix('#'));
        let mut value = comments.find_map(|comment| {
            let (found, value) = comment.split_once(':')?;
            found.trim().eq_ignore_ascii_case(key).then(|| value.trim().to_owned())
        })?;
        let is_below = |comment: &&str| comment.starts_with("  ") || comment.starts_with('\t');
        for comment in comments.take_while(is_below) {
            value.push(' ');
            value.push_str(comment.trim());
        }
        (!value.is_empty()).then_some(value)
    }

    /// The value of a variable, where it is a plain word.
    fn variable(&self, key: &str) -> Option<&str> {
        let mut lines = self.0.lines().map(str::trim_start);
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        let value = value.trim().trim_matches(['"', '\'']);
        (!value.is_empty() && !value.contains(['$', '`', ' '])).then_some(value)
    }

    fn service(&self, machine: &Machine, name: String, enabled: &BTreeSet<String>) -> Service {
        let program = self.variable("DAEMON").filter(|program| program.starts_with('/'));
        let script = || format!("{SCRIPTS}/{name}");
        Service {
            host: None,
            display_name: self.header("Short-Description"),
            description: self.header("Description").or_else(|| self.header("Short-Description")),
            command: Some(program.map_or_else(script, str::to_owned)),
            account: None,
            start: if enabled.contains(&name) { Start::Auto } else { Start::Manual },
            state: self.state(machine, &name, program),
            accepts_stop: true,
            name,
        }
    }

    fn state(&self, machine: &Machine, name: &str, program: Option<&str>) -> State {
        let noted = self.variable("PIDFILE").map(str::to_owned).or_else(|| self.header("pidfile"));
        let own = format!("/run/{name}");
        let in_own = machine.names(&own).into_iter().filter(|file| file.ends_with(".pid"));
        let files = noted.into_iter().chain([format!("{own}.pid")]);
        let files = files.chain(in_own.map(|file| format!("{own}/{file}")));
        let lives = |id: &u32| machine.exists(&format!("/proc/{id}/stat"));
        let mut ids = files.filter_map(|file| first_number(machine, &file));
        if let Some(process) = ids.find(lives) {
            return State::Running { process: Some(process) };
        }
        let Some(program) = program else { return State::Unknown };
        match process_of(machine, program) {
            Some(process) => State::Running { process: Some(process) },
            // Only those who see what others run can say that none of them runs this.
            None if machine.link("/proc/1/exe").is_some() => State::Stopped,
            None => State::Unknown,
        }
    }
}

/// The process number in a PID file, which may hold more than that.
fn first_number(machine: &Machine, file: &str) -> Option<u32> {
    machine.text(file)?.split_ascii_whitespace().next()?.parse().ok()
}

/// The oldest process that runs this program.
fn process_of(machine: &Machine, program: &str) -> Option<u32> {
    let runs = |id: &u32| machine.link(&format!("/proc/{id}/exe")).as_deref() == Some(program);
    facts::process_ids(machine).into_iter().filter(runs).min()
}

/// The names of the scripts that a run level starts.
fn enabled(machine: &Machine) -> BTreeSet<String> {
    let levels = ["2", "3", "4", "5", "S"];
    let names = levels.iter().flat_map(|level| machine.names(&format!("/etc/rc{level}.d")));
    names.filter_map(|name| Some(name.strip_prefix('S')?.get(2..)?.to_owned())).collect()
}
