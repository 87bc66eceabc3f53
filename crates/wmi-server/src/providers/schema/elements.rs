//! What everything managed has in common, and the elements that belong to no device.

use winreach_cim::DateTime;

super::abstract_classes! {
    /// Anything that is managed.
    CIM_ManagedSystemElement = "{8502C517-5FBB-11D2-AAC1-006008C78BC7}" {
        /// One line about the element.
        Caption: String;
        /// The element in words.
        Description: String;
        /// When the element came to be here.
        InstallDate: DateTime;
        /// What the element is called.
        Name: String;
        /// How the element fares, such as OK, Degraded or Error.
        Status: String;
    }

    /// An element that is not a thing to touch: software, a device as seen by software.
    CIM_LogicalElement: CIM_ManagedSystemElement = "{8502C518-5FBB-11D2-AAC1-006008C78BC7}" {}

    /// A program that runs.
    CIM_Process: CIM_LogicalElement = "{8502C566-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Class of the computer that the process runs on.
        CSCreationClassName: String;
        /// Name of the computer that the process runs on.
        CSName: String;
        /// Class of this instance.
        CreationClassName: String;
        /// When the process began.
        CreationDate: DateTime;
        /// The process identifier as text.
        Handle: String [key];
        /// Processor time spent in the kernel.
        KernelModeTime: u64 [units("milliseconds")];
        /// Class of the operating system.
        OSCreationClassName: String;
        /// Name of the operating system.
        OSName: String;
        /// How urgent the process is to the scheduler.
        Priority: u32;
        /// What the process does: 2 ready, 3 running, 4 blocked, 7 terminated, 8 stopped.
        ExecutionState: u16;
        /// When the process ended.
        TerminationDate: DateTime;
        /// Processor time spent in the program itself.
        UserModeTime: u64 [units("milliseconds")];
        /// Physical memory that the process holds.
        WorkingSetSize: u64 [units("bytes")];
    }

    /// Something that software does for others.
    CIM_Service: CIM_LogicalElement = "{8502C527-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Class of this instance.
        CreationClassName: String;
        /// What the service is called; unique on its computer.
        Name: String [key];
        /// Whether the service has been started.
        Started: bool;
        /// How the service is started: Auto, Manual, Disabled.
        StartMode: String;
        /// Class of the computer.
        SystemCreationClassName: String;
        /// Name of the computer.
        SystemName: String;
    }

    /// A service as the computer's service manager knows it.
    Win32_BaseService: CIM_Service = "{8502C4C4-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Whether the service can be paused.
        AcceptPause: bool;
        /// Whether the service can be stopped.
        AcceptStop: bool;
        /// Whether the service may show windows on the desktop.
        DesktopInteract: bool;
        /// What the service is called towards people.
        DisplayName: String;
        /// What happens when the service fails to start.
        ErrorControl: String;
        /// Error with which the service ended or failed to start.
        ExitCode: u32;
        /// The command that runs the service.
        PathName: String;
        /// Error of the service's own counting.
        ServiceSpecificExitCode: u32;
        /// Whether the service has processes of its own.
        ServiceType: String;
        /// The account that the service runs under.
        StartName: String;
        /// Running, Stopped, or Unknown.
        State: String;
        /// Place in the order of starting.
        TagId: u32;
    }

    /// A part of a program, as it is installed.
    CIM_SoftwareElement: CIM_LogicalElement = "{8502C561-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Which build it is.
        BuildNumber: String;
        /// Its character set.
        CodeSet: String;
        /// Its manufacturer's own identification.
        IdentificationCode: String;
        /// Its language.
        LanguageEdition: String;
        /// Who made it.
        Manufacturer: String;
        /// What it is called.
        Name: String [key];
        /// The system it is for, where TargetOperatingSystem is 1.
        OtherTargetOS: String;
        /// Its serial number.
        SerialNumber: String;
        /// What tells it from other elements of one name.
        SoftwareElementID: String [key];
        /// Where it stands: 0 deployable, 1 installable, 2 executable, 3 running.
        SoftwareElementState: u16 [key];
        /// The operating system it is for, as numbered by CIM_OperatingSystem.OSType.
        TargetOperatingSystem: u16 [key];
        /// Its version.
        Version: String [key];
    }

    /// The firmware that starts a computer.
    CIM_BIOSElement: CIM_SoftwareElement = "{8502C562-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Whether this is the computer's main firmware.
        PrimaryBIOS: bool;
    }

    /// Somebody or something that can be granted rights.
    Win32_Account: CIM_LogicalElement = "{8502C4C9-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Domain or computer that keeps the account.
        Domain: String [key];
        /// Whether the account is kept on this computer.
        LocalAccount: bool;
        /// Name of the account within its domain.
        Name: String [key];
        /// Security identifier of the account.
        SID: String;
        /// Kind of the security identifier: 1 a user.
        SIDType: u8;
    }

    /// A file or directory.
    CIM_LogicalFile: CIM_LogicalElement = "{8502C559-5FBB-11D2-AAC1-006008C78BC7}" {
        /// What the asking user may do with the file.
        AccessMask: u32;
        /// Whether the file awaits archiving.
        Archive: bool;
        /// Whether the file is stored compressed.
        Compressed: bool;
        /// How the file is compressed.
        CompressionMethod: String;
        /// Class of this instance.
        CreationClassName: String;
        /// When the file came to be.
        CreationDate: DateTime;
        /// Class of the computer.
        CSCreationClassName: String;
        /// Name of the computer.
        CSName: String;
        /// The volume that holds the file.
        Drive: String;
        /// Short name of the file.
        EightDotThreeFileName: String;
        /// Whether the file is stored encrypted.
        Encrypted: bool;
        /// How the file is encrypted.
        EncryptionMethod: String;
        /// The file's name from its last dot on, without the dot.
        Extension: String;
        /// The file's name without directory and extension.
        FileName: String;
        /// Length of the file.
        FileSize: u64 [units("bytes")];
        /// Kind of the file in words.
        FileType: String;
        /// Class of the file system.
        FSCreationClassName: String;
        /// Kind of the file system.
        FSName: String;
        /// Whether listings leave the file out.
        Hidden: bool;
        /// How often the file is open at present.
        InUseCount: u64;
        /// When the file was last read.
        LastAccessed: DateTime;
        /// When the file was last written.
        LastModified: DateTime;
        /// The whole path of the file.
        Name: String [key];
        /// Directory of the file, with separators before and behind.
        Path: String;
        /// Whether the file can be read.
        Readable: bool;
        /// Whether the file belongs to the system.
        System: bool;
        /// Whether the file can be written.
        Writeable: bool;
    }

    /// Something that can be set, apart from what it is set on.
    CIM_Setting = "{8502C572-5FBB-11D2-AAC1-006008C78BC7}" {
        /// One line about the setting.
        Caption: String;
        /// The setting in words.
        Description: String;
        /// What the setting is known by.
        SettingID: String;
    }
}
