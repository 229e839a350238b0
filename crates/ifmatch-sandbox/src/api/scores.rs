//! Quality scores (section 3).

use serde_json::{Map, Value, json};

use crate::{
    api::{Call, Current, Reply, page},
    guard::{Named, etag},
    options::{KeyedScorePost, OldVersions, SameScoreAgain},
    record::Kind,
    refusal::{Checked, Refusal},
    target::{Target, score_key},
    time::{local_date, parse_date, parse_instant, zone_exists},
    week::{instant_text, known_fields},
};

/// Fields that a client may send.
const FIELDS: [&str; 9] = [
    "agent_id",
    "agent_email",
    "evaluation_form",
    "correlation_id",
    "score",
    "comments",
    "reviewed_at",
    "review_date",
    "time_zone",
];

impl Target {
    pub(crate) fn list_scores(&self, call: &Call) -> Checked<Reply> {
        let email = call.query.get("agent_email").map(|email| email.to_lowercase());
        let correlation = call.query.get("correlation_id");
        let seen = self.scores.values().filter_map(|history| history.at(call.read_at));
        let wanted = seen.filter(|score| {
            email.as_ref().is_none_or(|email| score.text("agent_email").to_lowercase() == *email)
                && correlation.is_none_or(|id| score.text("correlation_id") == id)
        });
        let entities = wanted.map(|score| score.to_json()).collect();
        Ok(Reply::new(200, page(call, entities)?))
    }

    /// One score or trade.
    pub(crate) fn read_flat(&self, kind: Kind, id: &str, call: &Call) -> Checked<Reply> {
        let history = self.flats(kind).get(id);
        let asked = call.query.get("version").filter(|_| self.options.old_versions == OldVersions::Kept);
        let found = history.and_then(|history| match asked {
            Some(version) => history.find(|record| record.meta.version.to_string() == *version),
            None => history.at(call.read_at),
        });
        let Some(record) = found else {
            return Err(Refusal::not_found("The record is"));
        };
        let tag = etag(&self.options, &kind.path(id), record.meta.version);
        Ok(Reply::tagged(200, record.to_json(), tag))
    }

    pub(crate) fn post_score(&mut self, call: &Call) -> Checked<Reply> {
        if let Some(id) = call.body.get("id").filter(|id| !id.is_null()) {
            let id = id.as_str().ok_or_else(|| Refusal::field("id", "an id is text"))?.to_owned();
            return self.update_score(&id, call);
        }
        let named = call.named(self)?;
        if self.options.keyed_score_post == KeyedScorePost::Update && named.is_given() {
            let fields = self.new_score(&call.body)?;
            if let Some(id) = self.score_ids.get(&score_key(&fields)).cloned() {
                return self.update_score(&id, call);
            }
        }
        self.create_score(call)
    }

    pub(crate) fn create_score(&mut self, call: &Call) -> Checked<Reply> {
        let mut fields = self.new_score(&call.body)?;
        if let Some(existing) = self.score_ids.get(&score_key(&fields)).and_then(|id| self.flat(Kind::Score, id)) {
            fields.insert("id".into(), json!(existing.text("id")));
            if existing.fields == fields && self.options.same_score_again == SameScoreAgain::Record {
                let tag = etag(&self.options, &Kind::Score.path(existing.text("id")), existing.meta.version);
                return Ok(Reply::tagged(200, existing.to_json(), tag));
            }
            return Err(duplicate());
        }
        let id = self.rng.uuid();
        fields.insert("id".into(), json!(id));
        let sent = self.silence_flat(call, Kind::Score, &id, &mut fields);
        self.commit_flat(call.now, Kind::Score, &id, fields, &call.writer);
        Ok(self.answered_as_sent(self.flat_reply(201, Kind::Score, &id), sent))
    }

    /// The answer to a write: the whole record as it is.
    pub(crate) fn flat_reply(&self, status: u16, kind: Kind, id: &str) -> Reply {
        let Some(record) = self.flat(kind, id) else {
            return Reply::new(status, Value::Null);
        };
        let tag = etag(&self.options, &kind.path(id), record.meta.version);
        Reply::tagged(status, record.to_json(), tag)
    }

    pub(crate) fn patch_score(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        if self.scores.contains_key(id) {
            return self.update_score(id, call);
        }
        let text = |name: &str| call.body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let email = self.agents.email(id).map(str::to_lowercase);
        let by_agent =
            email.and_then(|email| self.score_ids.get(&(email, text("evaluation_form"), text("review_date"))));
        match by_agent.cloned() {
            Some(score_id) => self.update_score(&score_id, call),
            None => Err(Refusal::not_found("The score is")),
        }
    }

    fn update_score(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        let fail = |mut refusal: Box<Refusal>| {
            refusal.entity = Some(id.to_owned());
            refusal
        };
        self.update_score_checked(id, call).map_err(fail)
    }

    fn update_score_checked(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        let Some(old) = self.flat(Kind::Score, id) else {
            return Err(Refusal::not_found("The score is"));
        };
        let named = call.named(self)?;
        named.require(&self.options)?;
        let mut fields = self.patched_score(&old.fields, &call.body)?;
        self.guard_flat(Kind::Score, id, call, &named)?;
        let key = score_key(&fields);
        if key != score_key(&old.fields) && self.score_ids.get(&key).is_some_and(|other| other != id) {
            return Err(duplicate());
        }
        self.check_constraints(call, &Kind::Score.path(id))?;
        let sent = self.silence_flat(call, Kind::Score, id, &mut fields);
        self.commit_changed(call, Kind::Score, id, fields);
        Ok(self.answered_as_sent(self.flat_reply(200, Kind::Score, id), sent))
    }

    /// Lock first, then version, as section 10 orders them.
    pub(crate) fn guard_flat(&mut self, kind: Kind, id: &str, call: &Call, named: &Named) -> Checked<()> {
        let path = kind.path(id);
        if self.locks.is_held(call.now, &path) {
            return Err(self.locked(None));
        }
        let Some(old) = self.flat(kind, id) else {
            return Ok(());
        };
        let tag = etag(&self.options, &path, old.meta.version);
        if named.is_current(old.meta.version, tag.as_deref()) {
            return Ok(());
        }
        let current = Current { version: old.meta.version, etag: tag, record: old.to_json() };
        Err(self.stale(call, named, Some(current)))
    }

    /// Commits unless nothing changes and the scenario keeps the version then.
    pub(crate) fn commit_changed(&mut self, call: &Call, kind: Kind, id: &str, fields: Map<String, Value>) {
        let more = self.more(kind, id);
        self.commit_changed_flat(call.now, kind, id, (fields, more), &call.writer);
    }

    pub(crate) fn bulk_scores(&mut self, call: &mut Call) -> Checked<Reply> {
        let items = bulk_items(&mut call.body)?;
        let mut entities = Vec::with_capacity(items.len());
        for item in items {
            let id = item.get("id").cloned().unwrap_or(Value::Null);
            let outcome = match item {
                Value::Object(body) => self.post_score(&call.item(body)),
                _ => Err(Refusal::field("items", "a score is an object")),
            };
            entities.push(match outcome {
                Ok(reply) => score_entity(&reply),
                Err(refusal) => refusal.entity_json(&id),
            });
        }
        Ok(Reply::new(207, json!({"statusCode": 207, "entities": entities})))
    }

    /// The fields of a new score, without its id.
    fn new_score(&self, body: &Map<String, Value>) -> Checked<Map<String, Value>> {
        known_fields(&self.options, body, &FIELDS, "")?;
        let (agent_id, email) = self.agent_of(body)?;
        let mut fields = Map::new();
        fields.insert("agent_id".into(), json!(agent_id));
        fields.insert("agent_email".into(), json!(email));
        for name in ["correlation_id", "reviewed_at", "time_zone", "score"] {
            fields.insert(name.into(), Value::Null);
        }
        fields.insert("comments".into(), json!(""));
        self.write_fields(&mut fields, body)?;
        required_text(&fields, "evaluation_form")?;
        if fields["score"].is_null() {
            return Err(Refusal::field("score", "a score is needed"));
        }
        let date = self.review_date(&fields, body)?;
        fields.insert("review_date".into(), json!(date));
        Ok(fields)
    }

    fn agent_of(&self, body: &Map<String, Value>) -> Checked<(String, String)> {
        let by_email = match body.get("agent_email").filter(|v| !v.is_null()) {
            Some(email) => {
                let id = email.as_str().and_then(|email| self.agents.id(email));
                Some(id.ok_or_else(|| Refusal::field("agent_email", "no agent has this address"))?)
            }
            None => None,
        };
        let by_id = body.get("agent_id").filter(|v| !v.is_null()).map(|id| id.as_str().unwrap_or_default());
        let id = match (by_email, by_id) {
            (Some(id), Some(other)) if id != other => {
                return Err(Refusal::field("agent_id", "agent_id and agent_email name different agents"));
            }
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) => return Err(Refusal::field("agent_email", "an agent is needed")),
        };
        let email = self.agents.email(id).ok_or_else(|| Refusal::field("agent_id", "no agent has this id"))?;
        Ok((id.to_owned(), email.to_owned()))
    }

    fn review_date(&self, fields: &Map<String, Value>, body: &Map<String, Value>) -> Checked<String> {
        if let Some(given) = body.get("review_date").filter(|v| !v.is_null()) {
            let date = given.as_str().and_then(parse_date);
            return date.map(|d| d.to_string()).ok_or_else(|| Refusal::field("review_date", "a date is YYYY-MM-DD"));
        }
        let zone = fields["time_zone"].as_str().unwrap_or("UTC");
        let date = fields["reviewed_at"].as_str().and_then(parse_instant).and_then(|ms| local_date(ms, zone));
        date.ok_or_else(|| Refusal::field("reviewed_at", "reviewed_at or review_date is needed"))
    }

    /// The fields of a score after a merge patch. Refused: another identity, values that break the field rules.
    pub(crate) fn patched_score(
        &self,
        old: &Map<String, Value>,
        body: &Map<String, Value>,
    ) -> Checked<Map<String, Value>> {
        known_fields(&self.options, body, &FIELDS, "")?;
        for name in ["id", "agent_id", "agent_email", "review_date"] {
            let (Some(given), Some(kept)) = (body.get(name), old.get(name)) else {
                continue;
            };
            let same = match (given.as_str(), kept.as_str()) {
                (Some(given), Some(kept)) if name == "agent_email" => given.to_lowercase() == kept.to_lowercase(),
                _ => given == kept,
            };
            if !same {
                return Err(Refusal::immutable(name));
            }
        }
        let mut fields = old.clone();
        self.write_fields(&mut fields, body)?;
        Ok(fields)
    }

    /// Takes over the writable fields that the body gives; `null` clears one to its default.
    fn write_fields(&self, fields: &mut Map<String, Value>, body: &Map<String, Value>) -> Checked<()> {
        for (name, value) in body {
            let value = match name.as_str() {
                "score" => score_value(value)?,
                "comments" if value.is_null() => json!(""),
                "comments" | "evaluation_form" if value.is_string() => value.clone(),
                "correlation_id" if value.is_string() || value.is_null() => value.clone(),
                "reviewed_at" | "time_zone" if value.is_null() => Value::Null,
                "reviewed_at" => self.instant_value(name, value)?,
                "time_zone" if value.as_str().is_some_and(zone_exists) => value.clone(),
                "time_zone" => return Err(Refusal::field("time_zone", "not an IANA time zone")),
                "comments" | "evaluation_form" | "correlation_id" => {
                    return Err(Refusal::field(name, "text is needed"));
                }
                _ => continue,
            };
            fields.insert(name.clone(), value);
        }
        if fields.contains_key("evaluation_form") {
            required_text(fields, "evaluation_form")?;
        }
        Ok(())
    }

    /// An instant as it is kept.
    pub(crate) fn instant_value(&self, name: &str, value: &Value) -> Checked<Value> {
        let parsed = value.as_str().and_then(|text| parse_instant(text).map(|ms| (text, ms)));
        let (text, ms) =
            parsed.ok_or_else(|| Refusal::field(name, "an instant with its offset is needed (RFC 3339)"))?;
        Ok(json!(instant_text(&self.options, text, ms)))
    }
}

/// The items of a bulk, taken out of its body.
pub(crate) fn bulk_items(body: &mut Map<String, Value>) -> Checked<Vec<Value>> {
    match body.remove("items") {
        Some(Value::Array(items)) => Ok(items),
        _ => Err(Refusal::field("items", "a list of items is needed")),
    }
}

fn score_entity(reply: &Reply) -> Value {
    json!({
        "id": reply.body["id"], "status": reply.status, "version": reply.body["version"],
        "resource_version": reply.body["version"], "record": reply.body,
    })
}

fn score_value(value: &Value) -> Checked<Value> {
    match value.as_f64() {
        Some(score) if score.fract() == 0.0 && (0.0..=100.0).contains(&score) => Ok(json!(score as i64)),
        Some(score) if (0.0..=100.0).contains(&score) => Ok(value.clone()),
        _ => Err(Refusal::field("score", "a score is a number from 0 to 100")),
    }
}

fn required_text(fields: &Map<String, Value>, name: &str) -> Checked<()> {
    match fields.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(()),
        _ => Err(Refusal::field(name, format!("{name} is needed"))),
    }
}

fn duplicate() -> Box<Refusal> {
    Refusal::new(409, "duplicate", "A score with this agent, form and date exists")
}
