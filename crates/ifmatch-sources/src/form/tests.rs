//! Behaviour of forms: the events of a message, their identity and their order.

use super::*;
use serde_json::json;

const CREDENTIALS: Sender<'_> = Sender::Credentials;

fn read(form: Form, headers: &[(&str, &str)], body: &str, sender: Sender<'_>) -> Result<Events, IntentError> {
    let headers: Headers = headers.iter().copied().collect();
    form.read(Message { headers: &headers, body: body.as_bytes(), sender })
}

#[track_caller]
fn one(form: Form, headers: &[(&str, &str)], body: &str) -> Event {
    match read(form, headers, body, CREDENTIALS) {
        Ok(Events::One(event)) => event,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn many(form: Form, headers: &[(&str, &str)], body: &str) -> Vec<Result<Event, IntentError>> {
    match read(form, headers, body, CREDENTIALS) {
        Ok(Events::Many(events)) => events,
        other => panic!("{other:?}"),
    }
}

/// A message of which nothing is taken.
#[track_caller]
fn check_refused(form: Form, headers: &[(&str, &str)], body: &str, code: &str, field: &str) {
    let error = read(form, headers, body, CREDENTIALS).expect_err(body);
    assert_eq!((error.code, error.field.as_str()), (code, field), "{body}: {error}");
}

#[test]
fn a_record_of_servicenow_is_known_by_its_id_and_its_count() {
    let event = one(Form::Servicenow, &[], r#"{"sys_id": "9f1c", "sys_mod_count": "7", "score": "85"}"#);
    assert_eq!(
        (event.key.as_str(), event.record.as_deref(), event.sequence),
        ("servicenow:9f1c:7", Some("9f1c"), Some(7))
    );
    assert_eq!(event.value["score"], "85");
    let number = one(Form::Servicenow, &[], r#"{"sys_id": "9f1c", "sys_mod_count": 7}"#);
    assert_eq!(number.key, event.key, "a number is as good as text");
    check_refused(Form::Servicenow, &[], r#"{"sys_mod_count": "7"}"#, "missing_field", "/sys_id");
    check_refused(Form::Servicenow, &[], r#"{"sys_id": " ", "sys_mod_count": "7"}"#, "missing_field", "/sys_id");
    check_refused(Form::Servicenow, &[], r#"{"sys_id": "9f1c"}"#, "missing_field", "/sys_mod_count");
    check_refused(
        Form::Servicenow,
        &[],
        r#"{"sys_id": "9f1c", "sys_mod_count": "-1"}"#,
        "invalid_number",
        "/sys_mod_count",
    );
}

#[test]
fn a_deletion_follows_the_change_whose_count_it_repeats() {
    let body = |operation: &str| format!(r#"{{"sys_id": "9f1c", "sys_mod_count": "7", "operation": "{operation}"}}"#);
    let (update, delete) = (one(Form::Servicenow, &[], &body("update")), one(Form::Servicenow, &[], &body("delete")));
    assert_ne!(update.key, delete.key);
    assert_eq!((update.sequence, delete.sequence), (Some(7), Some(8)));
}

#[test]
fn an_envelope_of_zendesk_has_an_id_and_a_triggers_body_has_none() {
    let envelope = r#"{"account_id": 1, "id": "01JA", "type": "zen:event-type:ticket.created", "detail": {"id": "5"}}"#;
    assert_eq!(one(Form::Zendesk, &[], envelope).key, "zendesk:01JA");
    let (first, second) = (r#"{"id": 98765, "state": "a"}"#, r#"{"id": 98765, "state": "b"}"#);
    let key = |body: &str| one(Form::Zendesk, &[], body).key;
    assert_ne!(key(first), key(second), "a ticket's number names no event");
    assert_eq!(key(first), key(first));
    assert!(key(first).starts_with("zendesk:sha256:"), "{}", key(first));
}

const ATTRIBUTES: &str = r#""specversion": "1.0", "id": "e-1", "source": "/reviews", "type": "review.released""#;

#[test]
fn a_cloudevent_is_the_same_in_its_three_modes() {
    let structured = format!(r#"{{{ATTRIBUTES}, "subject": "agent/1 é", "sequence": "12", "data": {{"score": 85}}}}"#);
    let media = [("content-type", "application/cloudevents+json; charset=utf-8")];
    let structured_event = one(Form::Cloudevents, &media, &structured);
    assert_eq!(structured_event.key, "/reviews e-1");
    assert_eq!((structured_event.record.as_deref(), structured_event.sequence), (Some("/reviews agent/1 é"), Some(12)));

    let batch = [("content-type", "application/cloudevents-batch+json")];
    let events = many(Form::Cloudevents, &batch, &format!("[{structured}, {{\"id\": \"e-2\"}}]"));
    assert_eq!(events[0].as_ref(), Ok(&structured_event));
    assert_eq!(events[1].as_ref().unwrap_err().field, "/specversion");

    let binary = |subject| {
        one(
            Form::Cloudevents,
            &[
                ("content-type", "application/json"),
                ("ce-specversion", "1.0"),
                ("CE-Id", "e-1"),
                ("ce-source", "/reviews"),
                ("ce-type", "review.released"),
                ("ce-subject", subject),
                ("ce-sequence", "12"),
            ],
            r#"{"score": 85}"#,
        )
    };
    for subject in ["agent/1%20%C3%A9", "agent/1 é", "\"agent/1 é\""] {
        let event = binary(subject);
        assert_eq!((&event.key, &event.record), (&structured_event.key, &structured_event.record), "{subject}");
        assert_eq!(event.value["data"], json!({"score": 85}));
    }
    assert_eq!(binary("100 %").value["subject"], "100 %", "what begins no code is left alone");
    assert_eq!(binary("%2525").value["subject"], "%25", "decoded once");
}

#[test]
fn what_is_no_cloudevent_is_refused_with_its_place() {
    let structured = [("content-type", "application/cloudevents+json")];
    for (name, body) in [
        ("/specversion", r#"{"id": "e", "source": "s", "type": "t"}"#),
        ("/id", r#"{"specversion": "1.0", "source": "s", "type": "t"}"#),
        ("/source", r#"{"specversion": "1.0", "id": "e", "source": "", "type": "t"}"#),
        ("/type", r#"{"specversion": "1.0", "id": "e", "source": "s"}"#),
    ] {
        check_refused(Form::Cloudevents, &structured, body, "missing_field", name);
    }
    let old = r#"{"specversion": "0.3", "id": "e", "source": "s", "type": "t"}"#;
    check_refused(Form::Cloudevents, &structured, old, "invalid_event", "/specversion");
    let avro = [("content-type", "application/cloudevents+avro")];
    check_refused(Form::Cloudevents, &avro, "{}", "invalid_event", "content-type");
    check_refused(
        Form::Cloudevents,
        &[("content-type", "application/cloudevents-batch+json")],
        "{}",
        "invalid_event",
        "",
    );
    let latin = [("ce-specversion", "1.0"), ("ce-id", "%E9")];
    check_refused(Form::Cloudevents, &latin, "", "invalid_event", "ce-id");
    check_refused(Form::Cloudevents, &[("content-type", "application/json")], "{}", "missing_field", "/specversion");
}

#[test]
fn data_in_base64_is_decoded() {
    let media = [("content-type", "application/cloudevents+json")];
    let with = |rest: &str| format!("{{{ATTRIBUTES}, {rest}}}");
    let json = one(Form::Cloudevents, &media, &with(r#""data_base64": "eyJhIjogMX0=""#));
    assert_eq!(json.value["data"], json!({"a": 1}));
    let text = one(Form::Cloudevents, &media, &with(r#""datacontenttype": "text/plain", "data_base64": "aGk=""#));
    assert_eq!(text.value["data"], "hi");
    check_refused(Form::Cloudevents, &media, &with(r#""data_base64": "%""#), "invalid_event", "/data_base64");
}

#[test]
fn two_pairs_of_source_and_id_never_look_alike() {
    let media = [("content-type", "application/cloudevents+json")];
    let key = |source: &str, id: &str| {
        let body = json!({"specversion": "1.0", "source": source, "id": id, "type": "t"}).to_string();
        one(Form::Cloudevents, &media, &body).key
    };
    assert_ne!(key("a b", "c"), key("a", "b c"));
    assert_eq!(key("a", &"x".repeat(300)).len(), 71, "a digest in place of a long one");
}

#[test]
fn plain_json_is_known_by_its_header_or_its_bytes() {
    for header in ["k-1", "\"k-1\"", " k-1 "] {
        assert_eq!(one(Form::Plain, &[("idempotency-key", header)], "{}").key, "k-1");
    }
    let digest = one(Form::Plain, &[], r#"{"a": 1}"#).key;
    assert!(digest.starts_with("sha256:"), "{digest}");
    assert_ne!(digest, one(Form::Plain, &[], r#"{"a": 2}"#).key);
    let keys = |headers: &[(&str, &str)], body: &str| -> Vec<String> {
        many(Form::Plain, headers, body).into_iter().map(|event| event.unwrap().key).collect()
    };
    assert_eq!(keys(&[("idempotency-key", "k")], "[{}, {}]"), ["k:0", "k:1"]);
    let lines = keys(&[("content-type", "application/x-ndjson")], "{\"a\": 1}\r\n\n{\"a\":1}\n{\"a\": 2}");
    assert_eq!((lines.len(), lines[0] == lines[1], lines[0] == lines[2]), (3, true, false), "by content");
    check_refused(Form::Plain, &[("idempotency-key", "")], "{}", "invalid_event", "Idempotency-Key");
    check_refused(Form::Plain, &[], "7", "invalid_event", "");
    check_refused(Form::Plain, &[], "", "invalid_json", "");
    assert_eq!(many(Form::Plain, &[], "[7, {}]")[0].as_ref().unwrap_err().code, "invalid_event");
}

#[test]
fn a_payload_of_standard_webhooks_is_known_by_its_id() {
    let body = r#"{"type": "review.released", "timestamp": "2026-10-25T01:00:00Z", "data": {"score": 85}}"#;
    let event = one(Form::Webhook, &[("webhook-id", "msg_1")], body);
    assert_eq!((event.key.as_str(), event.payload), ("msg_1", "/data"));
    assert!(one(Form::Webhook, &[], body).key.starts_with("sha256:"));
}

#[test]
fn what_is_not_signed_names_nothing() {
    let headers = [("idempotency-key", "forged"), ("webhook-id", "forged"), ("ce-id", "forged")];
    let signed = |form, id| match read(form, &headers, "{}", Sender::Signature { id }) {
        Ok(Events::One(event)) => event.key,
        other => panic!("{other:?}"),
    };
    assert_eq!(signed(Form::Plain, Some("msg_1")), "msg_1");
    assert_eq!(signed(Form::Webhook, Some("msg_1")), "msg_1");
    assert!(signed(Form::Plain, None).starts_with("sha256:"));
    let binary = read(Form::Cloudevents, &headers, "{}", Sender::Signature { id: Some("msg_1") });
    assert_eq!(binary.unwrap_err().code, "invalid_event");
}
