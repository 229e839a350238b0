//! The tables agree with each other.

use super::*;

#[test]
fn what_may_be_written_has_a_spelling() {
    for kind in Kinds::new().iter() {
        let spelt: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
        assert!(kind.spec.writable == *spelt, "{}", kind.spec.name);
    }
}

#[test]
fn ids_have_their_parts() {
    let kinds = Kinds::new();
    let parts = |kind: &str, id: &'static str| kinds.get(kind).unwrap().parts(id);
    assert_eq!(parts(TIME_OFF, "mu/u/r"), Some(vec!["mu", "u", "r"]));
    assert_eq!(parts(TIME_OFF, "mu/r"), None);
    assert_eq!(parts(WORK_PLAN, "mu/"), None);
    assert_eq!(kinds.get(TRADE).unwrap().id_form(), "<management_unit_id>/<week>/<trade_id>");
}
