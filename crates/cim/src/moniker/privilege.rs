//! The privileges that a moniker can name.

macro_rules! privileges {
    ($($variant:ident = $value:literal),* $(,)?) => {
        /// A Windows privilege, named as scripts name it.
        ///
        /// The discriminants are those of `WbemPrivilegeEnum`.
        ///
        /// Source: WMI SDK, *Privilege Constants*.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum Privilege {
            $($variant = $value),*
        }

        impl Privilege {
            /// Every privilege, in the order of `WbemPrivilegeEnum`.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The short name, such as `Debug`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant)),*
                }
            }
        }
    };
}

privileges! {
    CreateToken = 1, AssignPrimaryToken = 2, LockMemory = 3, IncreaseQuota = 4, MachineAccount = 5,
    Tcb = 6, Security = 7, TakeOwnership = 8, LoadDriver = 9, SystemProfile = 10, Systemtime = 11,
    ProfileSingleProcess = 12, IncreaseBasePriority = 13, CreatePagefile = 14, CreatePermanent = 15,
    Backup = 16, Restore = 17, Shutdown = 18, Debug = 19, Audit = 20, SystemEnvironment = 21,
    ChangeNotify = 22, RemoteShutdown = 23, Undock = 24, SyncAgent = 25, EnableDelegation = 26,
    ManageVolume = 27,
}

impl Privilege {
    /// The name that Windows itself uses, such as `SeDebugPrivilege`.
    pub fn windows_name(self) -> String {
        format!("Se{}Privilege", self.name())
    }

    /// The privilege with this short name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name().eq_ignore_ascii_case(name))
    }
}
