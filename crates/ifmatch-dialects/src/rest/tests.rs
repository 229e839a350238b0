//! The two presets as whole dialects: what goes out, and what an answer means.

use super::*;
use ifmatch_core::{BaseHint, Change, Class, Fact, Guard, Name, Precondition, Snapshot, WriteItem};

pub(super) fn rest(described: Value) -> Rest {
    try_rest(described).unwrap()
}

pub(super) fn try_rest(described: Value) -> Result<Rest, (usize, DescriptionError)> {
    Rest::new(serde_json::from_value(described).unwrap())
}

/// Reviews in a table of ServiceNow.
pub(super) fn table() -> Rest {
    rest(json!([{
        "name": "review", "preset": "servicenow-table", "path": "/api/now/table/u_review/{id}",
        "fields": { "u_score": "number", "u_comments": "text", "u_done": "boolean", "u_at": "instant", "u_lead": "reference" },
        "identity": { "u_agent": "text", "u_form": "text" },
        "key": ["u_agent", "u_form"],
    }]))
}

/// Tickets of Zendesk.
pub(super) fn tickets() -> Rest {
    rest(json!([{
        "name": "ticket", "preset": "zendesk-ticket",
        "fields": { "subject": "text", "priority": "text", "custom_fields": "json" },
        "identity": { "external_id": "text" },
        "merge": { "/custom_fields": { "keyed-list": { "keys": ["id"] } } },
        "key": ["external_id"],
    }]))
}

/// Plain records with a tag.
pub(super) fn tagged() -> Rest {
    rest(json!([{
        "name": "note", "preset": "etag", "path": "/notes/{id}", "version": "etag-count",
        "fields": { "score": "number", "comments": "text", "place": "json" },
    }]))
}

pub(super) fn org() -> OrgName {
    OrgName::from("acme")
}

pub(super) fn now() -> Timestamp {
    "2026-10-25T01:00:00Z".parse().unwrap()
}

pub(super) fn by_id(kind: &str, id: &str) -> Resource {
    Resource::by_id(&org(), kind, id)
}

pub(super) fn answered(status: u16, headers: &[(&str, &str)], body: &Value) -> Response {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Response { status, headers, body: body.to_string() }
}

pub(super) fn read(rest: &Rest, kind: &str, response: &Response) -> Snapshot {
    let reply = rest.reply(now(), &Call::Read(vec![by_id(kind, "7")]), response);
    match reply.facts.into_iter().next() {
        Some((_, Fact::Observed(snapshot))) => *snapshot,
        other => panic!("no record: {other:?}"),
    }
}

/// The write that makes `patch` of a record that was read.
pub(super) fn write(rest: &Rest, kind: &str, from: &Snapshot, patch: &Value) -> (Call, Request) {
    let to = ifmatch_merge::merge_patch(&from.value, patch);
    let precondition = Precondition { version: from.version, etag: from.etag.clone(), everywhere: false };
    let item = WriteItem { resource: by_id(kind, "7"), precondition, from: from.value.clone(), to: to.into() };
    let call = Call::Write(vec![item]);
    let request = rest.request(&call, &Notes::default());
    (call, request)
}

fn row() -> Value {
    json!({ "result": {
        "sys_id": "7", "sys_mod_count": "12", "sys_updated_on": "2026-10-25 00:59:59", "sys_updated_by": "qa.lead",
        "u_score": "80", "u_comments": "", "u_done": "false", "u_at": "2026-10-24 22:58:30", "u_agent": "mira@example.com",
        "u_lead": { "link": "https://i.example/u/1", "value": "1" }, "u_form": "email-v3",
    } })
}

#[test]
fn a_row_is_read_in_types_and_written_as_text_without_a_precondition() {
    let rest = table();
    let spec = rest.kind("review").unwrap();
    assert_eq!((spec.guard, spec.version_fields.join(",")), (Guard::Unguarded, "sys_mod_count".to_owned()));
    let snapshot = read(&rest, "review", &answered(200, &[], &row()));
    assert_eq!((snapshot.version, snapshot.writer.as_deref()), (Some(12), Some("qa.lead")));
    assert_eq!(snapshot.modified_at, Some("2026-10-25T00:59:59Z".parse().unwrap()));
    assert_eq!((&snapshot.value["u_score"], &snapshot.value["u_done"]), (&json!(80), &json!(false)));
    assert_eq!((&snapshot.value["u_at"], &snapshot.value["u_lead"]), (&json!("2026-10-24T22:58:30Z"), &json!("1")));
    assert_eq!(snapshot.value["u_comments"], "");
    let patch = json!({ "u_score": 85.5, "u_done": true, "u_at": null, "u_comments": "well done" });
    let (call, request) = write(&rest, "review", &snapshot, &patch);
    assert_eq!(request.method, Method::Patch);
    assert_eq!(request.path, "/api/now/table/u_review/7?sysparm_exclude_reference_link=true");
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body, json!({ "u_score": "85.5", "u_done": "true", "u_at": "", "u_comments": "well done" }));
    assert!(request.header("if-match").is_none());
    let mut after = row();
    after["result"]["sys_mod_count"] = json!("14");
    let reply = rest.reply(now(), &call, &answered(200, &[], &after));
    let Some((_, Fact::Written(written))) = reply.facts.first() else { panic!("{reply:?}") };
    assert_eq!(
        (written.snapshot.version, written.shown),
        (Some(14), true),
        "one write of others in between can be told"
    );
}

#[test]
fn a_ticket_names_its_stamp_and_a_collision_is_stale() {
    let rest = tickets();
    assert_eq!(rest.kind("ticket").unwrap().guard, Guard::Dated);
    let ticket = json!({ "ticket": {
        "id": 7, "updated_at": "2026-10-25T00:59:59Z", "subject": "swap", "priority": null,
        "custom_fields": [{ "id": 1, "value": "a" }], "external_id": "S-1",
    } });
    let rate = [("x-rate-limit", "700"), ("x-rate-limit-remaining", "699"), ("ratelimit-reset", "41")];
    let snapshot = read(&rest, "ticket", &answered(200, &rate, &ticket));
    assert_eq!(snapshot.version, Some(1_792_889_999_000));
    let (call, request) = write(&rest, "ticket", &snapshot, &json!({ "priority": "high" }));
    assert_eq!((request.method, request.path.as_str()), (Method::Put, "/api/v2/tickets/7.json"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let wanted = json!({ "priority": "high", "updated_stamp": "2026-10-25T00:59:59Z", "safe_update": true });
    assert_eq!(body, json!({ "ticket": wanted }));
    let refusal = json!({ "error": "UpdateConflict", "description": "Safe update prevented the update" });
    let reply = rest.reply(now(), &call, &answered(409, &rate, &refusal));
    assert!(matches!(&reply.facts[..], [(_, Fact::Refused(evidence))] if evidence.class == Class::Stale));
    assert_eq!((reply.budgets[0].limit, reply.budgets[0].remaining), (700, 699));
    assert_eq!(reply.budgets[0].reset_at, now() + ifmatch_core::SignedDuration::from_secs(41));
}

#[test]
fn a_tag_is_named_byte_for_byte() {
    let rest = tagged();
    assert_eq!(rest.kind("note").unwrap().guard, Guard::Monotonic);
    let note = json!({ "id": 7, "score": 80, "comments": "x", "place": { "room": 1, "floor": 2 } });
    let snapshot = read(&rest, "note", &answered(200, &[("etag", "W/\"14\"")], &note));
    assert_eq!((snapshot.version, snapshot.etag.as_deref()), (Some(14), Some("W/\"14\"")));
    let (call, request) = write(&rest, "note", &snapshot, &json!({ "place": { "room": 3 } }));
    assert_eq!((request.header("if-match"), request.body.as_str()), (Some("W/\"14\""), "{\"place\":{\"room\":3}}"));
    let reply = rest.reply(now(), &call, &answered(204, &[("etag", "W/\"15\"")], &Value::Null));
    let Some((_, Fact::Written(written))) = reply.facts.first() else { panic!("{reply:?}") };
    assert_eq!((written.snapshot.version, written.shown), (Some(15), false));
    assert_eq!(written.snapshot.value["place"], json!({ "room": 3, "floor": 2 }));
    let opaque = rest_with("version", &json!("etag"));
    let snapshot = read(&opaque, "note", &answered(200, &[("etag", "\"33a6\"")], &note));
    assert_eq!((snapshot.version, opaque.kind("note").unwrap().guard), (None, Guard::ContentHash));
    assert_eq!(write(&opaque, "note", &snapshot, &json!({ "score": 1 })).1.header("if-match"), Some("\"33a6\""));
}

fn rest_with(name: &str, value: &Value) -> Rest {
    let mut one = json!({ "name": "note", "path": "/notes/{id}", "fields": { "score": "number", "comments": "text" } });
    one[name] = value.clone();
    rest(json!([one]))
}

#[test]
fn what_makes_no_sense_is_named() {
    let check = |name: &str, value: Value, field: &str| {
        let mut one = json!({ "name": "note", "path": "/notes/{id}", "fields": { "score": "number" } });
        one[name] = value;
        let (at, error) = try_rest(json!([one])).unwrap_err();
        assert_eq!((at, error.field.as_str()), (0, field), "{error}");
    };
    check("name", json!("A note"), "name");
    check("path", json!("/notes"), "path");
    check("path", Value::Null, "path");
    check("fields", json!({}), "fields");
    check("identity", json!({ "score": "number" }), "identity.score");
    check("record", json!("result"), "record");
    check("version", json!({ "count": "" }), "version");
    check("version", json!({ "count": "version" }), "version");
    check("precondition", json!({ "body": { "at": "/version" } }), "precondition.body");
    check("merge", json!({ "/comments": "append" }), "merge./comments");
    check("key", json!(["email"]), "key");
    check("lookup", json!("notes?q={score}"), "lookup");
    check("lookup", json!("/notes?q={email}"), "lookup");
    check("create", json!("/notes"), "create");
    check("mark", json!("email"), "mark");
    let one = json!({ "name": "note", "path": "/notes/{id}", "fields": { "score": "number" } });
    assert_eq!(try_rest(json!([one, one])).unwrap_err().1.field, "name");
}

#[test]
fn a_record_is_looked_for_by_its_key_and_what_is_found_is_compared_again() {
    let rest = table();
    let key = json!({ "u_agent": "Mira@example.com", "u_form": "email^v3" }).to_string();
    let resource = Resource::new(&org(), "review", Name::Key(key));
    let creation = Creation { resource, value: json!({ "u_score": 85, "u_comments": "x" }) };
    let request = rest.request(&Call::Lookup(creation.clone()), &Notes::default());
    let wanted =
        "/api/now/table/u_review?sysparm_query=u_agent=Mira%40example.com%5Eu_form=email%5Ev3&sysparm_limit=10";
    assert_eq!(request.path, wanted);
    let found = |rows: Value| {
        rest.reply(now(), &Call::Lookup(creation.clone()), &answered(200, &[], &json!({ "result": rows })))
    };
    let mut ours = row()["result"].clone();
    ours["u_form"] = json!("email^v3");
    let other = row()["result"].clone();
    let reply = found(json!([other, ours]));
    assert!(matches!(&reply.facts[..], [(_, Fact::Found(found))] if found.len() == 1 && found[0].0 == "7"));
    let page = Value::Array(vec![row()["result"].clone(); 10]);
    assert!(matches!(&found(page).facts[..], [(_, Fact::Refused(evidence))] if evidence.class == Class::Unclassified));
    let made = rest.request(&Call::Create(creation), &Notes::default());
    let body: Value = serde_json::from_str(&made.body).unwrap();
    assert_eq!(made.method, Method::Post);
    assert_eq!(body["u_form"], "email^v3");
    assert_eq!(body["u_score"], "85");
}

#[test]
fn a_client_of_the_proxy_is_understood_and_answered_in_the_targets_words() {
    let rest = table();
    let body = json!({ "u_score": "85", "sys_mod_count": "12" });
    let request = Request::json(Method::Patch, "/api/now/table/u_review/7", &body);
    let Route::Write { change: Change::MergePatch(patch), base, whole, .. } = rest.route(&org(), &request).unwrap()
    else {
        panic!("no write")
    };
    assert_eq!((&patch["u_score"], whole), (&json!(85), false));
    assert_eq!(base, Some(BaseHint { version: Some(12), value: None }));
    let shown = Request::bare(Method::Get, "/api/now/table/u_review/7?sysparm_display_value=true");
    assert_eq!(rest.route(&org(), &shown), Ok(Route::Unknown), "display values are not what is kept");
    let snapshot = read(&rest, "review", &answered(200, &[], &row()));
    let told = rest.render(Method::Patch, &by_id("review", "7"), &snapshot, false).json().unwrap();
    let mut wanted = row();
    wanted["result"]["u_lead"] = json!("1");
    assert_eq!(told, wanted);
    let put = Request::json(
        Method::Put,
        "/api/v2/tickets/7.json",
        &json!({ "ticket": {
        "priority": "high", "updated_stamp": "2026-10-25T00:59:59Z", "safe_update": true,
    } }),
    );
    let Route::Write { change, base, .. } = tickets().route(&org(), &put).unwrap() else { panic!("no write") };
    assert_eq!(change, Change::MergePatch(json!({ "priority": "high" })));
    assert_eq!(base.unwrap().version, Some(1_792_889_999_000));
    let post = Request::json(
        Method::Post,
        "/api/now/table/u_review",
        &json!({ "u_agent": "a", "u_form": "f", "u_score": "1" }),
    );
    assert!(matches!(rest.route(&org(), &post), Ok(Route::Write { change: Change::Create(_), .. })));
}

#[test]
fn an_intent_says_fields_of_their_types() {
    let rest = table();
    let check = |change: Change| {
        rest.check(&Intent::new(by_id("review", "7"), change)).map_err(|error| (error.code, error.field))
    };
    assert_eq!(check(Change::MergePatch(json!({ "u_score": "85", "sys_id": "7" }))), Ok(()));
    let wrong = |code, field: &str| Err((code, field.to_owned()));
    assert_eq!(
        check(Change::MergePatch(json!({ "u_score": "many" }))),
        wrong("invalid_field", "/change/merge_patch/u_score")
    );
    assert_eq!(check(Change::MergePatch(json!({ "score": 85 }))), wrong("unknown_field", "/change/merge_patch"));
    let naive = json!({ "u_at": "2026-10-25 02:30:00" });
    assert_eq!(check(Change::MergePatch(naive)), wrong("naive_time", "/change/merge_patch/u_at"));
    assert_eq!(check(Change::Delete(true)), wrong("unsupported_change", "/change/delete"));
    let ops = json!([{ "op": "replace", "path": "/u_agent", "value": "x" }]);
    assert_eq!(check(Change::JsonPatch(ops)), wrong("unknown_field", "/change/json_patch/0/path"));
    let read = rest.localise("review", &json!({ "u_score": "85", "u_comments": null }), &json!({})).unwrap().unwrap();
    assert_eq!(read.value, json!({ "u_score": 85, "u_comments": "" }));
}
