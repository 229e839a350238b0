//! Laws of local times, tried at every minute around every change of the clocks of twenty zones from 2020 to 2035. What a
//! local time means is compared with a count of the instants at which the zone's clock shows it.

use super::*;
use std::collections::BTreeMap;

const ZONES: [&str; 20] = [
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "America/Chicago",
    "America/New_York",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Sao_Paulo",
    "America/Santiago",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Africa/Casablanca",
    "Africa/Cairo",
];

const FIRST_DAYS: [Weekday; 3] = [Weekday::Monday, Weekday::Sunday, Weekday::Saturday];

/// Minutes on either side of a transition.
const AROUND: i64 = 180;

/// One change of a zone's clocks.
struct Change {
    name: &'static str,
    zone: TimeZone,
    /// The first instant with the new offset.
    at: Timestamp,
    before: Offset,
    after: Offset,
}

impl Change {
    fn instants(&self, around: i64, step: usize) -> impl Iterator<Item = Timestamp> {
        (-around..around).step_by(step).map(|minutes| self.at + SignedDuration::from_mins(minutes))
    }

    /// Minutes by which the clock goes forward.
    fn forward(&self) -> i64 {
        i64::from(self.after.seconds() - self.before.seconds()) / 60
    }

    fn shows(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }
}

fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

/// Every change of every zone that moves its clocks.
fn changes() -> Vec<Change> {
    let mut found = Vec::new();
    for name in ZONES {
        let zone = zone(name).unwrap();
        for transition in zone.following(day("2020-01-01")).take_while(|next| next.timestamp() < day("2036-01-01")) {
            let at = transition.timestamp();
            let before = zone.to_offset(at - SignedDuration::from_secs(1));
            let change = Change { name, zone: zone.clone(), at, before, after: zone.to_offset(at) };
            found.extend((change.forward() != 0).then_some(change));
        }
    }
    assert!(found.len() > 400, "{} changes", found.len());
    found
}

#[test]
fn each_local_minute_means_the_instants_at_which_the_clock_shows_it() {
    for change in changes() {
        // The clock shows a minute of the inner window at no instant outside the outer one.
        let mut shown: BTreeMap<DateTime, Vec<Timestamp>> = BTreeMap::new();
        for at in change.instants(2 * AROUND, 1) {
            shown.entry(change.shows(at)).or_default().push(at);
        }
        let start = change.before.to_datetime(change.at);
        for minutes in -AROUND..AROUND {
            let wall = start.checked_add(minutes.minutes()).unwrap();
            let instants = shown.get(&wall).map(Vec::as_slice).unwrap_or_default();
            let meant = local(&change.zone, wall).unwrap();
            match (meant, instants) {
                (Local::One(at), [only]) => assert_eq!(at, *only, "{} {wall}", change.name),
                (Local::Twice(first, second), [one, other]) => {
                    assert_eq!((first, second), (*one, *other), "{} {wall}", change.name);
                    assert!(first < change.at && change.at <= second);
                }
                (Local::Never(..), []) => around_a_gap(&change, wall, meant),
                (meant, instants) => panic!("{} {wall}: {meant:?}, and it is shown at {instants:?}", change.name),
            }
        }
    }
}

/// One candidate lies before the change and one after it, each as far from the local time as the clock jumps.
fn around_a_gap(change: &Change, wall: DateTime, meant: Local) {
    let (earlier, Some(later)) = meant.candidates() else { panic!("a gap has two sides") };
    assert!(earlier < change.at && change.at <= later, "{} {wall}", change.name);
    let jump = change.forward().minutes();
    assert_eq!(change.shows(earlier), wall.checked_sub(jump).unwrap(), "{} {wall}", change.name);
    assert_eq!(change.shows(later), wall.checked_add(jump).unwrap(), "{} {wall}", change.name);
}

#[test]
fn an_instant_goes_to_the_wall_and_back() {
    for change in changes() {
        for at in change.instants(AROUND, 1) {
            let text = in_zone(&change.zone, at);
            assert_eq!(instant(&text), Ok(at), "{} {text}", change.name);
            let (one, other) = local(&change.zone, change.shows(at)).unwrap().candidates();
            assert!(one == at || other == Some(at), "{} {text}", change.name);
            assert!(other.is_none_or(|other| one < other), "{} {text}", change.name);
        }
    }
}

#[test]
fn moving_by_minutes_is_exact_and_shows_the_zones_clock() {
    for change in changes() {
        for at in change.instants(AROUND, 20) {
            for minutes in [-240, -60, -1, 1, 30, 60, 480] {
                let to = at + SignedDuration::from_mins(minutes);
                let moved = shifted(&in_zone(&change.zone, at), minutes, Some(&change.zone));
                assert_eq!(moved, Some(in_zone(&change.zone, to)), "{} {at} {minutes}", change.name);
                let kept = shifted(&in_zone(&change.zone, at), minutes, None).unwrap();
                assert_eq!(instant(&kept), Ok(to), "{} {at} {minutes}", change.name);
            }
        }
    }
}

#[test]
fn a_night_over_a_change_lasts_as_long_as_it_lasts() {
    let mut lengths: BTreeMap<i64, usize> = BTreeMap::new();
    for change in changes() {
        let evening = change.before.to_datetime(change.at - SignedDuration::from_hours(12)).date().at(22, 0, 0, 0);
        let morning = evening.checked_add(8.hours()).unwrap();
        let single = |wall: DateTime| match local(&change.zone, wall).unwrap() {
            Local::One(at) => at,
            other => panic!("{} {wall}: {other:?}", change.name),
        };
        let (start, end) = (single(evening), single(morning));
        if (start..end).contains(&change.at) {
            assert_eq!(minutes_between(start, end), 480 - change.forward(), "{} {evening}", change.name);
            *lengths.entry(minutes_between(start, end)).or_default() += 1;
        }
    }
    let kinds: Vec<i64> = lengths.keys().copied().collect();
    assert_eq!(kinds, [420, 450, 510, 540], "seven hours, nine, and those of Lord Howe: {lengths:?}");
}

#[test]
fn weeks_follow_each_other_without_gap_or_overlap() {
    for name in ZONES.into_iter().chain(["Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Apia"]) {
        let zone = zone(name).unwrap();
        for first in FIRST_DAYS {
            let begin = week_of("2020-01-01".parse().unwrap(), first).unwrap();
            let (start, mut end) = week_bounds(&zone, begin).unwrap();
            let (mut week, mut elapsed) = (begin, minutes_between(start, end));
            while end < day("2036-01-01") {
                week = week.checked_add(7.days()).unwrap();
                let (next, after) = week_bounds(&zone, week).unwrap();
                assert_eq!(next, end, "{name} {week}");
                elapsed += minutes_between(next, after);
                // The last minute before a bound and the first one after it are of the weeks that it parts.
                for (at, of) in [(next, week), (after - SignedDuration::from_mins(1), week)] {
                    assert_eq!(week_of(zone.to_datetime(at).date(), first), Some(of), "{name} {at}");
                }
                end = after;
            }
            assert_eq!(elapsed, minutes_between(start, end), "{name} {first:?}");
        }
    }
}
