//! The status of a call that failed at the other side.

use std::fmt;

/// The status of a fault PDU: an NCA status of DCE/RPC, a Win32 error or an HRESULT.
///
/// ```
/// use winreach_rpc::Fault;
/// let fault = Fault(0x1C01_0002);
/// assert_eq!(fault, Fault::OP_RANGE_ERROR);
/// assert_eq!(fault.name(), Some("nca_op_rng_error"));
/// assert_eq!(fault.win32(), 1745);
/// ```
///
/// Source: `[MS-RPCE] 3.1.1.5.5`, `[MS-ERREF] 2.2`, DCE 1.1: RPC (C706) appendix N.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fault(pub u32);

macro_rules! faults {
    ($($(#[$doc:meta])* $constant:ident = $status:literal, $name:literal, $win32:literal;)*) => {
        impl Fault {
            $($(#[$doc])* pub const $constant: Self = Self($status);)*

            /// The symbolic name of the status, for those that the protocol itself gives out.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$constant => Some($name),)*
                    _ => None,
                }
            }

            /// The Win32 error that Windows shows for this status; a status without a translation
            /// stands for itself.
            pub fn win32(self) -> u32 {
                match self {
                    $(Self::$constant => $win32,)*
                    Self(status) => status,
                }
            }
        }
    };
}

faults! {
    /// The caller may not do this, or its credentials were refused.
    ACCESS_DENIED = 0x0000_0005, "ERROR_ACCESS_DENIED", 5;
    /// The server has no such authentication service.
    UNKNOWN_AUTHN_SERVICE = 0x0000_06D3, "RPC_S_UNKNOWN_AUTHN_SERVICE", 1747;
    /// The arguments could not be decoded.
    BAD_STUB_DATA = 0x0000_06F7, "RPC_X_BAD_STUB_DATA", 1783;
    /// Signing, sealing or the check of a signature failed.
    SEC_PKG_ERROR = 0x0000_0721, "RPC_S_SEC_PKG_ERROR", 1825;
    /// The connection to the server was lost.
    COMM_FAILURE = 0x1C01_0001, "nca_s_comm_failure", 1820;
    /// The interface has no operation of this number.
    OP_RANGE_ERROR = 0x1C01_0002, "nca_op_rng_error", 1745;
    /// The server does not offer this interface.
    UNKNOWN_INTERFACE = 0x1C01_0003, "nca_unk_if", 1717;
    /// The client knows the server from before its last start. Not translated.
    WRONG_BOOT_TIME = 0x1C01_0006, "nca_wrong_boot_time", 0x1C01_0006;
    /// The server crashed during the call.
    YOU_CRASHED = 0x1C01_0009, "nca_s_you_crashed", 1726;
    /// A PDU broke the rules of the protocol.
    PROTOCOL_ERROR = 0x1C01_000B, "nca_proto_error", 1728;
    /// The answer was too large for the server.
    OUT_ARGS_TOO_BIG = 0x1C01_0013, "nca_out_args_too_big", 1130;
    /// The server has no room for this call now.
    SERVER_TOO_BUSY = 0x1C01_0014, "nca_server_too_busy", 1723;
    /// The object does not belong to the type that the interface asks for.
    UNSUPPORTED_TYPE = 0x1C01_0017, "nca_unsupported_type", 1732;
    /// Integer division by zero in the called procedure.
    INT_DIV_BY_ZERO = 0x1C00_0001, "nca_s_fault_int_div_by_zero", 1767;
    /// Address error in the called procedure.
    ADDRESS_ERROR = 0x1C00_0002, "nca_s_fault_addr_error", 1768;
    /// Floating-point division by zero in the called procedure.
    FP_DIV_ZERO = 0x1C00_0003, "nca_s_fault_fp_div_zero", 1769;
    /// Floating-point underflow in the called procedure.
    FP_UNDERFLOW = 0x1C00_0004, "nca_s_fault_fp_underflow", 1770;
    /// Floating-point overflow in the called procedure.
    FP_OVERFLOW = 0x1C00_0005, "nca_s_fault_fp_overflow", 1771;
    /// The discriminant of a union matches no case.
    INVALID_TAG = 0x1C00_0006, "nca_s_fault_invalid_tag", 1733;
    /// An array bound is invalid.
    INVALID_BOUND = 0x1C00_0007, "nca_s_fault_invalid_bound", 1734;
    /// The peer speaks another version of the protocol.
    RPC_VERSION_MISMATCH = 0x1C00_0008, "nca_rpc_version_mismatch", 1728;
    /// The call was rejected without a reason.
    UNSPEC_REJECT = 0x1C00_0009, "nca_unspec_reject", 1726;
    /// The activity of the call is unknown; the call did not run.
    BAD_ACTID = 0x1C00_000A, "nca_s_bad_actid", 1727;
    /// The server could not ask the client who it is.
    WHO_ARE_YOU_FAILED = 0x1C00_000B, "nca_who_are_you_failed", 1726;
    /// The procedure was not entered; the call did not run.
    MANAGER_NOT_ENTERED = 0x1C00_000C, "nca_manager_not_entered", 1727;
    /// The call was cancelled.
    CANCELLED = 0x1C00_000D, "nca_s_fault_cancel", 1818;
    /// Illegal instruction in the called procedure.
    ILLEGAL_INSTRUCTION = 0x1C00_000E, "nca_s_fault_ill_inst", 1768;
    /// Floating-point error in the called procedure.
    FP_ERROR = 0x1C00_000F, "nca_s_fault_fp_error", 1771;
    /// Integer overflow in the called procedure.
    INT_OVERFLOW = 0x1C00_0010, "nca_s_fault_int_overflow", 1768;
    /// The call failed without a reason.
    UNSPECIFIED = 0x1C00_0012, "nca_s_fault_unspec", 1726;
    /// The server could not reach a further machine. Not translated.
    REMOTE_COMM_FAILURE = 0x1C00_0013, "nca_s_fault_remote_comm_failure", 0x1C00_0013;
    /// A pipe was read past its end.
    PIPE_EMPTY = 0x1C00_0014, "nca_s_fault_pipe_empty", 1918;
    /// A pipe was closed.
    PIPE_CLOSED = 0x1C00_0015, "nca_s_fault_pipe_closed", 1916;
    /// Pipes were used out of order.
    PIPE_ORDER = 0x1C00_0016, "nca_s_fault_pipe_order", 1831;
    /// A pipe was used against its rules.
    PIPE_DISCIPLINE = 0x1C00_0017, "nca_s_fault_pipe_discipline", 1917;
    /// The connection was lost within a pipe.
    PIPE_COMM_ERROR = 0x1C00_0018, "nca_s_fault_pipe_comm_error", 1820;
    /// No memory for a pipe.
    PIPE_MEMORY = 0x1C00_0019, "nca_s_fault_pipe_memory", 14;
    /// A context handle does not belong to this association.
    CONTEXT_MISMATCH = 0x1C00_001A, "nca_s_fault_context_mismatch", 6;
    /// The server ran out of memory.
    REMOTE_NO_MEMORY = 0x1C00_001B, "nca_s_fault_remote_no_memory", 1130;
    /// The request names a presentation context that was not negotiated.
    INVALID_PRES_CONTEXT_ID = 0x1C00_001C, "nca_invalid_pres_context_id", 1728;
    /// The authentication level is not supported.
    UNSUPPORTED_AUTHN_LEVEL = 0x1C00_001D, "nca_unsupported_authn_level", 1821;
    /// The checksum of the call is wrong; the call did not run.
    INVALID_CHECKSUM = 0x1C00_001F, "nca_invalid_checksum", 1727;
    /// The CRC of the call is wrong; the call did not run.
    INVALID_CRC = 0x1C00_0020, "nca_invalid_crc", 1727;
    /// An exception of the application. Not translated.
    USER_DEFINED = 0x1C00_0021, "nca_s_fault_user_defined", 0x1C00_0021;
    /// A transaction could not be opened. Not translated.
    TX_OPEN_FAILED = 0x1C00_0022, "nca_s_fault_tx_open_failed", 0x1C00_0022;
    /// Text could not be converted. Not translated.
    CODESET_CONV_ERROR = 0x1C00_0023, "nca_s_fault_codeset_conv_error", 0x1C00_0023;
    /// The object does not exist. Not translated.
    OBJECT_NOT_FOUND = 0x1C00_0024, "nca_s_fault_object_not_found", 0x1C00_0024;
    /// The client has no stub for a callback. Not translated.
    NO_CLIENT_STUB = 0x1C00_0025, "nca_s_fault_no_client_stub", 0x1C00_0025;
}

impl Fault {
    /// Whether a server may send this status (`[MS-RPCE] 3.3.3.5.1`): success and the exception
    /// codes of a crashing process are reserved.
    pub fn may_be_sent(self) -> bool {
        !matches!(
            self.0,
            0 | 0x8000_0001
                ..=0x8000_0003
                    | 0xC000_0005
                    | 0xC000_0006
                    | 0xC000_001D
                    | 0xC000_0096
                    | 0xC000_00AA
                    | 0xC000_00FD
                    | 0xC000_0194
                    | 0xC000_0235
                    | 0xC000_0409
                    | 0xC000_0420
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:08X})", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_names_and_translations() {
        let cases = [
            (0x1C01_0002, Some("nca_op_rng_error"), 1745),
            (0x1C01_0003, Some("nca_unk_if"), 1717),
            (0x1C01_000B, Some("nca_proto_error"), 1728),
            (0x1C01_0014, Some("nca_server_too_busy"), 1723),
            (0x1C00_001C, Some("nca_invalid_pres_context_id"), 1728),
            (0x1C00_001D, Some("nca_unsupported_authn_level"), 1821),
            (0x1C00_0024, Some("nca_s_fault_object_not_found"), 0x1C00_0024),
            (5, Some("ERROR_ACCESS_DENIED"), 5),
            (0x8001_0108, None, 0x8001_0108),
        ];
        for (status, name, win32) in cases {
            assert_eq!((Fault(status).name(), Fault(status).win32()), (name, win32));
        }
        assert_eq!(Fault::OP_RANGE_ERROR.to_string(), "nca_op_rng_error (0x1C010002)");
        assert_eq!(Fault(0x8001_0108).to_string(), "0x80010108");
    }

    #[test]
    fn codes_of_crashes_are_not_sent() {
        for status in [0, 0x8000_0001, 0xC000_0005, 0xC000_0420] {
            assert!(!Fault(status).may_be_sent());
        }
        assert!(Fault::ACCESS_DENIED.may_be_sent());
        assert!(Fault(0x8001_0108).may_be_sent());
    }
}
