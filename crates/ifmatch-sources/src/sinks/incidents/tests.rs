//! Incidents against an instance of the other side's rules: one per cause, over crashes and while nobody answers.

use super::*;
use crate::sinks::scene::{self, answer};
use ifmatch_core::{Method, Request, SignedDuration, State};
use serde_json::{Value, json};

/// An instance with incidents, by the rules that `sources.md` tells of it: a query that it does not understand finds every row.
#[derive(Default)]
struct Instance {
    rows: Vec<Value>,
    requests: u32,
    away: bool,
    deaf: bool,
}

impl Instance {
    fn handle(&mut self, request: &Request) -> Result<Response, Failure> {
        self.requests += 1;
        if self.away {
            return Err(Failure::NoAnswer);
        }
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        assert_eq!(request.header("accept"), Some("application/json"));
        if let Some(staging) = path.strip_prefix("/api/now/import/") {
            assert_eq!(staging, "u_ifmatch_incident");
            assert!(body.as_object().unwrap().values().all(Value::is_string), "an import set takes text only: {body}");
            let known = self.rows.iter_mut().find(|row| row["correlation_id"] == body["correlation_id"]);
            let (status, id) = match known {
                Some(row) => {
                    fill(row, &body);
                    ("updated", row["sys_id"].clone())
                }
                None => ("inserted", self.insert(&body)),
            };
            return answer(201, &json!({"result": [{"status": status, "sys_id": id}]}));
        }
        let id = path.strip_prefix("/api/now/table/incident").unwrap().trim_start_matches('/');
        match request.method {
            Method::Get => {
                let asked: String = form_urlencoded::parse(query.as_bytes())
                    .find(|(name, _)| name == "sysparm_query")
                    .map(|(_, value)| value.into_owned())
                    .unwrap();
                let wanted = asked.strip_prefix("correlation_id=").unwrap().split('^').next().unwrap();
                let hit = |row: &&Value| self.deaf || row["correlation_id"] == wanted;
                answer(200, &json!({"result": self.rows.iter().filter(hit).collect::<Vec<_>>()}))
            }
            Method::Post => {
                let id = self.insert(&body);
                answer(201, &json!({"result": {"sys_id": id}}))
            }
            Method::Patch => match self.rows.iter_mut().find(|row| row["sys_id"] == id) {
                Some(row) => {
                    fill(row, &body);
                    answer(200, &json!({"result": {"sys_id": id}}))
                }
                None => answer(404, &json!({"error": {"message": "No Record found"}, "status": "failure"})),
            },
            other => panic!("{other}"),
        }
    }

    fn insert(&mut self, body: &Value) -> Value {
        let id = json!(format!("{:032x}", self.rows.len() + 1));
        let mut row = json!({"sys_id": id, "state": "1"});
        fill(&mut row, body);
        self.rows.push(row);
        id
    }

    fn states(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row["state"].as_str().unwrap()).collect()
    }
}

fn fill(row: &mut Value, body: &Value) {
    for (name, value) in body.as_object().unwrap() {
        row[name.as_str()] = value.clone();
    }
}

/// A gateway and the instance that is told.
struct Desks {
    scene: scene::Scene<Incidents>,
    desk: Desk,
    instance: Instance,
}

impl Desks {
    fn new(staging: Option<&str>) -> Self {
        let desk = Desk {
            staging: staging.map(str::to_owned),
            table: "incident".to_owned(),
            fields: vec![("assignment_group".to_owned(), "wfm".to_owned())],
        };
        let sink = Incidents::new("acme", desk.clone(), Patience::default(), None);
        Self { scene: scene::Scene::new(sink), desk, instance: Instance::default() }
    }

    fn says(&mut self, intent: u128, to: State, code: Option<&str>) {
        self.scene.says(intent, to, code);
    }

    /// The process ends and another one begins, with what was kept.
    fn restarts(&mut self) {
        let kept = self.scene.kept.as_deref();
        self.scene.sink = Incidents::new("acme", self.desk.clone(), Patience::default(), kept);
    }

    fn passes(&mut self, seconds: i64) {
        let instance = &mut self.instance;
        self.scene.passes(seconds, |_, request| instance.handle(request));
    }

    fn steps(&mut self, until: Timestamp) {
        let instance = &mut self.instance;
        self.scene.steps(until, &mut |_, request: &Request| instance.handle(request));
    }
}

fn both(test: impl Fn(Desks)) {
    test(Desks::new(Some("u_ifmatch_incident")));
    test(Desks::new(None));
}

#[test]
fn an_outage_is_one_incident_whatever_waits_and_is_resolved_when_the_last_one_landed() {
    both(|mut scene| {
        for intent in 0..300 {
            scene.says(intent, State::Accepted, None);
        }
        for _ in 0..14 {
            for intent in 0..300 {
                scene.says(intent, State::Sent, None);
                scene.says(intent, State::Ambiguous, Some("ambiguous/no_answer"));
                scene.says(intent, State::Queued, None);
            }
            scene.passes(60);
        }
        assert_eq!(scene.instance.states(), ["1"]);
        let row = scene.instance.rows[0].clone();
        assert_eq!(row["correlation_id"], "ifmatch:acme:late:1794812400");
        assert_eq!(row["assignment_group"], "wfm");
        assert!(row["description"].as_str().unwrap().starts_with("300 intents, since 2026-11-16T07:00:00Z"), "{row}");
        for intent in 0..300 {
            scene.says(intent, State::Landed, None);
        }
        scene.passes(30);
        assert_eq!(scene.instance.states(), ["6"]);
        assert_eq!(scene.scene.sink.standing(), SinkStanding { told: 2, ..SinkStanding::default() });
        let requests = scene.instance.requests;
        scene.passes(7_200);
        assert_eq!(scene.instance.requests, requests, "nothing more is said");
    });
}

#[test]
fn what_lands_soon_is_told_to_nobody() {
    both(|mut scene| {
        scene.says(1, State::Accepted, None);
        scene.passes(290);
        scene.says(1, State::Landed, None);
        scene.passes(3_600);
        assert_eq!(scene.instance.requests, 0);
    });
}

#[test]
fn what_somebody_wants_to_wait_is_told_to_nobody() {
    both(|mut scene| {
        for (intent, code) in [(1, "deferred/brake"), (2, "deferred/not_before")] {
            scene.says(intent, State::Accepted, None);
            scene.says(intent, State::Deferred, Some(code));
        }
        scene.passes(7_200);
        assert_eq!(scene.instance.requests, 0);
    });
}

#[test]
fn each_cause_has_its_own_incident_and_a_second_time_is_a_second_incident() {
    both(|mut scene| {
        scene.says(1, State::Review, Some("review/true_conflict"));
        scene.says(2, State::Review, Some("review/true_conflict"));
        scene.says(3, State::Parked, Some("parked/lock"));
        scene.passes(1_000);
        assert_eq!(scene.instance.states(), ["1", "1"]);
        for intent in [1, 2] {
            scene.says(intent, State::Discarded, None);
        }
        scene.passes(60);
        assert_eq!(scene.instance.states(), ["6", "1"]);
        scene.says(4, State::Review, Some("review/true_conflict"));
        scene.passes(120);
        assert_eq!(scene.instance.states(), ["6", "1", "1"]);
    });
}

#[test]
fn while_the_other_side_is_away_nothing_is_lost_and_little_is_sent() {
    both(|mut scene| {
        scene.says(1, State::Review, Some("review/true_conflict"));
        scene.instance.away = true;
        scene.passes(4 * 3_600);
        assert!(scene.instance.requests < 40, "{}", scene.instance.requests);
        scene.instance.away = false;
        scene.passes(900);
        assert_eq!(scene.instance.states(), ["1"]);
        assert!(scene.scene.sink.standing().last_error.is_some());
    });
}

#[test]
fn a_crash_at_any_step_opens_no_second_incident_and_leaves_none_open() {
    for staging in [Some("u_ifmatch_incident"), None] {
        for crash in 0..40 {
            let mut scene = Desks::new(staging);
            scene.says(1, State::Review, Some("review/true_conflict"));
            let far = scene.scene.now + SignedDuration::from_secs(100_000);
            for step in 0..60 {
                if step == crash {
                    scene.restarts();
                }
                if step == 30 {
                    scene.says(1, State::Discarded, None);
                }
                scene.steps(far);
            }
            scene.passes(3_600);
            assert_eq!(scene.instance.states(), ["6"], "crash at step {crash}");
        }
    }
}

#[test]
fn an_answer_that_is_lost_opens_no_second_incident() {
    let mut scene = Desks::new(None);
    scene.says(1, State::Review, Some("review/true_conflict"));
    let far = scene.scene.now + SignedDuration::from_secs(100_000);
    let mut lost = false;
    for _ in 0..60 {
        if let (Step::Send(request), false) = (scene.scene.sink.next(scene.scene.now), lost)
            && request.method == Method::Post
        {
            scene.instance.handle(&request).unwrap();
            scene.scene.sink.tell(scene.scene.now, Told::Answer(Err(Failure::NoAnswer)));
            lost = true;
            continue;
        }
        scene.steps(far);
    }
    assert!(lost);
    assert_eq!(scene.instance.states(), ["1"]);
}

#[test]
fn a_stranger_that_a_deaf_query_finds_is_left_alone() {
    let mut scene = Desks::new(None);
    scene.instance.rows.push(json!({"sys_id": "stranger", "correlation_id": "of-somebody-else", "state": "1"}));
    scene.instance.deaf = true;
    scene.says(1, State::Review, Some("review/true_conflict"));
    scene.passes(120);
    scene.says(1, State::Discarded, None);
    scene.passes(120);
    assert_eq!(scene.instance.states(), ["1", "6"]);
    assert_eq!(
        scene.instance.rows[0],
        json!({"sys_id": "stranger", "correlation_id": "of-somebody-else", "state": "1"})
    );
}

#[test]
fn an_incident_that_somebody_deleted_is_not_made_again_to_be_resolved() {
    let mut scene = Desks::new(None);
    scene.says(1, State::Review, Some("review/true_conflict"));
    scene.passes(120);
    scene.instance.rows.clear();
    scene.says(1, State::Discarded, None);
    scene.passes(120);
    assert_eq!(scene.instance.states(), Vec::<&str>::new());
    assert_eq!(scene.scene.sink.standing().open, 0);
}
