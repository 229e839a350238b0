//! A listener that pauses by what it is told.

use super::*;
use crate::signature::standard::Secret;
use crate::sinks::Sink;
use crate::sinks::scene::{Answer, Scene, answer};
use ifmatch_core::{OrgName, Resource, State};
use ifmatch_dialects::WfmV2;
use serde_json::Value;
use std::collections::BTreeSet;

/// A listener that keeps a set of agents for whom it pauses.
#[derive(Default)]
struct Listener {
    paused: BTreeSet<String>,
    ids: Vec<String>,
    spans: Vec<(String, Value, Value)>,
    away: bool,
}

impl Listener {
    fn hear(&mut self, request: &Request) -> Answer {
        if self.away {
            return Err(Failure::NoAnswer);
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let data = &body["data"];
        let agent = data["agent"].as_str().unwrap().to_owned();
        self.ids.push(request.header("webhook-id").unwrap().to_owned());
        match body["type"].as_str().unwrap() {
            "hold.began" => assert!(self.paused.insert(agent), "told twice: {body}"),
            "hold.ended" => {
                assert!(self.paused.remove(&agent), "never told: {body}");
                self.spans.push((agent, data["since"].clone(), data["until"].clone()));
            }
            other => panic!("{other}"),
        }
        answer(204, &Value::Null)
    }
}

fn sink(kept: Option<&str>) -> Held {
    let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let webhook = Webhook { path: "/".to_owned(), secrets: vec![secret] };
    Held::new("acme", Arc::new(WfmV2::default()), webhook, kept)
}

fn agent(scene: &mut Scene<Held>, name: &str) {
    scene.about = Some(Resource::by_id(&OrgName::from("acme"), "agent-schedule", &format!("sch-1/{name}")));
}

fn paused(listener: &Listener) -> Vec<&str> {
    listener.paused.iter().map(String::as_str).collect()
}

#[test]
fn a_listener_knows_who_is_held_over_restarts_and_absences() {
    let mut scene = Scene::new(sink(None));
    let mut listener = Listener::default();
    agent(&mut scene, "a-1");
    scene.says(1, State::Accepted, None);
    scene.passes(10, |_, request| listener.hear(request));
    assert_eq!(paused(&listener), ["a-1"]);

    // While it is away one hold ends, another begins, and a third comes and goes.
    listener.away = true;
    scene.says(1, State::Landed, None);
    agent(&mut scene, "a-2");
    scene.says(2, State::Accepted, None);
    agent(&mut scene, "a-3");
    scene.says(3, State::Accepted, None);
    scene.passes(1, |_, request| listener.hear(request));
    scene.says(3, State::Landed, None);
    scene.passes(60, |_, request| listener.hear(request));
    listener.away = false;
    scene.sink = sink(scene.kept.as_deref());
    scene.passes(60, |_, request| listener.hear(request));
    assert_eq!(paused(&listener), ["a-2"]);

    scene.says(2, State::Review, Some("review/true_conflict"));
    scene.passes(10, |_, request| listener.hear(request));
    assert!(paused(&listener).is_empty());
    assert_eq!(scene.sink.standing().open, 0);
    let distinct: BTreeSet<&String> = listener.ids.iter().collect();
    assert_eq!(distinct.len(), listener.ids.len(), "each message has a name of its own: {:?}", listener.ids);
}

#[test]
fn what_was_told_is_ended_by_the_time_of_the_log() {
    let mut scene = Scene::new(sink(None));
    let mut listener = Listener::default();
    agent(&mut scene, "a-1");
    let began = scene.now;
    scene.says(1, State::Accepted, None);
    scene.passes(5, |_, request| listener.hear(request));
    let ended = scene.now;
    scene.says(1, State::Landed, None);
    // It is held anew before anybody hears that it was over.
    scene.says(2, State::Accepted, None);
    scene.passes(10, |_, request| listener.hear(request));
    assert_eq!(paused(&listener), ["a-1"]);
    assert_eq!(listener.spans, [("a-1".to_owned(), json!(began), json!(ended))]);
}
