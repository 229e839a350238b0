//! Silent rules: a write of a client is accepted, and a field of it is left as it was, or moved to a bound. People who
//! edit in the target are not bound by them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    api::{Call, Reply},
    options::SilentAnswer,
    platform::{document::Document, operations},
    record::{Kind, Schedule, Shift, Week, Writer},
    target::Target,
};

/// What a server does to a field of an accepted write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilentRule {
    /// The records: those whose path starts so.
    #[serde(default)]
    pub path: String,
    /// The top-level field of a score, a trade, an agent's week or a document.
    pub field: String,
    /// A number outside these bounds becomes the nearer one; without bounds the field stays as it was.
    #[serde(default)]
    pub clamp: Option<(i64, i64)>,
}

/// A field of an accepted write that was not applied as sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Silence {
    /// When, in milliseconds since the Unix epoch, UTC.
    pub at: i64,
    /// The record, as in the ledger.
    pub path: String,
    /// The version before the write; absent where it made the record.
    pub from_version: Option<u64>,
    /// The field.
    pub field: String,
    /// What the write says.
    pub sent: Value,
    /// What stands there.
    pub stands: Value,
}

impl SilentRule {
    /// What stands after a write that would turn one value into another; `None` where the rule leaves that alone.
    fn kept(&self, before: &Value, sent: &Value) -> Option<Value> {
        if before == sent {
            return None;
        }
        let Some((least, most)) = self.clamp else { return Some(before.clone()) };
        let number = sent.as_f64()?;
        // The bounds are small whole numbers.
        let bound = if number < least as f64 { least } else { most };
        let beyond = !(least as f64..=most as f64).contains(&number);
        beyond.then(|| json!(bound))
    }
}

impl Target {
    /// Applies the silent rules to the fields of a score or a trade. Returns the fields that were sent otherwise.
    pub(crate) fn silence_flat(
        &mut self,
        call: &Call,
        kind: Kind,
        id: &str,
        fields: &mut Map<String, Value>,
    ) -> Map<String, Value> {
        let (old, path) = (self.flat(kind, id), kind.path(id));
        let before = |field: &str| old.as_ref().and_then(|old| old.fields.get(field)).cloned();
        let mut sent = Map::new();
        for rule in self.rules(&call.writer, &path) {
            let Some(wanted) = fields.get(&rule.field).cloned() else { continue };
            // What is made has a default where it is a remark; without one a rule has nothing to leave as it was.
            let default = || matches!(rule.field.as_str(), "comments" | "notes").then(|| json!(""));
            let stood = before(&rule.field).or_else(default);
            if stood.is_none() && rule.clamp.is_none() {
                continue;
            }
            let Some(kept) = rule.kept(&stood.unwrap_or_default(), &wanted) else { continue };
            self.silences.push(Silence {
                at: call.now,
                path: path.clone(),
                from_version: old.as_ref().map(|old| old.meta.version),
                field: rule.field.clone(),
                sent: wanted.clone(),
                stands: kept.clone(),
            });
            fields.insert(rule.field.clone(), kept);
            sent.insert(rule.field, wanted);
        }
        sent
    }

    /// The same for an agent's week.
    pub(crate) fn silence_week(
        &mut self,
        call: &Call,
        schedule: &Schedule,
        agent_id: &str,
        week: &mut Week,
    ) -> Map<String, Value> {
        let path = schedule.agent_path(agent_id);
        let stored = schedule.agents.get(agent_id);
        let version = stored.map(|stored| stored.meta.version);
        let before = stored.map(|stored| stored.week.clone()).unwrap_or_default();
        let mut sent = Map::new();
        for rule in self.rules(&call.writer, &path) {
            let (wanted, kept) = match rule.field.as_str() {
                "availability" if before.availability != week.availability => {
                    let wanted = std::mem::replace(&mut week.availability, before.availability.clone());
                    (wanted, before.availability.clone())
                }
                "shifts" if !before.same_shifts(week) => {
                    let wanted = std::mem::replace(&mut week.shifts, before.shifts.clone());
                    let list = |shifts: &[Shift]| shifts.iter().map(Shift::to_json).collect();
                    (list(&wanted), list(&before.shifts))
                }
                _ => continue,
            };
            sent.insert(rule.field.clone(), wanted.clone());
            self.silences.push(Silence {
                at: call.now,
                path: path.clone(),
                from_version: version,
                field: rule.field,
                sent: wanted,
                stands: kept,
            });
        }
        sent
    }

    /// The same for the fields of a document.
    pub(crate) fn silence_document(
        &mut self,
        now: i64,
        path: &str,
        old: Option<&Document>,
        fields: &mut Map<String, Value>,
        writer: &Writer,
    ) {
        for rule in self.rules(writer, path) {
            let Some(wanted) = fields.get(&rule.field).cloned() else { continue };
            let stood = old.and_then(|old| old.fields.get(&rule.field));
            // What is made has nothing that it could keep.
            if stood.is_none() && rule.clamp.is_none() {
                continue;
            }
            let Some(kept) = rule.kept(stood.unwrap_or(&Value::Null), &wanted) else { continue };
            fields.insert(rule.field.clone(), kept.clone());
            self.silences.push(Silence {
                at: now,
                path: path.to_owned(),
                from_version: old.map(|old| old.meta.version),
                field: rule.field,
                sent: wanted,
                stands: kept,
            });
        }
    }

    /// Shows in the answer to a write of documents what was sent, as the scenario has it. `since` counts the silences before it.
    pub(crate) fn documents_as_sent(&self, since: usize, shown: &mut Value) {
        for silence in self.silences.iter().skip(since).filter(|silence| operations::owns(&silence.path)) {
            if shown["selfUri"] == silence.path.as_str() {
                self.show_as_sent(shown, Map::from_iter([(silence.field.clone(), silence.sent.clone())]));
            }
        }
    }

    fn rules(&self, writer: &Writer, path: &str) -> Vec<SilentRule> {
        let bound = |rule: &&SilentRule| writer.client_id.is_some() && path.starts_with(&rule.path);
        self.options.silent_rules.iter().filter(bound).cloned().collect()
    }

    /// The answer to a write of which some fields were sent otherwise, as the scenario has it.
    pub(crate) fn answered_as_sent(&self, mut reply: Reply, sent: Map<String, Value>) -> Reply {
        self.show_as_sent(&mut reply.body, sent);
        reply
    }

    /// The same of one entry of an answer.
    pub(crate) fn show_as_sent(&self, shown: &mut Value, sent: Map<String, Value>) {
        if self.options.silent_answer == SilentAnswer::AsSent
            && let Some(members) = shown.as_object_mut()
        {
            members.extend(sent);
        }
    }
}
