//! Channels, topics and messages as the API spells them.

use super::*;

const API: fn() -> GenesysCloud = GenesysCloud::new;

fn answer(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string() }
}

fn notice(status: &str) -> Value {
    json!({"topicName": "v2.workforcemanagement.businessunits.bu-1.schedules",
        "eventBody": {"status": status, "operationId": "op-1", "eventType": "Update", "result": {"id": "s-1"}}})
}

#[test]
fn work_ends_well_or_not_and_goes_on() {
    let told = |message: &Value| API().told(message);
    assert_eq!(told(&notice("Complete")), Some(("op-1".to_owned(), false)));
    assert_eq!(told(&notice("Error")), Some(("op-1".to_owned(), true)));
    assert_eq!(told(&notice("Processing")), None);
    assert_eq!(told(&json!({"topicName": "channel.metadata", "eventBody": {"message": "pong"}})), None);
    for strange in
        [json!(null), json!([]), json!("x"), json!({"topicName": 7}), json!({"eventBody": {"status": "Error"}})]
    {
        assert_eq!((told(&strange), API().moved(&"acme".into(), &strange)), (None, Vec::new()), "{strange}");
    }
}

#[test]
fn a_schedule_moved_with_its_agents_where_an_operation_ended_well() {
    let org = OrgName::from("acme");
    let moved = API().moved(&org, &notice("Complete"));
    assert_eq!(
        moved,
        [Moved::Record(Resource::by_id(&org, "week-schedule", "s-1")), Moved::Envelope("s-1".to_owned())]
    );
    assert_eq!(API().moved(&org, &notice("Error")), []);
    let evaluation =
        json!({"topicName": "v2.quality.evaluations", "eventBody": {"id": "e-1", "conversationId": "c-1"}});
    assert_eq!(API().moved(&org, &evaluation), [Moved::Record(Resource::by_id(&org, "evaluation", "c-1/e-1"))]);
}

#[test]
fn topics_are_those_of_the_unit_once_it_is_known() {
    let org = OrgName::from("acme");
    let agent = Resource::by_id(&org, "agent-schedule", "s-1/u-1");
    let mut places = Notes::default();
    assert_eq!(API().topics(&agent, &places), Vec::<String>::new());
    places.set_place("schedule/s-1", "bu-1/2026-11-16");
    let topic = "v2.workforcemanagement.businessunits.bu-1.schedules";
    assert_eq!(API().topics(&agent, &places), [topic]);
    assert_eq!(API().topics(&Resource::by_id(&org, "week-schedule", "s-1"), &places), [topic]);
    assert_eq!(API().topics(&Resource::by_id(&org, "evaluation", "c-1/e-1"), &places), ["v2.quality.evaluations"]);
    assert_eq!(API().topics(&Resource::by_id(&org, "work-plan", "mu-1/p-1"), &places), Vec::<String>::new());
}

#[test]
fn a_channel_is_got_and_told_its_topics() {
    let given = json!({"id": "ch 1", "connectUri": "wss://stream.example.net/channels/ch", "expires": "2026-11-23T15:00:00.000Z"});
    let channel = API().opened(&answer(200, &given)).unwrap();
    assert_eq!(channel.expires_at, Some("2026-11-23T15:00:00Z".parse().unwrap()));
    assert!(!format!("{channel:?}").contains("stream"), "who knows the address can listen");
    let request = API().subscribe(&channel.id, &BTreeSet::from(["v2.quality.evaluations".to_owned()]));
    assert_eq!(request.path, "/api/v2/notifications/channels/ch%201/subscriptions?ignoreErrors=true");
    assert_eq!((request.method, request.body.as_str()), (Method::Put, r#"[{"id":"v2.quality.evaluations"}]"#));
    assert!(API().opened(&answer(200, &json!({"id": "c"}))).is_err());
    let refused = json!({"status": 429, "code": "too.many.requests", "message": "Rate limit exceeded"});
    assert_eq!(API().opened(&answer(429, &refused)).unwrap_err(), "429 too.many.requests Rate limit exceeded");
}

#[test]
fn a_topic_may_be_refused_and_a_channel_gone() {
    let some = json!({"entities": [
        {"id": "a", "state": "Permitted"},
        {"id": "b", "state": "Rejected", "missingPermissions": ["wfm:schedule:view"]},
        {"id": "c", "state": "Rejected", "rejectionReason": "There is no such topic"},
    ]});
    let refused = [("b", "the client has no permission wfm:schedule:view"), ("c", "There is no such topic")];
    let refused = refused.map(|(topic, why)| (topic.to_owned(), why.to_owned()));
    assert_eq!(API().subscribed(&answer(200, &some)), Subscribed::Held(refused.into()));
    assert_eq!(API().subscribed(&answer(200, &json!({}))), Subscribed::Held(Vec::new()));
    assert_eq!(API().subscribed(&answer(404, &json!({"code": "not.found"}))), Subscribed::Gone);
    assert!(matches!(API().subscribed(&answer(500, &json!(null))), Subscribed::Refused(_)));
}
