//! Maps: the configured tables that turn the JSON of an event into an intent.
//!
//! A map says which events it is for, which record is meant, and what shall become of it. Every value is made by a [`Rule`]: from a
//! place in the event, converted, looked up in a table, or constant. In TOML:
//!
//! ```toml
//! kind = "quality-score"
//! external = { system = "servicenow", id = "/sys_id" }       # or id = "/score_id", or key = { … }
//! when = { "/operation" = ["insert", "update"] }
//! unless = { "/sys_updated_by" = "wfm.integration" }
//!
//! [fields]
//! "/score" = { from = "/score", as = "number" }
//! "/comments" = { from = "/comments", default = "" }
//! ```

mod condition;
mod convert;
mod rule;
#[cfg(test)]
mod tests;

pub use condition::Values;
pub use rule::{Absent, As, Rule};

use crate::form::Event;
use ifmatch_core::merge::Pointer;
use ifmatch_core::{
    BaseHint, Change, Intent, IntentError, Name, Operation, OrgName, Origin, Resource, Sends, Timestamp, Urgency, Verb,
    canonical_json,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One map, as in the configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The kind of record, as the dialect names it.
    pub kind: String,
    /// Names the record by the target's id. Of `id`, `key` and `external` exactly one is given.
    pub id: Option<Rule>,
    /// Names the record by the fields of its natural key.
    pub key: Option<BTreeMap<String, Rule>>,
    /// Names the record by an id of the sender.
    pub external: Option<External>,
    /// The map is for events that have one of these values at each of these places; default all.
    #[serde(default)]
    pub when: BTreeMap<Pointer, Values>,
    /// The map is not for events that have one of these values at any of these places; default none.
    #[serde(default)]
    pub unless: BTreeMap<Pointer, Values>,
    /// What the fields mean. Default by what the source `sends`: `merge_patch` for edits, `desired` for state.
    pub change: Option<ChangeKind>,
    /// The fields by their places in the target's record.
    #[serde(default)]
    pub fields: BTreeMap<Pointer, Rule>,
    /// What stood in some of these fields before, by the same places: what the sender started from. What is not there is left out.
    #[serde(default)]
    pub base: BTreeMap<Pointer, Rule>,
    /// A verb in place of fields.
    pub verb: Option<VerbRule>,
    /// An operation of the target in place of fields, such as `publish`.
    pub operation: Option<String>,
    /// The foreign record that the event is about; default by the form.
    pub record: Option<Rule>,
    /// Its place among the events about that record, a whole number that grows; default by the form.
    pub sequence: Option<Rule>,
    /// The key under which a repetition of the event is known; default by the form.
    pub idempotency_key: Option<Rule>,
    /// The instant after which the change is worth nothing; a value without an offset is converted by `as`.
    pub deadline: Option<Rule>,
    /// The name of a pair: two events with the same one land both or not at all.
    pub pair: Option<Rule>,
    /// How urgent the intents are; default `normal`.
    #[serde(default)]
    pub class: Urgency,
}

/// A record known by the sender's id.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct External {
    /// The sender's system.
    pub system: String,
    /// Its id for the record.
    pub id: Rule,
}

/// What the fields of a map mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// These fields get these values.
    MergePatch,
    /// The whole record shall look like this.
    Desired,
    /// A record like this shall exist.
    Create,
    /// The record shall be gone.
    Delete,
}

/// A verb with its arguments.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerbRule {
    /// The verb, as the dialect names it.
    pub name: String,
    /// Its arguments by name.
    #[serde(default)]
    pub args: BTreeMap<String, Rule>,
}

impl Mapping {
    /// What is wrong with the map itself: the member and the reason.
    ///
    /// # Errors
    /// The first thing that is.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let names = [self.id.is_some(), self.key.is_some(), self.external.is_some()];
        if names.iter().filter(|given| **given).count() != 1 {
            return Err(("", "name the record by exactly one of id, key and external"));
        }
        let deletes = self.change == Some(ChangeKind::Delete);
        let changes = [!self.fields.is_empty() || deletes, self.verb.is_some(), self.operation.is_some()];
        match changes.iter().filter(|given| **given).count() {
            1 if deletes && !self.fields.is_empty() => Err(("fields", "a deletion has no fields")),
            1 => self.check_base(),
            _ => Err(("", "say what changes by exactly one of fields, verb and operation, or change = \"delete\"")),
        }
    }

    fn check_base(&self) -> Result<(), (&'static str, &'static str)> {
        let known = |at: &Pointer| self.fields.contains_key(at);
        if self.base.is_empty() {
            Ok(())
        } else if matches!(self.change, Some(ChangeKind::Create | ChangeKind::Delete)) || self.fields.is_empty() {
            Err(("base", "what stood before goes with fields that change"))
        } else if self.base.keys().all(known) {
            Ok(())
        } else {
            Err(("base", "says what stood at a place that fields do not name"))
        }
    }

    /// Whether the map is for an event.
    #[must_use]
    pub fn is_for(&self, event: &Value) -> bool {
        let has = |(at, values): (&Pointer, &Values)| values.have(event.pointer(at.as_str()));
        self.when.iter().all(has) && !self.unless.iter().any(has)
    }

    /// The intent that an event becomes.
    ///
    /// # Errors
    /// The place in the event that cannot be mapped: `missing_field`, `invalid_field`, `invalid_number`, `invalid_time`,
    /// `unknown_time_zone` or `unmapped_value`.
    pub fn intent(&self, org: &OrgName, sends: Sends, event: &Event) -> Result<Intent, IntentError> {
        let value = &event.value;
        let text = |rule: &Option<Rule>| rule.as_ref().map(|rule| rule.text(value)).transpose();
        let sequence = self.sequence.as_ref().map(|rule| rule.count(value)).transpose()?;
        let key = text(&self.idempotency_key)?.unwrap_or_else(|| event.key.clone());
        let wish = Intent::new(Resource::new(org, &self.kind, self.name(value)?), self.change(sends, value)?);
        Ok(Intent {
            idempotency_key: Some(key),
            base: self.started_from(value)?,
            deadline: self.deadline(value)?,
            pair: self.pair.as_ref().map_or(Ok(None), |rule| rule.text_if_any(value))?,
            class: self.class,
            origin: Some(Origin {
                system: event.system.to_owned(),
                record: text(&self.record)?.or_else(|| event.record.clone()),
                sequence: sequence.or(event.sequence),
            }),
            ..wish
        })
    }

    /// What the sender says it started from, where it says any of it.
    fn started_from(&self, event: &Value) -> Result<Option<BaseHint>, IntentError> {
        let mut stood = Map::new();
        for (at, rule) in &self.base {
            match rule.value(event) {
                Ok(Some(value)) => put(&mut stood, at, value),
                Ok(None) => {}
                Err(error) if error.code == "missing_field" => {}
                Err(error) => return Err(error),
            }
        }
        Ok((!stood.is_empty()).then_some(BaseHint { version: None, value: Some(Value::Object(stood)) }))
    }

    fn deadline(&self, event: &Value) -> Result<Option<Timestamp>, IntentError> {
        let Some(rule) = &self.deadline else { return Ok(None) };
        let Some(text) = rule.text_if_any(event)? else { return Ok(None) };
        let instant = text
            .parse::<Timestamp>()
            .map_err(|_| rule.error("invalid_time", "an instant with an offset is needed here"));
        instant.map(Some)
    }

    fn name(&self, event: &Value) -> Result<Name, IntentError> {
        if let Some(External { system, id }) = &self.external {
            return Ok(Name::External { system: system.clone(), id: id.text(event)? });
        }
        if let Some(fields) = &self.key {
            let fields = fields.iter().map(|(name, rule)| Ok((name.clone(), rule.needed(event)?)));
            let key = Value::Object(fields.collect::<Result<_, IntentError>>()?);
            return Ok(Name::Key(canonical_json(&key)));
        }
        let id = self.id.as_ref().expect("a map that was checked names its record");
        Ok(Name::Id(id.text(event)?))
    }

    fn change(&self, sends: Sends, event: &Value) -> Result<Change, IntentError> {
        if let Some(name) = &self.operation {
            return Ok(Change::Operation(Operation { name: name.clone(), revision: None }));
        }
        if let Some(VerbRule { name, args }) = &self.verb {
            let mut members = Map::new();
            for (name, rule) in args {
                if let Some(value) = rule.value(event)? {
                    members.insert(name.clone(), value);
                }
            }
            return Ok(Change::Verb(Verb { name: name.clone(), args: Value::Object(members) }));
        }
        let by_source = match sends {
            Sends::Edits => ChangeKind::MergePatch,
            Sends::State => ChangeKind::Desired,
        };
        Ok(match self.change.unwrap_or(by_source) {
            ChangeKind::MergePatch => Change::MergePatch(self.record(event)?),
            ChangeKind::Desired => Change::Desired(self.record(event)?),
            ChangeKind::Create => Change::Create(self.record(event)?),
            ChangeKind::Delete => Change::Delete(true),
        })
    }

    /// The fields, each at its place.
    fn record(&self, event: &Value) -> Result<Value, IntentError> {
        let mut record = Map::new();
        for (at, rule) in &self.fields {
            if let Some(value) = rule.value(event)? {
                put(&mut record, at, value);
            }
        }
        Ok(Value::Object(record))
    }
}

/// Puts a value at its place.
fn put(record: &mut Map<String, Value>, at: &Pointer, value: Value) {
    let mut segments: Vec<String> = at.segments().map(std::borrow::Cow::into_owned).collect();
    let Some(last) = segments.pop() else { return };
    let mut members = record;
    for segment in segments {
        let inner = members.entry(segment).or_insert_with(|| Value::Object(Map::new()));
        // Where one field lies inside another, the outer one stands before it and gives way.
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        members = inner.as_object_mut().expect("it was made an object");
    }
    members.insert(last, value);
}
