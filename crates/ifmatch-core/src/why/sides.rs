//! The sides of a conflict in few words: what differs between them, no more of each than a person reads.

use crate::intent::{Change, Verb};
use crate::record::{ConflictNote, IntentRecord};
use crate::slip::REVIEW;
use ifmatch_merge::{Stretch, same};
use serde_json::{Map, Value};

/// How many paths of a conflict, and stretches of one path, are told in full.
const TOLD_MAX: usize = 3;

/// How many characters of a value are told.
const VALUE_CHARS_MAX: usize = 120;

/// The sides of a conflict, path by path.
pub(super) fn clauses(record: &IntentRecord) -> Vec<String> {
    let verb = match &record.intent.change {
        Change::Verb(verb) => Some(verb),
        _ => None,
    };
    let conflict = &record.status.conflict;
    // Of the records that a rule is about, those that would change come first.
    let (stand, change): (Vec<&ConflictNote>, Vec<&ConflictNote>) =
        conflict.iter().partition(|note| is_left(record, note));
    let told = change.into_iter().chain(stand).take(TOLD_MAX);
    let mut clauses: Vec<String> = told.map(|note| left(record, note).unwrap_or_else(|| clause(note, verb))).collect();
    if conflict.len() > TOLD_MAX {
        clauses.push(format!("and so on for {} more paths", conflict.len() - TOLD_MAX));
    }
    clauses
}

/// Whether what the target holds stays as it is: a rule is about it and another element of the record.
fn is_left(record: &IntentRecord, note: &ConflictNote) -> bool {
    let stays = note.base.is_none() && note.local.is_some() && same(note.local.as_ref(), note.remote.as_ref());
    // Where our own write stands, that is no rest.
    stays && record.status.code.as_deref() != Some(REVIEW)
}

fn left(record: &IntentRecord, note: &ConflictNote) -> Option<String> {
    let stands = note.remote.as_ref().filter(|_| is_left(record, note))?;
    Some(format!("at {} the target holds {}, which stays as it is", note.path, value(&plainly(stands))))
}

/// What tells a record from others: of an object its plain values, where it has any.
fn plainly(side: &Value) -> Value {
    let plain = |value: &Value| !value.is_object() && !value.is_array();
    match side {
        Value::Object(members) if members.values().any(plain) => Value::Object(
            members.iter().filter(|(_, value)| plain(value)).map(|(n, v)| (n.clone(), v.clone())).collect(),
        ),
        other => other.clone(),
    }
}

fn clause(note: &ConflictNote, verb: Option<&Verb>) -> String {
    let path = note.path.to_string();
    let at = if path.is_empty() { "the whole record".to_owned() } else { path };
    let at = format!("at {at}{}", times(&note.stretches));
    let by = note.remote_writer.as_ref().map(|writer| format!(", written by {writer}")).unwrap_or_default();
    let there: Vec<&Value> = [&note.base, &note.local, &note.remote].into_iter().flatten().collect();
    let told =
        |side: &Option<Value>| side.as_ref().map_or_else(|| "nothing".to_owned(), |side| value(&apart(side, &there)));
    let (base, local, remote) = (told(&note.base), told(&note.local), told(&note.remote));
    let wants = match (verb, &note.base, &note.local) {
        // What a verb started from is the record as it was then, which says nothing.
        (Some(Verb { name, .. }), _, Some(_)) => format!("the verb {name} would write {local}"),
        (Some(Verb { name, .. }), _, None) if note.remote.is_some() => format!("the verb {name} would remove it"),
        (Some(Verb { name, .. }), ..) => format!("the verb {name} finds nothing to change"),
        (None, Some(_), _) => format!("it started from {base} and wants {local}"),
        (None, None, _) => format!("it wants {local}"),
    };
    format!("{at} {wants}, and the target holds {remote}{by}")
}

/// The stretches in question: ` from 09:00 until 10:00`.
fn times(stretches: &[Stretch]) -> String {
    let told: Vec<String> =
        stretches.iter().take(TOLD_MAX).map(|it| format!(" from {} until {}", it.from, it.until)).collect();
    let more = stretches.len().saturating_sub(TOLD_MAX);
    let more = if more > 0 { format!(" and {more} more times") } else { String::new() };
    format!("{}{more}", told.join(" and"))
}

/// What of a side differs from the others: of objects the members, of lists of objects the elements.
fn apart(side: &Value, sides: &[&Value]) -> Value {
    match side {
        Value::Object(members) if sides.len() > 1 && sides.iter().all(|side| side.is_object()) => {
            let mut kept = Map::new();
            for (name, value) in members {
                let there: Vec<&Value> = sides.iter().filter_map(|side| side.get(name)).collect();
                let everywhere = there.len() == sides.len();
                if everywhere && there.iter().all(|other| *other == value) {
                    continue;
                }
                kept.insert(name.clone(), if everywhere { apart(value, &there) } else { value.clone() });
            }
            Value::Object(kept)
        }
        Value::Array(items) if sides.len() > 1 && items.iter().any(Value::is_object) => {
            let lists: Vec<&Vec<Value>> = sides.iter().filter_map(|side| side.as_array()).collect();
            let common = |item: &&Value| lists.len() == sides.len() && lists.iter().all(|list| list.contains(item));
            let mut kept: Vec<Value> = items.iter().filter(|item| !common(item)).cloned().collect();
            if kept.len() < items.len() {
                kept.push(Value::from("…"));
            }
            Value::Array(kept)
        }
        other => other.clone(),
    }
}

/// A value as text, cut where it is long.
pub(super) fn value(value: &Value) -> String {
    cut(&value.to_string(), VALUE_CHARS_MAX)
}

/// A text, cut where it is longer than so many characters.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    text.chars().take(chars_max - 1).chain(['…']).collect()
}
