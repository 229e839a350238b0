//! Laws of the way between values as they are told here and as the target spells them.

use super::*;
use proptest::prelude::*;

const TYPES: [FieldType; 5] =
    [FieldType::Text, FieldType::Number, FieldType::Boolean, FieldType::Instant, FieldType::Reference];

fn value(field: FieldType) -> BoxedStrategy<Value> {
    match field {
        FieldType::Number => prop_oneof![
            any::<i64>().prop_map(|whole| json!(whole)),
            (-1.0e9..1.0e9_f64).prop_map(|float| json!(float)),
            Just(json!(85.0)),
        ]
        .boxed(),
        FieldType::Boolean => any::<bool>().prop_map(|word| json!(word)).boxed(),
        FieldType::Instant => {
            (0..4_000_000_000_i64).prop_map(|second| json!(Timestamp::from_second(second).unwrap().to_string())).boxed()
        }
        FieldType::Text => "[a-zA-Z0-9 ,.^=-]{0,12}".prop_map(|text| json!(text)).boxed(),
        FieldType::Reference | FieldType::Json => "[a-z0-9]{1,8}".prop_map(|text| json!(text)).boxed(),
    }
}

fn any_value() -> impl Strategy<Value = (FieldType, Value)> {
    prop::sample::select(TYPES.to_vec()).prop_flat_map(|field| value(field).prop_map(move |value| (field, value)))
}

proptest! {
    #[test]
    fn what_is_written_is_read_again((field, told) in any_value()) {
        for spelling in [Spelling::Plain, Spelling::Text] {
            let told = canonical(spelling, field, &told).unwrap();
            let spelt = wire(spelling, field, told.as_ref());
            prop_assert_eq!(canonical(spelling, field, &spelt).unwrap(), told);
        }
    }

    #[test]
    fn what_is_canonical_stays((field, told) in any_value()) {
        for spelling in [Spelling::Plain, Spelling::Text] {
            let once = canonical(spelling, field, &told).unwrap();
            if let Some(once) = once {
                prop_assert_eq!(canonical(spelling, field, &once).unwrap(), Some(once));
            }
        }
    }

    #[test]
    fn what_is_spelt_is_spelt_so_again((field, told) in any_value()) {
        let spelt = wire(Spelling::Text, field, canonical(Spelling::Text, field, &told).unwrap().as_ref());
        prop_assert!(spelt.is_string());
        let again = wire(Spelling::Text, field, canonical(Spelling::Text, field, &spelt).unwrap().as_ref());
        prop_assert_eq!(spelt, again);
    }
}

#[test]
fn nothing_is_the_empty_text() {
    let read = |field, value: Value| canonical(Spelling::Text, field, &value);
    assert_eq!(read(FieldType::Number, json!("")), Ok(None));
    assert_eq!(read(FieldType::Instant, json!(null)), Ok(None));
    assert_eq!(read(FieldType::Text, json!(null)), Ok(Some(json!(""))));
    assert_eq!(wire(Spelling::Text, FieldType::Number, None), json!(""));
    assert_eq!(wire(Spelling::Plain, FieldType::Number, None), Value::Null);
    assert_eq!(read(FieldType::Reference, json!({ "link": "x", "value": "1" })), Ok(Some(json!("1"))));
}

#[test]
fn what_fits_no_field_is_refused() {
    for (field, value) in [
        (FieldType::Number, json!("1,000")),
        (FieldType::Number, json!("many")),
        (FieldType::Boolean, json!("yes")),
        (FieldType::Instant, json!("tomorrow")),
        (FieldType::Text, json!(1)),
    ] {
        assert!(canonical(Spelling::Text, field, &value).is_err(), "{field:?} {value}");
    }
    assert!(canonical(Spelling::Plain, FieldType::Number, &json!("85")).is_err());
    assert!(canonical(Spelling::Plain, FieldType::Instant, &json!("2026-10-25 00:59:59")).is_err());
}
