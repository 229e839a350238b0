//! What a source said last of a record, and what a whole state changes of it.

use super::id::difference_key;
use ifmatch_core::merge::{Pointer, json_equal};
use ifmatch_core::{BaseHint, Change, Intent, IntentError, IntentId, Resource, Urgency};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a source said last of one record; a fact of the store.
///
/// Shape: `{"value": {…}, "resource": {…}, "run": "9f1c2a4e1b2f4110#7", "row": 12, "intent": "int_01J…"}`. Without a row the record
/// had none in a file, and that meant something; without a value it shall be gone; without an intent the word was adopted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The record as it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The record, as intents name it.
    pub resource: Resource,
    /// The file that said it, and which taking of it: the same file may be taken again after another one.
    pub run: String,
    /// The row that said it; absent where its absence did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The intent that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<IntentId>,
}

/// What a row of a whole state comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// It was said before.
    Unchanged,
    /// This very file said it, before a restart.
    Taken(IntentId),
    /// It was never said, or said to be gone.
    New,
    /// These fields differ from what was said.
    Changed {
        /// The fields as they are wanted; null for one that is not said any more.
        patch: Value,
        /// The same fields as they were said; those that were not are left out.
        base: Value,
    },
}

impl Difference {
    /// What a row changes of what was said before.
    #[must_use]
    pub fn of(said: Option<&Said>, wanted: &Value, run: &str) -> Self {
        let Some(said) = said else { return Self::New };
        let Some(before) = &said.value else { return Self::New };
        let fields = differing(before, wanted);
        if fields.is_empty() {
            return match said.intent {
                Some(intent) if said.run == run && said.row.is_some() => Self::Taken(intent),
                _ => Self::Unchanged,
            };
        }
        let kind = &said.resource.kind;
        let wish = |name: &String| {
            let wanted = wanted.get(name).unwrap_or(&Value::Null);
            (name.clone(), expressed(kind, name, before.get(name), wanted))
        };
        let patch = Value::Object(fields.iter().map(wish).collect());
        let was = fields.iter().filter_map(|name| Some((name.clone(), before.get(name)?.clone())));
        Self::Changed { patch, base: Value::Object(was.collect::<Map<String, Value>>()) }
    }

    /// The intent that a row becomes; `None` where there is nothing to do. `row` is the intent by the row alone, whose change says
    /// the whole record.
    #[must_use]
    pub fn intent(self, row: Intent, said: Option<&Said>) -> Option<Intent> {
        let wanted = whole(&row.change).cloned();
        let (change, base) = match self {
            Self::Unchanged | Self::Taken(_) => return None,
            Self::New => (row.change, row.base),
            Self::Changed { patch, base } => {
                (Change::MergePatch(patch), Some(BaseHint { version: None, value: Some(base) }))
            }
        };
        let key = difference_key(&row.resource.key(), said.map(word), wanted.as_ref());
        Some(Intent { change, base, idempotency_key: Some(key), ..row })
    }
}

impl Said {
    /// Whether it stands in the last file of its scope that was taken.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.value.is_some() && self.row.is_some()
    }

    /// What the source says by leaving its row out: that it shall be gone, or that these fields have these values.
    #[must_use]
    pub fn left_out(&self, set: Option<&Value>, run: &str, intent: IntentId) -> Self {
        let value = set.zip(self.value.clone()).map(|(set, mut value)| {
            if let (Some(members), Some(set)) = (value.as_object_mut(), set.as_object()) {
                members.extend(set.clone());
            }
            value
        });
        Self { value, resource: self.resource.clone(), run: run.to_owned(), row: None, intent: Some(intent) }
    }

    /// The intent that a record becomes whose row is missing: a deletion, or these fields.
    #[must_use]
    pub fn missing(&self, set: Option<&Value>) -> Intent {
        let change = match set {
            None => Change::Delete(true),
            Some(fields) => {
                let before = |name: &String| self.value.as_ref().and_then(|value| value.get(name));
                let wish = |(name, value): (&String, &Value)| {
                    (name.clone(), expressed(&self.resource.kind, name, before(name), value))
                };
                let members = fields.as_object().into_iter().flatten().map(wish);
                Change::MergePatch(Value::Object(members.collect::<Map<String, Value>>()))
            }
        };
        let before = |fields: &Value| {
            let known = fields
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(name, _)| Some((name.clone(), self.value.as_ref()?.get(name)?.clone())));
            Value::Object(known.collect::<Map<String, Value>>())
        };
        let base = set.map(|fields| BaseHint { version: None, value: Some(before(fields)) });
        let key = difference_key(&self.resource.key(), Some(word(self)), None);
        let intent = Intent::new(self.resource.clone(), change);
        Intent { base, class: Urgency::Bulk, idempotency_key: Some(key), ..intent }
    }
}

/// What makes a word another one than the same word said later.
fn word(said: &Said) -> (&str, Option<IntentId>) {
    (said.run.as_str(), said.intent)
}

/// A field as a patch says it. The shifts of an agent are read by their ids, and one that a patch does not mention stays: those that
/// stood there before and shall not any more are named as removed.
pub(crate) fn expressed(kind: &str, name: &str, before: Option<&Value>, wanted: &Value) -> Value {
    let (Some(Value::Array(before)), Value::Array(items)) = (before, wanted) else { return wanted.clone() };
    if (kind, name) != ("agent-schedule", "shifts") {
        return wanted.clone();
    }
    let has = |id: &Value| items.iter().any(|item| item["id"] == *id);
    let ids = before.iter().map(|item| &item["id"]).filter(|id| id.is_string() && !has(id));
    let gone = ids.map(|id| json!({"id": id, "deleted": true}));
    Value::Array(items.iter().cloned().chain(gone).collect())
}

/// The whole record that a change says, where it does.
#[must_use]
pub(super) fn whole(change: &Change) -> Option<&Value> {
    match change {
        Change::Desired(value) | Change::Create(value) => Some(value),
        _ => None,
    }
}

/// The names of the fields in which two records differ.
fn differing(before: &Value, wanted: &Value) -> Vec<String> {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (before, wanted) = (members(before), members(wanted));
    let differs = |name: &&String| match (before.get(*name), wanted.get(*name)) {
        (Some(a), Some(b)) => !json_equal(a, b),
        // Null says as much as nothing.
        (one, other) => one.or(other).is_some_and(|value| !value.is_null()),
    };
    let mut names: Vec<String> = before.keys().chain(wanted.keys()).filter(differs).cloned().collect();
    names.sort();
    names.dedup();
    names
}

/// The record that a row of a whole state says, and its value.
///
/// # Errors
/// `not_a_state`: the row says a change, not a record.
pub fn record_of(intent: &Intent) -> Result<(&Resource, &Value), IntentError> {
    match whole(&intent.change) {
        Some(value) => Ok((&intent.resource, value)),
        None => {
            let reason = "a row of a whole state says a record: change = \"desired\" or \"create\"";
            Err(IntentError::new("not_a_state", "", reason))
        }
    }
}

/// The scope of a row: the texts at these places, with `|` between them; empty where there are no places.
///
/// # Errors
/// `missing_field`, with the place.
pub fn scope_of(value: &Value, places: &[Pointer]) -> Result<String, IntentError> {
    let text = |at: &Pointer| match value.pointer(at.as_str()) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.replace(['/', '|'], "_")),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => {
            let reason = "the row does not say which part of the whole it belongs to";
            Err(IntentError::new("missing_field", at.as_str(), reason))
        }
    };
    Ok(places.iter().map(text).collect::<Result<Vec<_>, _>>()?.join("|"))
}

/// Used by tests and reports: a difference in words.
impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unchanged => f.write_str("unchanged"),
            Self::Taken(intent) => write!(f, "taken as {intent}"),
            Self::New => f.write_str("new"),
            Self::Changed { patch, .. } => {
                let names: Vec<&str> = patch.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
                write!(f, "{} changed", names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of differences.

    use super::*;
    use proptest::prelude::*;

    fn resource() -> Resource {
        Resource::by_id(&"acme".into(), "quality-score", "qs-1")
    }

    fn said(value: Option<Value>, by: u128) -> Said {
        Said { value, resource: resource(), run: "before".to_owned(), row: Some(1), intent: Some(IntentId(by)) }
    }

    fn of(before: Value, wanted: Value) -> Difference {
        Difference::of(Some(&said(Some(before), 1)), &wanted, "now")
    }

    #[test]
    fn only_fields_that_differ_are_in_it_with_what_was_said() {
        let changed = of(json!({"a": 1, "b": [1], "c": 3}), json!({"a": 1.0, "b": [2], "d": 4}));
        let expected =
            Difference::Changed { patch: json!({"b": [2], "c": null, "d": 4}), base: json!({"b": [1], "c": 3}) };
        assert_eq!(changed, expected);
        assert_eq!(of(json!({"a": 1, "b": null}), json!({"a": 1})), Difference::Unchanged);
    }

    #[test]
    fn what_this_file_said_before_a_restart_is_taken() {
        let mut word = said(Some(json!({"a": 1})), 7);
        word.run = "now".to_owned();
        let difference = Difference::of(Some(&word), &json!({"a": 1}), "now");
        assert_eq!(difference, Difference::Taken(IntentId(7)));
        word.intent = None;
        assert_eq!(Difference::of(Some(&word), &json!({"a": 1}), "now"), Difference::Unchanged, "adopted");
        assert_eq!(Difference::of(Some(&said(None, 1)), &json!({}), "now"), Difference::New, "was gone");
        assert_eq!(Difference::of(None, &json!({}), "now"), Difference::New);
    }

    #[test]
    fn an_intent_has_the_difference_its_base_and_a_key_of_its_own() {
        let row = || Intent::new(resource(), Change::Desired(json!({"a": 2, "b": 1})));
        let word = said(Some(json!({"a": 1, "b": 1})), 1);
        let intent = |word: &Said| {
            let difference = Difference::of(Some(word), &json!({"a": 2, "b": 1}), "now");
            difference.intent(row(), Some(word)).unwrap()
        };
        let first = intent(&word);
        assert_eq!(first.change, Change::MergePatch(json!({"a": 2})));
        assert_eq!(first.base.clone().unwrap().value, Some(json!({"a": 1})));
        assert_eq!(first.idempotency_key, intent(&word).idempotency_key, "tried again it is the same");
        assert_ne!(first.idempotency_key, intent(&said(word.value.clone(), 2)).idempotency_key, "said anew it is not");
        assert_eq!(Difference::Unchanged.intent(row(), Some(&word)), None);
        let new = Difference::New.intent(row(), None).unwrap();
        assert_eq!((new.change, new.base), (Change::Desired(json!({"a": 2, "b": 1})), None));
    }

    #[test]
    fn a_missing_row_removes_or_sets() {
        let word = said(Some(json!({"shifts": [1], "b": 1})), 1);
        assert_eq!(word.missing(None).change, Change::Delete(true));
        let intent = word.missing(Some(&json!({"shifts": []})));
        assert_eq!(intent.change, Change::MergePatch(json!({"shifts": []})));
        assert_eq!(intent.base.unwrap().value, Some(json!({"shifts": [1]})));
        assert!(intent.idempotency_key.is_some());
        let left = word.left_out(Some(&json!({"shifts": []})), "now", IntentId(2));
        assert_eq!(
            (left.value.clone(), left.stands(), word.stands()),
            (Some(json!({"shifts": [], "b": 1})), false, true)
        );
        let back = Difference::of(Some(&left), &json!({"shifts": [1], "b": 1}), "now");
        assert_eq!(back, Difference::Changed { patch: json!({"shifts": [1]}), base: json!({"shifts": []}) });
        assert_eq!(word.left_out(None, "now", IntentId(2)).value, None);
    }

    #[test]
    fn a_shift_that_is_not_said_any_more_is_named_as_removed() {
        let shifts = |ids: &[&str]| json!({"shifts": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()});
        let mut word = said(Some(shifts(&["a", "b"])), 1);
        word.resource = Resource::by_id(&"acme".into(), "agent-schedule", "w48/a-1");
        let Difference::Changed { patch, base } = Difference::of(Some(&word), &shifts(&["b", "c"]), "now") else {
            panic!()
        };
        assert_eq!(patch, json!({"shifts": [{"id": "b"}, {"id": "c"}, {"id": "a", "deleted": true}]}));
        assert_eq!(base, shifts(&["a", "b"]));
        let Change::MergePatch(patch) = word.missing(Some(&shifts(&[]))).change else { panic!() };
        assert_eq!(patch, json!({"shifts": [{"id": "a", "deleted": true}, {"id": "b", "deleted": true}]}));
        word.resource = resource();
        assert_eq!(
            word.missing(Some(&shifts(&[]))).change,
            Change::MergePatch(shifts(&[])),
            "other lists are said whole"
        );
    }

    #[test]
    fn scopes_are_texts_without_strokes() {
        let places = |texts: &[&str]| texts.iter().map(|text| Pointer::parse(text).unwrap()).collect::<Vec<_>>();
        let row = json!({"unit": "A/B|C", "week": "2026-11-23", "n": 4, "none": null});
        assert_eq!(scope_of(&row, &places(&["/unit", "/week", "/n"])), Ok("A_B_C|2026-11-23|4".to_owned()));
        assert_eq!(scope_of(&row, &[]), Ok(String::new()));
        assert_eq!(scope_of(&row, &places(&["/none"])).unwrap_err().field, "/none");
    }

    fn record() -> impl Strategy<Value = Value> {
        let value =
            prop_oneof![Just(json!(null)), (0..3).prop_map(|n| json!(n)), Just(json!([1])), Just(json!({"x": 1}))];
        prop::collection::btree_map("[a-c]", value, 0..4).prop_map(|members| json!(members))
    }

    proptest! {
        /// The patch leads from what was said to what is said; what did not change is not in it.
        #[test]
        fn the_patch_leads_from_what_was_said_to_what_is_said(before in record(), wanted in record()) {
            let without_null = |value: &Value| {
                let members = value.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
                members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()
            };
            let mut result = without_null(&before);
            match of(before.clone(), wanted.clone()) {
                Difference::Unchanged => {}
                Difference::Changed { patch, base } => {
                    for (name, value) in patch.as_object().unwrap() {
                        prop_assert_ne!(before.get(name).unwrap_or(&Value::Null), wanted.get(name).unwrap_or(&Value::Null));
                        prop_assert_eq!(base.get(name), before.get(name));
                        result.insert(name.clone(), value.clone());
                    }
                }
                other => prop_assert!(false, "{}", other),
            }
            prop_assert_eq!(without_null(&Value::Object(result)), without_null(&wanted));
        }
    }
}
