//! Devices, as software sees them and as hands do.

super::abstract_classes! {
    /// A device as software sees it.
    CIM_LogicalDevice: CIM_LogicalElement = "{8502C529-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Whether the device can be used: 3 running at full power, 8 off line.
        Availability: u16;
        /// Trouble that the device manager has with the device; 0 is none.
        ConfigManagerErrorCode: u32;
        /// Whether a user has configured the device.
        ConfigManagerUserConfig: bool;
        /// Class of this instance.
        CreationClassName: String;
        /// What tells the device from others of its class.
        DeviceID: String;
        /// Whether the last error has been cleared.
        ErrorCleared: bool;
        /// The last error in words.
        ErrorDescription: String;
        /// The last error as a number.
        LastErrorCode: u32;
        /// Plug and Play identification.
        PNPDeviceID: String;
        /// What the device can do to save power.
        PowerManagementCapabilities: Vec<u16>;
        /// Whether the device can save power.
        PowerManagementSupported: bool;
        /// Whether the device is enabled: 3 is yes, 4 is no.
        StatusInfo: u16;
        /// Class of the computer.
        SystemCreationClassName: String;
        /// Name of the computer.
        SystemName: String;
    }

    /// A processor.
    CIM_Processor: CIM_LogicalDevice = "{8502C54B-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Width of an address.
        AddressWidth: u16 [units("bits")];
        /// Speed at present.
        CurrentClockSpeed: u32 [units("megahertz")];
        /// Width of a datum.
        DataWidth: u16 [units("bits")];
        /// Family of processors, as SMBIOS numbers them.
        Family: u16;
        /// How busy the processor is.
        LoadPercentage: u16 [units("percent")];
        /// The highest speed.
        MaxClockSpeed: u32 [units("megahertz")];
        /// The family in words, where Family is 1.
        OtherFamilyDescription: String;
        /// What the processor does in the computer.
        Role: String;
        /// Revision within the family.
        Stepping: String;
        /// Identification of this very processor.
        UniqueId: String;
        /// How the processor is mounted, as SMBIOS numbers the ways.
        UpgradeMethod: u16;
    }

    /// A stretch of storage.
    CIM_StorageExtent: CIM_LogicalDevice = "{8502C538-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Whether it can be read (1), written (2), both (3).
        Access: u16;
        /// Size of a block.
        BlockSize: u64 [units("bytes")];
        /// How errors are found and corrected.
        ErrorMethodology: String;
        /// How many blocks there are.
        NumberOfBlocks: u64;
        /// What the storage is for.
        Purpose: String;
    }

    /// Storage that holds a file system.
    CIM_LogicalDisk: CIM_StorageExtent = "{8502C539-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Space that can still be written to.
        FreeSpace: u64 [units("bytes")];
        /// Space in all.
        Size: u64 [units("bytes")];
    }

    /// A device that reads and writes media.
    CIM_MediaAccessDevice: CIM_LogicalDevice = "{8502C52A-5FBB-11D2-AAC1-006008C78BC7}" {
        /// What the device can do: 3 random access, 4 writing, 7 removable media.
        Capabilities: Vec<u16>;
        /// The capabilities in words.
        CapabilityDescriptions: Vec<String>;
        /// How the device compresses.
        CompressionMethod: String;
        /// Usual size of a block.
        DefaultBlockSize: u64 [units("bytes")];
        /// How errors are found and corrected.
        ErrorMethodology: String;
        /// The largest block.
        MaxBlockSize: u64 [units("bytes")];
        /// The largest medium.
        MaxMediaSize: u64 [units("kilobytes")];
        /// The smallest block.
        MinBlockSize: u64 [units("bytes")];
        /// Whether the device wants cleaning.
        NeedsCleaning: bool;
        /// How many media the device can hold.
        NumberOfMediaSupported: u32;
    }

    /// A disk drive.
    CIM_DiskDrive: CIM_MediaAccessDevice = "{8502C52C-5FBB-11D2-AAC1-006008C78BC7}" {}

    /// A network adapter.
    CIM_NetworkAdapter: CIM_LogicalDevice = "{8502C532-5FBB-11D2-AAC1-006008C78BC7}" {
        /// Whether the adapter finds out the speed by itself.
        AutoSense: bool;
        /// The highest speed.
        MaxSpeed: u64 [units("bits per second")];
        /// Network addresses of the adapter.
        NetworkAddresses: Vec<String>;
        /// Address that the adapter was made with.
        PermanentAddress: String;
        /// Speed at present.
        Speed: u64 [units("bits per second")];
    }

    /// A thing that hands can touch.
    CIM_PhysicalElement: CIM_ManagedSystemElement = "{FAF76B61-798C-11D2-AAD1-006008C78BC7}" {
        /// Class of this instance.
        CreationClassName: String;
        /// Who made it.
        Manufacturer: String;
        /// The maker's name for it.
        Model: String;
        /// Further identification, such as an asset tag.
        OtherIdentifyingInfo: String;
        /// The maker's part number.
        PartNumber: String;
        /// Whether it is under power.
        PoweredOn: bool;
        /// The maker's serial number.
        SerialNumber: String;
        /// Number under which it is stocked.
        SKU: String;
        /// What tells it from other elements.
        Tag: String;
        /// Its version.
        Version: String;
    }

    /// A part that others are made of.
    CIM_PhysicalComponent: CIM_PhysicalElement = "{FAF76B78-798C-11D2-AAD1-006008C78BC7}" {
        /// Whether it can be changed under power.
        HotSwappable: bool;
        /// Whether it can be taken out.
        Removable: bool;
        /// Whether another can take its place.
        Replaceable: bool;
    }

    /// An integrated circuit.
    CIM_Chip: CIM_PhysicalComponent = "{FAF76B7A-798C-11D2-AAD1-006008C78BC7}" {
        /// Shape: 8 DIMM, 12 SODIMM.
        FormFactor: u16;
    }

    /// A memory module.
    CIM_PhysicalMemory: CIM_Chip = "{FAF76B7B-798C-11D2-AAD1-006008C78BC7}" {
        /// Bank that the module sits in.
        BankLabel: String;
        /// Size of the module.
        Capacity: u64 [units("bytes")];
        /// Width of a datum.
        DataWidth: u16 [units("bits")];
        /// Place in an interleave.
        InterleavePosition: u32;
        /// Kind of memory: 20 DDR, 21 DDR2, 26 DDR4.
        MemoryType: u16;
        /// Place in a row.
        PositionInRow: u32;
        /// Speed of the module.
        Speed: u32 [units("nanoseconds")];
        /// Width with error correction.
        TotalWidth: u16 [units("bits")];
    }
}
