//! `IWbemBackupRestore` and `IWbemBackupRestoreEx`: the whole repository at once.
//!
//! The object of [`iid::CLSID_BACKUP_RESTORE`] has both. The second descends from the first, so
//! that a call of [`Backup`] or [`Restore`] may come on either.
//!
//! Source: `[MS-WMI] 3.1.4.10` and 3.1.4.11. No recorded traffic has them.

use bitflags::bitflags;
use winreach_ndr::WideString;

use crate::iid;
use crate::stub::methods;

bitflags! {
    /// Flags of [`Restore`]. Bits without a name are kept as they came.
    ///
    /// Source: `[MS-WMI] 2.2.10`.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct RestoreFlags: u32 {
        /// Throw clients out. A server refuses to restore without it.
        const FORCE_SHUTDOWN = 0x1;
        const _ = !0;
    }
}

methods! {
    "IWbemBackupRestore" iid::BACKUP_RESTORE;

    /// Writes the repository to a file on the server.
    3 => Backup {
        /// The file.
        file: WideString,
        /// 0.
        flags: u32,
    } -> ();

    /// Replaces the repository by what a file on the server holds.
    4 => Restore {
        /// The file.
        file: WideString,
        /// `FORCE_SHUTDOWN`.
        flags: RestoreFlags,
    } -> ();
}

methods! {
    "IWbemBackupRestoreEx" iid::BACKUP_RESTORE_EX;

    /// Makes the repository consistent and writes no more to it, so that its files can be copied.
    5 => Pause {} -> ();

    /// Goes on.
    6 => Resume {} -> ();
}
