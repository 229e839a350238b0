//! What ended an intent, and what it took.

use super::cause::told;
use super::overwrote;
use super::sides;
use super::times::Times;
use crate::applied::stood_at;
use crate::record::IntentRecord;
use crate::states::State;

/// The outcome, what it rests on, what it took, and who stands in its place.
pub(super) fn clauses(record: &IntentRecord, back: Option<&IntentRecord>, times: &Times) -> Vec<String> {
    let status = &record.status;
    let mut clauses: Vec<String> = status.reason.iter().cloned().collect();
    clauses.extend(back.map(|back| taken_back(record, back)));
    clauses.extend(sides::clauses(record));
    if let Some(seen) = status.seen.filter(|_| status.state == State::Satisfied) {
        let version = seen.version.map(|version| format!("version {version} as ")).unwrap_or_default();
        clauses.push(format!("that rests on {version}read at {}", times.of(seen.at)));
    }
    if let Some(paths) = stood_at(record).filter(|_| status.state != State::Landed) {
        clauses.push(format!("a write of it was applied at {paths}"));
    }
    if let Some(heard) = &status.heard {
        let before = if status.state == State::Landed { "before that " } else { "" };
        clauses.push(format!("{before}{}", told(heard, times)));
    }
    clauses.extend(overwrote::clause(record));
    clauses.extend(took(record));
    if let Some(winner) = status.winner {
        clauses.push(format!("`ifmatch why {winner}` tells of the one in its place"));
    }
    clauses
}

/// A half that landed, and whose partner did not.
fn taken_back(record: &IntentRecord, back: &IntentRecord) -> String {
    let partner = record.status.partner.map(|partner| format!(" {partner}")).unwrap_or_default();
    let (id, since) = (back.id, format!("since its partner{partner} did not land"));
    match back.status.state {
        State::Landed => format!("it was taken back by {id}, {since}"),
        State::Satisfied | State::Superseded => {
            format!("what it wrote stands no more, as {id} found, which was to take it back {since}")
        }
        State::Review => format!("it is to be taken back by {id}, {since}, and a person decides that"),
        state if state.is_terminal() => format!("it was to be taken back by {id}, {since}, and that one was {state}"),
        state => format!("it is to be taken back by {id}, {since}, and that one is {state}"),
    }
}

/// Writes and waiting, where there was more than one write or a wait.
fn took(record: &IntentRecord) -> Option<String> {
    let status = &record.status;
    let mut parts = Vec::new();
    match status.attempts {
        0 if status.state == State::Landed => {}
        0 => parts.push("no write".to_owned()),
        1 => parts.push("one write".to_owned()),
        more => parts.push(format!("{more} writes")),
    }
    let waits = [("a lock", status.waited.lock), ("the budget", status.waited.budget)];
    parts.extend(
        waits
            .iter()
            .filter(|(_, waited)| *waited >= 1.0)
            .map(|(cause, waited)| format!("{waited:.0} s of waiting for {cause}")),
    );
    (!parts.is_empty()).then(|| format!("it took {}", parts.join(" and ")))
}
