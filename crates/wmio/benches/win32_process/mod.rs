//! What a class shaped like Win32_Process holds, for benchmarks.

use winreach_cim::{CimType, DateTime, Value};

/// Each property and a value as a Windows machine might have it.
pub(crate) fn properties() -> Vec<(&'static str, CimType, Value)> {
    use CimType as T;
    let started: DateTime = "20240229081501.482913+060".parse().unwrap_or_else(|e| panic!("{e}"));
    let name = "svchost.exe";
    let path = r"C:\Windows\System32\svchost.exe";
    vec![
        ("Caption", T::String, name.into()),
        ("Description", T::String, name.into()),
        ("InstallDate", T::DateTime, Value::Null),
        ("Name", T::String, name.into()),
        ("Status", T::String, Value::Null),
        ("CreationClassName", T::String, "Win32_Process".into()),
        ("CreationDate", T::DateTime, started.into()),
        ("CSCreationClassName", T::String, "Win32_ComputerSystem".into()),
        ("CSName", T::String, "SERVER-0042".into()),
        ("ExecutionState", T::Uint16, Value::Null),
        ("Handle", T::String, "1184".into()),
        ("KernelModeTime", T::Uint64, 1_718_750_000_u64.into()),
        ("OSCreationClassName", T::String, "Win32_OperatingSystem".into()),
        (
            "OSName",
            T::String,
            r"Microsoft Windows Server 2019 Standard|C:\Windows|\Device\Harddisk0\Partition2"
                .into(),
        ),
        ("Priority", T::Uint32, 8_u32.into()),
        ("TerminationDate", T::DateTime, Value::Null),
        ("UserModeTime", T::Uint64, 3_093_750_000_u64.into()),
        ("WorkingSetSize", T::Uint64, 23_474_176_u64.into()),
        (
            "CommandLine",
            T::String,
            format!("{path} -k netsvcs -p -s Schedule {}", "-x".repeat(90)).into(),
        ),
        ("ExecutablePath", T::String, path.into()),
        ("HandleCount", T::Uint32, 1013_u32.into()),
        ("MaximumWorkingSetSize", T::Uint32, 1380_u32.into()),
        ("MinimumWorkingSetSize", T::Uint32, 200_u32.into()),
        ("OtherOperationCount", T::Uint64, 183_250_u64.into()),
        ("OtherTransferCount", T::Uint64, 3_158_882_u64.into()),
        ("PageFaults", T::Uint32, 86_402_u32.into()),
        ("PageFileUsage", T::Uint32, 10_884_u32.into()),
        ("ParentProcessId", T::Uint32, 656_u32.into()),
        ("PeakPageFileUsage", T::Uint32, 14_332_u32.into()),
        ("PeakVirtualSize", T::Uint64, 2_203_507_613_696_u64.into()),
        ("PeakWorkingSetSize", T::Uint32, 27_584_u32.into()),
        ("PrivatePageCount", T::Uint64, 11_145_216_u64.into()),
        ("ProcessId", T::Uint32, 1184_u32.into()),
        ("QuotaNonPagedPoolUsage", T::Uint32, 28_u32.into()),
        ("QuotaPagedPoolUsage", T::Uint32, 221_u32.into()),
        ("QuotaPeakNonPagedPoolUsage", T::Uint32, 33_u32.into()),
        ("QuotaPeakPagedPoolUsage", T::Uint32, 241_u32.into()),
        ("ReadOperationCount", T::Uint64, 1_275_u64.into()),
        ("ReadTransferCount", T::Uint64, 5_912_264_u64.into()),
        ("SessionId", T::Uint32, 0_u32.into()),
        ("ThreadCount", T::Uint32, 14_u32.into()),
        ("VirtualSize", T::Uint64, 2_203_489_312_768_u64.into()),
        ("WindowsVersion", T::String, "10.0.17763".into()),
        ("WriteOperationCount", T::Uint64, 702_u64.into()),
        ("WriteTransferCount", T::Uint64, 412_544_u64.into()),
    ]
}
