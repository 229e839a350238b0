//! A mark goes into a description and out of it again, and tells whose it is.

use super::*;
use ifmatch_core::{Name, OrgName};

fn known_as(id: &str) -> Resource {
    let name = Name::External { system: "planner".to_owned(), id: id.to_owned() };
    Resource::new(&OrgName::from("acme"), "schedule", name)
}

#[test]
fn what_is_put_in_is_taken_out() {
    for text in ["", "Week 44", "Week 44 [draft]", "[ifmatch x]", "a [ifmatch 12] b"] {
        let mut body = json!({ "description": text });
        put(&known_as("S-1"), &mut body);
        assert!(is_on(&body, &known_as("S-1")) && !is_on(&body, &known_as("S-2")), "{body}");
        let once = body.clone();
        put(&known_as("S-1"), &mut body);
        assert_eq!(body, once);
        take(&mut body);
        assert_eq!(body, json!({ "description": text }));
    }
}

#[test]
fn people_may_write_on() {
    let mut body = json!({});
    put(&known_as("S-1"), &mut body);
    body["description"] = json!(format!("{}, checked by Anna", body["description"].as_str().unwrap_or_default()));
    assert!(is_on(&body, &known_as("S-1")));
    take(&mut body);
    assert_eq!(body, json!({"description": ", checked by Anna"}));
}
