//! The start of a run and its end.

use serde_json::{Map, Value, json};

use super::{
    super::{
        create::NewSchedule,
        read::{business_unit, first_week, present},
        show,
    },
    Run, State,
};
use crate::{
    api::Reply,
    platform::{call::Call, errors, models},
    queue::Due,
    refusal::Checked,
    target::Target,
};

/// Starts a generation.
pub(super) fn generate(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (week, body) = (first_week(target, call)?, call.object()?);
    let new = NewSchedule::read(body)?;
    if body.get("shortTermForecast").and_then(|forecast| forecast.get("id")).is_none_or(Value::is_null) {
        return Err(errors::validation("shortTermForecast", "shortTermForecast is required"));
    }
    begin(target, call, week, new, None)
}

/// Starts a reschedule, one at a time in a business unit.
pub(super) fn reschedule(target: &mut Target, call: &Call) -> Checked<Reply> {
    let schedule = present(target, call)?;
    let body = call.object()?;
    for name in ["startDate", "endDate"] {
        if body.get(name).and_then(Value::as_str).and_then(models::instant).is_none() {
            return Err(errors::validation(name, format!("{name} is an instant")));
        }
    }
    let mut own = target.platform.schedules.runs.values();
    if own.any(|run| run.business_unit == schedule.business_unit_id && run.blocks(call.now)) {
        return Err(errors::not_allowed("The business unit has a reschedule that nobody applied"));
    }
    let new = NewSchedule {
        description: schedule.description.clone(),
        week_count: show::week_count(&schedule),
        extra_day: false,
    };
    begin(target, call, schedule.week.clone(), new, Some(body.clone()))
}

fn begin(
    target: &mut Target,
    call: &Call,
    week: String,
    new: NewSchedule,
    reschedule: Option<Map<String, Value>>,
) -> Checked<Reply> {
    let unit = business_unit(target, call);
    let (id, operation_id) = (target.platform_id(), target.platform_id());
    let run = Run {
        id: id.clone(),
        operation_id: operation_id.clone(),
        business_unit: unit.id,
        management_unit: unit.management_unit,
        week,
        week_count: new.week_count,
        description: new.description,
        schedule_id: reschedule.as_ref().map(|_| call.param("scheduleId").to_owned()),
        reschedule,
        applied: false,
        state: State::Scheduling,
        started_at: call.now,
        ended_at: None,
        canceled_by: None,
        writer: call.writer.clone(),
    };
    target.platform.schedules.runs.insert(id.clone(), run);
    target.tell_run(call.now, &id);
    let at = call.now + target.options.platform.job_ms.max(0);
    target.queue.put(at, Due::Platform { run: end, id });
    Ok(call.reply(json!({"status": "Processing", "operationId": operation_id})))
}

/// A run ends, unless it was canceled.
fn end(target: &mut Target, now: i64, id: &str) {
    let found = target.platform.schedules.runs.get(id).filter(|run| run.state == State::Scheduling);
    let Some(mut run) = found.cloned() else {
        return;
    };
    run.ended_at = Some(now);
    run.state = State::Complete;
    if run.reschedule.is_none() {
        match target.generate(now, &run) {
            Ok(schedule) => run.schedule_id = Some(schedule.id),
            Err(_) => run.state = State::Failed,
        }
    }
    target.platform.schedules.runs.insert(id.to_owned(), run);
    target.tell_run(now, id);
}
