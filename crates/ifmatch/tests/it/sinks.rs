//! Who is told of what became of intents: over real sockets, over restarts, and during an outage of the target.

use crate::apart::{Served, Target, patch_score};
use crate::run::{command, finish};
use ifmatch_core::{SignedDuration, Timestamp};
use ifmatch_sources::Headers;
use ifmatch_sources::signature::{Window, standard};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) line: String,
    pub(crate) headers: Headers,
    body: String,
}

impl Came {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

type Answers = dyn Fn(&Came) -> (u16, Value) + Send + Sync;

/// Another system, which notes what it is told.
pub(crate) struct Other {
    pub(crate) url: String,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Other {
    pub(crate) fn start(answers: impl Fn(&Came) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let came = Arc::new(Mutex::new(Vec::new()));
        let (noted, answers): (_, Arc<Answers>) = (Arc::clone(&came), Arc::new(answers));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, answers) = (Arc::clone(&noted), Arc::clone(&answers));
                std::thread::spawn(move || converse(&stream, &noted, &*answers));
            }
        });
        Self { url, came }
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// Waits until so many came.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Came> {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let came = self.came();
            if came.len() >= count {
                return came;
            }
            assert!(Instant::now() < until, "only {came:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Answers one connection until it is closed.
fn converse(stream: &TcpStream, noted: &Mutex<Vec<Came>>, answers: &Answers) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return;
        }
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let headers: Headers = headers.into_iter().collect();
        let length: usize = headers.value("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let came = Came { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).unwrap() };
        let (status, answer) = answers(&came);
        noted.lock().unwrap().push(came);
        let answer = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        let mut stream = stream;
        stream.write_all(format!("{head}{answer}").as_bytes()).unwrap();
    }
}

/// Submits an intent and gives its id.
fn submit(served: &Served, score: &Value, points: u64, key: &str) -> String {
    let intent = patch_score(score, &json!({"score": points}), key).to_string();
    let headers = [("content-type", "application/json")];
    let told = served.script().send("POST", "/v1/intents", &headers, &intent).json();
    told["id"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
}

#[test]
fn a_listener_hears_each_outcome_once_and_goes_on_after_a_restart() {
    let other = Other::start(|_| (200, json!({})));
    let sink = format!(
        "[[sink]]\nname = \"listener\"\norg = \"acme\"\nkind = \"webhook\"\nurl = \"{}/heard/of\"\nsecret = \"{SECRET}\"\nallow_private = true",
        other.url
    );
    let target = Target::start("", &sink);
    let score = target.world()["quality_scores"][0]["id"].clone();
    let served = Served::start(&mut target.serve(), target.folder.path());
    let first = submit(&served, &score, 71, "k1");
    let came = other.wait_for(1);
    assert_eq!(came[0].line, "POST /heard/of HTTP/1.1");
    let window = Window { now: now(), tolerance: SignedDuration::from_secs(60) };
    let secret = standard::Secret::parse(SECRET).unwrap();
    standard::verify(&[secret], &came[0].headers, came[0].body.as_bytes(), window).unwrap();
    let told = came[0].json();
    assert_eq!((&told["type"], &told["data"]["intent"]), (&json!("intent.landed"), &json!(first)));

    served.kill();
    let served = Served::start(&mut target.serve(), target.folder.path());
    let second = submit(&served, &score, 72, "k2");
    let came = other.wait_for(2);
    // A power cut between the answer and the place may have the first one told again, by the same name.
    let last = came.last().unwrap().json();
    assert_eq!(last["data"]["intent"], json!(second));
    let status = served.script().get("/v1/status").expect(200).json();
    assert_eq!(status["orgs"][0]["sinks"][0]["name"], "listener", "{status}");
}

#[test]
fn an_outage_of_the_target_is_one_incident_that_is_resolved_by_itself() {
    let other = Other::start(|_| (201, json!({"result": [{"status": "inserted", "sys_id": "5f1c"}]})));
    let sink = format!(
        "[[sink]]\nname = \"desk\"\norg = \"acme\"\nkind = \"servicenow-incidents\"\nurl = \"{}\"\nuser = \"ifmatch\"\npassword = \"p\"\nstaging = \"u_ifmatch_incident\"\nlate_s = 1\nallow_private = true",
        other.url
    );
    let target = Target::start("", &sink);
    let served = Served::start(&mut target.serve(), target.folder.path());
    let world = target.world();
    let outage = json!({"fault": "server_error", "status": 503, "path_prefix": "/api/", "times": 14}).to_string();
    target.control().send("POST", "/__sandbox/faults", &[("content-type", "application/json")], &outage);
    for (at, score) in world["quality_scores"].as_array().unwrap().iter().take(8).enumerate() {
        submit(&served, &score["id"], 71, &format!("k{at}"));
    }
    let came = other.wait_for(1);
    let opened = came[0].json();
    assert_eq!(came[0].line, "POST /api/now/import/u_ifmatch_incident HTTP/1.1");
    assert_eq!(came[0].headers.value("authorization"), Some("Basic aWZtYXRjaDpw"));
    assert!(opened["short_description"].as_str().unwrap().contains("have not landed"), "{opened}");
    let came = other.wait_for(2);
    let resolved = came[1].json();
    assert_eq!((&resolved["state"], &resolved["correlation_id"]), (&json!("6"), &opened["correlation_id"]));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(other.came().len(), 2, "one incident, whatever waited");
}

#[test]
fn a_token_of_the_other_side_is_got_and_got_anew_when_it_ends() {
    let logins = AtomicUsize::new(0);
    let other = Other::start(move |came| match came.headers.value("authorization") {
        // The client's credentials, form-encoded inside of Basic.
        Some("Basic aWZtYXRjaDpwK3E=") => {
            let number = logins.fetch_add(1, Ordering::SeqCst);
            (200, json!({"access_token": format!("t-{number}"), "token_type": "Bearer", "expires_in": 1800}))
        }
        Some("Bearer t-0") | None => (401, json!({"error": "the token has ended"})),
        Some(_) => (200, json!({})),
    });
    let sink = format!(
        "[[sink]]\nname = \"listener\"\norg = \"acme\"\nkind = \"webhook\"\nurl = \"{0}/heard\"\nallow_private = true\nclient_id = \"ifmatch\"\nclient_secret = \"p q\"\ntoken_url = \"{0}/login/token\"",
        other.url
    );
    let target = Target::start("", &sink);
    let score = target.world()["quality_scores"][0]["id"].clone();
    let served = Served::start(&mut target.serve(), target.folder.path());
    let first = submit(&served, &score, 71, "k1");
    let came = other.wait_for(4);
    let lines: Vec<(&str, Option<&str>)> =
        came.iter().map(|came| (came.line.as_str(), came.headers.value("authorization"))).collect();
    let (login, heard) = ("POST /login/token HTTP/1.1", "POST /heard HTTP/1.1");
    let client = Some("Basic aWZtYXRjaDpwK3E=");
    assert_eq!(lines, [(login, client), (heard, Some("Bearer t-0")), (login, client), (heard, Some("Bearer t-1"))]);
    assert_eq!(came[3].json()["data"]["intent"], json!(first));
    assert_eq!(came[0].body, "grant_type=client_credentials");
    let mut status = command(target.folder.path(), &["status", "--server", &served.url]);
    let shown = finish(&mut status).expect(0).out;
    assert!(shown.contains("sink listener: 1 told, 0 failed, 0 given up"), "{shown}");
}

fn now() -> Timestamp {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap()
}
