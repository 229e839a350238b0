//! Outcomes against listeners that fail, repeat and go away.

use super::*;
use crate::Headers;
use crate::signature::{Window, standard};
use crate::sinks::scene::{self, Answer, answer};
use crate::sinks::servicenow::Rows;
use crate::sinks::webhook::Webhook;
use crate::sinks::zendesk::Comments;
use ifmatch_core::{IntentId, Method, SignedDuration};
use serde_json::{Value, json};

fn status(status: u16) -> Answer {
    answer(status, &json!({}))
}

/// A gateway and what was sent, and when.
struct Hearing<T> {
    scene: scene::Scene<Outcomes<T>>,
    teller: T,
    sent: Vec<(Timestamp, Request)>,
}

impl<T: Teller + Clone> Hearing<T> {
    fn new(teller: T) -> Self {
        let mut told = Self { scene: scene::Scene::new(sink(&teller, None)), teller, sent: Vec::new() };
        // What was there before the sink is history.
        told.says(1, State::Landed);
        told.passes(1, |_| panic!("history is not told"));
        told
    }

    fn says(&mut self, intent: u128, to: State) {
        self.scene.says(intent, to, None);
    }

    fn restarts(&mut self) {
        self.scene.sink = sink(&self.teller, self.scene.kept.as_deref());
    }

    fn passes(&mut self, seconds: i64, mut other: impl FnMut(&Request) -> Answer) {
        let sent = &mut self.sent;
        self.scene.passes(seconds, |at, request| {
            sent.push((at, request.clone()));
            other(request)
        });
    }

    fn steps(&mut self, until: Timestamp) {
        let sent = &mut self.sent;
        self.scene.steps(until, &mut |at, request: &Request| {
            sent.push((at, request.clone()));
            status(200)
        });
    }

    fn standing(&self) -> SinkStanding {
        self.scene.sink.standing()
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
    let mut scene = Hearing::new(webhook());
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
    let mut scene = Hearing::new(webhook());
    scene.says(2, State::Landed);
    scene.says(3, State::Landed);
    let start = scene.scene.now;
    let mut attempts = 0;
    scene.passes(3_600, |_| {
        attempts += 1;
        if attempts < 4 { status(500) } else { status(200) }
    });
    assert_eq!(scene.ids(), ["msg_acme_1", "msg_acme_1", "msg_acme_1", "msg_acme_1", "msg_acme_2"]);
    let seconds: Vec<i64> = scene.sent.iter().map(|(at, _)| at.duration_since(start).as_secs()).collect();
    assert!(seconds[1] - seconds[0] == 5 && seconds[2] - seconds[1] == 300 && seconds[3] - seconds[2] == 1_800);
    assert_eq!((scene.standing().told, scene.standing().failed), (2, 3));
}

#[test]
fn after_three_days_one_is_given_up_and_the_next_has_its_turn() {
    let mut scene = Hearing::new(webhook());
    scene.says(2, State::Landed);
    scene.says(3, State::Landed);
    scene.passes(5 * 86_400, |request| match request.header("webhook-id") {
        Some("msg_acme_1") => Err(Failure::NoAnswer),
        _ => status(200),
    });
    assert_eq!((scene.sent.len(), scene.standing().given_up, scene.standing().told), (11, 1, 1));
}

#[test]
fn a_listener_that_is_gone_hears_nothing_more() {
    let mut scene = Hearing::new(webhook());
    scene.says(2, State::Landed);
    scene.passes(60, |_| status(410));
    scene.says(3, State::Landed);
    scene.passes(86_400, |_| panic!("it wants to hear nothing"));
    assert!(scene.standing().last_error.unwrap().1.starts_with("410"));
}

#[test]
fn a_crash_at_any_step_leaves_no_outcome_untold() {
    for crash in 0..30 {
        let mut scene = Hearing::new(webhook());
        for intent in 2..6 {
            scene.says(intent, State::Landed);
        }
        let far = scene.scene.now + SignedDuration::from_secs(60);
        for step in 0..30 {
            if step == crash {
                scene.restarts();
            }
            scene.steps(far);
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
                answer(200, &json!({"comments": comments}))
            }
            Method::Get => answer(200, &json!({"ticket": {"id": 98765, "updated_at": self.stamp.to_string()}})),
            _ => {
                if std::mem::take(&mut self.edits) {
                    self.stamp += 1;
                }
                assert_eq!(
                    (&body["ticket"]["safe_update"], &body["ticket"]["comment"]["public"]),
                    (&json!(true), &json!(false))
                );
                if body["ticket"]["updated_stamp"].as_str() != Some(&self.stamp.to_string()) {
                    return answer(409, &json!({"error": "UpdateConflict"}));
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
        let mut scene = Hearing::new(Comments);
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
    let mut scene = Hearing::new(Comments);
    scene.says(2, State::Landed);
    scene.passes(60, |_| status(404));
    assert_eq!((scene.standing().given_up, scene.sent.len()), (1, 1));
}

#[test]
fn a_row_of_an_outcome_is_text_and_in_utc() {
    let mut scene = Hearing::new(Rows { staging: "u_ifmatch_outcome".to_owned() });
    scene.says(2, State::Landed);
    scene.passes(60, |_| answer(201, &json!({"result": [{"status": "inserted", "sys_id": "a"}]})));
    let (_, request) = &scene.sent[0];
    let row: Value = serde_json::from_str(&request.body).unwrap();
    assert!(row.as_object().unwrap().values().all(Value::is_string), "{row}");
    assert_eq!((&row["u_at"], &row["u_record"]), (&json!("2026-11-16 07:00:01"), &json!("98765")));
    assert_eq!(request.path, "/api/now/import/u_ifmatch_outcome");
}
