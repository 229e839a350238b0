//! Intents, attempts and rows for the suite.

use ifmatch_core::dialect::{Precondition, WriteItem};
use ifmatch_core::{
    AttemptId, AttemptRecord, Call, Change, Class, Commit, CommitId, ConflictNote, Evidence, Intake, Intent, IntentId,
    IntentRecord, IntentStatus, Method, Name, Op, OrgName, Origin, Request, Resource, ResourceRow, Share, Shared,
    Snapshot, SourceName, SourceShadow, State, Timestamp, Transition, Urgency, value_digest,
};
use serde_json::{Value, json};

pub(super) fn acme() -> OrgName {
    OrgName::from("acme")
}

/// An instant with nanoseconds, because real clocks have them.
pub(super) fn time(second: u64) -> Timestamp {
    let second = i64::try_from(second).expect("a sample's second is small");
    Timestamp::new(1_774_846_800 + second, 123_456_789).expect("a sample's time is in range")
}

pub(super) fn id(number: u64) -> IntentId {
    IntentId(0x0193_5a27_0000_7000_8000_0000_0000_0000_u128 + u128::from(number) * 0x1_0001)
}

pub(super) fn score(org: &OrgName, name: &str) -> Resource {
    Resource::by_id(org, "quality-score", name)
}

pub(super) fn pointer(text: &str) -> ifmatch_core::merge::Pointer {
    serde_json::from_value(Value::from(text)).expect("a sample's pointer is one")
}

/// An intent at a place in the order, its id following from the place. Every third one has a key.
pub(super) fn record(org: &OrgName, order: u64) -> IntentRecord {
    let source = if order.is_multiple_of(2) { "servicenow" } else { "zendesk" };
    let key = order.is_multiple_of(3).then(|| format!("{source}:9f1c:{order}"));
    let resource = score(org, &format!("qs-{}", order % 5));
    let intent = Intent {
        idempotency_key: key,
        resource: resource.clone(),
        change: Change::MergePatch(json!({"score": order, "comments": "späť \"quoted\"\n"})),
        base: None,
        on_conflict: None,
        class: if order.is_multiple_of(4) { Urgency::Bulk } else { Urgency::Normal },
        not_before: order.is_multiple_of(5).then(|| time(order + 60)),
        deadline: order.is_multiple_of(7).then(|| time(order + 3600)),
        origin: Some(Origin { system: source.to_owned(), record: Some("9f1c".to_owned()), sequence: Some(order) }),
        pair: None,
    };
    // By its JSON, so that optional members take their defaults.
    let record = json!({
        "id": id(order), "source": source, "intent": intent, "resource": resource, "order": order,
        "accepted_at": time(order), "strict": order.is_multiple_of(11),
        "fingerprint": order.is_multiple_of(2).then(|| ifmatch_core::Digest::of(&order.to_be_bytes())), "status": IntentStatus::accepted(time(order)),
    });
    serde_json::from_value(record).expect("a sample's record is one")
}

/// A resource named by its natural key.
pub(super) fn by_key(org: &OrgName, agent: &str) -> Resource {
    let key = json!({"agent_email": agent, "evaluation_form": "f/1"});
    Resource::new(org, "quality-score", Name::Key(key.to_string()))
}

/// A resource named by a foreign system's id.
pub(super) fn external(org: &OrgName, system: &str, id: &str) -> Resource {
    let name = Name::External { system: system.to_owned(), id: id.to_owned() };
    Resource::new(org, "shift-trade", name)
}

pub(super) fn step(intent: IntentId, from: State, to: State, at: u64) -> Transition {
    let mut status = IntentStatus::accepted(time(at));
    status.state = to;
    status.settled_at = to.is_terminal().then(|| time(at));
    if to == State::Review {
        status.code = Some("review/true_conflict".to_owned());
        status.reason = Some("score: 80 → 85, but the reviewer wrote 90".to_owned());
        status.conflict = vec![conflict()];
    }
    Transition {
        intent,
        at: time(at),
        from,
        to,
        by: "engine".to_owned(),
        attempt: None,
        evidence: None,
        status: status.into(),
    }
}

/// A conflict in which one side is `null` and another one is absent: they are not the same.
pub(super) fn conflict() -> ConflictNote {
    ConflictNote {
        path: pointer("/score"),
        base: None,
        local: Some(Value::Null),
        remote: Some(json!(90.300_000_000_000_01)),
        remote_writer: Some("reviewer".to_owned()),
        stretches: Vec::new(),
        seen: value_digest(Some(&json!(90))),
        candidates: vec![json!("2026-10-25T02:30:00+02:00"), json!("2026-10-25T02:30:00+01:00")],
    }
}

pub(super) fn evidence() -> Evidence {
    Evidence { version: Some(14), ..Evidence::bare(Class::Stale, "409 ResourceConflictException", "moved") }
}

pub(super) fn attempt(org: &OrgName, number: u64, intents: &[IntentId]) -> Shared<AttemptRecord> {
    let resource = score(org, "qs-1");
    let item = WriteItem {
        resource: resource.clone(),
        precondition: Precondition { version: Some(12), etag: Some("\"12\"".to_owned()), everywhere: false },
        from: json!({"score": 80}).into(),
        to: json!({"score": 85}).into(),
    };
    let share = |intent: &IntentId| Share {
        intent: *intent,
        resource: resource.clone(),
        changes: Vec::new(),
        said: Vec::new(),
        followed: Vec::new(),
    };
    Shared::new(AttemptRecord {
        id: AttemptId(number),
        call: Call::Write(vec![item]),
        request: Request::json(Method::Patch, "/api/v2/quality/scores/qs-1", &json!({"score": 85, "version": 12}))
            .into(),
        intents: intents.to_vec(),
        shares: intents.iter().map(share).collect(),
        at: time(number),
        horizon: time(number + 900),
        resends: 0,
        refused: false,
        taken: false,
    })
}

pub(super) fn row(resource: &Resource, version: u64) -> Shared<ResourceRow> {
    let mut row = ResourceRow::new(resource.clone());
    row.confirm(
        Snapshot {
            value: json!({"score": 80, "ratio": 0.300_000_000_000_000_04, "note": null, "version": version}).into(),
            version: Some(version),
            etag: Some(format!("\"{version}\"")),
            writer: Some("reviewer".to_owned()),
            modified_at: Some(time(version)),
            read_at: time(version + 1),
            seen_after: None,
            shown_to: [(SourceName::from("servicenow"), 7)].into(),
        },
        0,
    );
    let shadow = SourceShadow { value: json!({"score": version}).into(), ..SourceShadow::default() };
    row.sources.insert(SourceName::from("servicenow"), shadow);
    row.removed.insert(pointer("/shifts/id=s1"), id(version));
    row.into()
}

pub(super) fn commit(number: u64, ops: Vec<Op>) -> Commit {
    Commit { id: CommitId(number), ops }
}

pub(super) fn intake(record: IntentRecord) -> Op {
    Op::Intake(Box::new(Intake::of(record)))
}

pub(super) fn transition(intent: IntentId, from: State, to: State, at: u64) -> Op {
    Op::Transition(Box::new(step(intent, from, to, at)))
}

/// Takes in the intents at places 1 to `count`, in one commit.
pub(super) fn intakes(org: &OrgName, count: u64) -> Commit {
    commit(1, (1..=count).map(|order| intake(record(org, order))).collect())
}
