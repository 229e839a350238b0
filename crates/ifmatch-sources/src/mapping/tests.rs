//! Behaviour of maps: what is read from a configuration, what becomes of events, and laws.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn map(text: &str) -> Mapping {
    toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn event(value: Value) -> Event {
    Event { value, payload: "", system: "plain", record: None, sequence: None, key: "k".to_owned() }
}

fn intent(text: &str, value: Value) -> Result<Intent, IntentError> {
    let map = map(text);
    map.check().unwrap();
    map.intent(&OrgName::from("acme"), Sends::Edits, &event(value))
}

/// What one rule makes of a value at `/v`, or the code of the refusal; `skipped` where the field is left out.
fn made(rule: &str, value: &Value) -> Value {
    let text =
        format!("kind = \"k\"\nid = {{ value = \"1\" }}\n[fields]\n\"/out\" = {rule}\n\"/rest\" = {{ value = 1 }}");
    match intent(&text, json!({"v": value, "zone": "Europe/Paris", "none": ""})) {
        Ok(Intent { change: Change::MergePatch(patch), .. }) => patch.get("out").cloned().unwrap_or(json!("skipped")),
        Ok(other) => panic!("{other:?}"),
        Err(error) => {
            assert_eq!(error.field, "/v", "{error}");
            json!(error.code)
        }
    }
}

#[track_caller]
fn check(rule: &str, cases: &[(Value, Value)]) {
    for (value, expected) in cases {
        assert_eq!(made(rule, value), *expected, "{rule} of {value}");
    }
}

#[test]
fn values_are_converted_or_refused() {
    let as_is = [json!("x"), json!(""), json!(7), json!(true), json!({"a": [1]})].map(|value| (value.clone(), value));
    check("\"/v\"", &as_is);
    check(
        "{ from = \"/v\", as = \"text\" }",
        &[(json!(7), json!("7")), (json!(false), json!("false")), (json!([]), json!("invalid_field"))],
    );
    check("{ from = \"/v\", as = \"lower\" }", &[(json!("A@B.Example"), json!("a@b.example"))]);
    check(
        "{ from = \"/v\", as = \"integer\" }",
        &[
            (json!("7"), json!(7)),
            (json!(-7), json!(-7)),
            (json!("7.5"), json!("invalid_number")),
            (json!("x"), json!("invalid_number")),
        ],
    );
    check(
        "{ from = \"/v\", as = \"number\" }",
        &[
            (json!("85"), json!(85)),
            (json!("85.5"), json!(85.5)),
            (json!(85), json!(85)),
            (json!("true"), json!("invalid_number")),
            (json!("1 2"), json!("invalid_number")),
        ],
    );
    check(
        "{ from = \"/v\", as = \"boolean\" }",
        &[
            (json!("true"), json!(true)),
            (json!("0"), json!(false)),
            (json!(1), json!(true)),
            (json!("yes"), json!("invalid_field")),
        ],
    );
    check("{ value = \"Europe/Paris\" }", &[(json!(null), json!("Europe/Paris"))]);
}

#[test]
fn times_keep_their_meaning() {
    check(
        "{ from = \"/v\", as = \"instant\" }",
        &[
            (json!("2026-10-25T02:30:00+02:00"), json!("2026-10-25T00:30:00Z")),
            (json!("2026-10-25 02:30:00"), json!("invalid_time")),
        ],
    );
    check(
        "{ from = \"/v\", as = \"utc\" }",
        &[
            (json!("2026-10-25 00:58:30"), json!("2026-10-25T00:58:30Z")),
            (json!("2026-10-25T02:30:00+02:00"), json!("2026-10-25T00:30:00Z")),
            (json!("2026-10-25"), json!("invalid_time")),
        ],
    );
    check(
        "{ from = \"/v\", as = \"unix\" }",
        &[
            (json!(1_792_888_200), json!("2026-10-25T00:30:00Z")),
            (json!("1792888200"), json!("2026-10-25T00:30:00Z")),
            (json!(1.5), json!("invalid_time")),
            (json!(99_999_999_999_999_u64), json!("invalid_time")),
        ],
    );
    // The clock shows it twice: the text goes on, and the source's policy decides.
    let local = [
        (json!("2026-10-25 02:30"), json!("2026-10-25T02:30:00[Europe/Paris]")),
        (json!("2026-10-25T02:30[America/Chicago]"), json!("2026-10-25T02:30[America/Chicago]")),
        (json!("2026-10-25T02:30:00+01:00"), json!("2026-10-25T02:30:00+01:00")),
        (json!("tomorrow"), json!("invalid_time")),
    ];
    check("{ from = \"/v\", as = \"local\", zone = \"Europe/Paris\" }", &local);
    check("{ from = \"/v\", as = \"local\", zone = \"/zone\" }", &local);
    check("{ from = \"/v\", as = \"local\" }", &[(json!("2026-10-25 02:30"), json!("2026-10-25T02:30:00"))]);
    let date = [
        (json!("2026-10-24 22:30:00"), json!("2026-10-25")),
        (json!("2026-10-24T22:30:00Z"), json!("2026-10-25")),
        (json!(1_792_888_200), json!("2026-10-25")),
        (json!("2026-10-24"), json!("2026-10-24")),
        (json!("2026-02-30"), json!("invalid_time")),
    ];
    check("{ from = \"/v\", as = \"local_date\", zone = \"Europe/Paris\" }", &date);
    check(
        "{ from = \"/v\", as = \"local_date\", zone = \"/none\" }",
        &[(json!("2026-10-24T22:30:00Z"), json!("unknown_time_zone"))],
    );
}

#[test]
fn what_is_not_there_is_refused_unless_the_rule_says_otherwise() {
    let nothing = json!(null);
    check("\"/v\"", &[(nothing.clone(), json!("missing_field"))]);
    check("{ from = \"/v\", default = 3 }", &[(nothing.clone(), json!(3)), (json!(4), json!(4))]);
    check("{ from = \"/v\", absent = \"skip\" }", &[(nothing.clone(), json!("skipped")), (json!(""), json!(""))]);
    check("{ from = \"/v\", absent = \"clear\" }", &[(nothing.clone(), json!(null))]);
    check("{ from = \"/v\", as = \"utc\", absent = \"clear\" }", &[(json!(""), json!(null))]);
    check("{ from = \"/v\", as = \"number\" }", &[(json!(""), json!("missing_field"))]);
}

#[test]
fn a_table_knows_all_of_its_values() {
    let rule = "{ from = \"/v\", table = { \"1\" = \"approved\", denied = \"denied\" } }";
    check(
        rule,
        &[
            (json!(1), json!("approved")),
            (json!("denied"), json!("denied")),
            (json!("pending"), json!("unmapped_value")),
        ],
    );
    let error =
        intent(&format!("kind = \"k\"\nid = \"/id\"\nfields = {{ \"/s\" = {rule} }}"), json!({"id": 1, "v": "x"}));
    assert_eq!(error.unwrap_err().reason, "\"x\" is none of 1, denied");
}

#[test]
fn records_are_named_in_three_ways() {
    let named = |text: &str, value: Value| {
        intent(&format!("kind = \"k\"\n{text}\n[fields]\n\"/a/b\" = \"/x\""), value).map(|intent| {
            assert_eq!(intent.change, Change::MergePatch(json!({"a": {"b": 1}})));
            serde_json::to_value(&intent.resource).unwrap()
        })
    };
    let body = json!({"x": 1, "id": 7, "schedule": "s-1", "agent": {"email": "A@example.com"}, "empty": ""});
    let resource = |name: Value| {
        let mut resource = json!({"org": "acme", "kind": "k"});
        resource.as_object_mut().unwrap().extend(name.as_object().unwrap().clone());
        Ok(resource)
    };
    assert_eq!(named("id = \"/id\"", body.clone()), resource(json!({"id": "7"})));
    let joined = "id = { join = [\"/schedule\", \"/id\"] }";
    assert_eq!(named(joined, body.clone()), resource(json!({"id": "s-1/7"})));
    let key = "key = { agent_email = { from = \"/agent/email\", as = \"lower\" }, form = { value = \"v3\" } }";
    assert_eq!(named(key, body.clone()), resource(json!({"key": {"agent_email": "a@example.com", "form": "v3"}})));
    let external = "external = { system = \"hr\", id = \"/id\" }";
    assert_eq!(named(external, body.clone()), resource(json!({"external": {"system": "hr", "id": "7"}})));
    for (text, field) in [
        ("id = \"/empty\"", "/empty"),
        ("key = { a = \"/none\" }", "/none"),
        ("id = { join = [\"/id\", \"/empty\"] }", "/empty"),
    ] {
        let error = named(text, body.clone()).unwrap_err();
        assert_eq!((error.code, error.field.as_str()), ("missing_field", field), "{text}");
    }
}

#[test]
fn a_swap_ticket_becomes_a_swap() {
    let text = r#"
        kind = "agent-schedule"
        id = { join = ["/schedule_id", "/from_agent"] }
        when = { "/event" = "swap.approved" }
        idempotency_key = "/swap_request_id"
        record = "/swap_request_id"
        sequence = "/updated"
        [verb]
        name = "swap"
        args = { shift_id = "/shift", with_agent_id = "/to_agent", with_shift_id = "/with_shift" }
    "#;
    let body = json!({
        "event": "swap.approved", "schedule_id": "s", "from_agent": "a", "to_agent": "b", "shift": "1", "with_shift": "2",
        "swap_request_id": "SWP-7", "updated": "1761397200",
    });
    let made = intent(text, body).unwrap();
    assert_eq!(made.resource.id(), Some("s/a"));
    let args = json!({"shift_id": "1", "with_agent_id": "b", "with_shift_id": "2"});
    assert_eq!(made.change, Change::Verb(Verb { name: "swap".to_owned(), args }));
    assert_eq!(made.idempotency_key.as_deref(), Some("SWP-7"));
    let origin = Origin { system: "plain".to_owned(), record: Some("SWP-7".to_owned()), sequence: Some(1_761_397_200) };
    assert_eq!(made.origin, Some(origin));
}

#[test]
fn the_change_goes_by_the_source_unless_the_map_says_otherwise() {
    let change = |extra: &str, sends: Sends| {
        let map = map(&format!("kind = \"k\"\nid = \"/id\"\n{extra}"));
        map.check().unwrap();
        map.intent(&OrgName::from("acme"), sends, &event(json!({"id": "1", "a": 2}))).unwrap().change
    };
    let fields = "fields = { \"/a\" = \"/a\" }";
    let record = json!({"a": 2});
    assert_eq!(change(fields, Sends::Edits), Change::MergePatch(record.clone()));
    assert_eq!(change(fields, Sends::State), Change::Desired(record.clone()));
    assert_eq!(change(&format!("change = \"create\"\n{fields}"), Sends::Edits), Change::Create(record));
    assert_eq!(change("change = \"delete\"", Sends::Edits), Change::Delete(true));
    let publish = Operation { name: "publish".to_owned(), revision: None };
    assert_eq!(change("operation = \"publish\"", Sends::Edits), Change::Operation(publish));
}

#[test]
fn conditions_compare_what_is_written() {
    let text = "kind = \"k\"\nid = \"/id\"\nfields = { \"/a\" = \"/a\" }\nwhen = { \"/op\" = [\"insert\", \"update\"], \"/n\" = 1 }\nunless = { \"/by\" = \"us\" }";
    let map = map(text);
    for (value, expected) in [
        (json!({"op": "insert", "n": 1}), true),
        (json!({"op": "update", "n": "1", "by": "them"}), true),
        (json!({"op": "update", "n": "1", "by": "us"}), false),
        (json!({"op": "delete", "n": 1}), false),
        (json!({"op": "insert"}), false),
        (json!({"op": ["insert"], "n": 1}), false),
    ] {
        assert_eq!(map.is_for(&value), expected, "{value}");
    }
}

#[track_caller]
fn check_broken(text: &str, words: &str) {
    let error = toml::from_str::<Mapping>(&format!("kind = \"k\"\n{text}")).expect_err(text).to_string();
    assert!(error.contains(words), "{text}: {error}");
}

#[test]
fn a_wrong_map_is_told_when_it_is_read() {
    check_broken("id = \"score_id\"", "no JSON Pointer");
    check_broken("id = { from = \"/a\", value = 1 }", "exactly one of from, join and value");
    check_broken("id = { form = \"/a\" }", "unknown field `form`");
    check_broken("id = { from = \"/a\", as = \"date\" }", "unknown variant `date`");
    check_broken("id = { from = \"/a\", as = \"local_date\" }", "needs a zone");
    check_broken("id = { from = \"/a\", as = \"local\", zone = \"CST\" }", "no IANA zone");
    check_broken("id = { from = \"/a\", as = \"number\", zone = \"Europe/Paris\" }", "for local");
    check_broken("id = { from = \"/a\", as = \"text\", table = { a = 1 } }", "only one of table and as");
    check_broken("when = { operation = 1 }", "");
    check_broken("change = \"patch\"", "unknown variant");
    let wrong = |text: &str| map(&format!("kind = \"k\"\n{text}")).check().unwrap_err().1;
    assert!(wrong("operation = \"publish\"").contains("id, key and external"));
    assert!(wrong("id = \"/a\"\nkey = { a = \"/a\" }\noperation = \"publish\"").contains("exactly one"));
    assert!(wrong("id = \"/a\"").contains("fields, verb and operation"));
    assert!(wrong("id = \"/a\"\nchange = \"delete\"\nfields = { \"/a\" = \"/a\" }").contains("no fields"));
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(|n| json!(n)),
        any::<bool>().prop_map(|b| json!(b)),
        ".{0,12}".prop_map(|s| json!(s))
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(null)), scalar()];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    /// Whatever comes, a rule makes a value or names a place; the same event always gives the same intent.
    #[test]
    fn nothing_panics_and_nothing_varies(value in anything(), convert in 0usize..10) {
        let names = ["text", "lower", "integer", "number", "boolean", "instant", "utc", "unix", "local", "local_date"];
        let zone = if convert >= 8 { ", zone = \"/zone\"" } else { "" };
        let text = format!(
            "kind = \"k\"\nid = \"/id\"\n[fields]\n\"/a\" = {{ from = \"/v\", as = \"{}\"{zone} }}\n\"/b/c\" = \"/v\"", names[convert]
        );
        let body = json!({"id": "1", "v": value, "zone": "Europe/Paris"});
        let first = intent(&text, body.clone());
        if let Err(error) = &first {
            prop_assert_eq!(error.field.as_str(), "/v");
        }
        prop_assert_eq!(first, intent(&text, body));
    }

    /// A value without a conversion arrives as it was sent, wherever it goes.
    #[test]
    fn what_is_not_converted_is_not_changed(value in anything().prop_filter("null is absent", |value| !value.is_null())) {
        let made = intent("kind = \"k\"\nid = \"/id\"\n[fields]\n\"/x/y/z\" = \"/v\"", json!({"id": "1", "v": value}));
        prop_assert_eq!(made.unwrap().change, Change::MergePatch(json!({"x": {"y": {"z": value}}})));
    }

    /// A number that is written as text is that number.
    #[test]
    fn numbers_survive_being_text(number in any::<i64>()) {
        prop_assert_eq!(made("{ from = \"/v\", as = \"integer\" }", &json!(number.to_string())), json!(number));
        prop_assert_eq!(made("{ from = \"/v\", as = \"number\" }", &json!(number.to_string())), json!(number));
    }
}

const REVIEWED: &str = r#"
kind = "quality-score"
id = "/current/score_id"
deadline = { from = "/current/due", as = "utc", absent = "skip" }
pair = { from = "/batch", absent = "skip" }
[fields]
"/score" = { from = "/current/score", as = "number" }
"/comments" = "/current/comments"
[base]
"/score" = { from = "/previous/score", as = "number" }
"/comments" = "/previous/comments"
"#;

#[test]
fn what_stood_there_before_is_what_the_sender_started_from() {
    let of = |more: Value| {
        let mut body = json!({"current": {"score_id": "qs-1", "score": "85", "comments": "well"}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        intent(REVIEWED, body)
    };
    let base = |more: Value| of(more).unwrap().base.map(|base| base.value.unwrap());
    let before = json!({"score": "80", "comments": ""});
    assert_eq!(base(json!({"previous": before})), Some(json!({"score": 80, "comments": ""})));
    // A record that is new has no values from before, or empty ones.
    assert_eq!(base(json!({"previous": {"score": "", "comments": null}})), None);
    assert_eq!(base(json!({})), None);
    let error = of(json!({"previous": {"score": "high"}})).unwrap_err();
    assert_eq!((error.code, error.field.as_str()), ("invalid_number", "/previous/score"));
}

#[test]
fn a_deadline_and_the_name_of_a_pair_are_taken_from_the_event() {
    let of = |due: Value, batch: Value| {
        let current = json!({"score_id": "qs-1", "score": 85, "comments": "", "due": due});
        intent(REVIEWED, json!({"current": current, "batch": batch}))
    };
    let wish = of(json!("2026-11-23 05:00:00"), json!("b-7")).unwrap();
    assert_eq!(
        (wish.deadline.map(|at| at.to_string()).as_deref(), wish.pair.as_deref()),
        (Some("2026-11-23T05:00:00Z"), Some("b-7"))
    );
    let wish = of(Value::Null, Value::Null).unwrap();
    assert_eq!((wish.deadline, wish.pair), (None, None));
    assert_eq!(of(json!("tomorrow"), Value::Null).unwrap_err().code, "invalid_time");
    let plain = REVIEWED.replace(", as = \"utc\"", "");
    let current = json!({"score_id": "qs-1", "score": 85, "comments": "", "due": "2026-11-23 05:00:00"});
    let error = intent(&plain, json!({ "current": current })).unwrap_err();
    assert_eq!((error.code, error.field.as_str()), ("invalid_time", "/current/due"));
}

#[test]
fn a_base_goes_with_fields_that_change() {
    let check = |text: &str, reason: &str| assert_eq!(map(text).check().unwrap_err(), ("base", reason));
    let stray = format!("{REVIEWED}\"/calibration\" = \"/previous/calibration\"\n");
    check(&stray, "says what stood at a place that fields do not name");
    check(&format!("change = \"create\"\n{REVIEWED}"), "what stood before goes with fields that change");
    let verb =
        "kind = \"agent-schedule\"\nid = \"/id\"\nverb = { name = \"move-shift\" }\n[base]\n\"/score\" = \"/s\"\n";
    check(verb, "what stood before goes with fields that change");
}
