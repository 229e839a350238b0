//! The target of the tests: notes with versions, people who edit them, locks, lags and publishes.

use crate::wire::{Method, Request, Response};
use ifmatch_merge::merge_patch;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// A run of an operation.
#[derive(Debug, Clone)]
struct Run {
    carrying: u64,
    ends_at: Timestamp,
}

/// The target.
#[derive(Debug, Default)]
pub(super) struct Fake {
    notes: BTreeMap<String, Vec<Value>>,
    /// Shelf to the end of its lock: 423 for writes.
    pub(super) locked: BTreeMap<String, Timestamp>,
    /// Writes are refused as stale until then although nothing changed.
    pub(super) contended_until: Option<Timestamp>,
    /// Reads show the version before the newest until then.
    pub(super) lag_until: Option<Timestamp>,
    /// Somebody writes a comment before each write of ours is looked at, so many times.
    pub(super) racing: u32,
    /// Older versions are shown when asked for; else the parameter is ignored.
    pub(super) keeps_versions: bool,
    /// The last writer wins, whatever version it names.
    pub(super) ignores_versions: bool,
    /// What stands for a version is the time of the last change, in milliseconds.
    pub(super) dated: bool,
    /// A rule refuses every write.
    pub(super) rule: bool,
    /// A higher score of a write of ours becomes this one.
    pub(super) score_max: Option<i64>,
    /// A write of several notes one of which is refused is refused as a whole, and the refusal names none.
    pub(super) as_one: bool,
    /// A second note of one owner is made.
    pub(super) takes_copies: bool,
    /// The answer to a write shows what was sent.
    pub(super) answers_as_sent: bool,
    /// Writes of a note are refused so, with this status and code, until an instant.
    pub(super) refusing: BTreeMap<String, (u16, &'static str, Timestamp)>,
    /// Answers given before the model is asked, whatever the request.
    pub(super) script: VecDeque<Response>,
    /// How long an upload is processed.
    pub(super) takes: SignedDuration,
    /// Uploads are taken and never processed.
    pub(super) forgets: bool,
    uploads: Vec<Vec<Value>>,
    /// Uploads that are being processed: until when, which, under which name.
    processing: Vec<(Timestamp, usize, String)>,
    /// How uploads ended: the name, and whether they failed.
    pub(super) told: Vec<(String, bool)>,
    /// Channels that were given; a request about another one than the last is refused as gone.
    pub(super) channels: u32,
    /// How long a channel lives, where that is told.
    pub(super) channel_life: Option<SignedDuration>,
    /// The last channel is gone as well.
    pub(super) channel_gone: bool,
    /// Topics that nobody is told of.
    pub(super) untold: Vec<&'static str>,
    /// Requests allowed in each minute, announced in headers; `None` for no limit.
    pub(super) limit: Option<u64>,
    window: Option<(Timestamp, u64)>,
    running: BTreeMap<String, Run>,
    carried: BTreeMap<String, u64>,
    /// Accepted writes of ours: id and version.
    pub(super) accepted: Vec<(String, u64)>,
    /// Runs that were started by us.
    pub(super) started: u32,
    /// Every request that was answered, with its instant and status.
    pub(super) seen: Vec<(Timestamp, Request, u16)>,
}

pub(super) fn answer(status: u16, body: &Value) -> Response {
    Response { status, headers: Vec::new(), body: body.to_string() }
}

pub(super) fn refusal(status: u16, code: &str) -> Response {
    answer(status, &json!({"code": code, "message": format!("the target says {code}")}))
}

pub(super) fn retry_after(status: u16, seconds: u32) -> Response {
    let mut response = refusal(status, "slow down");
    response.headers.push(("retry-after".to_owned(), seconds.to_string()));
    response
}

impl Fake {
    /// Version 1 of a note.
    pub(super) fn put(&mut self, id: &str) {
        let record = json!({
            "owner": format!("o-{id}"), "score": 80, "comments": "old", "tags": [], "items": [],
            "version": 1, "date_modified": "2026-03-01T00:00:00Z", "modified_by": "eve",
        });
        self.notes.insert(id.to_owned(), vec![record]);
    }

    pub(super) fn note(&self, id: &str) -> &Value {
        self.notes[id].last().unwrap()
    }

    pub(super) fn version(&self, id: &str) -> u64 {
        self.note(id)["version"].as_u64().unwrap()
    }

    /// A person, or our own write, changes a note.
    pub(super) fn edit(&mut self, now: Timestamp, id: &str, by: &str, patch: &Value) -> u64 {
        let mut record = merge_patch(self.note(id), patch);
        let least = self.version(id) + 1;
        let version = match self.dated {
            true => least.max(u64::try_from(now.as_millisecond()).unwrap()),
            false => least,
        };
        record["version"] = json!(version);
        record["modified_by"] = json!(by);
        record["date_modified"] = json!(now.to_string());
        self.notes.get_mut(id).unwrap().push(record);
        version
    }

    /// Somebody else starts a publish that carries the given revision.
    pub(super) fn foreign_run(&mut self, id: &str, carrying: u64, ends_at: Timestamp) {
        self.running.insert(id.to_owned(), Run { carrying, ends_at });
    }

    /// Everything up to a revision was published before.
    pub(super) fn published(&mut self, id: &str, revision: u64) {
        self.carried.insert(id.to_owned(), revision);
    }

    pub(super) fn answer(&mut self, now: Timestamp, request: &Request) -> Response {
        let mut response = match self.script.pop_front() {
            Some(response) => response,
            None => self.limited(now, request),
        };
        if let (Some(limit), Some((end, used))) = (self.limit, self.window) {
            let left = (end - now).total(jiff::Unit::Second).unwrap_or(0.0).ceil();
            for (name, value) in [
                ("x-limit", limit.to_string()),
                ("x-remaining", limit.saturating_sub(used).to_string()),
                ("x-reset", format!("{left:.0}")),
            ] {
                response.headers.push((name.to_owned(), value));
            }
        }
        self.seen.push((now, request.clone(), response.status));
        response
    }

    fn limited(&mut self, now: Timestamp, request: &Request) -> Response {
        let Some(limit) = self.limit else { return self.model(now, request) };
        let fresh = (now + SignedDuration::from_secs(60), 0);
        let (end, used) = self.window.filter(|(end, _)| *end > now).unwrap_or(fresh);
        self.window = Some((end, used + 1));
        if used < limit { self.model(now, request) } else { refusal(429, "slow down") }
    }

    fn model(&mut self, now: Timestamp, request: &Request) -> Response {
        self.process(now);
        if let Some(shelf) = request.path.strip_prefix("/places/") {
            return answer(200, &json!({"shelf": shelf, "place": format!("room of {shelf}")}));
        }
        if let Some(channel) = request.path.strip_prefix("/channels") {
            return self.channel(now, channel);
        }
        if request.path == "/uploads" {
            self.uploads.push(serde_json::from_str(&request.body).unwrap());
            return answer(201, &json!({"key": self.uploads.len().to_string()}));
        }
        if request.path.starts_with("/shelves/") {
            return self.shelf(now, request);
        }
        let path = request.path.trim_start_matches("/notes").trim_start_matches('/');
        match (request.method, path.split_once('/')) {
            (Method::Get, _) if request.path.starts_with("/notes?owner=") => self.found(&request.path),
            (Method::Post, None) => self.create(now, request),
            (Method::Post, Some((id, _))) => self.start(now, id),
            (Method::Get, Some((id, _))) => answer(200, &self.status(now, id)),
            (Method::Get, None) => self.read(now, path),
            _ if self.rule => refusal(422, "rule"),
            _ => self.write(now, path, request),
        }
    }

    /// What was uploaded takes effect as a whole, or not at all.
    pub(super) fn process(&mut self, now: Timestamp) {
        let mut due: Vec<_> = self.processing.extract_if(.., |(at, ..)| *at <= now).collect();
        due.retain(|_| !self.forgets);
        for (at, key, operation) in due {
            let items = self.uploads[key].clone();
            let stale = |item: &Value| item["version"].as_u64() != Some(self.version(item["id"].as_str().unwrap()));
            let failed = items.iter().any(stale);
            self.told.push((operation, failed));
            for item in items.iter().filter(|_| !failed) {
                let id = item["id"].as_str().unwrap();
                let version = self.edit(at, id, "gateway", &item["to"]);
                self.accepted.push((id.to_owned(), version));
            }
        }
    }

    fn channel(&mut self, now: Timestamp, path: &str) -> Response {
        if path.is_empty() {
            self.channels += 1;
            self.channel_gone = false;
            let expires = self.channel_life.map(|life| (now + life).to_string());
            return answer(200, &json!({"id": format!("c-{}", self.channels), "expires": expires}));
        }
        let lives = path == format!("/c-{}", self.channels) && !self.channel_gone;
        if lives { answer(200, &json!(self.untold)) } else { refusal(404, "gone") }
    }

    /// Each note is answered as it would be alone.
    fn shelf(&mut self, now: Timestamp, request: &Request) -> Response {
        let mut entries = Vec::new();
        let mut take = |one: Response| entries.push(json!({"status": one.status, "body": one.json()}));
        if request.method == Method::Get {
            let ids = request.path.split_once("?ids=").map_or("", |(_, ids)| ids);
            ids.split(',').for_each(|id| take(self.read(now, id)));
        } else {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            if let Some(key) = body["key"].as_str().and_then(|key| key.parse::<usize>().ok()) {
                let operation = format!("op-{}", self.processing.len() + self.told.len());
                self.processing.push((now + self.takes, key - 1, operation.clone()));
                return answer(202, &json!({"operation": operation}));
            }
            let items: Vec<Value> = serde_json::from_str(&request.body).unwrap();
            let held = items.iter().find_map(|item| self.held(now, item["id"].as_str().unwrap()));
            if let Some(refusal) = held.filter(|_| self.as_one) {
                items.iter().for_each(|_| take(refusal.clone()));
                return answer(200, &json!(entries));
            }
            for item in items {
                let mut alone = Request::json(Method::Put, "/notes", &item["to"]);
                alone.headers.push(("if-match".to_owned(), item["version"].to_string()));
                take(self.write(now, item["id"].as_str().unwrap(), &alone));
            }
        }
        answer(200, &json!(entries))
    }

    fn found(&self, path: &str) -> Response {
        let owner = path.trim_start_matches("/notes?owner=");
        let same = self.notes.iter().filter(|(_, versions)| versions.last().unwrap()["owner"] == owner);
        let found: Vec<Value> = same.map(|(id, all)| json!({"id": id, "record": all.last().unwrap()})).collect();
        answer(200, &json!(found))
    }

    fn create(&mut self, now: Timestamp, request: &Request) -> Response {
        let mut value: Value = serde_json::from_str(&request.body).unwrap();
        self.bound(&mut value);
        if !self.takes_copies && self.notes.values().any(|versions| versions.last().unwrap()["owner"] == value["owner"])
        {
            return refusal(409, "duplicate");
        }
        let id = format!("new-{}", self.notes.len() + 1);
        let stamps = json!({"version": 1, "modified_by": "gateway", "date_modified": now.to_string()});
        self.notes.insert(id.clone(), vec![merge_patch(&value, &stamps)]);
        self.accepted.push((id.clone(), 1));
        answer(201, &json!({"id": id, "record": self.note(&id)}))
    }

    fn read(&self, now: Timestamp, id: &str) -> Response {
        if let Some((id, version)) = id.split_once("?version=") {
            if !self.keeps_versions {
                return answer(200, self.note(id));
            }
            let version: u64 = version.parse().unwrap();
            let named = |record: &&Value| record["version"].as_u64() == Some(version);
            let found = self.notes[id].iter().find(named);
            return found.map_or_else(|| refusal(404, "absent"), |record| answer(200, record));
        }
        let Some(versions) = self.notes.get(id) else { return refusal(404, "absent") };
        let lags = self.lag_until.is_some_and(|until| now < until) && versions.len() > 1;
        answer(200, &versions[versions.len() - 1 - usize::from(lags)])
    }

    fn write(&mut self, now: Timestamp, id: &str, request: &Request) -> Response {
        let shelf = id.split('-').next().unwrap();
        if self.locked.get(shelf).is_some_and(|until| now < *until) {
            return refusal(423, "locked");
        }
        if let Some(refusal) = self.held(now, id) {
            return refusal;
        }
        if self.contended_until.is_some_and(|until| now < until) {
            return refusal(409, "stale");
        }
        if self.racing > 0 {
            self.racing -= 1;
            let comment = format!("race {}", self.racing);
            self.edit(now, id, "eve", &json!({"comments": comment}));
        }
        let named: Option<u64> = request.header("if-match").and_then(|text| text.parse().ok());
        if !self.ignores_versions && named.is_some_and(|version| version != self.version(id)) {
            return refusal(409, "stale");
        }
        let mut body: Value = serde_json::from_str(&request.body).unwrap();
        let sent = body["score"].clone();
        self.bound(&mut body);
        let version = self.edit(now, id, "gateway", &body);
        self.accepted.push((id.to_owned(), version));
        let mut shown = self.note(id).clone();
        if self.answers_as_sent && !sent.is_null() {
            shown["score"] = sent;
        }
        answer(200, &shown)
    }

    fn held(&self, now: Timestamp, id: &str) -> Option<Response> {
        let (status, code, until) = self.refusing.get(id)?;
        (now < *until).then(|| refusal(*status, code))
    }

    fn bound(&self, body: &mut Value) {
        let Some(most) = self.score_max else { return };
        let bounded = |value: &mut Value| {
            if value["score"].as_i64().is_some_and(|score| score > most) {
                value["score"] = json!(most);
            }
        };
        bounded(body);
        body.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten().for_each(bounded);
    }

    fn start(&mut self, now: Timestamp, id: &str) -> Response {
        let before = self.status(now, id);
        if before["running"] == true {
            return refusal(409, "running");
        }
        if before["wanted"] == before["carried"] {
            return refusal(409, "nothing");
        }
        self.started += 1;
        let ends_at = now + SignedDuration::from_secs(30);
        self.running.insert(id.to_owned(), Run { carrying: self.version(id), ends_at });
        answer(202, &self.status(now, id))
    }

    fn status(&mut self, now: Timestamp, id: &str) -> Value {
        if let Some(run) = self.running.get(id).cloned()
            && run.ends_at <= now
        {
            self.running.remove(id);
            let carried = self.carried.entry(id.to_owned()).or_default();
            *carried = (*carried).max(run.carrying);
        }
        let run = self.running.get(id);
        json!({
            "running": run.is_some(), "failed": false, "wanted": self.version(id),
            "carried": self.carried.get(id).copied().unwrap_or(0), "carrying": run.map(|run| run.carrying),
        })
    }

    /// Requests of a method that were answered.
    pub(super) fn count(&self, method: Method) -> usize {
        self.seen.iter().filter(|(_, request, _)| request.method == method).count()
    }
}
