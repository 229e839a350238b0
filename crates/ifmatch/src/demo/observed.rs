//! Observe mode in front of the naive loop: it names every edit that the loop erased, and no other.
//!
//! The judge here is written from the definition alone. It knows the ledger, and what each sender sent before: its own true base,
//! since it never looks at what the target holds. A sender that pulled a week does so through the gateway, as it would.

use super::drive::play;
use super::feed::Feed;
use super::incident::Incident;
use super::judge::records::{is_managed, is_ours, overlap};
use super::strategy::naive_refresh::NaiveRefresh;
use super::wish::{Ended, Payload, Subject};
use crate::live::{self, Http, Stage};
use anyhow::Context as _;
use ifmatch_sandbox::LedgerEntry;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SCORES: &str = "/api/v2/wfm/v2/quality/scores";
const TRADES: &str = "/api/v2/wfm/scheduling/shifts";
const SCHEDULES: &str = "/api/v2/wfm/schedules";

/// How long one incident may take, wall time.
const WALL_MAX: Duration = Duration::from_secs(50);

/// One value that was lost: record, path, value.
type Lost = BTreeSet<(String, String, String)>;

struct Run {
    named: Lost,
    known: Lost,
    sums: Value,
    ledger: Vec<Arc<LedgerEntry>>,
}

impl Run {
    /// The story of each path on which the two do not agree, for whoever looks into one.
    fn stories(&self) -> String {
        let mut stories = String::new();
        for (record, path, value) in self.known.symmetric_difference(&self.named) {
            stories += &format!("\n{record} {path} {value}\n");
            for entry in self.ledger.iter().filter(|entry| entry.path == *record) {
                for change in entry.changes.iter().filter(|change| overlap(&change.path, path)) {
                    let (seq, from, to) = (entry.seq, entry.from_version.unwrap_or_default(), entry.to_version);
                    let (before, after) = (text(change.before.as_ref()), text(change.after.as_ref()));
                    stories += &format!("  {seq} {} {from}-{to}: {before} -> {after}\n", entry.actor);
                }
            }
        }
        stories
    }
}

async fn run(incident: Incident, seed: u64) -> anyhow::Result<Run> {
    for _ in 0..8 {
        if let Some(run) = attempt(incident, seed).await? {
            return Ok(run);
        }
    }
    anyhow::bail!("people were always faster than the sender's first read")
}

/// Plays it; `None` where somebody edited before the sender had read what it believes to start from.
async fn attempt(incident: Incident, seed: u64) -> anyhow::Result<Option<Run>> {
    let mut feed = Feed::of(incident, seed)?;
    let (running, _folder) = live::observing(incident.played(seed)).await?;
    let account = running.accounts.first().context("the gateway has a source")?;
    let login = (account.client_id.as_str(), account.client_secret.as_str());
    let sandbox = running.sandbox().context("the gateway has a sandbox")?;
    if !feed.start.is_empty() {
        let schedules = sandbox.with(|sandbox| sandbox.world())["schedules"].clone();
        let path = schedules[0]["path"].as_str().context("a schedule")?.to_owned();
        let pulled = Http::new(&running.url).log_in(login.0, login.1).await?.get(&path).await?;
        anyhow::ensure!(pulled.is_done(), "{}", pulled.text);
        if sandbox.with(|sandbox| sandbox.ledger().iter().any(|entry| entry.path.contains("/agents/"))) {
            running.shutdown().await;
            return Ok(None);
        }
    }
    let stage = Stage::new(running.clock(), incident.scenario(seed).start(), Instant::now() + WALL_MAX);
    let _pulse = running.pulse();
    let mut strategy = NaiveRefresh::at(&running.url, login, &stage).await?;
    let progress: super::run::Progress = Arc::new(|_, _| {});
    let ended = play(&mut feed, &mut strategy, sandbox, &stage, &progress).await;
    drop(strategy);
    // What was on the wire when the loop gave up has ended by then.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let token = std::fs::read_to_string(running.operator_token_path())?;
    let observed = Http::new(&running.url).with_token(token.trim()).get("/v1/observed").await?.json();
    let ledger = sandbox.with(|sandbox| sandbox.ledger().to_vec());
    // A value of somebody else that the sender said itself at another time: on the wire nobody can tell whose it is, and
    // the ledger does not say what the sender took it for.
    let said_itself = |(record, path, value): &(String, String, String)| {
        let meant = ended.iter().filter(|one| means(&ledger, &one.wish.truth.subject, record));
        meant.into_iter().any(|one| text(value_at(doc(&one.wish.payload), path)) == *value)
    };
    let told_apart = |all: Lost| -> Lost { all.into_iter().filter(|one| !said_itself(one)).collect() };
    let known = told_apart(known(&ledger, &feed.start, &ended));
    let run = Run { named: told_apart(named(&observed)), known, sums: observed["sheets"][0]["sums"].clone(), ledger };
    running.shutdown().await;
    Ok(Some(run))
}

fn text(value: Option<&Value>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// What the observer names.
fn named(observed: &Value) -> Lost {
    let sheets = observed["sheets"].as_array().into_iter().flatten();
    let findings = sheets.flat_map(|sheet| sheet["findings"].as_array().into_iter().flatten());
    let lost = findings.filter(|finding| finding["known"] == "lost");
    lost.map(|finding| {
        let id = finding["record"].as_str().unwrap_or_default();
        let record = match finding["kind"].as_str().unwrap_or_default() {
            "agent-schedule" => format!("{SCHEDULES}/{}", id.replacen('/', "/agents/", 1)),
            "shift-trade" => format!("{TRADES}/{id}"),
            _ => format!("{SCORES}/{id}"),
        };
        (record, finding["path"].as_str().unwrap_or_default().to_owned(), text(finding.get("before")))
    })
    .collect()
}

/// What the ledger knows: values that another writer had put there last, overwritten by the loop although the sender had
/// started from something else.
fn known(ledger: &[Arc<LedgerEntry>], start: &BTreeMap<String, Value>, ended: &[Ended]) -> Lost {
    let mut lost = Lost::new();
    let mut sent: Vec<&Ended> = ended.iter().collect();
    sent.sort_by_key(|ended| ended.wish.order);
    for (place, entry) in ledger.iter().enumerate().filter(|(_, entry)| is_ours(entry)) {
        for change in entry.changes.iter().filter(|change| !is_managed(&change.path)) {
            let Some(before) = change.before.as_ref().filter(|before| !before.is_null()) else { continue };
            let touches = |earlier: &&Arc<LedgerEntry>| {
                earlier.path == entry.path && earlier.changes.iter().any(|other| overlap(&other.path, &change.path))
            };
            let writer = ledger[..place].iter().rev().find(touches);
            if writer.is_none_or(|writer| is_ours(writer)) {
                continue;
            }
            let meant = sent.iter().enumerate().filter(|(_, one)| means(ledger, &one.wish.truth.subject, &entry.path));
            let saw = |(at, one): (usize, &&Ended)| {
                let earlier = sent[..at].iter().rev().find(|other| other.wish.truth.subject == one.wish.truth.subject);
                let base = earlier.map(|other| doc(&other.wish.payload)).or(start.get(&entry.path));
                value_at(doc(&one.wish.payload), &change.path) == change.after.as_ref()
                    && base.and_then(|base| value_at(base, &change.path)) == Some(before)
            };
            if !meant.into_iter().any(saw) {
                lost.insert((entry.path.clone(), change.path.clone(), before.to_string()));
            }
        }
    }
    lost
}

/// Whether a wish is about a record.
fn means(ledger: &[Arc<LedgerEntry>], subject: &Subject, path: &str) -> bool {
    match subject {
        Subject::Path(named) => named == path,
        Subject::Mark { field, value } => ledger.iter().filter(|entry| entry.path == path).any(|entry| {
            let marks = |change: &ifmatch_sandbox::Change| {
                change.path == *field && change.after.as_ref().and_then(Value::as_str) == Some(value)
            };
            entry.changes.iter().any(marks)
        }),
    }
}

fn doc(payload: &Payload) -> &Value {
    match payload {
        Payload::Score(doc) | Payload::Trade(doc) | Payload::Agent { entry: doc, .. } => doc,
        Payload::Publish { .. } => &Value::Null,
    }
}

/// The value at a path of the ledger, shifts by their id.
fn value_at<'v>(doc: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('/').skip(1).try_fold(doc, |here, segment| match here {
        Value::Array(list) => list.iter().find(|item| item["id"] == segment),
        Value::Object(members) => members.get(segment),
        _ => None,
    })
}

async fn check(incident: Incident, least: usize) {
    for seed in [1, 7] {
        let run = run(incident, seed).await.expect("the incident is played");
        let missed: Vec<_> = run.known.difference(&run.named).collect();
        let invented: Vec<_> = run.named.difference(&run.known).collect();
        let counts = format!("{} seed {seed}: known {}, named {}", incident.id(), run.known.len(), run.named.len());
        eprintln!("{counts}, sums {}", run.sums);
        assert!(
            missed.is_empty() && invented.is_empty(),
            "{counts}\nmissed {missed:#?}\ninvented {invented:#?}{}",
            run.stories()
        );
        assert!(run.known.len() >= least, "{counts}: the people were too quiet");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_of_servicenow() {
    check(Incident::I01, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trades_of_zendesk() {
    check(Incident::I02, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_seats() {
    check(Incident::I03, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifteen_sites() {
    check(Incident::I04, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publish_over_and_over() {
    check(Incident::I05, 1).await;
}
