//! Computers and operating systems.

use winreach_cim::DateTime;

super::abstract_classes! {
    /// An operating system.
    CIM_OperatingSystem: CIM_LogicalElement = "{8502C565-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Class of the computer.
        CSCreationClassName: String;
        /// Name of the computer.
        CSName: String;
        /// Class of this instance.
        CreationClassName: String;
        /// Whether the system spans several computers.
        Distributed: bool;
        /// Physical memory that programs can still get.
        FreePhysicalMemory: u64 [units("kilobytes")];
        /// Physical memory and paging space that programs can still get.
        FreeVirtualMemory: u64 [units("kilobytes")];
        /// The most memory that one process can address.
        MaxProcessMemorySize: u64 [units("kilobytes")];
        /// Kind of the operating system: 36 is Linux.
        OSType: u16;
        /// The kind in words, where OSType is 1.
        OtherTypeDescription: String;
        /// Version of the operating system.
        Version: String;
        /// Date and time on the computer.
        LocalDateTime: DateTime;
        /// Minutes by which local time is ahead of UTC at present.
        CurrentTimeZone: i16 [units("minutes")];
        /// Size of the paging space.
        SizeStoredInPagingFiles: u64 [units("kilobytes")];
        /// Paging space that is not in use.
        FreeSpaceInPagingFiles: u64 [units("kilobytes")];
        /// When the system was started.
        LastBootUpTime: DateTime;
        /// The most processes there can be.
        MaxNumberOfProcesses: u32;
        /// Licences for users.
        NumberOfLicensedUsers: u32;
        /// Processes there are.
        NumberOfProcesses: u32;
        /// Sessions of users there are.
        NumberOfUsers: u32;
        /// Size of the swap space, where that differs from paging files.
        TotalSwapSpaceSize: u64 [units("kilobytes")];
        /// Physical memory and paging space together.
        TotalVirtualMemorySize: u64 [units("kilobytes")];
        /// Physical memory that the system can use.
        TotalVisibleMemorySize: u64 [units("kilobytes")];
    }

    /// A whole that does things: a computer, a cluster.
    CIM_System: CIM_LogicalElement = "{8502C524-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Class of this instance.
        CreationClassName: String;
        /// What the system is called.
        Name: String [key];
        /// How the name was found.
        NameFormat: String;
        /// How to reach the owner.
        PrimaryOwnerContact: String;
        /// Who owns the system.
        PrimaryOwnerName: String;
        /// What the system is used for.
        Roles: Vec<String>;
    }

    /// A computer.
    CIM_ComputerSystem: CIM_System = "{8502C525-5FBB-11D2-AAC1-006008C78BC7}" {}

    /// One computer, as against a cluster.
    CIM_UnitaryComputerSystem: CIM_ComputerSystem = "{8502C526-5FBB-11D2-AAC1-006008C78BC7}" {
        /// What is needed to find the start-up program.
        InitialLoadInfo: Vec<String>;
        /// The InitialLoadInfo that the system was started with.
        LastLoadInfo: String;
        /// What the computer can do to save power.
        PowerManagementCapabilities: Vec<u16>;
        /// Whether the computer can save power.
        PowerManagementSupported: bool;
        /// Whether the computer saves power at present.
        PowerState: u16;
        /// Whether the computer can be reset by hardware.
        ResetCapability: u16;
    }
}
