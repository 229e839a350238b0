//! The update of a schedule by upload: versions at two levels, then the rules that hold in both APIs.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value};

use super::{
    content::{Content, objects},
    operation::{Event, Operation},
    query::check_teams,
    read::{present, week},
    uploads,
};
use crate::{
    api::{Reply, schedules::Wish},
    options::Versions,
    platform::{
        call::{Call, Share},
        errors,
        guard::{METADATA, version_in},
        kinds::activity_codes,
        models::{self, Type},
        options::{StaleAgent, StaleUpload},
    },
    record::{PublishState, Schedule, Week},
    refusal::{Checked, Refusal},
    target::Target,
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementBusinessunitWeekScheduleUpdateUploadurl", upload_url),
    ("postWorkforcemanagementBusinessunitWeekScheduleUpdate", update),
];

fn upload_url(target: &mut Target, call: &Call) -> Checked<Reply> {
    present(target, call)?;
    uploads::give_out(target, call)
}

fn update(target: &mut Target, call: &Call) -> Checked<Reply> {
    let schedule = present(target, call)?;
    check_teams(call.object()?.get("teamIds"))?;
    let content = uploads::take(target, call)?;
    if target.options.platform.stale_upload == StaleUpload::Refused
        && target.options.versions == Versions::Checked
        && version_in(&content, METADATA)? != Some(schedule.meta.version)
    {
        return Err(errors::conflict(call.operation));
    }
    let answer = target.begin(call, Event::Update, week(call)?, content);
    Ok(call.reply(answer))
}

/// What an entry of an upload comes to.
enum Entry {
    Wish(Wish),
    /// Made from an older version, and left out.
    Stale,
}

impl Target {
    /// Carries out an update. Whatever stands against it refuses the whole, save a stale agent where the options say so.
    pub(crate) fn land_update(&mut self, now: i64, operation: &Operation) -> Checked<Schedule> {
        let id = &operation.schedule_id;
        let schedule = self.schedule(id).ok_or_else(|| errors::not_found("schedule", id))?;
        let content = &operation.content;
        check_model(content, "UpdateScheduleUploadSchema")?;
        let named = version_in(content, METADATA)?.ok_or_else(|| self.version_missing())?;
        if named != schedule.meta.version && self.options.versions == Versions::Checked {
            return Err(stale());
        }
        if self.locks.is_held(now, &schedule.path()) {
            return Err(locked());
        }
        let mut wishes = Vec::new();
        let mut seen = BTreeSet::new();
        for entry in objects(content, "agentSchedules")? {
            let user = entry.get("userId").and_then(Value::as_str).unwrap_or_default();
            if !seen.insert(user) {
                return Err(errors::validation("agentSchedules.userId", "Every agent once, by the id"));
            }
            if let Entry::Wish(wish) = self.update_entry(now, &schedule, user, entry)? {
                wishes.push(wish);
            }
        }
        let call = operation.as_call(now);
        for wish in &wishes {
            let against = self.rule_refusal(&schedule, wish).or_else(|| self.constrained(&call, &schedule, wish));
            against.map_or(Ok(()), Err)?;
        }
        let publishes = content.get("published") == Some(&Value::Bool(true));
        if publishes {
            self.check_publishable(&call, &schedule)?;
        }
        let description = content.get("description").and_then(Value::as_str).map(str::to_owned);
        self.commit_wishes(&call, &schedule, wishes, description);
        if publishes {
            self.publish_at_once(now, id, &operation.writer);
        }
        self.schedule(id).map(|schedule| (*schedule).clone()).ok_or_else(|| errors::not_found("schedule", id))
    }

    fn update_entry(
        &mut self,
        now: i64,
        schedule: &Arc<Schedule>,
        user: &str,
        entry: &Map<String, Value>,
    ) -> Checked<Entry> {
        let stored = schedule.agents.get(user);
        let named = version_in(entry, METADATA)?;
        let removes = entry.get("delete") == Some(&Value::Bool(true));
        match (stored, named) {
            (None, Some(_)) | (Some(_), None) => {
                return Err(errors::validation(
                    "agentSchedules.metadata",
                    "The version is for agents that the schedule has, and for those it is required",
                ));
            }
            (None, None) if removes || self.agents.email(user).is_none() => {
                return Err(errors::unknown_in_body("user", user));
            }
            (Some(stored), Some(named)) if named != stored.meta.version => {
                match (self.options.versions, self.options.platform.stale_agent) {
                    (Versions::Ignored, _) => {}
                    (Versions::Checked, StaleAgent::SkipsAgent) => return Ok(Entry::Stale),
                    (Versions::Checked, StaleAgent::FailsUpload) => return Err(stale()),
                }
            }
            _ => {}
        }
        if self.agent_locked(now, &schedule.id, user) {
            return Err(locked());
        }
        let week = if removes { None } else { Some(self.uploaded_week(schedule, user, entry)?) };
        Ok(Entry::Wish(Wish { agent_id: user.to_owned(), version: named, week }))
    }

    /// The week of an agent after an entry of an upload.
    pub(crate) fn uploaded_week(
        &mut self,
        schedule: &Schedule,
        user: &str,
        entry: &Map<String, Value>,
    ) -> Checked<Week> {
        let base = schedule.agents.get(user).map(|stored| stored.week.clone()).unwrap_or_default();
        let codes = self.document(&activity_codes::path_of(&schedule.business_unit_id));
        let content = Content { options: &self.options, schedule, codes };
        content.week(&base, entry, &mut || self.platform.rng.uuid())
    }
}

/// Refuses what is not of that model.
pub(crate) fn check_model(content: &Map<String, Value>, model: &str) -> Checked<()> {
    models::check(&Value::Object(content.clone()), &Type::Model(model.to_owned()), "content").map(drop)
}

/// A notice never tells why, so these have no words of their own.
fn stale() -> Box<Refusal> {
    Refusal::new(409, "wfm.transaction.conflict", "Entity was modified by another request")
}

fn locked() -> Box<Refusal> {
    Refusal::new(409, "request.conflict", "The schedule is locked")
}

impl Target {
    /// Refuses a publish that may not be now.
    pub(crate) fn check_publishable(&self, call: &crate::api::Call, schedule: &Schedule) -> Checked<()> {
        if schedule.state == PublishState::Pending {
            return Err(locked());
        }
        self.check_constraints(call, &format!("{}/publish", schedule.path()))
    }
}
