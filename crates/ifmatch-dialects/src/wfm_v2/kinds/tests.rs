//! Kinds: the table is consistent in itself.

use super::*;

#[test]
fn fields_belong_to_one_group() {
    let kinds = Kinds::new();
    for name in kinds.names() {
        let spec = kinds.get(name).unwrap();
        let twice = spec.writable.iter().find(|field| spec.identity.contains(field));
        assert_eq!(twice, None, "{name}");
        let known = |field: &str| spec.writable.contains(field) || spec.identity.contains(field);
        assert!(spec.natural_key.iter().all(known), "{name}");
    }
    assert!(kinds.get("week-schedule").is_none());
}

#[test]
fn agent_ids_have_two_parts() {
    let check = |id: &str, wanted: Option<(&str, &str)>| assert_eq!(agent_parts(id), wanted);
    check("s/a", Some(("s", "a")));
    check("s", None);
    check("s/", None);
    check("/a", None);
    check("s/a/b", None);
}
