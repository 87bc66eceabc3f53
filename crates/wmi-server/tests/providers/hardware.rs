//! Processors, firmware, memory, disks and drives.

use winreach_cim::Array;

use crate::assert_values;
use crate::fixture::{Tree, equal, query, strings, time};

#[test]
fn two_sockets() {
    let mut tree = Tree::new();
    let mut info = String::new();
    for cpu in 0..8 {
        // Two sockets of two cores with two threads each.
        let (package, core) = (cpu / 4, cpu / 2 % 2);
        info += &format!(
            "processor\t: {cpu}\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\n\
             model name\t: AMD EPYC\nstepping\t: 1\ncpu MHz\t\t: 2596.134\n\
             flags\t\t: fpu svm nx lm npt\n\n"
        );
        let directory = format!("/sys/devices/system/cpu/cpu{cpu}");
        let pair = format!("{}-{}\n", cpu / 2 * 2, cpu / 2 * 2 + 1);
        let four = format!("{}-{}\n", package * 4, package * 4 + 3);
        tree = tree
            .file(&format!("{directory}/topology/physical_package_id"), package.to_string())
            .file(&format!("{directory}/topology/core_id"), core.to_string())
            .file(&format!("{directory}/cache/index2/level"), "2\n")
            .file(&format!("{directory}/cache/index2/size"), "1024K\n")
            .file(&format!("{directory}/cache/index2/shared_cpu_list"), &pair)
            .file(&format!("{directory}/cache/index3/level"), "3\n")
            .file(&format!("{directory}/cache/index3/size"), "32768K\n")
            .file(&format!("{directory}/cache/index3/shared_cpu_list"), &four);
    }
    let mut socket = vec![4, 0x2A, 0, 0, 1, 3, 0xFE, 2];
    socket.resize(0x2A, 0);
    socket[0x11] = 0x80 | 12;
    socket[0x12..0x14].copy_from_slice(&100_u16.to_le_bytes());
    socket[0x14..0x16].copy_from_slice(&3500_u16.to_le_bytes());
    socket[0x18] = 0x41;
    socket[0x19] = 0x0D;
    socket[0x28..0x2A].copy_from_slice(&0x6B_u16.to_le_bytes());
    socket.extend(b"P0\0Maker\0\0");
    let tree = tree
        .file("/proc/cpuinfo", info)
        .file("/sys/firmware/dmi/entries/4-0/raw", socket)
        .file("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "3700000\n");
    let [first, second] = tree.all("Win32_Processor").try_into().expect("two sockets");
    assert_values!(first, {
        DeviceID: "CPU0", Name: "AMD EPYC", Manufacturer: "AuthenticAMD",
        Caption: "AMD64 Family 25 Model 17 Stepping 1", Level: 25_u16, Revision: 0x1101_u16,
        Stepping: "1", NumberOfCores: 2_u32, NumberOfLogicalProcessors: 4_u32, ThreadCount: 4_u32,
        L2CacheSize: 2048_u32, L3CacheSize: 32768_u32, Architecture: 9_u16, AddressWidth: 64_u16,
        CurrentClockSpeed: 2596_u32, MaxClockSpeed: 3700_u32, ExtClock: 100_u32,
        CurrentVoltage: 12_u16, Family: 0x6B_u16, SocketDesignation: "P0", UpgradeMethod: 13_u16,
        VMMonitorModeExtensions: true, SecondLevelAddressTranslationExtensions: true,
        VirtualizationFirmwareEnabled: (), ProcessorId: (), LoadPercentage: (),
    });
    assert_values!(second, {
        DeviceID: "CPU1", NumberOfLogicalProcessors: 4_u32, Family: (), MaxClockSpeed: 2596_u32,
    });
}

#[test]
fn firmware() {
    let mut structure = vec![0, 0x18, 0, 0];
    structure.resize(0x18, 0);
    // Bits 7, 11 and 15; bit 0 of the extension, which is 32.
    structure[0x0A..0x12].copy_from_slice(&0x8880_u64.to_le_bytes());
    structure[0x12] = 1;
    let mut entry = b"_SM3_".to_vec();
    entry.extend([0, 24, 3, 4, 0]);
    let tree = Tree::new()
        .file("/sys/class/dmi/id/bios_vendor", "Maker\n")
        .file("/sys/class/dmi/id/bios_version", "1.13.2\n")
        .file("/sys/class/dmi/id/bios_date", "05/07/2019\n")
        .file("/sys/class/dmi/id/bios_release", "1.13\n")
        .file("/sys/firmware/dmi/entries/0-0/raw", structure)
        .file("/sys/firmware/dmi/tables/smbios_entry_point", entry);
    assert_values!(tree.one("Win32_BIOS"), {
        Name: "1.13.2", Version: "1.13.2", SMBIOSBIOSVersion: "1.13.2", Manufacturer: "Maker",
        SoftwareElementID: "1.13.2", SoftwareElementState: 3_u16, TargetOperatingSystem: 0_u16,
        ReleaseDate: time("20190507000000.000000+000"), SystemBiosMajorVersion: 1_u8,
        SystemBiosMinorVersion: 13_u8, EmbeddedControllerMajorVersion: (), SerialNumber: (),
        SMBIOSMajorVersion: 3_u16, SMBIOSMinorVersion: 4_u16, SMBIOSPresent: true,
        BiosCharacteristics: Array::Uint16(vec![7, 11, 15, 32]),
        BIOSVersion: strings(&["1.13.2"]),
    });
}

fn module(size: u16, extended: u32) -> Vec<u8> {
    let mut device = vec![17, 0x28, 0, 0];
    device.resize(0x28, 0);
    let mut put = |at: usize, bytes: &[u8]| device[at..at + bytes.len()].copy_from_slice(bytes);
    put(0x08, &72_u16.to_le_bytes());
    put(0x0A, &64_u16.to_le_bytes());
    put(0x0C, &size.to_le_bytes());
    put(0x0E, &[9, 0, 1, 2, 0x1A]);
    put(0x13, &0x80_u16.to_le_bytes());
    put(0x15, &3200_u16.to_le_bytes());
    put(0x17, &[3, 4, 0, 5, 2]);
    put(0x1C, &extended.to_le_bytes());
    put(0x20, &2933_u16.to_le_bytes());
    put(0x26, &1200_u16.to_le_bytes());
    device.extend(b"DIMM_A1\0BANK 0\0Maker\0S123\0PART-1  \0\0");
    device
}

#[test]
fn memory_modules() {
    let tree = Tree::new()
        .file("/sys/firmware/dmi/entries/17-0/raw", module(16384, 0))
        .file("/sys/firmware/dmi/entries/17-1/raw", module(0, 0))
        .file("/sys/firmware/dmi/entries/17-2/raw", module(0x7FFF, 65536))
        .file("/sys/firmware/dmi/entries/17-10/raw", module(0x8000 | 512, 0))
        .file("/sys/firmware/dmi/entries/1-0/raw", module(1, 0));
    let [first, second, third] =
        tree.all("Win32_PhysicalMemory").try_into().expect("three of four slots");
    assert_values!(first, {
        Tag: "Physical Memory 0", Capacity: 17_179_869_184_u64, FormFactor: 8_u16,
        MemoryType: 26_u16, SMBIOSMemoryType: 26_u32, Speed: 3200_u32,
        ConfiguredClockSpeed: 2933_u32, ConfiguredVoltage: 1200_u32, MinVoltage: (),
        DataWidth: 64_u16, TotalWidth: 72_u16, DeviceLocator: "DIMM_A1", BankLabel: "BANK 0",
        Manufacturer: "Maker", SerialNumber: "S123", PartNumber: "PART-1", Attributes: 2_u32,
        TypeDetail: 128_u16,
    });
    assert_values!(second, { Tag: "Physical Memory 2", Capacity: 68_719_476_736_u64 });
    assert_values!(third, { Tag: "Physical Memory 3", Capacity: 524_288_u64 });
}

#[test]
fn logical_disks() {
    let tree = Tree::new()
        .file(
            "/proc/self/mounts",
            "proc /proc proc rw 0 0\n/dev/root / ext3 rw 0 0\n/dev/vda1 / ext4 rw,relatime 0 0\n\
             tmpfs /run tmpfs rw,nosuid 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n\
             /dev/sdb1 /mnt/my\\040disk vfat ro 0 0\nserver:/x /net nfs4 rw 0 0\n\
             /dev/sr0 /cd iso9660 ro 0 0\nbroken\n",
        )
        .link("/dev/disk/by-label/my\\x20root", "../../vda1")
        .link("/dev/disk/by-uuid/3e6b-11", "../../vda1")
        .file("/sys/devices/usb1/block/sdb/sdb1/partition", "1\n")
        .file("/sys/devices/usb1/block/sdb/removable", "1\n")
        .link("/sys/class/block/sdb1", "../../devices/usb1/block/sdb/sdb1");
    let ids: Vec<_> = tree
        .all("Win32_LogicalDisk")
        .iter()
        .map(|disk| {
            let text = |name: &str| disk.get(name).unwrap().as_str().unwrap().to_owned();
            (text("DeviceID"), disk.get("DriveType").unwrap().as_u64().unwrap())
        })
        .collect();
    let expected = [("/", 3), ("/run", 6), ("/mnt/my disk", 2), ("/net", 4), ("/cd", 5)];
    assert_eq!(ids, expected.map(|(id, kind)| (id.to_owned(), kind)));
    let disk = |id: &str| {
        let found = query(&tree.machine(), "Win32_LogicalDisk", &equal("DeviceID", id)).unwrap();
        let [disk] = found.try_into().expect("one disk");
        disk
    };
    assert_values!(disk("/"), {
        Size: 4_096_000_u64, FreeSpace: 1_024_000_u64, BlockSize: 4096_u64, FileSystem: "ext4",
        VolumeName: "my root", VolumeSerialNumber: "3e6b-11", Access: 3_u16, MediaType: 12_u32,
        MaximumComponentLength: 255_u32, ProviderName: (), Description: "Local Fixed Disk",
        SystemName: "alpha", Compressed: (),
    });
    assert_values!(disk("/mnt/my disk"), { Size: 5120_u64, FreeSpace: 1536_u64, Access: 1_u16 });
    assert_values!(disk("/net"), { ProviderName: "server:/x", Size: (), MediaType: () });
}

#[test]
fn disk_drives() {
    let scsi = "/sys/devices/pci0000:00/ata1/host2/target2:0:1/2:0:1:3";
    let drive = format!("{scsi}/block/sda");
    let tree = Tree::new()
        .file(&format!("{drive}/size"), "1000\n")
        .file(&format!("{drive}/queue/logical_block_size"), "4096\n")
        .file(&format!("{drive}/removable"), "0\n")
        .file(&format!("{drive}/ro"), "0\n")
        .file(&format!("{drive}/sda1/partition"), "1\n")
        .file(&format!("{drive}/sda2/partition"), "2\n")
        .file(&format!("{scsi}/model"), "DISK 7   \n")
        .file(&format!("{scsi}/vendor"), "ATA     \n")
        .file(&format!("{scsi}/rev"), "1.0 \n")
        .file(&format!("{scsi}/state"), "running\n")
        .link(&format!("{drive}/device"), "../../../2:0:1:3")
        .link("/sys/block/sda", &format!("..{}", drive.trim_start_matches("/sys")))
        .directory("/sys/devices/virtual/block/loop0")
        .link("/sys/block/loop0", "../devices/virtual/block/loop0")
        .directory("/sys/devices/pci0000:00/nvme/nvme0/nvme0n1")
        .file("/sys/devices/pci0000:00/nvme/nvme0/serial", "N1\n")
        .file("/sys/devices/pci0000:00/nvme/nvme0/firmware_rev", "F2\n")
        .link("/sys/devices/pci0000:00/nvme/nvme0/nvme0n1/device", "../../nvme0")
        .link("/sys/block/nvme0n1", "../devices/pci0000:00/nvme/nvme0/nvme0n1")
        .link("/sys/block/sr0", &format!("..{}", drive.trim_start_matches("/sys")));
    let [nvme, sda] = tree.all("Win32_DiskDrive").try_into().expect("two drives");
    assert_values!(sda, {
        DeviceID: "/dev/sda", Index: 1_u32, Model: "DISK 7", Caption: "DISK 7",
        Manufacturer: "ATA", FirmwareRevision: "1.0", Size: 512_000_u64, BytesPerSector: 4096_u32,
        TotalSectors: 125_u64, Partitions: 2_u32, InterfaceType: "IDE", Status: "OK",
        SCSIPort: 2_u16, SCSIBus: 0_u32, SCSITargetId: 1_u16, SCSILogicalUnit: 3_u16,
        MediaType: "Fixed hard disk media", MediaLoaded: true, SerialNumber: (), TotalHeads: (),
    });
    assert_values!(nvme, {
        DeviceID: "/dev/nvme0n1", Index: 0_u32, SerialNumber: "N1", FirmwareRevision: "F2",
        InterfaceType: "SCSI", Size: (), SCSIPort: (), Partitions: 0_u32,
    });
}
