//! The import of a whole schedule by upload.

use serde_json::{Map, Value};

use super::{
    content::objects,
    create::NewSchedule,
    operation::{Event, Operation},
    read::first_week,
    update::check_model,
    uploads,
};
use crate::{
    api::{Reply, schedules::Wish},
    platform::{
        call::{Call, Share},
        errors,
    },
    record::{Schedule, Week},
    refusal::Checked,
    target::Target,
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementBusinessunitWeekSchedulesImportUploadurl", upload_url),
    ("postWorkforcemanagementBusinessunitWeekSchedulesImport", import),
];

fn upload_url(target: &mut Target, call: &Call) -> Checked<Reply> {
    first_week(target, call)?;
    uploads::give_out(target, call)
}

fn import(target: &mut Target, call: &Call) -> Checked<Reply> {
    let week = first_week(target, call)?;
    let content = uploads::take(target, call)?;
    let answer = target.begin(call, Event::Import, week, content);
    Ok(call.reply(answer))
}

impl Target {
    /// Carries out an import.
    pub(crate) fn land_import(&mut self, now: i64, operation: &Operation) -> Checked<Schedule> {
        check_model(&operation.content, "ImportScheduleUploadSchema")?;
        let new = NewSchedule { extra_day: false, ..NewSchedule::read(&operation.content)? };
        let schedule = self.new_schedule(now, &operation.business_unit, &operation.week, new, &operation.writer)?;
        let mut agents: Vec<(String, Option<Week>)> = Vec::new();
        for entry in objects(&operation.content, "agentSchedules")? {
            let (user, week) = self.imported_agent(&schedule, entry)?;
            if agents.iter().any(|(other, _)| *other == user) {
                return Err(errors::validation("agentSchedules.userId", "Every agent once"));
            }
            agents.push((user, Some(week)));
        }
        let publishes = operation.content.get("published") == Some(&Value::Bool(true));
        let id = schedule.id.clone();
        self.create_draft(&operation.as_call(now), schedule, agents);
        if publishes {
            self.publish_at_once(now, &id, &operation.writer);
        }
        self.schedule(&id).map(|schedule| (*schedule).clone()).ok_or_else(|| errors::not_found("schedule", &id))
    }

    fn imported_agent(&mut self, schedule: &Schedule, entry: &Map<String, Value>) -> Checked<(String, Week)> {
        let user = entry.get("userId").and_then(Value::as_str).unwrap_or_default().to_owned();
        if self.agents.email(&user).is_none() {
            return Err(errors::unknown_in_body("user", &user));
        }
        let week = self.uploaded_week(schedule, &user, entry)?;
        let wish = Wish { agent_id: user.clone(), version: None, week: Some(week.clone()) };
        self.rule_refusal(schedule, &wish).map_or(Ok((user, week)), Err)
    }
}
