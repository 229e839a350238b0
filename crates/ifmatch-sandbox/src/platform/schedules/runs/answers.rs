//! The calls on runs.

use serde_json::{Value, json};

use super::{
    super::show,
    Run, State,
    begin::{generate, reschedule},
};
use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share},
        errors,
    },
    refusal::Checked,
    target::Target,
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementBusinessunitWeekSchedulesGenerate", generate),
    ("postWorkforcemanagementBusinessunitWeekScheduleReschedule", reschedule),
    ("getWorkforcemanagementBusinessunitSchedulingRuns", list),
    ("getWorkforcemanagementBusinessunitSchedulingRun", read),
    ("getWorkforcemanagementBusinessunitSchedulingRunResult", result),
    ("patchWorkforcemanagementBusinessunitSchedulingRun", apply),
    ("deleteWorkforcemanagementBusinessunitSchedulingRun", cancel),
];

fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let own = target.platform.schedules.runs.values();
    let mut own: Vec<&Run> = own.filter(|run| run.business_unit == call.param("businessUnitId")).collect();
    own.sort_by(|a, b| (b.started_at, &b.id).cmp(&(a.started_at, &a.id)));
    let entities: Vec<Value> = own.into_iter().map(Run::show).collect();
    Ok(call.reply(json!({"entities": entities})))
}

fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    Ok(call.reply(own(target, call)?.show()))
}

/// What a reschedule proposes: the agents as they are, for a client to upload.
fn result(target: &mut Target, call: &Call) -> Checked<Reply> {
    let run = own(target, call)?.clone();
    if run.reschedule.is_none() || run.state != State::Complete {
        return Err(errors::not_found("scheduleRunResult", &run.id));
    }
    let schedule = run.schedule_id.as_deref().and_then(|id| target.schedule(id));
    let agents =
        schedule.iter().flat_map(|schedule| schedule.agents.iter().map(|(id, agent)| show::agent(schedule, id, agent)));
    let agents: Vec<Value> = agents.collect();
    let url = target.offer_download(call, json!({"agentSchedules": agents}));
    let unit = json!({"id": run.management_unit, "selfUri": format!("{W}/managementunits/{}", run.management_unit)});
    Ok(call.reply(json!({
        "generationResults": {"failed": false, "runId": run.id, "messageCount": 0, "messages": [], "messageSeverities": []},
        "agentSchedules": [{"managementUnit": unit, "downloadUrl": url}],
    })))
}

/// Says that the result of a reschedule is in the schedule.
fn apply(target: &mut Target, call: &Call) -> Checked<Reply> {
    let unit = own(target, call)?.management_unit.clone();
    let units = call.object()?.get("reschedulingOptions").map(|options| &options["managementUnits"]);
    let Some(units) = units.and_then(Value::as_array) else {
        return Err(errors::validation("reschedulingOptions.managementUnits", "The management units are required"));
    };
    let named = units.iter().find(|named| named["managementUnitId"] == unit.as_str());
    let Some(applied) = named.and_then(|named| named["applied"].as_bool()) else {
        return Err(errors::validation("reschedulingOptions.managementUnits", "The run has another management unit"));
    };
    let run = own(target, call)?;
    if run.reschedule.is_none() || run.state != State::Complete {
        return Err(errors::not_allowed("Only a reschedule that is complete can be applied"));
    }
    run.applied = applied;
    Ok(call.reply(Value::Null))
}

/// Cancels a run that is under way, or a reschedule that nobody applied; what has ended otherwise stays as it is.
fn cancel(target: &mut Target, call: &Call) -> Checked<Reply> {
    let run = own(target, call)?;
    if run.state == State::Scheduling || run.waits() {
        run.state = State::Canceled;
        run.ended_at.get_or_insert(call.now);
        run.canceled_by = Some(call.writer.id.clone());
        let id = run.id.clone();
        target.tell_run(call.now, &id);
    }
    Ok(call.reply(Value::Null))
}

fn own<'t>(target: &'t mut Target, call: &Call) -> Checked<&'t mut Run> {
    let id = call.param("runId");
    let found = target.platform.schedules.runs.get_mut(id);
    let own = found.filter(|run| run.business_unit == call.param("businessUnitId"));
    own.ok_or_else(|| errors::not_found("scheduleRun", id))
}
