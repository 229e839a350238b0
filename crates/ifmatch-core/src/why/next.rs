//! What an open intent waits for, when it goes on, and until when.

use super::times::Times;
use super::{Next, Outlook, ToldBy};
use crate::engine::Doubt;
use crate::record::IntentRecord;
use crate::states::State;

/// What comes next, and the bounds of the waiting.
pub(super) fn clauses(record: &IntentRecord, outlook: &Outlook, times: &Times) -> Vec<String> {
    let mut clauses = Vec::new();
    let state = record.status.state;
    if let Some(write) = outlook.unresolved.filter(|write| !write.own || state == State::Ambiguous) {
        if !write.own {
            let sent = times.of(write.sent_at);
            clauses.push(format!("first it must be told whether another write of {sent} took effect"));
        }
        let (sent_again, most) = (write.resends, outlook.ambiguity_max);
        let horizon = times.of(write.horizon);
        clauses.push(match write.told_by {
            ToldBy::Horizon => format!("after {horizon} no copy of it can take effect"),
            ToldBy::Copies | ToldBy::Reads | ToldBy::Lookups | ToldBy::Operation => format!(
                "it was sent again {sent_again} of at most {most} times, and after {horizon} no copy of it can take effect"
            ),
        });
        clauses.extend(odds(write.alike));
    }
    if outlook.lagging {
        clauses.push("reads lag behind a version already known".to_owned());
    }
    clauses.extend(what_next(record, &outlook.next, times));
    let depends = record.status.code.as_deref() == Some("parked/dependency");
    let ends = if depends { outlook.dependency_ends } else { outlook.lock_ends };
    if let Some(ends) = ends.filter(|_| state == State::Parked) {
        clauses.push(format!("it gives up at {} and then a person decides", times.of(ends)));
    }
    if let Some(deadline) = outlook.deadline {
        clauses.push(format!("its deadline is {}", times.of(deadline)));
    }
    clauses
}

/// How likely it is that a write took effect, by what those did that failed in the same way.
fn odds(alike: Doubt) -> Option<String> {
    let (landed, told) = (alike.took_effect, alike.took_effect + alike.no_effect);
    let percent = alike.landed_percent()?;
    Some(format!("of {told} writes that failed so and were told, {landed} had taken effect: {percent} % by that"))
}

fn what_next(record: &IntentRecord, next: &Next, times: &Times) -> Option<String> {
    Some(match next {
        Next::Answer(until) => format!("its answer is waited for until {}", times.of(*until)),
        Next::Turn if record.status.state == State::Sent => "its answer is waited for".to_owned(),
        Next::Turn => "its turn is under way".to_owned(),
        Next::Probe { waiting: 0 | 1, at } => format!("one probe goes out at {}", times.of(*at)),
        Next::Probe { waiting, at } => {
            format!("one probe for all {waiting} records that wait goes out at {}", times.of(*at))
        }
        Next::Look(at) => format!("it is looked at again at {}", times.of(*at)),
        Next::Outcome { at, listens: false } => format!("what became of it is looked into at {}", times.of(*at)),
        Next::Outcome { at, listens: true } => {
            format!("what became of it is told by a notice, or looked into at {}", times.of(*at))
        }
        Next::NotBefore(at) => format!("nothing is sent for it before {}", times.of(*at)),
        Next::Brake => "the brake holds it until `ifmatch resume`".to_owned(),
        Next::Barrier => "earlier changes that it must carry are still on their way".to_owned(),
        Next::Company => "it waits a moment for others of its envelope".to_owned(),
        Next::Budget { bucket, until } => format!("the budget {bucket} is closed until {}", times.of(*until)),
        Next::Token { again_at: Some(at) } => {
            format!("the org has no token, which is asked for again at {}", times.of(*at))
        }
        Next::Token { again_at: None } => "the org has no token, which is asked for".to_owned(),
        Next::Line => "it is next in line".to_owned(),
        Next::Person => {
            let id = record.id;
            format!("a person decides with `ifmatch intents resolve {id} --apply`, `--discard` or `--retry`")
        }
        Next::Nothing => return None,
    })
}
