//! Generations of schedules and reschedules: runs that a scheduler works on for a while.

mod answers;
mod begin;

pub(crate) use self::answers::SHARE;
use serde_json::{Map, Value, json};

use super::{
    create::NewSchedule,
    operation::{Event, Operation},
    show,
};
use crate::{
    platform::{W, call::user_reference},
    record::{Schedule, Writer},
    refusal::Checked,
    target::Target,
    time::{DAY, format_instant},
};

/// How long the result of a reschedule can be read.
const RESULT_MS: i64 = 7 * DAY;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Scheduling,
    Complete,
    Canceled,
    Failed,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Scheduling => "Scheduling",
            Self::Complete => "Complete",
            Self::Canceled => "Canceled",
            Self::Failed => "Failed",
        }
    }
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) operation_id: String,
    pub(crate) business_unit: String,
    pub(crate) management_unit: String,
    pub(crate) week: String,
    pub(crate) week_count: i64,
    pub(crate) description: String,
    /// The schedule that is changed, or the one that was generated.
    pub(crate) schedule_id: Option<String>,
    /// The body of a reschedule; none for a generation.
    pub(crate) reschedule: Option<Map<String, Value>>,
    /// Whether somebody said that the result of a reschedule is in the schedule.
    pub(crate) applied: bool,
    pub(crate) state: State,
    pub(crate) started_at: i64,
    pub(crate) ended_at: Option<i64>,
    pub(crate) canceled_by: Option<String>,
    pub(crate) writer: Writer,
}

impl Run {
    /// Whether this is a reschedule that stands in the way of another one.
    fn blocks(&self, now: i64) -> bool {
        let expired = self.ended_at.is_some_and(|at| now >= at + RESULT_MS);
        self.reschedule.is_some() && (self.state == State::Scheduling || (self.waits() && !expired))
    }

    /// Whether this is a reschedule whose result nobody applied.
    fn waits(&self) -> bool {
        self.reschedule.is_some() && self.state == State::Complete && !self.applied
    }

    fn percent(&self) -> f64 {
        if self.state == State::Complete { 100.0 } else { 0.0 }
    }

    fn uri(&self) -> String {
        format!("{W}/businessunits/{}/scheduling/runs/{}", self.business_unit, self.id)
    }

    /// `BuScheduleRun`.
    fn show(&self) -> Value {
        let mut shown = json!({
            "id": self.id, "schedulerRunId": self.id, "intradayRescheduling": self.reschedule.is_some(),
            "state": self.state.name(), "weekCount": self.week_count, "percentComplete": self.percent(),
            "targetWeek": self.week, "scheduleDescription": self.description,
            "schedulingStartTime": format_instant(self.started_at),
            "schedulingStartedBy": user_reference(&self.writer.id), "messageCount": 0, "messageSeverityCounts": [],
            "selfUri": self.uri(),
        });
        if let Some(at) = self.ended_at {
            shown["schedulingCompletedTime"] = json!(format_instant(at));
        }
        if let Some(by) = &self.canceled_by {
            shown["schedulingCanceledBy"] = user_reference(by);
        }
        if let Some(id) = self.schedule_id.as_ref().filter(|_| self.state == State::Complete) {
            shown["schedule"] = json!({"id": id, "weekDate": self.week});
        }
        if let Some(body) = &self.reschedule {
            shown["reschedulingOptions"] = self.options(body);
            if let Some(at) = self.ended_at {
                shown["reschedulingResultExpiration"] = json!(format_instant(at + RESULT_MS));
            }
        }
        shown
    }

    /// `ReschedulingOptionsRunResponse`.
    fn options(&self, body: &Map<String, Value>) -> Value {
        let mut shown = json!({
            "existingSchedule": {"id": self.schedule_id, "weekDate": self.week},
            "managementUnits": [{
                "managementUnit": {"id": self.management_unit, "selfUri": format!("{W}/managementunits/{}", self.management_unit)},
                "applied": self.applied,
            }],
            "agentCount": body.get("agentIds").and_then(Value::as_array).map_or(0, Vec::len),
            "activityCodeIds": body.get("activityCodeIds").cloned().unwrap_or_else(|| json!([])),
        });
        for name in ["startDate", "endDate"] {
            if let Some(at) = body.get(name).and_then(Value::as_str).and_then(crate::platform::models::instant) {
                shown[name] = json!(format_instant(at));
            }
        }
        for name in [
            "doNotChangeWeeklyPaidTime",
            "doNotChangeDailyPaidTime",
            "doNotChangeShiftStartTimes",
            "doNotChangeManuallyEditedShifts",
        ] {
            shown[name] = json!(body.get(name) == Some(&Value::Bool(true)));
        }
        shown
    }

    /// The `result` of a notice about a run.
    fn noticed(&self) -> Value {
        let mut shown = json!({
            "id": self.id, "percentComplete": self.percent(), "intradayRescheduling": self.reschedule.is_some(),
            "state": self.state.name(), "weekCount": self.week_count, "messageCount": 0, "messageSeverityCounts": [],
        });
        if let Some(id) = self.schedule_id.as_ref().filter(|_| self.state == State::Complete) {
            shown["schedule"] = json!({"id": id, "weekDate": show::midnight(&self.week)});
        }
        if let Some(by) = &self.canceled_by {
            shown["schedulingCanceledBy"] = json!({"id": by});
        }
        if let Some(at) = self.ended_at {
            shown["schedulingCompletedTime"] = json!(format_instant(at));
        }
        shown
    }
}

impl Target {
    /// Tells how a run stands.
    fn tell_run(&mut self, now: i64, id: &str) {
        let Some(run) = self.platform.schedules.runs.get(id) else {
            return;
        };
        let status = match run.state {
            State::Scheduling => "Processing",
            State::Complete => "Complete",
            State::Canceled => "Canceled",
            State::Failed => "Error",
        };
        let topic = format!("v2.workforcemanagement.businessunits.{}.scheduling.runs", run.business_unit);
        let body = json!({"status": status, "operationId": run.operation_id, "result": run.noticed()});
        self.notify(now, topic, body);
    }

    /// The schedule that a generation makes: the newest one of the business unit, moved to the week.
    fn generate(&mut self, now: i64, run: &Run) -> Checked<Schedule> {
        let new = NewSchedule { description: run.description.clone(), week_count: run.week_count, extra_day: true };
        let own = self.schedules.values().map(|history| history.current());
        let own = own.filter(|own| own.business_unit_id == run.business_unit);
        let model = own.max_by(|a, b| (&a.week, &a.id).cmp(&(&b.week, &b.id))).cloned();
        let operation = Operation {
            event: Event::Import,
            business_unit: run.business_unit.clone(),
            week: run.week.clone(),
            schedule_id: String::new(),
            content: Map::new(),
            writer: run.writer.clone(),
        };
        if let Some(model) = model {
            return self.create_from(now, &model, &run.week, new, &operation);
        }
        let schedule = self.new_schedule(now, &run.business_unit, &run.week, new, &run.writer)?;
        self.create_draft(&operation.as_call(now), schedule.clone(), Vec::new());
        Ok(schedule)
    }
}
