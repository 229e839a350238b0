//! Outcomes against listeners that fail, repeat and go away.

use super::*;
use crate::Headers;
use crate::signature::{Window, standard};
use crate::sinks::servicenow::Rows;
use crate::sinks::webhook::Webhook;
use crate::sinks::zendesk::Comments;
use ifmatch_core::{IntentId, Method, OrgName, Origin, Resource, SourceName};
use serde_json::{Value, json};

type Answer = Result<Response, Failure>;

fn status(status: u16) -> Answer {
    Ok(Response { status, headers: Vec::new(), body: String::new() })
}

fn json_answer(status: u16, body: &Value) -> Answer {
    Ok(Response { status, headers: Vec::new(), body: body.to_string() })
}

/// A log, a clock and a sink on them.
struct Scene<T> {
    sink: Outcomes<T>,
    teller: T,
    log: Vec<Line>,
    kept: Option<String>,
    now: Timestamp,
    /// Bodies that were sent, and when.
    sent: Vec<(Timestamp, Request)>,
}

impl<T: Teller + Clone> Scene<T> {
    fn new(teller: T) -> Self {
        let now = "2026-11-16T07:00:00Z".parse().unwrap();
        let mut scene = Self { sink: sink(&teller, None), teller, log: Vec::new(), kept: None, now, sent: Vec::new() };
        // What was there before the sink is history.
        scene.says(1, State::Landed);
        scene.passes(1, |_| panic!("history is not told"));
        scene
    }

    fn says(&mut self, intent: u128, to: State) {
        self.log.push(Line {
            index: self.log.len() as u64,
            at: self.now,
            intent: IntentId(intent),
            source: SourceName::from("tickets"),
            resource: Resource::by_id(&OrgName::from("acme"), "shift-trade", &format!("tr-{intent}")),
            to,
            code: None,
            reason: Some("as it should be".to_owned()),
            origin: Some(Origin { system: "zendesk".to_owned(), record: Some("98765".to_owned()), sequence: None }),
        });
    }

    fn restarts(&mut self) {
        self.sink = sink(&self.teller, self.kept.as_deref());
    }

    fn passes(&mut self, seconds: i64, mut other: impl FnMut(&Request) -> Answer) {
        let until = self.now + SignedDuration::from_secs(seconds);
        for _ in 0..100_000 {
            if !self.steps(until, &mut other) {
                self.now = until;
                return;
            }
        }
        panic!("the sink spins");
    }

    fn steps(&mut self, until: Timestamp, other: &mut impl FnMut(&Request) -> Answer) -> bool {
        let told = match self.sink.next(self.now) {
            Step::Survey => Told::Open(Vec::new(), self.log.len() as u64),
            Step::Read(from) => {
                let lines: Vec<Line> = self.log[usize::try_from(from).unwrap()..].iter().take(2).cloned().collect();
                let next = from + lines.len() as u64;
                Told::Lines(lines, next)
            }
            Step::Send(request) => {
                self.sent.push((self.now, request.clone()));
                Told::Answer(other(&request))
            }
            Step::Keep(text) => {
                self.kept = Some(text);
                Told::Kept
            }
            Step::Rest(at) if at > until => return false,
            Step::Rest(at) => {
                assert!(at > self.now, "a rest takes time");
                self.now = at;
                Told::Woken
            }
        };
        self.sink.tell(self.now, told);
        true
    }

    fn ids(&self) -> Vec<&str> {
        self.sent.iter().map(|(_, request)| request.header("webhook-id").unwrap()).collect()
    }
}

fn sink<T: Teller + Clone>(teller: &T, kept: Option<&str>) -> Outcomes<T> {
    Outcomes::new(teller.clone(), default_states(), Pace::webhooks(), kept)
}

fn secret() -> standard::Secret {
    standard::Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()
}

fn webhook() -> Webhook {
    Webhook { path: "/hear".to_owned(), secrets: vec![secret()] }
}

#[test]
fn outcomes_are_told_once_and_in_order_and_signed() {
    let mut scene = Scene::new(webhook());
    scene.says(2, State::Queued);
    scene.says(2, State::Review);
    scene.says(3, State::Landed);
    scene.says(2, State::Discarded);
    scene.passes(60, |_| status(204));
    assert_eq!(scene.ids(), ["msg_acme_2", "msg_acme_3", "msg_acme_4"]);
    let kinds: Vec<Value> = scene.sent.iter().map(|(_, it)| serde_json::from_str::<Value>(&it.body).unwrap()).collect();
    assert_eq!(kinds[0]["type"], "intent.review");
    assert_eq!(kinds[1]["data"]["resource"], json!({"org": "acme", "kind": "shift-trade", "id": "tr-3"}));
    for (at, request) in &scene.sent {
        let headers = request.headers.iter().cloned().collect::<Headers>();
        let window = Window { now: *at, tolerance: SignedDuration::from_secs(1) };
        standard::verify(&[secret()], &headers, request.body.as_bytes(), window).unwrap();
    }
    scene.restarts();
    scene.passes(3_600, |_| panic!("all is told"));
}

#[test]
fn a_failure_holds_those_behind_it_and_is_tried_again_by_the_schedule() {
    let mut scene = Scene::new(webhook());
    scene.says(2, State::Landed);
    scene.says(3, State::Landed);
    let start = scene.now;
    let mut attempts = 0;
    scene.passes(3_600, |_| {
        attempts += 1;
        if attempts < 4 { status(500) } else { status(200) }
    });
    assert_eq!(scene.ids(), ["msg_acme_1", "msg_acme_1", "msg_acme_1", "msg_acme_1", "msg_acme_2"]);
    let seconds: Vec<i64> = scene.sent.iter().map(|(at, _)| at.duration_since(start).as_secs()).collect();
    assert!(seconds[1] - seconds[0] == 5 && seconds[2] - seconds[1] == 300 && seconds[3] - seconds[2] == 1_800);
    assert_eq!((scene.sink.standing().told, scene.sink.standing().failed), (2, 3));
}

#[test]
fn after_three_days_one_is_given_up_and_the_next_has_its_turn() {
    let mut scene = Scene::new(webhook());
    scene.says(2, State::Landed);
    scene.says(3, State::Landed);
    scene.passes(5 * 86_400, |request| match request.header("webhook-id") {
        Some("msg_acme_1") => Err(Failure::NoAnswer),
        _ => status(200),
    });
    assert_eq!((scene.sent.len(), scene.sink.standing().given_up, scene.sink.standing().told), (11, 1, 1));
}

#[test]
fn a_listener_that_is_gone_hears_nothing_more() {
    let mut scene = Scene::new(webhook());
    scene.says(2, State::Landed);
    scene.passes(60, |_| status(410));
    scene.says(3, State::Landed);
    scene.passes(86_400, |_| panic!("it wants to hear nothing"));
    assert!(scene.sink.standing().last_error.unwrap().1.starts_with("410"));
}

#[test]
fn a_crash_at_any_step_leaves_no_outcome_untold() {
    for crash in 0..30 {
        let mut scene = Scene::new(webhook());
        for intent in 2..6 {
            scene.says(intent, State::Landed);
        }
        let far = scene.now + SignedDuration::from_secs(60);
        for step in 0..30 {
            if step == crash {
                scene.restarts();
            }
            scene.steps(far, &mut |_: &Request| status(200));
        }
        scene.passes(60, |_| status(200));
        let mut ids = scene.ids();
        ids.dedup();
        assert_eq!(ids, ["msg_acme_1", "msg_acme_2", "msg_acme_3", "msg_acme_4"], "crash at step {crash}");
    }
}

/// A ticket, by Zendesk's rules of `safe_update`.
struct Ticket {
    stamp: u32,
    comments: Vec<String>,
    /// Somebody edits the ticket before the next write.
    edits: bool,
    /// The answer to the next write is lost.
    loses: bool,
}

impl Ticket {
    fn handle(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
        match request.method {
            Method::Get if request.path.contains("/comments.json") => {
                let comments: Vec<Value> = self.comments.iter().map(|body| json!({"body": body})).collect();
                json_answer(200, &json!({"comments": comments}))
            }
            Method::Get => json_answer(200, &json!({"ticket": {"id": 98765, "updated_at": self.stamp.to_string()}})),
            _ => {
                if std::mem::take(&mut self.edits) {
                    self.stamp += 1;
                }
                assert_eq!(
                    (&body["ticket"]["safe_update"], &body["ticket"]["comment"]["public"]),
                    (&json!(true), &json!(false))
                );
                if body["ticket"]["updated_stamp"].as_str() != Some(&self.stamp.to_string()) {
                    return json_answer(409, &json!({"error": "UpdateConflict"}));
                }
                self.stamp += 1;
                self.comments.push(body["ticket"]["comment"]["body"].as_str().unwrap().to_owned());
                if std::mem::take(&mut self.loses) { Err(Failure::NoAnswer) } else { status(200) }
            }
        }
    }
}

#[test]
fn a_ticket_gets_one_comment_for_each_outcome_whatever_happens() {
    for (edits, loses) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut scene = Scene::new(Comments);
        let mut ticket = Ticket { stamp: 1, comments: vec!["hello".to_owned()], edits, loses };
        scene.says(2, State::Review);
        scene.passes(600, |request| ticket.handle(request));
        scene.says(2, State::Landed);
        scene.passes(600, |request| ticket.handle(request));
        assert_eq!(ticket.comments.len(), 3, "{:?}", ticket.comments);
        assert!(ticket.comments[1].ends_with(&format!("[ifmatch {} review]", IntentId(2))));
        assert!(ticket.comments[2].starts_with("shift-trade of tr-2 is landed: as it should be"));
    }
}

#[test]
fn a_ticket_that_is_gone_holds_nobody_up() {
    let mut scene = Scene::new(Comments);
    scene.says(2, State::Landed);
    scene.passes(60, |_| status(404));
    assert_eq!((scene.sink.standing().given_up, scene.sent.len()), (1, 1));
}

#[test]
fn a_row_of_an_outcome_is_text_and_in_utc() {
    let mut scene = Scene::new(Rows { staging: "u_ifmatch_outcome".to_owned() });
    scene.says(2, State::Landed);
    scene.passes(60, |_| json_answer(201, &json!({"result": [{"status": "inserted", "sys_id": "a"}]})));
    let (_, request) = &scene.sent[0];
    let row: Value = serde_json::from_str(&request.body).unwrap();
    assert!(row.as_object().unwrap().values().all(Value::is_string), "{row}");
    assert_eq!((&row["u_at"], &row["u_record"]), (&json!("2026-11-16 07:00:01"), &json!("98765")));
    assert_eq!(request.path, "/api/now/import/u_ifmatch_outcome");
}
