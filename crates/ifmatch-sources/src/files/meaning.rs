//! What a row wants: the maps of a source, or the reader of a file that needs none.

use super::rows::Row;
use super::{FileId, scope_of};
use crate::Headers;
use crate::form::{Message, Sender};
use crate::hook::{Hook, Translation, Verdict};
use crate::readers::LineError;
use crate::readers::scheduler::Reader;
use ifmatch_core::merge::Pointer;
use ifmatch_core::{Intent, IntentError, OrgName, Urgency};
use serde_json::Value;
use std::collections::BTreeMap;

/// How the rows of a source's files become intents.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// By form and maps, as a hook's messages do.
    Mapped(Box<Hook>),
    /// A scheduling engine's weeks.
    Weeks(OrgName, ScheduleOf),
    /// Its small changes.
    Changes(OrgName, String),
}

/// Which schedule of the target a week belongs to, since the file does not say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScheduleOf {
    /// All rows to this one.
    All(String),
    /// By the row's week.
    Week(BTreeMap<String, String>),
}

impl Meaning {
    /// What a row wants. Whatever it is, it is of class bulk, and has a key: its own, or that of its place in the file.
    #[must_use]
    pub fn of(&self, row: &Row, file: &FileId) -> Verdict {
        let key = file.row_key(row.number);
        let read = match self {
            Self::Mapped(hook) => return settled(mapped(hook, row, &key), key),
            Self::Weeks(org, schedule) => week(org, schedule, row),
            Self::Changes(org, schedule) => {
                let change = Reader::new(org, schedule).change(row.number, &row.value.to_string());
                change.map(|change| change.intent).map_err(fault)
            }
        };
        settled(read.map_or_else(Verdict::Refused, |intent| Verdict::Intent(Box::new(intent))), key)
    }

    /// Which part of the source's whole state a row belongs to.
    ///
    /// # Errors
    /// `missing_field`, with the place that says it.
    pub fn scope(&self, row: &Row, places: &[Pointer]) -> Result<String, IntentError> {
        scope_of(&row.value, places)
    }
}

fn mapped(hook: &Hook, row: &Row, key: &str) -> Verdict {
    let headers: Headers =
        [("content-type".to_owned(), media_type(hook).to_owned()), ("idempotency-key".to_owned(), key.to_owned())]
            .into_iter()
            .collect();
    let body = row.value.to_string();
    match hook.translate(Message { headers: &headers, body: body.as_bytes(), sender: Sender::Credentials }) {
        Translation::One(verdict) => verdict,
        Translation::Many(_) => Verdict::Refused(IntentError::new("invalid_event", "", "a row is one event")),
    }
}

/// What a message with a row as its body would say it is.
fn media_type(hook: &Hook) -> &'static str {
    match hook.form {
        crate::form::Form::Cloudevents => "application/cloudevents+json",
        _ => "application/json",
    }
}

fn week(org: &OrgName, schedule: &ScheduleOf, row: &Row) -> Result<Intent, IntentError> {
    let schedule = match schedule {
        ScheduleOf::All(id) => id,
        ScheduleOf::Week(by_week) => {
            let week = row.value.get("week").and_then(Value::as_str).unwrap_or_default();
            by_week.get(week).ok_or_else(|| {
                let reason = format!("no schedule is configured for the week {week:?}");
                IntentError::new("unmapped_value", "/week", reason)
            })?
        }
    };
    let week = Reader::new(org, schedule).week(row.number, &row.value.to_string());
    week.map(|week| week.intent).map_err(fault)
}

fn fault(error: LineError) -> IntentError {
    let field = match error.field.as_str() {
        "" => String::new(),
        field => format!("/{}", field.replace('.', "/")),
    };
    IntentError::new(error.code, field, error.reason)
}

fn settled(verdict: Verdict, key: String) -> Verdict {
    let Verdict::Intent(mut intent) = verdict else { return verdict };
    intent.class = Urgency::Bulk;
    intent.idempotency_key.get_or_insert(key);
    Verdict::Intent(intent)
}

#[cfg(test)]
mod tests {
    //! What rows want.

    use super::*;
    use crate::form::Form;
    use ifmatch_core::{Change, Digest, Sends};
    use serde_json::json;

    fn file() -> FileId {
        FileId::of("a.ndjson", &Digest::of(b"a"))
    }

    fn hook(form: Form, map: &str) -> Meaning {
        let maps = if map.is_empty() { Vec::new() } else { vec![toml::from_str(map).unwrap()] };
        Meaning::Mapped(Box::new(Hook { org: "acme".into(), sends: Sends::Edits, form, maps }))
    }

    #[track_caller]
    fn intent(meaning: &Meaning, value: Value) -> Intent {
        match meaning.of(&Row { number: 3, value }, &file()) {
            Verdict::Intent(intent) => *intent,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_mapped_row_is_bulk_and_has_a_key() {
        let map =
            "kind = \"quality-score\"\nid = \"/id\"\nfields = { \"/score\" = { from = \"/score\", as = \"number\" } }";
        let wanted = intent(&hook(Form::Plain, map), json!({"id": "qs-1", "score": "85"}));
        assert_eq!(wanted.change, Change::MergePatch(json!({"score": 85})));
        assert_eq!((wanted.class, wanted.idempotency_key), (Urgency::Bulk, Some(file().row_key(3))));
        let own = json!({"resource": {"kind": "quality-score", "id": "qs-1"}, "change": {"delete": true}, "idempotency_key": "mine", "class": "interactive"});
        let wanted = intent(&hook(Form::Plain, ""), own);
        assert_eq!((wanted.class, wanted.idempotency_key.as_deref()), (Urgency::Bulk, Some("mine")));
    }

    #[test]
    fn a_form_that_knows_identity_keeps_it() {
        let map = "kind = \"quality-score\"\nid = \"/number\"\nfields = { \"/comments\" = \"/comments\" }";
        let row = json!({"sys_id": "9f", "sys_mod_count": "7", "number": "QR1", "comments": "x"});
        let key = intent(&hook(Form::Servicenow, map), row).idempotency_key;
        assert_eq!(key.as_deref(), Some("servicenow:9f:7"));
        let event = json!({"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "number": "x", "data": {"comments": "x"}});
        let map = "kind = \"quality-score\"\nid = \"/id\"\nfields = { \"/comments\" = \"/data/comments\" }";
        intent(&hook(Form::Cloudevents, map), event);
    }

    #[test]
    fn weeks_find_their_schedule() {
        let row = json!({"agent_id": "a-1", "site": "S", "week": "2026-11-23", "shifts": []});
        let all = Meaning::Weeks("acme".into(), ScheduleOf::All("w48".into()));
        assert_eq!(intent(&all, row.clone()).resource.id(), Some("w48/a-1"));
        let by_week = [("2026-11-23".to_owned(), "w48".to_owned())].into();
        let by_week = Meaning::Weeks("acme".into(), ScheduleOf::Week(by_week));
        assert_eq!(intent(&by_week, row).resource.id(), Some("w48/a-1"));
        let other = Row { number: 1, value: json!({"agent_id": "a-1", "week": "2026-11-30"}) };
        let Verdict::Refused(error) = by_week.of(&other, &file()) else { panic!("refused") };
        assert_eq!((error.code, error.field.as_str()), ("unmapped_value", "/week"));
    }

    #[test]
    fn changes_keep_the_key_of_their_engine() {
        let row =
            json!({"seq": 4, "site": "S", "agent_id": "a-1", "shift_id": "s", "verb": "move-shift", "minutes": 30});
        let changes = Meaning::Changes("acme".into(), "w48".into());
        let wanted = intent(&changes, row);
        assert_eq!((wanted.idempotency_key.as_deref(), wanted.class), (Some("scheduler:4"), Urgency::Bulk));
        let row = Row { number: 9, value: json!({"seq": 4, "verb": "fly"}) };
        let Verdict::Refused(error) = changes.of(&row, &file()) else { panic!("refused") };
        assert_eq!((error.code, error.field.as_str()), ("missing_field", "/shift_id"));
    }
}
