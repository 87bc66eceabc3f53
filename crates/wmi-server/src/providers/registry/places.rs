//! Where the predefined keys of Windows are.

use super::Failure;
use super::code;
use super::tree::KeyPath;
use crate::methods::MethodCall;

const CLASSES_ROOT: u32 = 0x8000_0000;
const CURRENT_USER: u32 = 0x8000_0001;
const LOCAL_MACHINE: u32 = 0x8000_0002;
const USERS: u32 = 0x8000_0003;
const CURRENT_CONFIG: u32 = 0x8000_0005;

const MACHINE: &str = "HKEY_LOCAL_MACHINE";

/// The key that the parameters `hDefKey` and `sSubKeyName` name.
pub(super) fn of(call: &MethodCall<'_>) -> Result<KeyPath, Failure> {
    let predefined = call.value("hDefKey").as_u64().and_then(|key| u32::try_from(key).ok());
    let user = call.caller().user.to_lowercase();
    let top: &[&str] = match predefined {
        Some(LOCAL_MACHINE) => &[MACHINE],
        Some(USERS) => &["HKEY_USERS"],
        Some(CLASSES_ROOT) => &[MACHINE, "SOFTWARE", "Classes"],
        Some(CURRENT_CONFIG) => {
            &[MACHINE, "SYSTEM", "CurrentControlSet", "Hardware Profiles", "Current"]
        }
        // A name that cannot be that of a key is nobody's.
        Some(CURRENT_USER) if !user.is_empty() && !user.contains(['\\']) => {
            &["HKEY_USERS", user.as_str()]
        }
        _ => return Err(code::INVALID_HANDLE.into()),
    };
    Ok(KeyPath::new(top, call.text("sSubKeyName").unwrap_or_default())?)
}

/// Whether the call names a predefined key itself.
pub(super) fn is_predefined(call: &MethodCall<'_>) -> bool {
    matches!(call.text("sSubKeyName"), None | Some("" | "\\"))
}
