use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn the_documented_forms_are_read_and_the_others_refused() {
    // CIM_DATETIME and Interval Format
    for text in [
        "19980416******.000000+***",
        "****0401******.000000+***",
        "19980401135809.000000+***",
        "19980401135809.000000-***",
        "00000001120032.000000:000",
        "20200229000000.000000+840",
    ] {
        assert_eq!(at(text).as_str(), text);
    }
    for (text, position) in [
        ("1998-04-16 ******:***", 4),
        ("199*0416******.000000+***", 0),
        ("20210229000000.000000+000", 6),
        ("20211301000000.000000+000", 4),
        ("00000000000000.000000+000", 4),
        ("20210101240000.000000+000", 8),
        ("20210101006000.000000+000", 10),
        ("20210101000060.000000+000", 12),
        ("20210101000000.00000*+000", 15),
        ("20210101000000.000000+841", 22),
        ("00000001120032.000000:001", 22),
        ("********120032.000000:000", 0),
        ("20210101000000.000000+0000", 25),
        ("20210101", 8),
    ] {
        assert_eq!(text.parse::<DateTime>(), Err(DateTimeError { position }), "{text}");
    }
}

#[test]
fn instants_take_the_offset_into_account() {
    assert_eq!(
        at("20240101120000.000000+060").compare(&at("20240101110000.000000+000")),
        Some(Ordering::Equal)
    );
    assert_eq!(
        at("20240101120000.000000+060").compare(&at("20240101120000.000000+000")),
        Some(Ordering::Less)
    );
    assert_eq!(at("19700101000000.000001+000").to_unix_micros(), Some(1));
    assert_eq!(at("19691231235959.999999+000").to_unix_micros(), Some(-1));
    assert_eq!(at("20200920150607.500000-300").to_unix_micros(), Some(1_600_632_367_500_000));
}

#[test]
fn values_with_asterisks_compare_for_equality_only() {
    let unzoned = at("19980401135809.000000+***");
    assert_eq!(unzoned.compare(&unzoned), Some(Ordering::Equal));
    assert_eq!(unzoned.compare(&at("19980401135809.000000+000")), None);
    assert_eq!(unzoned.to_unix_micros(), None);
    assert_eq!(unzoned.local_micros(), Some(891_439_089_000_000));
}

#[test]
fn intervals_are_durations() {
    let interval = at("00000001120032.000500:000");
    let duration = Duration::from_secs(36 * 3600 + 32) + Duration::from_micros(500);
    assert_eq!(interval.to_duration(), Some(duration));
    assert_eq!(DateTime::from_duration(duration), Some(interval));
    assert_eq!(interval.to_unix_micros(), None);
    assert_eq!(interval.fields(), None);
    assert_eq!(interval.compare(&at("00000002000000.000000:000")), Some(Ordering::Less));
    assert_eq!(DateTime::from_duration(Duration::from_secs(100_000_000 * 86_400)), None);
}

#[test]
fn fields_out_of_range_are_refused() {
    let fields = at("20240229235959.123456-330").fields().unwrap();
    assert_eq!((fields.microsecond, fields.offset), (Some(123_456), Some(-330)));
    assert_eq!(
        DateTime::from_fields(&fields).map(|d| d.to_string()).as_deref(),
        Ok("20240229235959.123456-330")
    );
    let position = |fields| DateTime::from_fields(&fields).unwrap_err().position;
    assert_eq!(position(Fields { month: Some(13), ..fields }), 4);
    assert_eq!(position(Fields { year: Some(2023), ..fields }), 6);
    assert_eq!(DateTime::from_unix_micros(i64::MAX, 0), None);
    assert_eq!(DateTime::from_unix_micros(0, 900), None);
}

proptest! {
    #[test]
    fn unix_time_goes_there_and_back(
        micros in -62_167_000_000_000_000i64..253_402_000_000_000_000,
        offset in -840i16..=840,
    ) {
        let value = DateTime::from_unix_micros(micros, offset).unwrap();
        prop_assert_eq!(value.to_unix_micros(), Some(micros));
        prop_assert_eq!(value.as_str().parse(), Ok(value));
        prop_assert_eq!(DateTime::from_fields(&value.fields().unwrap()), Ok(value));
    }
}
