//! Building the world of a scenario: agents, weeks, scores, trades.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::{
    history::History,
    record::{Activity, AgentWeek, Flat, Kind, Meta, PublishState, Schedule, Shift, Week, Writer},
    rng::{Rng, uuid_of},
    samples,
    scenario::{Sample, WorldSpec},
    target::{Target, score_key},
    time::{
        Clock, DAY, MINUTE, at_wall, date_plus, day_of, find_zone, format_in_zone, format_instant, local_date,
        monday_of, parse_date, week_bounds,
    },
    week::{ListMode, Reader},
};

/// What exists at the start exists for every read, however far behind.
const ALWAYS: i64 = i64::MIN;

const FIRST_NAMES: [&str; 20] = [
    "alma", "bela", "cora", "dario", "edda", "finn", "greta", "hanno", "ines", "jonas", "karla", "leif", "mira",
    "nils", "olga", "pelle", "rita", "sven", "tilda", "uwe",
];
const LAST_NAMES: [&str; 25] = [
    "adler", "berg", "carlsen", "dorn", "egger", "falk", "graf", "holm", "ilves", "jansen", "kern", "lang", "moser",
    "nord", "olsen", "pohl", "quist", "roth", "storm", "thorn", "unger", "vogt", "weiss", "yilmaz", "zander",
];
pub(crate) const FORMS: [&str; 2] = ["voice-v2", "email-v3"];

/// Fills the target. `start` is the instant at which the run starts.
pub(crate) fn build(target: &mut Target, spec: &WorldSpec, start: i64) {
    let mut rng = Rng::named(target.seed, "world");
    match spec.sample {
        None => generated(target, spec, start, &mut rng),
        Some(Sample::QualityReviews) => {
            for email in samples::review_emails() {
                target.agents.add(&samples::agent_id(&email), &email);
            }
        }
        Some(Sample::ShiftTrades) => shift_trades(target, spec, start),
        Some(Sample::SchedulerWeek) => scheduler_week(target, spec, start),
    }
    target.platform.start =
        Some(crate::platform::world::Start::of(target, (&spec.time_zone, spec.management_units), start));
}

fn generated(target: &mut Target, spec: &WorldSpec, start: i64, rng: &mut Rng) {
    let mut agents = Vec::with_capacity(spec.agents);
    for number in 0..spec.agents {
        let round = number / (FIRST_NAMES.len() * LAST_NAMES.len());
        let suffix = if round == 0 { String::new() } else { round.to_string() };
        let (first, last) =
            (FIRST_NAMES[number % FIRST_NAMES.len()], LAST_NAMES[number / FIRST_NAMES.len() % LAST_NAMES.len()]);
        let email = format!("{first}.{last}{suffix}@example.com");
        let id = samples::agent_id(&email);
        target.agents.add(&id, &email);
        agents.push(id);
    }
    let monday = spec.first_week.as_deref().and_then(parse_date);
    let monday = monday.or_else(|| monday_of(start + 7 * DAY, &spec.time_zone));
    for number in 0..spec.weeks {
        let (Some(monday), Some(zone)) = (monday, find_zone(&spec.time_zone)) else {
            continue;
        };
        let date = date_plus(monday, 7 * number as i64);
        let mut clock = Clock::of(&zone);
        let weeks = agents.iter().map(|id| (id.clone(), generated_week(date, &mut clock, rng))).collect();
        add_schedule(target, spec, start, &date.to_string(), &spec.time_zone, weeks);
    }
    for number in 0..spec.scores {
        add_score(target, spec, start, &agents, number, rng);
    }
    for number in 0..spec.trades {
        add_trade(target, spec, start, &agents, number, rng);
    }
}

/// Five shifts of eight or nine hours, starting in the morning or about noon.
fn generated_week(monday: Date, clock: &mut Clock<'_>, rng: &mut Rng) -> Week {
    let hour = i8::try_from(rng.between(6, 13)).unwrap_or(8);
    let length_minutes = 480 + 60 * rng.between(0, 1);
    let shifts = (0..5).filter_map(|day| {
        let start_ms = at_wall(date_plus(monday, day), hour, 0, clock.zone)?;
        Some(shift(rng.uuid(), start_ms, length_minutes, clock))
    });
    Week { shifts: shifts.collect(), ..Week::default() }
}

fn shift(id: String, start_ms: i64, length_minutes: i64, clock: &mut Clock<'_>) -> Shift {
    let mut activities = Vec::new();
    let mut at = start_ms;
    let parts = if length_minutes > 300 {
        vec![("on-queue", 240), ("meal", 60), ("on-queue", length_minutes - 300)]
    } else {
        vec![("on-queue", length_minutes)]
    };
    for (code, length_minutes) in parts {
        let (start, code) = (clock.format(at), code.to_owned());
        activities.push(Activity { start, start_ms: at, length_minutes, code, more: Map::new() });
        at += length_minutes * MINUTE;
    }
    Shift { id, start: clock.format(start_ms), start_ms, length_minutes, activities, more: Map::new() }
}

fn add_schedule(
    target: &mut Target,
    spec: &WorldSpec,
    start: i64,
    week: &str,
    zone: &str,
    weeks: BTreeMap<String, Week>,
) {
    let Some(bounds) = week_bounds(week, zone) else {
        return;
    };
    let meta = Meta::new(1, start - DAY, &Writer::system());
    let agents =
        weeks.into_iter().map(|(id, week)| (id.as_str().into(), Arc::new(AgentWeek { week, meta: meta.clone() })));
    let published = spec.published_revision == spec.draft_revision;
    let schedule = Schedule {
        id: samples::schedule_id(zone, week),
        business_unit_id: uuid_of(&format!("business-unit/{zone}")),
        week: week.to_owned(),
        time_zone: zone.to_owned(),
        bounds,
        description: String::new(),
        draft_revision: spec.draft_revision,
        published_revision: spec.published_revision,
        job: None,
        state: if published { PublishState::Published } else { PublishState::Draft },
        since: start - DAY,
        agents: agents.collect(),
        meta: meta.clone(),
    };
    target.schedules.insert(schedule.id.clone(), History::new(ALWAYS, schedule));
}

fn add_flat(target: &mut Target, kind: Kind, id: &str, fields: Map<String, Value>, at: i64) {
    if kind == Kind::Score {
        target.score_ids.insert(score_key(&fields), id.to_owned());
    }
    let state = Flat { kind, fields, more: Map::new(), meta: Meta::new(1, at, &Writer::system()) };
    let records = match kind {
        Kind::Score => &mut target.scores,
        Kind::Trade => &mut target.trades,
    };
    records.insert(id.to_owned(), History::new(ALWAYS, state));
}

fn add_score(target: &mut Target, spec: &WorldSpec, start: i64, agents: &[String], number: usize, rng: &mut Rng) {
    let Some(agent) = agents.get(number % agents.len().max(1)) else {
        return;
    };
    let form = FORMS[number / agents.len() % FORMS.len()];
    let days = (number / (agents.len() * FORMS.len())) as i64 + 1;
    let hour = i8::try_from(rng.between(14, 17)).unwrap_or(14);
    let id = rng.uuid();
    // An hour of the afternoon: the date, which is part of the key, does not hang on when the world begins.
    let Some(reviewed) = day_of(start, &spec.time_zone)
        .and_then(|today| at_wall(date_plus(today, -days), hour, 0, &find_zone(&spec.time_zone)?))
    else {
        return;
    };
    let fields = json!({
        "id": id, "agent_id": agent, "agent_email": target.agents.email(agent), "evaluation_form": form,
        "correlation_id": format!("gen-{number}"), "score": rng.between(50, 100), "comments": "",
        "reviewed_at": format_instant(reviewed), "review_date": local_date(reviewed, &spec.time_zone),
        "time_zone": spec.time_zone,
    });
    if let Value::Object(fields) = fields {
        add_flat(target, Kind::Score, &id, fields, reviewed);
    }
}

fn add_trade(target: &mut Target, spec: &WorldSpec, start: i64, agents: &[String], number: usize, rng: &mut Rng) {
    let side = |target: &Target, place: usize| {
        let agent = agents.get(place % agents.len().max(1))?;
        let mut schedules = target.schedules.values().map(|history| history.current());
        let wanted = |week: &str| spec.trades_week.as_deref().is_none_or(|wanted| wanted == week);
        let week = schedules.find_map(|s| s.agents.get(agent.as_str()).filter(|_| wanted(&s.week)).cloned())?;
        let shift = week.week.shifts.get(number / agents.len().max(1) % 5)?;
        let end = format_in_zone(shift.end_ms(), &spec.time_zone);
        Some(json!({"agent_id": agent, "shift_id": shift.id, "start": shift.start, "end": end}))
    };
    let (Some(initiating), Some(receiving)) = (side(target, 2 * number), side(target, 2 * number + 1)) else {
        return;
    };
    let id = rng.uuid();
    let fields = json!({
        "trade_id": id, "swap_request_id": format!("SWP-{:04}", number + 1),
        "status": if number.is_multiple_of(2) { "matched" } else { "pending" }, "initiating": initiating, "receiving": receiving,
        "time_zone": spec.time_zone, "notes": "", "expires_at": null, "settled_at": null,
    });
    if let Value::Object(fields) = fields {
        add_flat(target, Kind::Trade, &id, fields, start - DAY);
    }
}

fn shift_trades(target: &mut Target, spec: &WorldSpec, start: i64) {
    let (emails, shifts) = samples::trade_shifts();
    for email in &emails {
        target.agents.add(&samples::agent_id(email), email);
    }
    let zone = samples::TRADES_ZONE;
    for week in samples::TRADES_WEEKS {
        let (Some((first, end)), Some(clock)) = (week_bounds(week, zone), find_zone(zone)) else {
            continue;
        };
        let mut clock = Clock::of(&clock);
        let mut weeks: BTreeMap<String, Week> =
            emails.iter().map(|email| (samples::agent_id(email), Week::default())).collect();
        for named in shifts.iter().filter(|shift| (first..end).contains(&shift.start_ms)) {
            if let Some(week) = weeks.get_mut(&samples::agent_id(&named.email)) {
                week.shifts.push(shift(named.id.clone(), named.start_ms, named.length_minutes, &mut clock));
            }
        }
        for week in weeks.values_mut() {
            week.shifts.sort_by_key(|shift| shift.start_ms);
        }
        add_schedule(target, spec, start, week, zone, weeks);
    }
}

fn scheduler_week(target: &mut Target, spec: &WorldSpec, start: i64) {
    let zone = samples::SCHEDULER_ZONE;
    let Some(bounds) = week_bounds(samples::SCHEDULER_WEEK, zone) else {
        return;
    };
    let mut weeks = BTreeMap::new();
    for (number, line) in samples::scheduler_week().into_iter().enumerate() {
        let (Some(entry), Some(id)) = (line.as_object(), line["agent_id"].as_str()) else {
            continue;
        };
        let options = crate::options::Options::default();
        let reader = Reader { options: &options, bounds };
        let Ok(week) = reader.week(&Week::default(), entry, ListMode::Replace, "") else {
            continue;
        };
        target.agents.add(id, &format!("agent.{number:03}@example.com"));
        weeks.insert(id.to_owned(), week);
    }
    add_schedule(target, spec, start, samples::SCHEDULER_WEEK, zone, weeks);
}
