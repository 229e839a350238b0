//! Ids print and parse to themselves, and refuse everything else.

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn an_id_survives_print_and_parse(id in any::<u128>()) {
        prop_assert_eq!(IntentId(id).to_string().parse::<IntentId>(), Ok(IntentId(id)));
    }

    #[test]
    fn ids_sort_as_their_text(a in any::<u128>(), b in any::<u128>()) {
        prop_assert_eq!(a.cmp(&b), IntentId(a).to_string().cmp(&IntentId(b).to_string()));
    }
}

#[test]
fn what_is_no_id_is_refused() {
    for text in [
        "",
        "int_",
        "int_01JD4Q2N3V8Z6T0C5R7K9M1P2",
        "int_81JD4Q2N3V8Z6T0C5R7K9M1P2X",
        "01JD4Q2N3V8Z6T0C5R7K9M1P2X",
        "int_U1JD4Q2N3V8Z6T0C5R7K9M1P2X",
    ] {
        assert!(text.parse::<IntentId>().is_err(), "{text}");
    }
}
