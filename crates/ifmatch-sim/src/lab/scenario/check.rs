//! The ranges of a scenario's values: what makes no sense is refused with the field named.

use super::{Editor, Field, Locker, Scenario, ScenarioError, Source};

/// The longest that sources act, and the longest that they have to finish, in minutes: a week.
const MINUTES_MAX: i64 = 7 * 24 * 60;

/// The most that a scenario may be expected to bring: changes, edits and locks together.
const EVENTS_MAX: f64 = 200_000.0;

/// The longest lock, in seconds: a week.
const HOLD_SECONDS_MAX: i64 = MINUTES_MAX * 60;

/// The longest of any other time, in milliseconds: a week.
const MS_MAX: i64 = HOLD_SECONDS_MAX * 1_000;

type Checked = Result<(), String>;

/// Checks all values of a scenario.
///
/// # Errors
/// The first value out of its range, or what the sandbox says of the part about the target.
pub(super) fn check(scenario: &Scenario) -> Result<(), ScenarioError> {
    ranges(scenario).map_err(ScenarioError::Range)?;
    for world in scenario.worlds() {
        scenario.target(world)?;
    }
    Ok(())
}

fn ranges(scenario: &Scenario) -> Checked {
    within("minutes", scenario.minutes, 1, MINUTES_MAX)?;
    within("drain_minutes", scenario.drain_minutes, 1, MINUTES_MAX)?;
    for start in scenario.variants.iter().map(|variant| &variant.start).chain([&scenario.start]) {
        ensure(start.parse::<jiff::Timestamp>().is_ok(), || format!("start {start:?} is no RFC 3339 instant"))?;
    }
    ensure(!scenario.sources.is_empty(), || "there is no [[source]]".to_owned())?;
    for (place, one) in scenario.sources.iter().enumerate() {
        let again = scenario.sources[..place].iter().any(|other| other.name == one.name);
        ensure(!again, || format!("two sources have the name {:?}", one.name))?;
        source(one).map_err(|why| format!("source {}: {why}", one.name))?;
    }
    for one in &scenario.editors {
        editor(one).map_err(|why| format!("editor {}: {why}", one.name))?;
    }
    for one in &scenario.lockers {
        locker(one).map_err(|why| format!("locker: {why}"))?;
    }
    let events = events(scenario);
    ensure(events <= EVENTS_MAX, || {
        format!("about {events:.0} changes, edits and locks are expected, at most {EVENTS_MAX:.0} are taken")
    })
}

fn source(source: &Source) -> Checked {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let named = (1..=60).contains(&source.name.len()) && source.name.bytes().all(fits);
    ensure(named, || "name is 1 to 60 letters, digits, '-', '_' or '.'".to_owned())?;
    let patterns = [source.mean_ms.is_some(), source.every_ms.is_some(), source.burst.is_some()];
    let given = patterns.iter().filter(|given| **given).count();
    ensure(given == 1, || "needs one of mean_ms, every_ms and burst".to_owned())?;
    within("copies", count(source.copies), 1, 1_000)?;
    within("mean_ms or every_ms", source.mean_ms.or(source.every_ms).unwrap_or(1), 1, MS_MAX)?;
    within("burst", source.burst.map_or(1, count), 1, i64::MAX)?;
    within("from_ms", source.from_ms, 0, MS_MAX)?;
    within("among", source.among.map_or(1, count), 1, i64::MAX)?;
    within("looked_ms_min", source.looked_ms_min, 0, MS_MAX)?;
    within("looked_ms_max", source.looked_ms_max, 0, MS_MAX)?;
    let looked = source.looked_ms_min <= source.looked_ms_max;
    ensure(looked, || "looked_ms_min is at most looked_ms_max".to_owned())
}

fn editor(editor: &Editor) -> Checked {
    within("mean_ms", editor.mean_ms, 1, MS_MAX)?;
    within("from_ms", editor.from_ms, 0, MS_MAX)?;
    within("among", editor.among.map_or(1, count), 1, i64::MAX)?;
    let by_hand = !matches!(editor.edits, Field::Trade | Field::Publish);
    ensure(by_hand, || "people edit score, comments, shift and availability only".to_owned())
}

fn locker(locker: &Locker) -> Checked {
    within("hold_seconds_min", locker.hold_seconds_min, 1, HOLD_SECONDS_MAX)?;
    within("hold_seconds_max", locker.hold_seconds_max, 1, HOLD_SECONDS_MAX)?;
    within("mean_ms", locker.mean_ms.unwrap_or(1), 1, MS_MAX)?;
    within("from_ms", locker.from_ms, 0, MS_MAX)?;
    let held = locker.hold_seconds_min <= locker.hold_seconds_max;
    ensure(held, || "hold_seconds_min is at most hold_seconds_max".to_owned())
}

/// How much is expected to happen in one world.
fn events(scenario: &Scenario) -> f64 {
    let until = scenario.minutes.saturating_mul(60_000);
    let rate = |from: i64, end: Option<i64>, mean: Option<i64>| {
        let window = end.unwrap_or(until).min(until).saturating_sub(from).max(0);
        mean.map_or(0.0, |mean| window as f64 / mean.max(1) as f64)
    };
    let sources = scenario.sources.iter().map(|source| {
        let paced = rate(source.from_ms, source.until_ms, source.mean_ms.or(source.every_ms));
        (paced + source.burst.unwrap_or(0) as f64) * source.copies as f64
    });
    let editors = scenario.editors.iter().map(|editor| rate(editor.from_ms, editor.until_ms, Some(editor.mean_ms)));
    let lockers = scenario.lockers.iter();
    let locks = lockers.map(|locker| locker.count as f64 + rate(locker.from_ms, locker.until_ms, locker.mean_ms));
    sources.chain(editors).chain(locks).sum()
}

fn within(name: &str, value: i64, low: i64, high: i64) -> Checked {
    ensure((low..=high).contains(&value), || match high {
        i64::MAX => format!("{name} is at least {low}, not {value}"),
        _ => format!("{name} is {low} to {high}, not {value}"),
    })
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(why()) }
}

fn count(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
