//! One agent's week, alone or item by item in a bulk (section 5).

use std::{borrow::Cow, sync::Arc};

use serde_json::{Value, json};

use crate::{
    api::{Call, Current, Reply, schedules::Wish, schedules::with_defaults, scores::bulk_items},
    guard::etag,
    options::UnchangedWrite,
    record::Schedule,
    refusal::{Checked, Refusal},
    target::{ScheduleChange, Target},
    week::ListMode,
};

impl Target {
    pub(crate) fn read_agent_week(&self, agent_id: &str, call: &Call) -> Checked<Reply> {
        let week = wanted_week(call)?;
        let seen = self.schedules.values().filter_map(|history| history.at(call.read_at));
        let mut found = seen.filter(|schedule| schedule.week == week && schedule.agents.contains_key(agent_id));
        let Some(schedule) = found.next() else {
            return Err(Refusal::not_found("The agent's week is"));
        };
        let body = schedule.agent_json(agent_id).unwrap_or_default();
        let version = schedule.agents.get(agent_id).map_or(0, |agent| agent.meta.version);
        Ok(Reply::tagged(200, body, etag(&self.options, &schedule.agent_path(agent_id), version)))
    }

    pub(crate) fn put_agent_week(&mut self, agent_id: &str, call: &Call) -> Checked<Reply> {
        let week = wanted_week(call)?.to_owned();
        let mut found = self.schedules.values().map(|history| history.current());
        let schedule = found.find(|schedule| schedule.week == week && schedule.agents.contains_key(agent_id)).cloned();
        let Some(schedule) = schedule else {
            return Err(Refusal::not_found("The agent's week is"));
        };
        call.named(self)?.require(&self.options)?;
        for (name, kept) in [("agent_id", agent_id), ("schedule_id", &schedule.id), ("week", &week)] {
            if call.body.get(name).is_some_and(|given| *given != json!(kept)) {
                return Err(Refusal::immutable(name));
            }
        }
        match self.write_agent(&schedule, agent_id, call, true) {
            Ok(()) => Ok(self.agent_reply(&schedule.id, agent_id)),
            Err(mut refusal) => {
                refusal.entity = Some(agent_id.to_owned());
                Err(refusal)
            }
        }
    }

    /// Writes one agent's week, guarded by the agent's version. With `replace` a missing field is cleared to its default.
    fn write_agent(&mut self, schedule: &Arc<Schedule>, agent_id: &str, call: &Call, replace: bool) -> Checked<()> {
        let Some(stored) = schedule.agents.get(agent_id).cloned() else {
            return Err(Refusal::not_found("The agent's week is"));
        };
        let named = call.named(self)?;
        named.require(&self.options)?;
        let entry = if replace { Cow::Owned(with_defaults(&call.body)) } else { Cow::Borrowed(&call.body) };
        let week = self.reader(schedule).week(&stored.week, &entry, ListMode::Replace, "")?;
        let path = schedule.agent_path(agent_id);
        if self.agent_locked(call.now, &schedule.id, agent_id) || self.locks.is_held(call.now, &schedule.path()) {
            return Err(self.locked(Some(agent_id)));
        }
        let tag = etag(&self.options, &path, stored.meta.version);
        if !named.is_current(stored.meta.version, tag.as_deref()) {
            let record = schedule.agent_json(agent_id).unwrap_or_default();
            let current = Current { version: stored.meta.version, etag: tag, record };
            return Err(self.stale(call, &named, Some(current)));
        }
        let same = stored.week.same(&week);
        let wish = Wish { agent_id: agent_id.to_owned(), version: None, week: Some(week) };
        if let Some(refusal) = self.rule_refusal(schedule, &wish).or_else(|| self.constrained(call, schedule, &wish)) {
            return Err(refusal);
        }
        if !same || self.options.unchanged_write == UnchangedWrite::RaisesVersion {
            let change = ScheduleChange {
                agents: vec![(agent_id.to_owned(), wish.week)],
                raise_agent: Some(agent_id.to_owned()),
                ..ScheduleChange::default()
            };
            self.commit_schedule(call.now, &schedule.id, change, &call.writer);
        }
        Ok(())
    }

    fn agent_reply(&self, schedule_id: &str, agent_id: &str) -> Reply {
        let Some(schedule) = self.schedule(schedule_id) else {
            return Reply::new(200, Value::Null);
        };
        let version = schedule.agents.get(agent_id).map_or(0, |agent| agent.meta.version);
        let tag = etag(&self.options, &schedule.agent_path(agent_id), version);
        Reply::tagged(200, schedule.agent_json(agent_id).unwrap_or_default(), tag)
    }

    pub(crate) fn bulk_agents(&mut self, call: &mut Call) -> Checked<Reply> {
        let items = bulk_items(&mut call.body)?;
        let mut entities = Vec::with_capacity(items.len());
        let mut all = true;
        for item in items {
            let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (schedule_id, agent_id) = (text("schedule_id"), text("agent_id"));
            let mut entity = match self.bulk_item(&schedule_id, &agent_id, item, call) {
                Ok(version) => json!({"id": agent_id, "status": 200, "version": version}),
                Err(refusal) => {
                    all = false;
                    refusal.entity_json(&json!(agent_id))
                }
            };
            entity["schedule_id"] = Value::String(schedule_id);
            entity["agent_id"] = Value::String(agent_id);
            entities.push(entity);
        }
        let status = if all { 200 } else { 207 };
        Ok(Reply::new(status, json!({"statusCode": status, "entities": entities})))
    }

    fn bulk_item(&mut self, schedule_id: &str, agent_id: &str, item: Value, call: &Call) -> Checked<u64> {
        let Value::Object(body) = item else {
            return Err(Refusal::field("items", "an item is an object"));
        };
        let Some(schedule) = self.schedule(schedule_id) else {
            return Err(Refusal::not_found("The schedule is"));
        };
        self.write_agent(&schedule, agent_id, &call.item(body), false)?;
        let version = |schedule: &Schedule| schedule.agents.get(agent_id).map(|agent| agent.meta.version);
        Ok(self.schedule(schedule_id).and_then(|schedule| version(&schedule)).unwrap_or(0))
    }
}

fn wanted_week(call: &Call) -> Checked<&str> {
    let week = call.query.get("week").filter(|week| crate::time::parse_date(week).is_some());
    week.map(String::as_str).ok_or_else(|| Refusal::field("week", "the query names a week, YYYY-MM-DD"))
}
