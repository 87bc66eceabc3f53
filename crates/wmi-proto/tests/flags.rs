//! The flags that each method takes, one after the other, against the tables of `[MS-WMI] 3.1.4.3`.
#![allow(clippy::unwrap_used, clippy::wildcard_imports, reason = "tests")]

use std::fmt::Debug;

use bytes::Bytes;
use winreach_wmi_proto::services::*;
use winreach_wmi_proto::{Endian, Flagged, HResult, Method};

/// Bits that every method passes over: NO_ERROR_OBJECT where the method does not write, the reserved
/// ones, STRONG_VALIDATION; and ENSURE_LOCATABLE where the method does not write.
const PASSED_OVER: u32 = 0x11_F000;
const PASSED_OVER_READING: u32 = PASSED_OVER | 0x140;

/// The method with these flags, all else null: read out of a stub.
fn with_flags<M: Method>(before: usize, flags: u32) -> M {
    let mut words = vec![0_u32; before];
    words.push(flags);
    words.extend([0; 8]);
    let stub: Bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    M::decode(&stub, Endian::Little).unwrap()
}

/// Gives the method each bit alone, on top of the required ones, and demands that it takes those in
/// `allowed` and no other. `before` parameters stand before the flags, each of them a null pointer.
#[track_caller]
fn takes<M: Flagged>(before: usize, allowed: u32, required: u32)
where
    M::Flags: Debug,
{
    let passed_over = if M::NAME.contains("::Put") { PASSED_OVER } else { PASSED_OVER_READING };
    for bit in (0..32).map(|bit| 1 << bit) {
        let request: M = with_flags(before, required | bit);
        let expected = match (allowed | passed_over) & bit != 0 {
            true => Ok(()),
            false => Err(HResult::INVALID_PARAMETER),
        };
        assert_eq!(request.check_flags(), expected, "{} with {bit:#x}", M::NAME);
        let bare: M = with_flags(before, bit);
        assert_eq!(
            bare.check_flags().is_ok(),
            expected.is_ok() && required & !bit == 0,
            "{bit:#x}"
        );
    }
    assert!(with_flags::<M>(before, required).check_flags().is_ok());
}

#[test]
fn methods_that_read() {
    takes::<OpenNamespace>(1, 0x10, 0);
    takes::<QueryObjectSink>(0, 0, 0);
    takes::<GetObject>(1, 0x2_0210, 0);
    takes::<GetObjectAsync>(1, 0x2_0280, 0);
    takes::<DeleteClass>(1, 0x10, 0);
    takes::<DeleteClassAsync>(1, 0x80, 0);
    takes::<CreateClassEnum>(1, 0x2_0031, 0);
    takes::<CreateClassEnumAsync>(1, 0x2_0081, 0);
    takes::<DeleteInstance>(1, 0x10, 0);
    takes::<DeleteInstanceAsync>(1, 0x80, 0);
    takes::<CreateInstanceEnum>(1, 0x2_0231, 0);
    takes::<CreateInstanceEnumAsync>(1, 0x2_0281, 0);
    takes::<ExecQuery>(2, 0x2_0232, 0);
    takes::<ExecQueryAsync>(2, 0x2_0282, 0);
    takes::<ExecNotificationQuery>(2, 0x2_0030, 0x30);
    takes::<ExecNotificationQueryAsync>(2, 0x2_0080, 0);
    takes::<ExecMethod>(2, 0x10, 0);
    takes::<ExecMethodAsync>(2, 0x80, 0);
}

#[test]
fn methods_that_write() {
    takes::<PutClass>(1, 0x2_0073, 0);
    takes::<PutClassAsync>(1, 0x2_00E3, 0);
    takes::<PutInstance>(1, 0x2_0013, 0);
    takes::<PutInstanceAsync>(1, 0x2_0083, 0);
}

#[test]
fn of_some_flags_only_one_may_stand() {
    for clash in [0x3, 0x60] {
        let request: PutClass = with_flags(1, clash);
        assert_eq!(request.check_flags(), Err(HResult::INVALID_PARAMETER));
        assert_eq!(request.refused_flags().bits(), clash);
    }
    assert!(with_flags::<PutClass>(1, 0x21).check_flags().is_ok());
}

#[test]
fn a_subscription_without_its_flags_is_refused() {
    for flags in [0, 0x10, 0x20, 0x2_0000] {
        let request: ExecNotificationQuery = with_flags(2, flags);
        assert_eq!(request.check_flags(), Err(HResult::INVALID_PARAMETER), "{flags:#x}");
    }
}
