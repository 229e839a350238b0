//! SIGTERM in the middle of the work: the exit is clean, and what was acknowledged is stored.

use crate::apart::{Served, Target, patch_score};
use crate::http::Caller;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// Clients that submit at once.
const CLIENTS: usize = 4;

/// Intents that are acknowledged before the signal; the clients go on.
const BEFORE: usize = 100;

const SCORES: usize = 800;

/// Intents by the number of their score; each is acknowledged by its id.
type Taken = Mutex<BTreeMap<usize, String>>;

fn intent(scores: &Value, number: usize) -> Value {
    let comment = json!({"comments": format!("comment {number}")});
    patch_score(&scores[number]["id"], &comment, &format!("k{number}"))
}

/// Submits until the gateway takes no more; how it said so is returned.
fn submit(script: &Caller, scores: &Value, client: usize, taken: &Taken) -> String {
    for number in (client..SCORES).step_by(CLIENTS) {
        match script.try_send("POST", "/v1/intents", &[], &intent(scores, number).to_string()) {
            Ok(answer) if answer.status == 202 => {
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                taken.lock().unwrap().insert(number, id);
            }
            Ok(answer) => return format!("{} {}", answer.status, answer.json()["code"]),
            Err(error) => return error.kind().to_string(),
        }
    }
    "it took all of them".to_owned()
}

#[test]
fn sigterm_in_a_run_of_submits_loses_nothing_that_was_acknowledged() {
    let target = Target::start(&format!("[world]\nscores = {SCORES}"), "");
    let scores = target.world()["quality_scores"].clone();
    let mut gateway = Served::start(&mut target.serve(), target.folder.path());
    let (script, taken) = (gateway.script(), Taken::default());
    let (code, took) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (script, scores, taken) = (&script, &scores, &taken);
                scope.spawn(move || submit(script, scores, client, taken))
            })
            .collect();
        while taken.lock().unwrap().len() < BEFORE {
            thread::sleep(Duration::from_millis(1));
        }
        let since = Instant::now();
        let code = gateway.end();
        let took = since.elapsed();
        for client in clients {
            let end = client.join().unwrap();
            let refusals = ["503 \"unavailable\"", "connection refused", "connection reset", "unexpected end of file"];
            assert!(refusals.contains(&end.as_str()), "{end}");
        }
        (code, took)
    });
    assert_eq!(code, Some(0), "{}", gateway.log());
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(!gateway.log().contains("ERROR"), "{}", gateway.log());

    let again = Served::start(&mut target.serve(), target.folder.path());
    let script = again.script();
    let taken = taken.into_inner().unwrap();
    for (number, id) in &taken {
        let shown = script.get(&format!("/v1/intents/{id}?wait=60")).expect(200).json();
        assert_eq!(shown["state"], "landed", "{shown}");
        let duplicate = script.post("/v1/intents", &intent(&scores, *number)).expect(200).json();
        assert_eq!((&duplicate["id"], &duplicate["duplicate"]), (&json!(id), &json!(true)));
    }
    let ledger = target.ledger();
    for number in taken.keys() {
        let comment = format!("comment {number}");
        let carries = |entry: &&Value| entry["changes"][0]["after"] == comment.as_str();
        assert_eq!(ledger.iter().filter(carries).count(), 1, "{comment}");
    }
}

#[test]
fn a_proxied_write_that_waits_is_answered_before_the_end() {
    let target = Target::start("[options]\nlatency_ms_min = 800\nlatency_ms_max = 800", "");
    let score = target.world()["quality_scores"][0].clone();
    let path = score["path"].as_str().unwrap();
    let mut gateway = Served::start(&mut target.serve(), target.folder.path());
    let script = gateway.script();
    // The login of the gateway, so that the write is what takes long.
    script.get(path).expect(200);
    let body = json!({"comments": "last words", "version": score["version"]}).to_string();
    let answer = thread::scope(|scope| {
        let writing = scope.spawn(|| script.send("PATCH", path, &[("content-type", "application/json")], &body));
        // The write has reached the target, which takes its time to answer.
        while target.ledger().is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(gateway.end(), Some(0), "{}", gateway.log());
        writing.join().unwrap()
    });
    assert!([200, 202].contains(&answer.status), "{answer:?}");
    let again = Served::start(&mut target.serve(), target.folder.path());
    let shown = again.script().get(&format!("/v1/intents/{}?wait=20", answer.header("ifmatch-intent"))).expect(200);
    assert_eq!(shown.json()["state"], "landed", "{shown:?}");
    assert_eq!(target.ledger().len(), 1);
}
