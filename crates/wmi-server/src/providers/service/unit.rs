//! Services as units of systemd.
//!
//! Source: systemd.unit(5), systemd.service(5); `/run/systemd/units` holds a link
//! `invocation:NAME` for each unit that is active.

use std::collections::{BTreeMap, BTreeSet};

use super::super::facts;
use super::super::machine::Machine;
use super::{Service, Start, State};

/// Where units lie; what stands in an earlier directory counts.
const DIRECTORIES: [&str; 7] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
];
/// Where control groups lie: of version 2, or of version 1.
const GROUPS: [&str; 3] = ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"];
/// How deep slices and groups of a service are looked into.
const MAX_DEPTH: u32 = 5;
const SUFFIX: &str = ".service";

/// Each service whose name without the suffix `is_wanted`.
pub(super) fn services(machine: &Machine, is_wanted: &dyn Fn(&str) -> bool) -> Vec<Service> {
    let units = Units::of(machine);
    let names = units.names.iter().filter_map(|name| Some((name, name.strip_suffix(SUFFIX)?)));
    let wanted = names.filter(|(_, short)| is_wanted(short));
    wanted.filter_map(|(name, short)| units.service(machine, name, short)).collect()
}

/// All services that there are, by unit name.
#[derive(Default)]
struct Units {
    names: BTreeSet<String>,
    files: BTreeMap<String, String>,
    enabled: BTreeSet<String>,
    active: BTreeSet<String>,
    groups: BTreeMap<String, String>,
}

impl Units {
    fn of(machine: &Machine) -> Self {
        let mut units = Self::default();
        for directory in DIRECTORIES {
            for name in machine.names(directory) {
                if name.ends_with(SUFFIX) {
                    units.files.entry(name.clone()).or_insert(format!("{directory}/{name}"));
                } else if name.ends_with(".wants") || name.ends_with(".requires") {
                    let wanted = machine.names(&format!("{directory}/{name}")).into_iter();
                    units.enabled.extend(wanted.filter(|name| name.ends_with(SUFFIX)));
                }
            }
        }
        let active = machine.names("/run/systemd/units").into_iter();
        let active = active.filter_map(|n| n.strip_prefix("invocation:").map(str::to_owned));
        units.active = active.filter(|name| name.ends_with(SUFFIX)).collect();
        for root in GROUPS {
            find_groups(machine, root, MAX_DEPTH, &mut units.groups);
        }
        let is_template = |name: &str| name.ends_with("@.service");
        let names = units.files.keys().chain(&units.enabled).chain(&units.active);
        units.names = names.filter(|name| !is_template(name)).cloned().collect();
        units
    }

    /// The file of a unit, which for `name@instance` may be that of its template.
    fn file(&self, name: &str) -> Option<&String> {
        self.files.get(name).or_else(|| self.files.get(&template(name)?))
    }

    /// Nothing where the name is only another name of a unit.
    fn service(&self, machine: &Machine, name: &str, short: &str) -> Option<Service> {
        let file = self.file(name)?;
        let masked = match machine.link(file) {
            Some(target) if target == "/dev/null" => true,
            Some(target) => {
                let target = target.rsplit('/').next()?;
                if target != name && Some(target) != template(name).as_deref() {
                    return None;
                }
                false
            }
            // An empty file hides a unit, too.
            None => machine.bytes(file)?.is_empty(),
        };
        let settings = Settings::read(machine, file, name);
        let instance = short.split_once('@').map_or("", |(_, instance)| instance);
        let expanded = |value: &str| {
            let (prefix, _) = short.split_once('@').unwrap_or((short, ""));
            let value = value.replace("%i", instance).replace("%I", instance);
            value.replace("%n", name).replace("%p", prefix).replace("%%", "%")
        };
        let description = settings.last("Unit", "Description").map(expanded);
        let command = settings.first("Service", "ExecStart");
        Some(Service {
            host: None,
            name: short.to_owned(),
            display_name: description.clone(),
            description,
            // Signs in front of the path say how systemd runs it.
            command: command
                .map(|c| expanded(c.trim_start_matches(['@', '-', ':', '+', '!', '|']))),
            account: Some(settings.last("Service", "User").map_or("root".to_owned(), expanded)),
            start: if masked {
                Start::Disabled
            } else if self.enabled.contains(name) {
                Start::Auto
            } else {
                Start::Manual
            },
            state: self.state(machine, name, &settings),
            accepts_stop: settings.last("Unit", "RefuseManualStop") != Some("yes"),
        })
    }

    fn state(&self, machine: &Machine, name: &str, settings: &Settings) -> State {
        let mut processes = BTreeSet::new();
        if let Some(group) = self.groups.get(name) {
            members(machine, group, MAX_DEPTH, &mut processes);
        }
        if processes.is_empty() && !self.active.contains(name) {
            return State::Stopped;
        }
        let told = settings.last("Service", "PIDFile").and_then(|file| machine.number(file));
        let told = told.filter(|id| processes.contains(id));
        // The main process is the one that systemd has started, not one of the others.
        let is_first = |id: &&u32| {
            !facts::parent_process(machine, **id).is_some_and(|parent| processes.contains(&parent))
        };
        State::Running { process: told.or_else(|| processes.iter().find(is_first).copied()) }
    }
}

/// `name@.service` for `name@instance.service`.
fn template(name: &str) -> Option<String> {
    name.split_once('@').map(|(prefix, _)| format!("{prefix}@{SUFFIX}"))
}

/// Notes the control group of each service that lies in `directory` or in a slice below it.
fn find_groups(
    machine: &Machine,
    directory: &str,
    depth: u32,
    groups: &mut BTreeMap<String, String>,
) {
    for name in machine.names(directory) {
        let path = format!("{directory}/{name}");
        if name.ends_with(SUFFIX) {
            groups.entry(name).or_insert(path);
        } else if name.ends_with(".slice") && name != "user.slice" && depth > 0 {
            find_groups(machine, &path, depth - 1, groups);
        }
    }
}

/// The processes of a control group and of those below it.
fn members(machine: &Machine, group: &str, depth: u32, processes: &mut BTreeSet<u32>) {
    let own = machine.text(&format!("{group}/cgroup.procs")).unwrap_or_default();
    processes.extend(own.lines().filter_map(|line| line.parse::<u32>().ok()));
    if depth > 0 {
        for name in machine.names(group) {
            let path = format!("{group}/{name}");
            if machine.exists(&format!("{path}/cgroup.procs")) {
                members(machine, &path, depth - 1, processes);
            }
        }
    }
}

/// The settings of a unit, in the order in which they were made.
struct Settings(Vec<(String, String, String)>);

impl Settings {
    /// Reads the file and the drop-ins of the unit and of its template.
    fn read(machine: &Machine, file: &str, name: &str) -> Self {
        let mut files = vec![file.to_owned()];
        for owner in template(name).into_iter().chain([name.to_owned()]) {
            for directory in DIRECTORIES.iter().rev() {
                let drop_ins = format!("{directory}/{owner}.d");
                let names = machine.names(&drop_ins).into_iter().filter(|n| n.ends_with(".conf"));
                files.extend(names.map(|name| format!("{drop_ins}/{name}")));
            }
        }
        let mut settings = Self(Vec::new());
        for file in files {
            settings.parse(&machine.text(&file).unwrap_or_default());
        }
        settings
    }

    fn parse(&mut self, text: &str) {
        let mut section = "";
        let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';']));
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name;
            } else if let Some((key, value)) = line.split_once('=') {
                let mut value = value.trim().to_owned();
                while value.ends_with('\\') {
                    value.pop();
                    let Some(next) = lines.next() else { break };
                    value.push_str(next);
                }
                self.0.push((section.to_owned(), key.trim().to_owned(), value));
            }
        }
    }

    fn all(&self, section: &str, key: &str) -> impl DoubleEndedIterator<Item = &str> {
        let is_it = move |(s, k, _): &&(String, String, String)| s == section && k == key;
        self.0.iter().filter(is_it).map(|(_, _, value)| value.as_str())
    }

    /// The value in effect of a setting that holds one.
    fn last(&self, section: &str, key: &str) -> Option<&str> {
        self.all(section, key).next_back().filter(|value| !value.is_empty())
    }

    /// The first value in effect of a setting that holds several: an empty one takes back those
    /// before it.
    fn first(&self, section: &str, key: &str) -> Option<&str> {
        let values = self.all(section, key);
        values
            .fold(None, |first, value| if value.is_empty() { None } else { first.or(Some(value)) })
    }
}
