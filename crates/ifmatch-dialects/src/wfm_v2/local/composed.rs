//! Local times in a composition: what is written, what goes to a person, and what a decision makes of it.

use crate::WfmV2;
use crate::wfm_v2::tests::{agent_week, now, org, resource};
use ifmatch_core::{
    Decided, Dialect as _, EngineConfig, Ground, IntentId, IntentRecord, IntentStatus, Limits, LocalTimes, MemberFate,
    Plan, Resource, ResourceRow, Snapshot, SourceConfig, SourceName, State, Verify, compose,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One intent on one record, of a source with a policy.
struct Scene {
    resource: Resource,
    remote: Option<Value>,
    policy: LocalTimes,
    record: IntentRecord,
}

fn score() -> Value {
    json!({"id": "q1", "score": 80, "reviewed_at": "2026-10-20T08:00:00+02:00", "time_zone": "Europe/Paris", "version": 3})
}

impl Scene {
    fn new(resource: Resource, remote: Option<Value>, change: Value) -> Self {
        let record = json!({
            "id": IntentId(1), "source": "script", "resource": resource, "order": 1, "accepted_at": now(),
            "intent": {"resource": resource, "change": change, "base": remote.as_ref().map(|_| json!({"version": 3}))},
            "status": IntentStatus::accepted(now()),
        });
        let record = serde_json::from_value(record).unwrap();
        Self { resource, remote, policy: LocalTimes::Review, record }
    }

    /// A patch of the score.
    fn patch(patch: Value) -> Self {
        Self::new(resource("quality-score", "q1"), Some(score()), json!({"merge_patch": patch}))
    }

    fn policy(mut self, policy: LocalTimes) -> Self {
        self.policy = policy;
        self
    }

    fn plan(&self) -> Plan {
        let dialect = WfmV2::new();
        let source = SourceConfig { local_times: self.policy, ..SourceConfig::default() };
        let config = EngineConfig {
            org: org(),
            sources: BTreeMap::from([(SourceName::from("script"), source)]),
            unguarded: BTreeSet::new(),
            notices: false,
            verify: Verify::default(),
            limits: Limits::default(),
            seed: 1,
        };
        let mut row = ResourceRow::new(self.resource.clone());
        if let Some(remote) = &self.remote {
            let snapshot = Snapshot {
                value: remote.clone().into(),
                version: Some(3),
                etag: None,
                writer: Some("Ada Reviewer".to_owned()),
                modified_at: Some("2026-10-20T08:00:00Z".parse().unwrap()),
                read_at: now(),
                seen_after: None,
                shown_to: BTreeMap::new(),
            };
            row.confirm(snapshot, 0);
        }
        let remote = row.shadow().cloned();
        let spec = dialect.kind(&self.resource.kind).unwrap();
        let ground =
            Ground { dialect: &dialect, spec, config: &config, now: now(), row: &row, remote: remote.as_ref() };
        compose(ground, std::slice::from_ref(&self.record))
    }

    /// The fate of the intent: its code, the paths that it asks about and the candidates.
    fn review(&self) -> (&'static str, Vec<(String, Vec<Value>)>) {
        match self.plan().fates.remove(0).1 {
            MemberFate::Review { code, conflict, .. } => {
                (code, conflict.into_iter().map(|note| (note.path.to_string(), note.candidates)).collect())
            }
            other => panic!("no review but {other:?}"),
        }
    }

    /// A person decided the value at each path that was asked about.
    fn decided(mut self, values: &[(&str, Value)]) -> Self {
        let MemberFate::Review { edits, conflict, .. } = self.plan().fates.remove(0).1 else { panic!("no review") };
        self.record.status.state = State::Queued;
        self.record.status.edits = edits;
        for (path, value) in values {
            let note = conflict.iter().find(|note| note.path.as_str() == *path).expect("it was asked about");
            let decided = Decided { value: Some(value.clone()), remote: note.remote.clone() };
            self.record.status.decided.insert(note.path.clone(), decided);
        }
        self
    }

    #[track_caller]
    fn writes(&self, pointer: &str, wanted: &str) {
        let plan = self.plan();
        assert!(matches!(plan.fates[0].1, MemberFate::Carried { .. }), "{:?}", plan.fates);
        assert_eq!(plan.to.pointer(pointer).and_then(Value::as_str), Some(wanted));
    }
}

const FIRST: &str = "2026-10-25T02:30:00+02:00";
const SECOND: &str = "2026-10-25T02:30:00+01:00";

#[test]
fn a_local_time_that_exists_once_is_written_with_its_offset() {
    Scene::patch(json!({"reviewed_at": "2026-12-01T08:00"})).writes("/reviewed_at", "2026-12-01T08:00:00+01:00");
    let ops = json!({"json_patch": [{"op": "replace", "path": "/reviewed_at", "value": "2026-07-01T08:00"}]});
    let patched = Scene::new(resource("quality-score", "q1"), Some(score()), ops);
    patched.writes("/reviewed_at", "2026-07-01T08:00:00+02:00");
    let beside = json!({"reviewed_at": "2026-12-01T08:00", "time_zone": "Asia/Singapore"});
    Scene::patch(beside).writes("/reviewed_at", "2026-12-01T08:00:00+08:00");
}

#[test]
fn the_same_time_by_the_clock_changes_nothing() {
    let plan = Scene::patch(json!({"reviewed_at": "2026-10-20T08:00"})).plan();
    assert!(matches!(plan.fates[0].1, MemberFate::Satisfied { .. }), "{:?}", plan.fates);
    assert!(!plan.writes());
}

#[test]
fn a_doubt_asks_a_person_and_writes_nothing() {
    let scene = Scene::patch(json!({"reviewed_at": "2026-10-25T02:30", "score": 85}));
    let asked = vec![("/reviewed_at".to_owned(), vec![json!(FIRST), json!(SECOND)])];
    assert_eq!(scene.review(), ("review/ambiguous_local_time", asked));
    assert!(!scene.plan().writes());
    let gap = Scene::patch(json!({"reviewed_at": "2026-03-29T02:30"}));
    let sides = vec![json!("2026-03-29T01:30:00+01:00"), json!("2026-03-29T03:30:00+02:00")];
    assert_eq!(gap.review(), ("review/missing_local_time", vec![("/reviewed_at".to_owned(), sides)]));
}

#[test]
fn what_was_decided_is_written_with_the_rest() {
    let scene = || Scene::patch(json!({"reviewed_at": "2026-10-25T02:30", "score": 85}));
    for instant in [FIRST, SECOND, "2026-10-25T00:00:00Z"] {
        let scene = scene().decided(&[("/reviewed_at", json!(instant))]);
        scene.writes("/reviewed_at", instant);
        assert_eq!(scene.plan().to["score"], 85);
    }
    // A person may answer by the clock too.
    scene().decided(&[("/reviewed_at", json!("2026-10-25T03:30"))]).writes("/reviewed_at", "2026-10-25T03:30:00+01:00");
    // The target's own value: the rest is written.
    let kept = scene().decided(&[("/reviewed_at", json!("2026-10-20T08:00:00+02:00"))]);
    kept.writes("/reviewed_at", "2026-10-20T08:00:00+02:00");
}

#[test]
fn an_answer_that_leaves_the_doubt_asks_again() {
    let scene = || Scene::patch(json!({"reviewed_at": "2026-10-25T02:30"}));
    let again = scene().decided(&[("/reviewed_at", json!("2026-10-25T02:30"))]);
    assert_eq!(again.review(), scene().review());
    let other = scene().decided(&[("/reviewed_at", json!("2026-10-25T02:45"))]);
    assert_eq!(other.review().1[0].1[0], "2026-10-25T02:45:00+02:00");
    assert_eq!(scene().decided(&[]).review(), scene().review());
}

#[test]
fn a_policy_tells_without_a_person() {
    let fold = |policy| Scene::patch(json!({"reviewed_at": "2026-10-25T02:30"})).policy(policy);
    fold(LocalTimes::Earlier).writes("/reviewed_at", FIRST);
    fold(LocalTimes::Later).writes("/reviewed_at", SECOND);
    let gap = |policy| Scene::patch(json!({"reviewed_at": "2026-03-29T02:30"})).policy(policy);
    gap(LocalTimes::Earlier).writes("/reviewed_at", "2026-03-29T01:30:00+01:00");
    gap(LocalTimes::Later).writes("/reviewed_at", "2026-03-29T03:30:00+02:00");
    let code = |scene: Scene| match scene.plan().fates.remove(0).1 {
        MemberFate::Rejected { code, reason, .. } => {
            assert!(reason.contains("/reviewed_at"), "{reason}");
            code
        }
        other => panic!("not rejected but {other:?}"),
    };
    assert_eq!(code(fold(LocalTimes::Reject)), "rejected/ambiguous_local_time");
    assert_eq!(code(gap(LocalTimes::Reject)), "rejected/missing_local_time");
    let mut zoneless = Scene::patch(json!({"reviewed_at": "2026-12-01T08:00"}));
    zoneless.remote.as_mut().unwrap()["time_zone"] = Value::Null;
    assert_eq!(code(zoneless), "rejected/naive_time");
}

#[test]
fn a_shift_of_an_agent_goes_by_the_clock_of_the_schedule() {
    let mut week = agent_week();
    (week["version"], week["week"], week["time_zone"]) = (json!(3), json!("2026-10-19"), json!("Europe/Paris"));
    week["shifts"] = json!([]);
    let night = |start: &str, activity: &str| {
        let activities = json!([{"start": activity, "length_minutes": 60, "code": "WORK"}]);
        let shift = json!({"id": "n", "start": start, "length_minutes": 540, "activities": activities});
        let change = json!({"merge_patch": {"shifts": [shift]}});
        Scene::new(resource("agent-schedule", "s1/a1"), Some(week.clone()), change)
    };
    let plain = night("2026-10-24T22:00", "2026-10-25T04:00");
    plain.writes("/shifts/0/start", "2026-10-24T22:00:00+02:00");
    plain.writes("/shifts/0/activities/0/start", "2026-10-25T04:00:00+01:00");
    assert_eq!(plain.plan().to["shifts"][0]["length_minutes"], 540);
    let doubtful = || night("2026-10-24T22:00", "2026-10-25T02:15");
    let path = "/shifts/n/activities/0/start";
    let (code, asked) = doubtful().review();
    assert_eq!((code, asked[0].0.as_str()), ("review/ambiguous_local_time", path));
    let decided = doubtful().decided(&[(path, json!("2026-10-25T02:15:00+01:00"))]);
    decided.writes("/shifts/0/activities/0/start", "2026-10-25T02:15:00+01:00");
    decided.writes("/shifts/0/start", "2026-10-24T22:00:00+02:00");
}

#[test]
fn a_trade_that_shall_exist_waits_with_both_of_its_doubts() {
    let side =
        |agent: &str, start: &str, end: &str| json!({"agent_id": agent, "shift_id": "s", "start": start, "end": end});
    let create = json!({"create": {
        "swap_request_id": "S", "status": "pending", "time_zone": "Europe/Paris",
        "initiating": side("a", "2026-10-25T02:30", "2026-10-25T10:30"),
        "receiving": side("b", "2026-10-24T18:30", "2026-10-25T02:30"),
    }});
    let scene = || Scene::new(resource("shift-trade", "t1"), None, create.clone());
    let paths: Vec<String> = scene().review().1.into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/initiating/start", "/receiving/end"]);
    let half = scene().decided(&[("/initiating/start", json!(SECOND))]);
    assert_eq!(half.review().1.len(), 1, "the other one is still in doubt");
    let decided = scene().decided(&[("/initiating/start", json!(SECOND)), ("/receiving/end", json!(FIRST))]);
    decided.writes("/initiating/start", SECOND);
    decided.writes("/initiating/end", "2026-10-25T10:30:00+01:00");
    decided.writes("/receiving/end", FIRST);
}

#[test]
fn bounds_are_checked_after_the_clocks_were_read() {
    let trade = json!({"trade_id": "t1", "status": "pending", "time_zone": "Europe/Paris", "version": 3,
        "initiating": {"agent_id": "a", "start": "2026-10-26T08:00:00+01:00", "end": "2026-10-26T16:00:00+01:00"}});
    let patch = json!({"merge_patch": {"initiating":
        {"agent_id": "a", "start": "2026-10-24T22:00", "end": "2026-10-24T06:00"}}});
    let scene = Scene::new(resource("shift-trade", "t1"), Some(trade), patch);
    assert_eq!(scene.review().0, "review/invariant");
}
