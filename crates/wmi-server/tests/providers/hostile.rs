//! What anybody can write into `/proc` and elsewhere breaks nothing and hides nothing.

use crate::assert_values;
use crate::fixture::Tree;

const TAIL: &str = " S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 6 7";

#[test]
fn names_with_brackets_line_ends_and_bytes_that_are_no_text() {
    for (name, expected) in [
        (&b"a) R 9 9 (b"[..], "a) R 9 9 (b"),
        (b"x\ny\n", "x\ny\n"),
        (b")", ")"),
        (b"", ""),
        (b"((((", "(((("),
        (b"\xff\xfe\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\t \r", "\t \r"),
    ] {
        let stat = [b"7 (", name, b")", TAIL.as_bytes()].concat();
        let process = Tree::new().file("/proc/7/stat", stat).one("Win32_Process");
        assert_values!(process, {
            Name: expected, Handle: "7", ParentProcessId: 1_u32, WorkingSetSize: 7 * 4096_u64,
        });
    }
}

#[test]
fn command_lines_of_any_bytes() {
    for (bytes, expected) in [
        (&b"a\0b\0"[..], Some("a b")),
        (b"a\0\0b\0\0\0", Some("a  b")),
        (b"title without an end", Some("title without an end")),
        (b"\xff\0\n\0", Some("\u{fffd} \n")),
        (b"\0\0\0", None),
        (b"", None),
    ] {
        let tree =
            Tree::new().file("/proc/7/stat", format!("7 (p){TAIL}")).file("/proc/7/cmdline", bytes);
        let process = tree.one("Win32_Process");
        assert_eq!(process.get("CommandLine").unwrap().as_str(), expected);
    }
}

#[test]
fn a_cut_name_that_is_no_text_is_not_made_whole() {
    let tree = Tree::new()
        .file("/proc/7/stat", [b"7 (fourteen-bytes\xc3)", TAIL.as_bytes()].concat())
        .file("/proc/7/cmdline", "fourteen-bytes\u{e9}");
    assert_values!(tree.one("Win32_Process"), { Name: "fourteen-bytes\u{fffd}" });
}

#[test]
fn a_process_whose_files_are_cut_off_stays_in_the_list() {
    let whole = format!("7 (p){TAIL}");
    for end in 0..=whole.len() {
        let tree = Tree::new().file("/proc/7/stat", &whole.as_bytes()[..end]);
        let all = tree.all("Win32_Process");
        // Until the name is there, there is no process: the kernel writes the line at once.
        assert_eq!(all.len(), usize::from(end >= "7 (p)".len()), "{end}");
    }
}

#[test]
fn numbers_without_measure_become_null() {
    let huge = "99999999999999999999999999 -1 18446744073709551615 x ";
    let tree = Tree::new()
        .file("/proc/7/stat", format!("7 (p) S {}", huge.repeat(12)))
        .file("/proc/7/status", "VmPeak:\t18446744073709551615 kB\nVmHWM:\tmuch\n")
        .file("/proc/stat", "btime 18446744073709551615\n");
    assert_values!(tree.one("Win32_Process"), {
        CreationDate: (), PeakVirtualSize: (), PeakWorkingSetSize: (), ParentProcessId: (),
    });
}

#[test]
fn vanished_processes_are_passed_over() {
    let tree = Tree::new()
        .directory("/proc/5")
        .file("/proc/6/stat", "")
        .file("/proc/7/stat", format!("7 (p){TAIL}"))
        .directory("/proc/99999999999999999999")
        .directory("/proc/-1");
    assert_values!(tree.one("Win32_Process"), { Handle: "7" });
}

#[test]
fn every_class_bears_files_of_noise() {
    let noise: Vec<u8> =
        (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut tree = Tree::new();
    for path in [
        "/etc/os-release",
        "/etc/localtime",
        "/etc/passwd",
        "/etc/resolv.conf",
        "/proc/meminfo",
        "/proc/stat",
        "/proc/cpuinfo",
        "/proc/self/mounts",
        "/proc/7/stat",
        "/proc/7/status",
        "/proc/net/route",
        "/proc/net/ipv6_route",
        "/sys/class/dmi/id/bios_version",
        "/sys/class/dmi/id/bios_date",
        "/sys/firmware/dmi/entries/17-0/raw",
        "/sys/firmware/dmi/entries/0-0/raw",
        "/sys/firmware/dmi/entries/4-0/raw",
        "/sys/firmware/dmi/tables/smbios_entry_point",
        "/sys/class/net/eth0/ifindex",
        "/sys/class/net/eth1/flags",
        "/run/systemd/system/noise.service",
        "/etc/init.d/noise",
    ] {
        tree = tree.file(path, &noise);
    }
    let tree = tree.file("/sys/class/net/eth1/ifindex", "2");
    for class in super::schema::CLASSES.iter().map(|class| class.name) {
        if class != "CIM_DataFile" {
            tree.all(class);
        }
    }
}

#[test]
fn firmware_structures_cut_anywhere() {
    let mut whole = vec![17, 40, 0, 0];
    whole.extend([0x40, 0, 1, 2, 3, 4, 5, 6, 0, 8]);
    whole.resize(40, 1);
    whole.extend(b"slot\0bank\0\0");
    for end in 0..whole.len() {
        let tree = Tree::new().file("/sys/firmware/dmi/entries/17-0/raw", &whole[..end]);
        assert_eq!(tree.all("Win32_PhysicalMemory").len(), usize::from(end >= 40), "{end}");
    }
}

#[test]
fn a_pipe_in_place_of_a_file_makes_nobody_wait() {
    let tree = Tree::new()
        .directory("/run/x")
        .directory("/etc/init.d")
        .file("/proc/7/stat", format!("7 (p){TAIL}"));
    for path in ["/run/x/x.pid", "/etc/passwd", "/proc/7/cmdline", "/etc/init.d/x"] {
        let path = tree.path(path);
        let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::from_raw_mode(0o755));
        rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).unwrap();
    }
    assert_eq!(tree.all("Win32_UserAccount"), []);
    assert_eq!(tree.all("Win32_Service"), []);
    assert_values!(tree.one("Win32_Process"), { CommandLine: () });
}
