//! The operating system, the computer, its users, its time zone, its files.

use winreach_cim::{Array, Name, Value};

use crate::assert_values;
use crate::fixture::{Tree, equal, provider, query, strings, time, zone_data};

fn debian() -> Tree {
    Tree::new()
        .file("/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n")
        .file("/etc/localtime", zone_data("CET-1CEST,M3.5.0,M10.5.0/3"))
        .file("/etc/timezone", "Europe/Berlin\n")
        .file("/etc/default/locale", "LANG=de_DE.UTF-8\n")
        .file("/proc/sys/kernel/osrelease", "6.1.0-18-amd64\n")
        .file("/proc/sys/kernel/pid_max", "4194304\n")
        .file("/proc/sys/kernel/domainname", "(none)\n")
        .file("/proc/stat", "cpu  1 2 3 4\nbtime 1704067200\nprocesses 9\n")
        .file("/proc/self/mounts", "/dev/vda1 / ext4 rw 0 0\n/dev/vda2 /boot ext2 ro 0 0\n")
        .file(
            "/proc/meminfo",
            "MemTotal:        8000000 kB\nMemAvailable:    5000000 kB\n\
             SwapTotal:       2000000 kB\nSwapFree:        1500000 kB\n",
        )
        .file(
            "/proc/cpuinfo",
            "processor\t: 0\nflags\t\t: fpu nx hypervisor\n\
             address sizes\t: 40 bits physical, 48 bits virtual\n\n\
             processor\t: 1\nflags\t\t: fpu nx hypervisor\n\n",
        )
        .file("/proc/1/stat", "1 (init) S 0")
        .file("/proc/27/stat", "27 (sh) S 1")
        .file("/run/systemd/sessions/1", "CLASS=user\nUSER=ann\n")
        .file("/run/systemd/sessions/c1", "CLASS=greeter\n")
}

#[test]
fn operating_system() {
    let os = debian().one("Win32_OperatingSystem");
    assert_values!(os, {
        Caption: "Debian GNU/Linux 12 (bookworm)",
        Name: "Debian GNU/Linux 12 (bookworm)|/|/dev/vda1",
        CSName: "alpha",
        CreationClassName: "Win32_OperatingSystem",
        OSType: 36_u16,
        Version: "6.1.0-18-amd64",
        OSArchitecture: "64-bit",
        FreePhysicalMemory: 5_000_000_u64,
        FreeVirtualMemory: 6_500_000_u64,
        TotalVirtualMemorySize: 10_000_000_u64,
        TotalVisibleMemorySize: 8_000_000_u64,
        SizeStoredInPagingFiles: 2_000_000_u64,
        FreeSpaceInPagingFiles: 1_500_000_u64,
        // Half of 2^48 bytes, in kilobytes: what Windows says but for the part it keeps back.
        MaxProcessMemorySize: 137_438_953_472_u64,
        LocalDateTime: time("20240701140000.250000+120"),
        LastBootUpTime: time("20240101010000.000000+060"),
        CurrentTimeZone: 120_i16,
        MaxNumberOfProcesses: 4_194_304_u32,
        NumberOfProcesses: 2_u32,
        NumberOfUsers: 1_u32,
        BootDevice: "/dev/vda2",
        SystemDevice: "/dev/vda1",
        SystemDrive: "/",
        CodeSet: "65001",
        MUILanguages: strings(&["de-DE"]),
        DataExecutionPrevention_Available: true,
        Primary: true,
        SerialNumber: (),
        InstallDate: (),
        RegisteredUser: (),
        BuildNumber: (),
    });
}

#[test]
fn an_empty_machine_knows_little_and_says_so() {
    let os = Tree::new().one("Win32_OperatingSystem");
    assert_values!(os, {
        Caption: (), Version: (), FreePhysicalMemory: (), LastBootUpTime: (),
        NumberOfUsers: (), MUILanguages: (), CodeSet: (), BootDevice: (),
        LocalDateTime: time("20240701120000.250000+000"), CSName: "alpha",
    });
    for class in [
        "Win32_BIOS",
        "Win32_Processor",
        "Win32_PhysicalMemory",
        "Win32_LogicalDisk",
        "Win32_DiskDrive",
        "Win32_NetworkAdapter",
        "Win32_NetworkAdapterConfiguration",
        "Win32_Process",
        "Win32_Service",
        "Win32_UserAccount",
    ] {
        assert_eq!(Tree::new().all(class), [], "{class}");
    }
}

#[test]
fn computer_system() {
    let tree = debian()
        .file("/sys/class/dmi/id/sys_vendor", "Example Ltd.\n")
        .file("/sys/class/dmi/id/product_name", "Model 7\n")
        .file("/sys/class/dmi/id/chassis_type", "10\n")
        .file("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n")
        .file("/sys/devices/system/cpu/cpu1/topology/physical_package_id", "1\n")
        // Chassis: boot-up state 3, power supply 3, heat 4.
        .file("/sys/firmware/dmi/entries/3-0/raw", [3, 13, 0, 0, 0, 10, 0, 0, 0, 3, 3, 4, 2, 0, 0])
        // Power-on password 1, keyboard 2, administrator 0, reset button 3.
        .file("/sys/firmware/dmi/entries/24-0/raw", [24, 5, 0, 0, 0b01_10_00_11, 0, 0])
        .file("/sys/firmware/dmi/entries/11-0/raw", b"\x0b\x05\0\0\x02one\0two\0\0");
    assert_values!(tree.one("Win32_ComputerSystem"), {
        Name: "alpha",
        DNSHostName: "alpha",
        Domain: (),
        PartOfDomain: (),
        Manufacturer: "Example Ltd.",
        Model: "Model 7",
        PCSystemType: 2_u16,
        SystemType: "x64-based PC",
        TotalPhysicalMemory: 8_192_000_000_u64,
        NumberOfProcessors: 2_u32,
        NumberOfLogicalProcessors: 2_u32,
        HypervisorPresent: true,
        CurrentTimeZone: 120_i16,
        DaylightInEffect: true,
        ChassisBootupState: 3_u16,
        PowerSupplyState: 3_u16,
        ThermalState: 4_u16,
        PowerOnPasswordStatus: 1_u16,
        KeyboardPasswordStatus: 2_u16,
        AdminPasswordStatus: 0_u16,
        FrontPanelResetStatus: 3_u16,
        OEMStringArray: strings(&["one", "two"]),
    });
}

#[test]
fn accounts() {
    let tree = Tree::new().file(
        "/etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\n# comment\nbroken\n+nis\n\
         ann::1000:1000:&a Example,Room 7,,:/home/ann:/bin/sh\nbob:*:1001:1001::/:/bin/false\n",
    );
    let [root, ann, bob] = tree.all("Win32_UserAccount").try_into().expect("three accounts");
    assert_values!(root, {
        Name: "root", Domain: "alpha", Caption: "alpha\\root", SID: "S-1-22-1-0", SIDType: 1_u8,
        LocalAccount: true, PasswordRequired: (), Disabled: (), AccountType: 512_u32,
    });
    assert_values!(ann, { FullName: "anna Example", PasswordRequired: false });
    assert_values!(bob, { FullName: (), PasswordRequired: true });
    let keys = [(Name::from("Domain"), Value::from("ALPHA")), (Name::from("Name"), "Ann".into())];
    let found = provider(&tree.machine(), "Win32_UserAccount").get(&keys).unwrap();
    assert_eq!(found, Some(ann));
}

fn zone(rule: &str) -> winreach_cim::Instance {
    Tree::new().file("/etc/localtime", zone_data(rule)).one("Win32_TimeZone")
}

#[test]
fn time_zone_with_daylight_saving() {
    assert_values!(debian().one("Win32_TimeZone"), {
        Caption: "(UTC+01:00) Europe/Berlin", SettingID: "Europe/Berlin",
        Bias: 60_i32, DaylightBias: -60_i32, StandardBias: 0_u32,
        StandardName: "CET", DaylightName: "CEST",
        DaylightMonth: 3_u32, DaylightDay: 5_u32, DaylightDayOfWeek: 0_u8, DaylightHour: 2_u32,
        StandardMonth: 10_u32, StandardDay: 5_u32, StandardDayOfWeek: 0_u8, StandardHour: 3_u32,
        StandardMinute: 0_u32, DaylightYear: 0_u32,
    });
    assert_values!(zone("EST5EDT,M3.2.0,M11.1.0"), {
        Caption: "(UTC-05:00) EST", Bias: -300_i32, DaylightBias: -60_i32,
        DaylightMonth: 3_u32, DaylightDay: 2_u32, DaylightHour: 2_u32,
        StandardMonth: 11_u32, StandardDay: 1_u32, StandardHour: 2_u32,
    });
    // Half an hour of daylight saving, names of digits, a time with minutes.
    assert_values!(zone("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0/1:45:30"), {
        Bias: 630_i32, DaylightBias: -30_i32, StandardName: "+1030", DaylightName: "+11",
        StandardHour: 1_u32, StandardMinute: 45_u32, StandardSecond: 30_u32,
    });
}

#[test]
fn time_zone_without_daylight_saving() {
    assert_values!(zone("<+0545>-5:45"), {
        Caption: "(UTC+05:45) +0545", Bias: 345_i32, DaylightBias: 0_i32, DaylightMonth: 0_u32,
        StandardMonth: 0_u32, StandardName: "+0545", DaylightName: "+0545",
    });
    assert_values!(Tree::new().one("Win32_TimeZone"), { Bias: 0_i32, StandardName: "UTC" });
}

#[test]
fn time_zone_that_windows_cannot_say() {
    // The days of a year, and a time on the day before.
    assert_values!(zone("IST-2IDT,J80/2,M10.5.0/-1"), {
        Bias: 120_i32, DaylightName: "IDT", DaylightMonth: (), DaylightDay: (),
        StandardMonth: (), StandardHour: (),
    });
}

#[test]
fn broken_zone_data_give_no_instance() {
    for rule in ["", "<", "A", "CET", "CET-99999999999999999999", "\u{e9}1", "<>1", "X1Y,M"] {
        let tree = Tree::new().file("/etc/localtime", zone_data(rule));
        let found = tree.all("Win32_TimeZone");
        assert!(found.len() == usize::from(rule == "X1Y,M"), "{rule:?}: {found:?}");
    }
}

#[test]
fn a_file_by_name() {
    let tree = debian()
        .file("/srv/data/report.final.csv", "12345")
        .file("/srv/.hidden", "")
        .directory("/srv/dir");
    let find = |name: &str| {
        query(&tree.machine(), "CIM_DataFile", &equal("Name", name)).unwrap().into_iter().next()
    };
    let report = find("/srv/data/report.final.csv").expect("the file");
    assert_values!(report, {
        Name: "/srv/data/report.final.csv", Path: "/srv/data/", FileName: "report.final",
        Extension: "csv", FileSize: 5_u64, Drive: "/", FSName: "ext4", Hidden: false,
        Readable: true, CSName: "alpha", CreationClassName: "CIM_LogicalFile", Version: (),
    });
    assert_values!(find("/srv/.hidden").unwrap(), {
        FileName: ".hidden", Extension: "", Hidden: true, FileSize: 0_u64,
    });
    for name in [
        "/srv/dir",
        "/srv/none",
        "srv/.hidden",
        "/srv//.hidden",
        "/srv/../srv/.hidden",
        "/srv/dir/../.hidden",
        "",
        "/",
        "/srv/.hidden\0",
        "/srv/.hidden/",
    ] {
        assert_eq!(find(name), None, "{name:?}");
    }
    let keys = [(Name::from("Name"), Value::from("/srv/data/report.final.csv"))];
    let got = provider(&tree.machine(), "CIM_DataFile").get(&keys).unwrap();
    assert_eq!(got, Some(report));
}

#[test]
fn files_without_a_name_are_refused() {
    let tree = Tree::new();
    let error = query(&tree.machine(), "CIM_DataFile", &Default::default()).unwrap_err();
    assert_eq!(error.status, 0x8004_1024);
    let error = query(&tree.machine(), "CIM_DataFile", &equal("Drive", "/")).unwrap_err();
    assert_eq!(error.status, 0x8004_1024);
}

#[test]
fn capabilities_come_as_arrays() {
    let tree = Tree::new()
        .directory("/sys/devices/pci0/virtio1/block/vda")
        .link("/sys/devices/pci0/virtio1/block/vda/device", "../..")
        .link("/sys/block/vda", "../devices/pci0/virtio1/block/vda");
    let drive = tree.one("Win32_DiskDrive");
    assert_values!(drive, {
        Capabilities: Array::Uint16(vec![3, 4]),
        CapabilityDescriptions: strings(&["Random Access", "Supports Writing"]),
    });
}
