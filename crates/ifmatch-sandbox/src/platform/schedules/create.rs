//! Blank schedules, copies, deletions.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, ToSpan as _};
use serde_json::{Map, Value, json};

use super::{
    operation::{Event, Operation},
    read::{BusinessUnit, business_unit, first_week, present, week},
    show,
};
use crate::{
    api::Reply,
    ledger::Change,
    platform::{
        call::{Call, Share},
        errors,
    },
    record::{Activity, Meta, PublishState, Schedule, Shift, Week, Writer},
    refusal::Checked,
    target::Target,
    time::{at_wall, date_plus, find_zone, format_in, parse_date},
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementBusinessunitWeekSchedules", blank),
    ("postWorkforcemanagementBusinessunitWeekScheduleCopy", copy),
    ("deleteWorkforcemanagementBusinessunitWeekSchedule", delete),
];

/// Weeks that a schedule may span.
const WEEKS_MAX: i64 = 6;

/// Characters of a description.
const DESCRIPTION_MAX: usize = 100;

/// What a new schedule is made of besides its agents.
#[derive(Debug, Clone)]
pub(crate) struct NewSchedule {
    pub(crate) description: String,
    pub(crate) week_count: i64,
    /// Whether a day follows the last week, as in what is made blank or generated.
    pub(crate) extra_day: bool,
}

impl NewSchedule {
    /// Description and number of weeks, both required; an extra day at the end.
    pub(crate) fn read(body: &Map<String, Value>) -> Checked<Self> {
        let weeks = body.get("weekCount").and_then(Value::as_i64).filter(|weeks| (1..=WEEKS_MAX).contains(weeks));
        let week_count =
            weeks.ok_or_else(|| errors::validation("weekCount", format!("A schedule spans 1 to {WEEKS_MAX} weeks")))?;
        Ok(Self { description: description(body)?, week_count, extra_day: true })
    }
}

fn description(body: &Map<String, Value>) -> Checked<String> {
    let text = body.get("description").and_then(Value::as_str);
    let fits = text.filter(|text| (1..=DESCRIPTION_MAX).contains(&text.chars().count()));
    let wrong = || errors::validation("description", format!("A description has 1 to {DESCRIPTION_MAX} characters"));
    fits.map(str::to_owned).ok_or_else(wrong)
}

fn blank(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (unit, week) = (business_unit(target, call), first_week(target, call)?);
    let new = NewSchedule::read(call.object()?)?;
    let schedule = target.new_schedule(call.now, &unit.id, &week, new, &call.writer)?;
    let shown = show::detail(&schedule, &target.agents_by_unit(&schedule), false);
    let operation = Operation {
        event: Event::Import,
        business_unit: unit.id,
        week,
        schedule_id: String::new(),
        content: Map::new(),
        writer: call.writer.clone(),
    };
    target.create_draft(&operation.as_call(call.now), schedule, Vec::new());
    Ok(call.reply(shown))
}

/// A copy is made at once, or by an operation that ends with a notice.
fn copy(target: &mut Target, call: &Call) -> Checked<Reply> {
    present(target, call)?;
    let body = call.object()?.clone();
    description(&body)?;
    let date = body.get("weekDate").and_then(Value::as_str).unwrap_or_default();
    business_unit(target, call).check_week("weekDate", date)?;
    if target.wants_job(call) {
        let answer = target.begin(call, Event::Copy, week(call)?, body);
        return Ok(Reply::new(202, answer));
    }
    let id = target.platform_id();
    let operation = Operation::of(call, Event::Copy, week(call)?, body);
    let copied = target.land_copy(call.now, &operation)?;
    target.tell_operation(call.now, &id, &operation, Some(&copied));
    let shown = show::detail(&copied, &target.agents_by_unit(&copied), false);
    Ok(Reply::new(201, json!({"status": "Complete", "operationId": id, "result": shown})))
}

fn delete(target: &mut Target, call: &Call) -> Checked<Reply> {
    present(target, call)?;
    let answer = target.begin(call, Event::Delete, week(call)?, Map::new());
    Ok(call.reply(answer))
}

impl Target {
    /// A schedule without agents that nobody knows yet.
    pub(crate) fn new_schedule(
        &mut self,
        now: i64,
        business_unit: &str,
        week: &str,
        new: NewSchedule,
        writer: &Writer,
    ) -> Checked<Schedule> {
        let unit = BusinessUnit::of(self, business_unit);
        let days = 7 * new.week_count + i64::from(new.extra_day);
        let bounds = parse_date(week)
            .zip(find_zone(&unit.time_zone))
            .and_then(|(first, zone)| at_wall(first, 0, 0, &zone).zip(at_wall(date_plus(first, days), 0, 0, &zone)));
        Ok(Schedule {
            id: self.platform_id(),
            business_unit_id: unit.id,
            week: week.to_owned(),
            time_zone: unit.time_zone,
            bounds: bounds.ok_or_else(|| errors::validation("weekId", "Invalid week date ID in path parameter"))?,
            description: new.description,
            draft_revision: 1,
            published_revision: 0,
            job: None,
            state: PublishState::Draft,
            since: now,
            agents: BTreeMap::new(),
            meta: Meta::new(1, now, writer),
        })
    }

    /// Carries out a copy.
    pub(crate) fn land_copy(&mut self, now: i64, operation: &Operation) -> Checked<Schedule> {
        let id = &operation.schedule_id;
        let source = self.schedule(id).ok_or_else(|| errors::not_found("schedule", id))?;
        let week = operation.content.get("weekDate").and_then(Value::as_str).unwrap_or_default().to_owned();
        let new = NewSchedule {
            description: description(&operation.content)?,
            week_count: show::week_count(&source),
            extra_day: show::has_extra_day(&source),
        };
        self.create_from(now, &source, &week, new, operation)
    }

    /// Creates a schedule with the shifts of another one, at the same local times of another week.
    pub(crate) fn create_from(
        &mut self,
        now: i64,
        source: &Schedule,
        week: &str,
        new: NewSchedule,
        operation: &Operation,
    ) -> Checked<Schedule> {
        let schedule = self.new_schedule(now, &operation.business_unit, week, new, &operation.writer)?;
        let days = parse_date(&source.week).zip(parse_date(week)).and_then(|(from, to)| (to - from).get_days().into());
        let mut agents = Vec::with_capacity(source.agents.len());
        for (agent, state) in &source.agents {
            let shifts = state.week.shifts.iter();
            let shifts = shifts.filter_map(|shift| {
                moved(shift, i64::from(days.unwrap_or(0)), &schedule.time_zone, self.platform.rng.uuid())
            });
            agents.push((agent.to_string(), Some(Week { shifts: shifts.collect(), ..Week::default() })));
        }
        let id = schedule.id.clone();
        self.create_draft(&operation.as_call(now), schedule, agents);
        self.schedule(&id).map(|schedule| (*schedule).clone()).ok_or_else(|| errors::not_found("schedule", &id))
    }

    /// Carries out a deletion. The ledger tells it as a last version whose week is gone.
    pub(crate) fn land_delete(&mut self, now: i64, operation: &Operation) -> Checked<Schedule> {
        let id = &operation.schedule_id;
        let schedule = self.schedule(id).ok_or_else(|| errors::not_found("schedule", id))?;
        if self.locks.is_held(now, &schedule.path()) {
            return Err(errors::not_allowed("The schedule is locked"));
        }
        self.schedules.remove(id);
        let version = schedule.meta.version + self.step();
        let gone = Change { path: "/week".to_owned(), before: Some(json!(schedule.week)), after: None };
        self.record(now, schedule.path(), Some(schedule.meta.version), version, vec![gone], &operation.writer);
        Ok(Arc::unwrap_or_clone(schedule))
    }
}

/// A shift some days later at the same wall time, under another id; its activities keep their distance from its start.
fn moved(shift: &Shift, days: i64, zone: &str, id: String) -> Option<Shift> {
    let zone = find_zone(zone)?;
    let old = Timestamp::from_millisecond(shift.start_ms).ok()?.to_zoned(zone.clone());
    let start_ms = old.checked_add(days.days()).ok()?.timestamp().as_millisecond();
    let activities = shift.activities.iter().map(|activity| {
        let at = start_ms + (activity.start_ms - shift.start_ms);
        Activity { start: format_in(at, &zone), start_ms: at, ..activity.clone() }
    });
    let activities = activities.collect();
    Some(Shift { id, start: format_in(start_ms, &zone), start_ms, activities, ..shift.clone() })
}
