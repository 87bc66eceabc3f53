//! `Win32_Process` on a machine with known processes.

use std::ops::ControlFlow;

use winreach_cim::{Name, Value};
use winreach_wmi_server::provider::Request;

use crate::assert_values;
use crate::fixture::{Tree, equal, provider, query, time, zone_data};

/// Process 42, with a line for each of the fields that are looked at.
fn tree() -> Tree {
    Tree::new()
        .file("/etc/localtime", zone_data("CET-1CEST,M3.5.0,M10.5.0/3"))
        .file("/etc/os-release", "PRETTY_NAME=System\n")
        .file("/proc/stat", "btime 1704067200\n")
        .file("/proc/sys/kernel/osrelease", "6.1.0\n")
        .file("/proc/1/stat", "1 (init) S 0 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 2 0 0")
        .file(
            "/proc/42/stat",
            "42 (a-program-with-) R 1 42 41 0 -1 4194304 100 7 5 9 250 150 70 80 30 10 3 0 1050 \
             8192000 500 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n",
        )
        .file(
            "/proc/42/status",
            "Name:\ta\nPPid:\t1\nVmPeak:\t    9000 kB\nVmHWM:\t    3000 kB\nVmData:\t    600 kB\n\
             VmStk:\t    132 kB\nVmSwap:\t      8 kB\nThreads:\t3\n",
        )
        .file("/proc/42/cmdline", "/opt/a-program-with-a-long-name\0-x\0two words\0")
        .link("/proc/42/exe", "/opt/a-program-with-a-long-name")
        .file("/proc/42/fd/0", "")
        .file("/proc/42/fd/1", "")
}

#[test]
fn every_value() {
    let [_, process] = tree().all("Win32_Process").try_into().expect("two processes");
    assert_values!(process, {
        Caption: "a-program-with-a-long-name",
        Description: "a-program-with-a-long-name",
        Name: "a-program-with-a-long-name",
        CSName: "alpha",
        CSCreationClassName: "Win32_ComputerSystem",
        CreationClassName: "Win32_Process",
        OSCreationClassName: "Win32_OperatingSystem",
        OSName: "System|/|",
        CreationDate: time("20240101010010.500000+060"),
        Handle: "42",
        ProcessId: 42_u32,
        ParentProcessId: 1_u32,
        SessionId: 41_u32,
        KernelModeTime: 15_000_000_u64,
        UserModeTime: 25_000_000_u64,
        ExecutionState: 3_u16,
        Priority: 4_u32,
        PageFaults: 105_u32,
        ThreadCount: 3_u32,
        HandleCount: 2_u32,
        VirtualSize: 8_192_000_u64,
        PeakVirtualSize: 9_216_000_u64,
        WorkingSetSize: 2_048_000_u64,
        PeakWorkingSetSize: 3000_u32,
        PageFileUsage: 8_u32,
        PrivatePageCount: 749_568_u64,
        ExecutablePath: "/opt/a-program-with-a-long-name",
        CommandLine: "/opt/a-program-with-a-long-name -x two words",
        WindowsVersion: "6.1.0",
        ReadOperationCount: (),
        QuotaPagedPoolUsage: (),
        Status: (),
        InstallDate: (),
        TerminationDate: (),
    });
}

#[test]
fn a_kernel_thread_has_no_program() {
    let [init, _] = tree().all("Win32_Process").try_into().expect("two processes");
    assert_values!(init, {
        Name: "init", CommandLine: (), ExecutablePath: (), PeakWorkingSetSize: (), HandleCount: (),
        ParentProcessId: 0_u32, CreationDate: time("20240101010000.020000+060"), Priority: 8_u32,
    });
}

#[test]
fn priorities_follow_nice_values() {
    for (scheduling, expected) in
        [("39 19", 4_u32), ("21 1", 6), ("20 0", 8), ("15 -5", 10), ("0 -20", 13), ("-100 0", 24)]
    {
        let stat = format!("7 (p) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 {scheduling} 1 0 0 0 0");
        assert_values!(Tree::new().file("/proc/7/stat", stat).one("Win32_Process"), {
            Priority: expected,
        });
    }
}

#[test]
fn a_demanded_process_is_the_only_one_read() {
    let tree = tree();
    for request in [equal("ProcessId", 42), equal("ProcessId", 42_u64), equal("Handle", "42")] {
        let found = query(&tree.machine(), "Win32_Process", &request).unwrap();
        assert_eq!(found.len(), 1);
        assert_values!(found[0], { ProcessId: 42_u32 });
    }
    for request in [equal("ProcessId", -1), equal("Handle", "x"), equal("ProcessId", 43)] {
        assert_eq!(query(&tree.machine(), "Win32_Process", &request).unwrap(), []);
    }
    let keys = [(Name::from("Handle"), Value::from("42"))];
    let found = provider(&tree.machine(), "Win32_Process").get(&keys).unwrap();
    assert_values!(found.expect("the process"), { ProcessId: 42_u32 });
}

#[test]
fn only_wanted_values_are_worked_out() {
    let wanted = Request::new(Some(vec!["name".into()]), Vec::new());
    let found = query(&tree().machine(), "Win32_Process", &wanted).unwrap();
    for instance in &found {
        let set: Vec<&str> = instance
            .class()
            .properties()
            .iter()
            .zip(instance.own())
            .filter_map(|(property, value)| value.is_some().then_some(property.name.as_str()))
            .collect();
        assert_eq!(set, ["Name", "Handle"]);
    }
    assert_eq!(found.len(), 2);
}

#[test]
fn a_consumer_that_has_enough_stops_the_provider() {
    let mut count = 0;
    let tree = tree();
    provider(&tree.machine(), "Win32_Process")
        .enumerate(&Request::default(), &mut |_| {
            count += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(count, 1);
}
