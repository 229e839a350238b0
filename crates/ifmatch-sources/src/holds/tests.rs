//! Holds from lines of a log.

use super::*;
use ifmatch_core::{OrgName, SourceName};
use ifmatch_dialects::WfmV2;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + second).unwrap()
}

/// A log under way.
struct Log {
    holds: Holds,
    index: u64,
    stood: BTreeMap<u128, State>,
}

impl Log {
    fn from(second: i64) -> Self {
        let holds = Holds::new(Arc::new(WfmV2::default()), at(second));
        Self { holds, index: 0, stood: BTreeMap::new() }
    }

    fn line(&mut self, second: i64, intent: u128, kind: &str, id: &str, to: State, code: Option<&str>) -> Line {
        self.index += 1;
        Line {
            index: self.index,
            at: at(second),
            intent: IntentId(intent),
            source: SourceName::from("scheduler"),
            resource: Resource::by_id(&OrgName::from("acme"), kind, id),
            from: self.stood.insert(intent, to),
            to,
            code: code.map(str::to_owned),
            reason: None,
            origin: None,
        }
    }

    fn says(&mut self, second: i64, intent: u128, agent: &str, to: State) {
        self.says_why(second, intent, agent, to, None);
    }

    fn says_why(&mut self, second: i64, intent: u128, agent: &str, to: State, code: Option<&str>) {
        let line = self.line(second, intent, "agent-schedule", &format!("sch-1/{agent}"), to, code);
        self.holds.take(&line);
    }

    fn spans(&self, agent: &str, from: i64, to: i64) -> Vec<(i64, Option<i64>)> {
        let second = |instant: Timestamp| instant.as_second() - 1_795_000_000;
        let holds = self.holds.during(agent, at(from), at(to));
        holds.map(|hold| (second(hold.since), hold.until.map(second))).collect()
    }
}

#[test]
fn a_hold_lasts_from_the_first_intent_to_the_last() {
    let mut log = Log::from(0);
    log.says(10, 1, "a-1", State::Accepted);
    log.says(12, 2, "a-1", State::Accepted);
    log.says(13, 3, "a-2", State::Accepted);
    log.says(15, 1, "a-1", State::Landed);
    assert_eq!(log.spans("a-1", 16, 16), [(10, None)], "the second is on its way");
    log.says(20, 2, "a-1", State::Satisfied);
    assert_eq!(log.spans("a-1", 10, 10), [(10, Some(20))]);
    assert_eq!(log.spans("a-1", 19, 19), [(10, Some(20))]);
    assert_eq!(log.spans("a-1", 20, 30), [], "over is over");
    assert_eq!(log.spans("a-1", 0, 9), []);
    assert_eq!(log.spans("a-2", 13, 30), [(13, None)]);
    assert_eq!(log.holds.all().map(|hold| hold.agent).collect::<Vec<_>>(), ["a-2"]);
}

#[test]
fn what_waits_for_somebody_holds_nobody_until_it_goes_on() {
    let mut log = Log::from(0);
    log.says(10, 1, "a-1", State::Accepted);
    log.says(12, 1, "a-1", State::Review);
    log.says(50, 1, "a-1", State::Planned);
    log.says_why(51, 1, "a-1", State::Parked, Some("parked/lock"));
    log.says(60, 1, "a-1", State::Landed);
    log.says(70, 2, "a-1", State::Accepted);
    log.says_why(71, 2, "a-1", State::Deferred, Some("deferred/not_before"));
    log.says_why(80, 3, "a-1", State::Deferred, Some("deferred/throttled"));
    assert_eq!(log.spans("a-1", 0, 100), [(10, Some(12)), (50, Some(60)), (70, Some(71)), (80, None)]);
}

#[test]
fn scores_trades_and_weeks_hold_nobody() {
    let mut log = Log::from(0);
    for (intent, kind) in ["quality-score", "shift-trade", "schedule"].into_iter().enumerate() {
        let line = log.line(1, intent as u128, kind, "x-1", State::Accepted, None);
        log.holds.take(&line);
    }
    assert_eq!(log.holds.all().count(), 0);
}

#[test]
fn what_was_on_its_way_before_the_log_is_known_counts_from_there() {
    let mut log = Log::from(100);
    // One that is open when the reading begins, and one that ends in what is read.
    let open = log.line(5, 1, "agent-schedule", "sch-1/a-1", State::Parked, Some("parked/lock"));
    log.holds.take_open(&open);
    let later = log.line(105, 3, "agent-schedule", "sch-1/a-1", State::Accepted, None);
    log.holds.take_open(&later);
    log.stood.insert(2, State::Sent);
    log.says(110, 2, "a-2", State::Landed);
    log.stood.insert(4, State::Review);
    log.says(120, 4, "a-3", State::Discarded);
    assert_eq!(log.spans("a-1", 100, 100), [(5, None)]);
    let hold = log.holds.of("a-1").unwrap();
    assert_eq!((hold.intents, hold.oldest), (1, Some(IntentId(1))), "the log will tell of the third");
    assert_eq!(log.spans("a-2", 100, 200), [(100, Some(110))]);
    assert_eq!(log.spans("a-3", 100, 200), [], "a review held nobody");
}

#[test]
fn the_past_is_known_for_a_week_and_says_from_when() {
    let mut log = Log::from(0);
    let week = KEPT.as_secs();
    log.says(10, 1, "a-1", State::Accepted);
    log.says(20, 1, "a-1", State::Landed);
    log.says(week, 2, "a-2", State::Accepted);
    log.says(week + 21, 2, "a-2", State::Landed);
    assert_eq!(log.spans("a-1", 0, week), []);
    assert_eq!(log.holds.known_since(), at(20));
    assert_eq!(log.spans("a-2", 0, week), [(week, Some(week + 21))]);
}
