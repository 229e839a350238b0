//! SIGKILL at any moment of a run of 1,000 intents, ten times: nothing is lost and nothing is done
//! twice.

use crate::apart::{Served, Target, patch_score, try_script};
use crate::http::Caller;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

const INTENTS: usize = 1_000;
const KILLS: usize = 10;

/// Clients that submit at once.
const CLIENTS: usize = 4;

/// Scores of the world: one for each comment, and more than half of them get a number too.
const SCORES: usize = 500;

/// How long the whole run may take.
const BOUND: Duration = Duration::from_secs(60);

/// A generator of numbers, so that a run is one of many and can be had again (xorshift64*).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % bound
    }
}

/// One intent and the trace that its effect leaves in the ledger.
struct Wish {
    intent: Value,
    /// The record that it changes; absent where the value tells it from every other.
    path: Option<String>,
    field: &'static str,
    value: Value,
}

impl Wish {
    /// Whether a ledger entry carries its effect.
    fn is_in(&self, entry: &Value) -> bool {
        let sets = |change: &Value| {
            change["path"].as_str().and_then(|path| path.strip_prefix('/')) == Some(self.field)
                && change["after"] == self.value
        };
        self.path.as_ref().is_none_or(|path| entry["path"] == path.as_str())
            && entry["changes"].as_array().unwrap().iter().any(sets)
    }
}

/// What a thousand intents want: comments and numbers of scores that are there, new scores and new
/// trades under external ids; a tenth of the new ones is then wanted once more, with other words.
fn wishes(target: &Target) -> Vec<Wish> {
    let world = target.world();
    let (scores, agents) = (&world["quality_scores"], &world["agents"]);
    let wish = |number: usize| match number % 10 {
        part @ 0..=4 => comment(&scores[number / 10 * 5 + part], number),
        part @ 5..=7 => number_of(target, &scores[number / 10 * 5 + part - 5], number),
        8 => new_score(agents, number),
        _ => new_trade(agents, number),
    };
    (0..INTENTS).map(wish).collect()
}

fn comment(score: &Value, number: usize) -> Wish {
    let value = json!(format!("comment {number}"));
    Wish {
        intent: patch_score(&score["id"], &json!({"comments": value}), &format!("k{number}")),
        path: score["path"].as_str().map(str::to_owned),
        field: "comments",
        value,
    }
}

fn number_of(target: &Target, score: &Value, number: usize) -> Wish {
    let path = score["path"].as_str().unwrap();
    let held = target.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json();
    let value = json!((held["score"].as_u64().unwrap() + 1) % 101);
    let mut intent = patch_score(&score["id"], &json!({"score": value}), &format!("k{number}"));
    // What was written in the very moment in which the wish came in is nobody else's word.
    intent["base"] = json!({"version": score["version"], "value": {"score": held["score"]}});
    Wish { intent, path: Some(path.to_owned()), field: "score", value }
}

/// The intent that wanted the same new record first.
fn first_of(number: usize) -> usize {
    if number / 10 % 10 == 9 { number - 10 } else { number }
}

fn new_score(agents: &Value, number: usize) -> Wish {
    let first = first_of(number);
    let record = json!({
        "agent_email": agents[first % 60]["email"], "evaluation_form": format!("form-{first}"),
        "time_zone": "Europe/Paris", "reviewed_at": "2026-11-20T09:00:00Z", "score": first % 101, "comments": "",
    });
    created(number, "quality-score", "evaluation_form", "comments", record)
}

/// The target does not refuse a second trade of the same swap request: only the gateway can see to
/// it that there is one.
fn new_trade(agents: &Value, number: usize) -> Wish {
    let first = first_of(number);
    let side = |agent: usize| {
        json!({
            "agent_id": agents[agent % 60]["id"], "shift_id": format!("sh-{first}-{agent}"),
            "start": "2026-12-01T08:00:00Z", "end": "2026-12-01T16:00:00Z",
        })
    };
    let record = json!({
        "swap_request_id": format!("swap-{first}"), "status": "pending", "initiating": side(first),
        "receiving": side(first + 1), "time_zone": "Europe/Paris", "notes": "",
    });
    created(number, "shift-trade", "swap_request_id", "notes", record)
}

/// A new record, told by its name; wanted once more, it is told by its words.
fn created(number: usize, kind: &str, name: &'static str, words: &'static str, mut record: Value) -> Wish {
    let first = first_of(number);
    if first != number {
        record[words] = json!(format!("words {number}"));
    }
    let field = if first == number { name } else { words };
    let value = record[field].clone();
    let intent = json!({
        "idempotency_key": format!("k{number}"),
        "resource": {"org": "acme", "kind": kind, "external": {"system": "lms", "id": format!("x{first}")}},
        "change": {"create": record},
    });
    Wish { intent, path: None, field, value }
}

/// What clients and killer share.
struct Run {
    wishes: Vec<Wish>,
    url: Mutex<String>,
    next: AtomicUsize,
    acknowledged: Mutex<BTreeMap<usize, String>>,
    /// Answers that a client did not get and asked for again.
    retries: AtomicUsize,
    over: AtomicBool,
}

impl Run {
    fn acknowledged(&self) -> MutexGuard<'_, BTreeMap<usize, String>> {
        self.acknowledged.lock().unwrap()
    }

    /// Submits until nothing is left, each intent until it is acknowledged.
    fn submit(&self) {
        let mut caller: Option<Caller> = None;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(wish) = self.wishes.get(number) else { return };
            while !self.over.load(Ordering::Relaxed) {
                match self.try_submit(&mut caller, &wish.intent) {
                    Ok(id) => {
                        self.acknowledged().insert(number, id);
                        break;
                    }
                    Err(_) => {
                        caller = None;
                        self.retries.fetch_add(1, Ordering::Relaxed);
                        // The gateway is down: nothing says when it is back.
                        thread::sleep(Duration::from_millis(10));
                    }
                }
            }
        }
    }

    fn try_submit(&self, caller: &mut Option<Caller>, intent: &Value) -> std::io::Result<String> {
        let url = self.url.lock().unwrap().clone();
        let logged_in = match caller {
            Some(caller) => caller,
            None => caller.insert(try_script(&url)?),
        };
        let body = intent.to_string();
        let answer = logged_in.try_send("POST", "/v1/intents", &[], &body)?;
        match answer.status {
            200 | 202 => Ok(answer.json()["id"].as_str().unwrap().to_owned()),
            401 | 503 => Err(std::io::Error::other(answer.body)),
            _ => panic!("{intent} got {answer:?}"),
        }
    }

    /// Kills and restarts whenever the next random count of acknowledged intents is reached; the
    /// last kills fall into the time when all are acknowledged and not all have landed.
    fn kill(&self, target: &Target, seed: u64, mut gateway: Served) -> Served {
        let mut numbers = Numbers(seed);
        let mut moments: Vec<usize> = (0..KILLS).map(|_| numbers.below(INTENTS as u64 * 6 / 5) as usize).collect();
        moments.sort_unstable();
        for moment in moments {
            while self.acknowledged().len() < moment.min(INTENTS) {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_millis(numbers.below(60)));
            gateway.kill();
            gateway = Served::start(&mut target.serve(), target.folder.path());
            self.url.lock().unwrap().clone_from(&gateway.url);
        }
        gateway
    }
}

/// Waits until each has settled; returns how they ended.
fn settle(gateway: &Served, ids: &BTreeMap<usize, String>, until: Instant) -> BTreeMap<usize, Value> {
    let script = gateway.script();
    let settled = |(number, id): (&usize, &String)| {
        let wait = until.saturating_duration_since(Instant::now()).as_secs();
        let answer = script.get(&format!("/v1/intents/{id}?wait={wait}")).expect(200).json();
        (*number, answer)
    };
    ids.iter().map(settled).collect()
}

fn check(seed: u64) {
    let started = Instant::now();
    // The target forgets nobody's request for longer than a moment, and the gateway may know it.
    let target = Target::start(
        &format!("[world]\nscores = {SCORES}\n[options]\nlatency_ms_min = 5\nlatency_ms_max = 25"),
        "[limits]\nzombie_horizon_s = 2",
    );
    let gateway = Served::start(&mut target.serve(), target.folder.path());
    let run = Run {
        wishes: wishes(&target),
        url: Mutex::new(gateway.url.clone()),
        next: AtomicUsize::new(0),
        acknowledged: Mutex::default(),
        retries: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    };
    let gateway = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| run.submit())).collect();
        let gateway = run.kill(&target, seed, gateway);
        while clients.iter().any(|client| !client.is_finished()) && started.elapsed() < BOUND {
            thread::sleep(Duration::from_millis(5));
        }
        run.over.store(true, Ordering::Relaxed);
        gateway
    });
    let ids = run.acknowledged().clone();
    assert_eq!(ids.len(), INTENTS, "seed {seed}: every intent is acknowledged in the end");
    let ends = settle(&gateway, &ids, started + BOUND);
    let ledger: Vec<Value> =
        target.ledger().into_iter().filter(|entry| entry["client_id"] == *target.client_id()).collect();
    let mut wrong = Vec::new();
    for (number, wish) in run.wishes.iter().enumerate() {
        let (end, times) = (&ends[&number], ledger.iter().filter(|entry| wish.is_in(entry)).count());
        // A newer intent may carry what an older one wanted; the ledger shows that it did.
        let settled = ["landed", "satisfied", "superseded"].iter().any(|state| end["state"] == *state);
        if times != 1 || !settled {
            let record = end["result"]["id"].as_str().unwrap_or("?");
            let winner = run.wishes.iter().zip(ends.values()).find(|(_, other)| other["id"] == end["winner"]);
            let near = |entry: &&Value| entry["path"].as_str().is_some_and(|path| path.ends_with(record));
            let entries: Vec<&Value> = ledger.iter().filter(near).collect();
            wrong.push(format!("{times} times: {end}; superseded by {:?}; {entries:?}", winner.map(|(_, end)| end)));
        }
    }
    assert_eq!(wrong, [""; 0], "seed {seed}");
    let creations = |kind: &str| {
        let is_it = |entry: &&Value| {
            entry["from_version"].is_null() && entry["path"].as_str().is_some_and(|path| path.contains(kind))
        };
        ledger.iter().filter(is_it).count()
    };
    assert_eq!((creations("/quality/scores/"), creations("/scheduling/shifts/")), (90, 90), "seed {seed}");
    assert!(run.retries.load(Ordering::Relaxed) > 0, "seed {seed}: no kill met a submission");
    assert!(started.elapsed() < BOUND, "seed {seed}: {:?}", started.elapsed());
}

#[test]
fn ten_kills_in_a_thousand_intents_lose_nothing_and_double_nothing() {
    check(0x5eed_0001);
}
