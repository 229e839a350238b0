//! A gateway that listens to what its target tells by itself: outcomes of uploads by notice, else by reading. The sandbox's
//! ledger says what was done.

use crate::apart::{Served, Target};
use crate::http::Caller;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Uploads end when the sandbox's clock is put forward.
const SLOW: &str = "[options.platform]\nupload_ms = 600000\n";

/// The longest that a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// An org with these keys besides the usual ones.
fn target(scenario: &str, keys: &str) -> Target {
    let target = Target::spoken("genesys-cloud", scenario, "");
    let path = target.folder.path().join("ifmatch.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let config = config.replace("allow_private = true", &format!("allow_private = true\n{keys}"));
    std::fs::write(&path, config).unwrap();
    target
}

fn control(target: &Target, name: &str, body: &Value) {
    target.control().post(&format!("/__sandbox/{name}"), body).expect(200);
}

/// Puts the sandbox's clock forward, and not the gateway's.
fn forward(target: &Target, seconds: u64) {
    control(target, "clock", &json!({"advance_seconds": seconds}));
}

/// Asks until the answer is as wanted.
#[track_caller]
fn until(ask: impl Fn() -> Value, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = ask();
        if wanted(&answer) {
            return answer;
        }
        assert!(Instant::now() < end, "{answer}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Agents of the first schedule that have a shift: the path of the schedule, and of each the id and a shift.
struct Week {
    path: String,
    id: String,
    agents: Vec<(String, String)>,
}

impl Week {
    fn of(target: &Target) -> Self {
        let path = target.world()["schedules"][0]["path"].as_str().unwrap().to_owned();
        let document = target.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json();
        let agents = document["agents"].as_array().unwrap().iter().filter_map(|agent| {
            let shift = agent["shifts"][0]["id"].as_str()?;
            Some((agent["agent_id"].as_str()?.to_owned(), shift.to_owned()))
        });
        Self { id: document["id"].as_str().unwrap().to_owned(), agents: agents.collect(), path }
    }

    /// Moves the shift of an agent by half an hour; the intent's id.
    fn moves(&self, script: &Caller, at: usize) -> String {
        let (agent, shift) = &self.agents[at];
        let resource = json!({"org": "acme", "kind": "agent-schedule", "id": format!("{}/{agent}", self.id)});
        let change = json!({"verb": {"name": "move-shift", "args": {"shift_id": shift, "minutes": 30}}});
        let answer = script.post("/v1/intents", &json!({"resource": resource, "change": change})).json();
        answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Accepted writes of the gateway to an agent.
    fn writes(&self, target: &Target, at: usize) -> usize {
        let path = format!("{}/agents/{}", self.path, self.agents[at].0);
        let ours = |entry: &&Value| entry["path"] == *path && entry["client_id"] == *target.client_id();
        target.ledger().iter().filter(ours).count()
    }
}

fn intent(script: &Caller, id: &str) -> Value {
    script.get(&format!("/v1/intents/{id}")).json()
}

#[track_caller]
fn reaches(script: &Caller, id: &str, state: &str) -> Value {
    until(|| intent(script, id), |intent| intent["state"] == state)
}

/// How the gateway listens.
fn ear(script: &Caller) -> Value {
    script.get("/v1/status").expect(200).json()["orgs"][0]["notices"].clone()
}

#[track_caller]
fn connected(script: &Caller) -> Value {
    until(|| ear(script), |ear| !ear["connected_since"].is_null() && ear["topics"] == 1)
}

/// The instant after these words.
fn instant_after(text: &str, words: &str) -> Option<jiff::civil::Time> {
    let rest = text.split_once(words)?.1;
    rest.trim_start().get(..8)?.parse().ok()
}

#[test]
fn a_notice_tells_of_an_upload_before_it_is_looked_into() {
    let target = target(SLOW, "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (script, week) = (served.script(), Week::of(&target));
    assert_eq!(ear(&script)["channels"], 0, "nothing is written, so nothing is listened to");
    // On a slow machine a look may fall between; not each time, where a notice ends the wait.
    let told = (0..5).any(|at| {
        let id = week.moves(&script, at);
        reaches(&script, &id, "tracking");
        connected(&script);
        let why = script.get(&format!("/v1/intents/{id}/why")).json().to_string();
        let look = instant_after(&why, "is told by a notice, or looked into at");
        assert!(look.is_some() || why.contains("tracking"), "{why}");
        forward(&target, 601);
        let landed = reaches(&script, &id, "landed");
        assert_eq!(week.writes(&target, at), 1);
        let settled: jiff::Timestamp = landed["settled_at"].as_str().unwrap().parse().unwrap();
        look.is_some_and(|look| settled.to_zoned(jiff::tz::TimeZone::UTC).time() < look)
    });
    assert!(told, "each outcome waited for its look: {}", served.log());
    let ear = ear(&script);
    assert_eq!((&ear["channels"], &ear["reconnects"]), (&json!(1), &json!(0)), "{ear}");
    assert!(ear["received"].as_u64().unwrap() >= 1, "{ear}");
}

#[test]
fn a_failure_that_is_told_is_merged_at_once_and_not_after_a_quarter_of_an_hour() {
    let target = target(SLOW, "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (script, week) = (served.script(), Week::of(&target));
    let id = week.moves(&script, 0);
    let first = reaches(&script, &id, "tracking");
    connected(&script);
    // The upload names an agent's version that is no more: it fails when it is processed, and nobody says why.
    let agent = format!("{}/agents/{}", week.path, week.agents[0].0);
    let edit = json!({"path": agent, "merge_patch": {"availability": {"status": "training"}}, "by": "Mara Lind"});
    control(&target, "edit", &edit);
    forward(&target, 601);
    let again = until(
        || intent(&script, &id),
        |now| now["state"] == "tracking" && now["attempts"].as_u64() > first["attempts"].as_u64(),
    );
    forward(&target, 601);
    reaches(&script, &id, "landed");
    assert_eq!(week.writes(&target, 0), 1, "{again}");
    let stands = target.control().get(&format!("/__sandbox/record?path={agent}")).expect(200).json();
    assert_eq!(stands["availability"]["status"], "training", "what the person wrote stands");
}

#[test]
fn a_cut_socket_is_opened_again_and_the_write_lands_once() {
    let target = target(SLOW, "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (script, week) = (served.script(), Week::of(&target));
    let id = week.moves(&script, 0);
    reaches(&script, &id, "tracking");
    connected(&script);
    control(&target, "faults", &json!({"cut_sockets": true}));
    let ear = until(|| ear(&script), |ear| ear["reconnects"] == 1 && ear["topics"] == 1);
    assert_eq!((&ear["channels"], ear["last_error"]["message"].is_string()), (&json!(1), true), "{ear}");
    assert_eq!(intent(&script, &id)["state"], "tracking");
    forward(&target, 601);
    reaches(&script, &id, "landed");
    assert_eq!(week.writes(&target, 0), 1);
}

#[test]
fn what_is_told_while_nobody_listens_is_found_by_reading() {
    let target = target(SLOW, "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (script, week) = (served.script(), Week::of(&target));
    let id = week.moves(&script, 0);
    reaches(&script, &id, "tracking");
    connected(&script);
    control(&target, "faults", &json!({"cut_sockets": true}));
    // Before the first pause of the gateway is over.
    forward(&target, 601);
    reaches(&script, &id, "landed");
    assert_eq!(week.writes(&target, 0), 1);
}

#[test]
fn a_channel_that_has_ended_is_replaced() {
    let target = target("", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (script, week) = (served.script(), Week::of(&target));
    let first = week.moves(&script, 0);
    reaches(&script, &first, "landed");
    connected(&script);
    forward(&target, 25 * 3600);
    until(|| ear(&script), |ear| ear["connected_since"].is_null());
    let second = week.moves(&script, 1);
    reaches(&script, &second, "landed");
    let ear = until(|| ear(&script), |ear| ear["channels"] == 2 && !ear["connected_since"].is_null());
    assert_eq!(ear["topics"], 1, "{ear}");
    assert_eq!([0, 1].map(|at| week.writes(&target, at)), [1, 1]);
}

#[test]
fn who_shall_not_listen_asks_for_no_channel_and_lands_by_reading() {
    let target = target("", "notices = false");
    let served = Served::start(target.serve().env("IFMATCH_LOG", "debug"), target.folder.path());
    let (script, week) = (served.script(), Week::of(&target));
    let id = week.moves(&script, 0);
    reaches(&script, &id, "landed");
    assert_eq!(week.writes(&target, 0), 1);
    assert!(served.log().contains("/update"), "the log shows what was sent");
    assert_eq!(ear(&script), Value::Null);
    assert!(!served.log().contains("/notifications/"), "{}", served.log());
}
