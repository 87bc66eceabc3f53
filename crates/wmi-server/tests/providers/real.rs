//! This machine: what the providers say agrees with what other programs say.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use winreach_cim::{Instance, Value};
use winreach_wmi_server::provider::Request;
use winreach_wmi_server::providers::{self, Machine};

use crate::fixture::{equal, query};

/// What a program prints; nothing, and a word about it, where it is not at hand.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let run = Command::new(program).args(arguments).env("LC_ALL", "C").env_remove("TZ").output();
    match run {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).ok(),
        _ => {
            eprintln!("SKIPPED: {program} is not at hand");
            None
        }
    }
}

fn all(class: &str) -> Vec<Instance> {
    query(&Machine::this(), class, &Request::default()).unwrap()
}

fn text(instance: &Instance, name: &str) -> String {
    instance.get(name).unwrap().as_str().unwrap_or_else(|| panic!("{name}")).to_owned()
}

fn number(instance: &Instance, name: &str) -> u64 {
    instance.get(name).unwrap().as_u64().unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn every_value_has_the_type_of_its_property() {
    for provider in providers::all(Machine::this()) {
        let request = equal("Name", "/etc/passwd");
        let request =
            if provider.class().name().is("CIM_DataFile") { request } else { Request::default() };
        for instance in query(&Machine::this(), provider.class().name(), &request).unwrap() {
            for (property, (name, value)) in
                provider.class().properties().iter().zip(instance.iter())
            {
                let right = value.value_type().is_none_or(|found| found == property.value_type);
                assert!(right, "{}.{name}: {value:?}", provider.class().name());
                assert!(!(property.is_key() && value.is_null()), "{name} is a key");
            }
        }
    }
}

#[test]
fn processes_as_ps_shows_them() {
    let list = || {
        let lines = output("ps", &["-e", "-o", "pid=,ppid="])?;
        let pair = |line: &str| {
            let mut words = line.split_whitespace().map(|word| word.parse::<u64>().unwrap());
            Some((words.next()?, words.next()?))
        };
        Some(lines.lines().filter_map(pair).collect::<BTreeMap<u64, u64>>())
    };
    let Some(before) = list() else { return };
    let ours = all("Win32_Process");
    let Some(after) = list() else { return };
    let ours: BTreeMap<u64, u64> =
        ours.iter().map(|p| (number(p, "ProcessId"), number(p, "ParentProcessId"))).collect();
    let mut compared = 0;
    for (id, parent) in before.iter().filter(|(id, parent)| after.get(id) == Some(parent)) {
        assert_eq!(ours.get(id), Some(parent), "process {id}");
        compared += 1;
    }
    assert!(compared > 1);
}

#[test]
fn this_process() {
    let id = std::process::id();
    let [own] = query(&Machine::this(), "Win32_Process", &equal("ProcessId", id))
        .unwrap()
        .try_into()
        .expect("one process");
    let program = std::env::current_exe().unwrap();
    assert_eq!(text(&own, "ExecutablePath"), program.to_str().unwrap());
    assert_eq!(text(&own, "Name"), program.file_name().unwrap().to_str().unwrap());
    let arguments: Vec<String> = std::env::args().collect();
    assert_eq!(text(&own, "CommandLine"), arguments.join(" "));
    assert!(number(&own, "ThreadCount") >= 1);
    let seconds = |text: &str| {
        let time =
            jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", text.get(..14).unwrap()).unwrap();
        time.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second()
    };
    let started = own.get("CreationDate").unwrap();
    let Value::DateTime(started) = started else { panic!("{started:?}") };
    let Some(shown) = output("ps", &["-o", "lstart=", "-p", &id.to_string()]) else { return };
    let Some(shown) = output("date", &["-d", shown.trim(), "+%Y%m%d%H%M%S"]) else { return };
    let apart = seconds(started.as_str()) - seconds(shown.trim());
    assert!(apart.abs() <= 1, "{started} and {shown}");
}

#[test]
fn disks_as_df_shows_them() {
    let Some(lines) = output("df", &["-a", "-B1", "--output=target,size"]) else { return };
    let mut sizes: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for line in lines.lines().skip(1) {
        let (target, size) = line.trim().rsplit_once(' ').unwrap();
        if let Ok(size) = size.parse() {
            sizes.entry(target.trim().to_owned()).or_default().insert(size);
        }
    }
    let disks = all("Win32_LogicalDisk");
    assert!(disks.iter().any(|disk| text(disk, "DeviceID") == "/"));
    for disk in disks.iter().filter(|disk| !disk.get("Size").unwrap().is_null()) {
        let id = text(disk, "DeviceID");
        let of_df = sizes.get(&id).unwrap_or_else(|| panic!("df does not know {id}"));
        assert!(of_df.contains(&number(disk, "Size")), "{id}");
        assert!(number(disk, "FreeSpace") <= number(disk, "Size"), "{id}");
    }
}

#[test]
fn system_as_uname_and_others_show_it() {
    let [os] = all("Win32_OperatingSystem").try_into().expect("one system");
    let [computer] = all("Win32_ComputerSystem").try_into().expect("one computer");
    if let Some(release) = output("uname", &["-r"]) {
        assert_eq!(text(&os, "Version"), release.trim());
    }
    if let Some(name) = output("uname", &["-n"]) {
        assert_eq!(text(&computer, "Name"), name.trim());
        assert_eq!(text(&os, "CSName"), name.trim());
    }
    if let Some(count) = output("getconf", &["_NPROCESSORS_ONLN"]) {
        let count: u64 = count.trim().parse().unwrap();
        assert_eq!(number(&computer, "NumberOfLogicalProcessors"), count);
        let of_sockets = all("Win32_Processor");
        assert_eq!(number(&computer, "NumberOfProcessors"), of_sockets.len() as u64);
        let sum: u64 = of_sockets.iter().map(|s| number(s, "NumberOfLogicalProcessors")).sum();
        assert_eq!(sum, count);
        assert!(of_sockets.iter().all(|s| number(s, "LoadPercentage") <= 100));
    }
    if let Some(pages) = output("getconf", &["_PHYS_PAGES"]) {
        let Some(size) = output("getconf", &["PAGE_SIZE"]) else { return };
        let [pages, size]: [u64; 2] = [pages, size].map(|n| n.trim().parse().unwrap());
        assert_eq!(number(&computer, "TotalPhysicalMemory"), pages * size);
        assert_eq!(number(&os, "TotalVisibleMemorySize"), pages * size / 1024);
    }
    if let Some(zone) = output("date", &["+%z"]) {
        let (sign, digits) = zone.trim().split_at(1);
        let [hours, minutes] = [&digits[..2], &digits[2..]].map(|n| n.parse::<i64>().unwrap());
        let minutes = (hours * 60 + minutes) * if sign == "-" { -1 } else { 1 };
        assert_eq!(os.get("CurrentTimeZone").unwrap().as_i64(), Some(minutes));
    }
    assert!(number(&os, "FreePhysicalMemory") < number(&os, "TotalVisibleMemorySize"));
}

#[test]
fn addresses_as_the_host_name_command_shows_them() {
    let Some(shown) = output("hostname", &["-I"]) else { return };
    let configurations = all("Win32_NetworkAdapterConfiguration");
    let own: BTreeSet<String> = configurations
        .iter()
        .filter_map(|c| c.get("IPAddress")?.as_array())
        .flat_map(|addresses| {
            addresses.iter().filter_map(|a| Some(a.as_str()?.to_owned())).collect::<Vec<_>>()
        })
        .collect();
    for address in shown.split_whitespace() {
        assert!(own.contains(address), "{address} is not among {own:?}");
    }
    for configuration in &configurations {
        let count =
            |name: &str| configuration.get(name).unwrap().as_array().map(winreach_cim::Array::len);
        assert_eq!(count("IPAddress"), count("IPSubnet"));
    }
}

#[test]
fn accounts_as_getent_shows_them() {
    let Some(shown) = output("getent", &["-s", "files", "passwd"]) else { return };
    let names: BTreeSet<&str> = shown.lines().filter_map(|line| line.split(':').next()).collect();
    let own = all("Win32_UserAccount");
    let own: BTreeSet<String> = own.iter().map(|account| text(account, "Name")).collect();
    assert_eq!(own, names.into_iter().map(str::to_owned).collect());
}

#[test]
fn a_file_as_stat_shows_it() {
    let [file] = query(&Machine::this(), "CIM_DataFile", &equal("Name", "/etc/passwd"))
        .unwrap()
        .try_into()
        .expect("one file");
    assert_eq!(number(&file, "FileSize"), std::fs::metadata("/etc/passwd").unwrap().len());
    let Some(shown) = output("date", &["-r", "/etc/passwd", "+%Y%m%d%H%M%S"]) else { return };
    let modified = file.get("LastModified").unwrap();
    let Value::DateTime(modified) = modified else { panic!("{modified:?}") };
    assert!(modified.as_str().starts_with(shown.trim()), "{modified} and {shown}");
    let Some(mount) = output("stat", &["-c", "%m", "/etc/passwd"]) else { return };
    assert_eq!(text(&file, "Drive"), mount.trim());
}
