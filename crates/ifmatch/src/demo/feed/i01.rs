//! I01: 207 calls of a ServiceNow webhook for 60 quality reviews, while reviewers correct the same
//! scores in the target. Ten hours pass in six minutes.
//!
//! ServiceNow never reads the target. So the true base of a call is the ServiceNow record as it was
//! before, and its true edit is where it differs from that. A nightly job with a misconfigured zone
//! sends ten of the reviews once more, dated in UTC.

use super::Feed;
use super::world::ORG;
use crate::demo::wish::{Door, Effect, Payload, Set, Subject, Truth, Way, Wish};
use anyhow::Context as _;
use ifmatch_core::{Change, OrgName};
use ifmatch_sandbox::samples::QUALITY_REVIEWS_NDJSON;
use ifmatch_sources::readers::servicenow::{Reader, Review};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The instance of ServiceNow delivers with so many workers.
const WORKERS: usize = 4;

/// How much faster than in the file the calls arrive.
const HASTE: i64 = 100;

/// How long after its review the nightly job sends it.
const NIGHTLY_MS: i64 = 20_000;

/// The fields that a review decides.
const FIELDS: [&str; 6] = ["evaluation_form", "correlation_id", "score", "comments", "reviewed_at", "time_zone"];

/// One call of the file.
struct Call {
    record: String,
    sequence: u64,
    at_ms: i64,
    key: String,
    intent: Value,
    doc: Value,
    /// The body of the call, as it is sent.
    body: String,
}

pub(super) fn feed() -> anyhow::Result<Feed> {
    let reader = Reader::new(&OrgName::from(ORG), "Europe/Paris").context("Europe/Paris is a zone")?;
    let reviews: Vec<Review> = reader.lines(QUALITY_REVIEWS_NDJSON).into_iter().collect::<Result<_, _>>()?;
    let calls = calls(reviews)?;
    let states = states(&calls);
    let second = second_of_their_key(&calls);
    let mut wishes: Vec<Wish> = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        let sets = edits(&states[&call.record], call.sequence);
        let needs_person = second.contains(&call.record).then_some("another review has the same agent, form and date");
        wishes.push(wish(call, number, sets, needs_person));
    }
    let mut nightly = BTreeSet::new();
    for (number, call) in calls.iter().enumerate() {
        if let Some(doc) = dated_in_utc(&call.doc).filter(|_| nightly.insert(&call.record)) {
            wishes.push(again(call, number, doc, second.contains(&call.record)));
        }
    }
    Ok(Feed::new(wishes))
}

fn calls(reviews: Vec<Review>) -> anyhow::Result<Vec<Call>> {
    let first_ms = reviews.iter().map(|review| review.updated_at.as_millisecond()).min().unwrap_or_default();
    let mut latest_ms = first_ms;
    let bodies: Vec<&str> = QUALITY_REVIEWS_NDJSON.lines().collect();
    let mut calls = Vec::with_capacity(reviews.len());
    for review in reviews {
        // What comes late or again comes with the calls around it.
        latest_ms = latest_ms.max(review.updated_at.as_millisecond());
        let origin = review.intent.origin.as_ref().context("a review has an origin")?;
        let Change::Desired(doc) = &review.intent.change else { anyhow::bail!("a review is a whole record") };
        calls.push(Call {
            record: origin.record.clone().context("a review has a record")?,
            sequence: origin.sequence.context("a review has a sequence")?,
            at_ms: 1_000 + (latest_ms - first_ms) / HASTE,
            key: review.intent.idempotency_key.clone().context("a review has a key")?,
            doc: doc.clone(),
            intent: serde_json::to_value(&review.intent)?,
            body: (*bodies.get(review.line as usize - 1).context("a review has a line")?).to_owned(),
        });
    }
    Ok(calls)
}

/// The ServiceNow records, by sequence.
fn states(calls: &[Call]) -> BTreeMap<String, BTreeMap<u64, Value>> {
    let mut states: BTreeMap<String, BTreeMap<u64, Value>> = BTreeMap::new();
    for call in calls {
        states.entry(call.record.clone()).or_default().insert(call.sequence, call.doc.clone());
    }
    states
}

/// The records whose natural key another record had before them.
fn second_of_their_key(calls: &[Call]) -> BTreeSet<String> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    let mut second = BTreeSet::new();
    for call in calls {
        let key = ["agent_email", "evaluation_form", "review_date"].map(|name| call.doc[name].to_string()).join(" ");
        if *first.entry(key).or_insert(&call.record) != call.record {
            second.insert(call.record.clone());
        }
    }
    second
}

/// What a call truly edits: where the record differs from what it was before.
fn edits(states: &BTreeMap<u64, Value>, sequence: u64) -> Vec<Set> {
    let before = states.range(..sequence).next_back().map(|(_, doc)| doc);
    let Some(doc) = states.get(&sequence) else { return Vec::new() };
    let mut sets = Vec::new();
    for name in FIELDS {
        let base = before.and_then(|before| before.get(name)).cloned();
        if base.as_ref() != doc.get(name) {
            let own = states.range(..sequence).filter_map(|(_, older)| older.get(name).cloned()).collect();
            sets.push(Set { path: format!("/{name}"), base, after: doc.get(name).cloned(), own });
        }
    }
    sets
}

fn wish(call: &Call, number: usize, sets: Vec<Set>, needs_person: Option<&'static str>) -> Wish {
    Wish {
        name: call.key.clone(),
        at_ms: call.at_ms,
        worker: number % WORKERS,
        order: 0,
        way: Way::Submit { source: "servicenow".to_owned(), intent: call.intent.clone() },
        door: Door::SignedHook(call.body.clone()),
        payload: Payload::Score(call.doc.clone()),
        truth: Truth { subject: subject(&call.doc), effect: Effect::Sets(sets), needs_person, deadline_ms: None },
    }
}

fn subject(doc: &Value) -> Subject {
    let mark = doc["correlation_id"].as_str().unwrap_or_default();
    Subject::Mark { field: "/correlation_id", value: mark.to_owned() }
}

/// The same review with the date that it has in UTC, where that is another one.
fn dated_in_utc(doc: &Value) -> Option<Value> {
    let date = doc["reviewed_at"].as_str()?.get(..10)?;
    let mut utc = doc.clone();
    utc["review_date"] = json!(date);
    utc["time_zone"] = json!("UTC");
    (doc["review_date"] != utc["review_date"]).then_some(utc)
}

/// What the nightly job makes of a call. It asks for nothing new.
fn again(call: &Call, number: usize, doc: Value, second: bool) -> Wish {
    let mut intent = call.intent.clone();
    let key = format!("{}:nightly", call.key);
    intent["idempotency_key"] = json!(key);
    intent["change"] = json!({"desired": doc});
    let why =
        if second { "another review has the same agent, form and date" } else { "the same review with two dates" };
    Wish {
        name: key,
        at_ms: call.at_ms + NIGHTLY_MS,
        worker: number % WORKERS,
        order: 0,
        way: Way::Submit { source: "servicenow".to_owned(), intent },
        door: Door::OpenHook(call.body.clone()),
        payload: Payload::Score(doc.clone()),
        truth: Truth {
            subject: subject(&doc),
            effect: Effect::Sets(Vec::new()),
            needs_person: Some(why),
            deadline_ms: None,
        },
    }
}
