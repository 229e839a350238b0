//! Schedules as documents: list, read, create, push, PUT and PATCH (section 5).

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use crate::{
    api::{Call, Current, Reply, page},
    guard::{Named, body_version, etag},
    options::{RefusedAgent, UnchangedWrite},
    record::{Meta, PublishState, SCHEDULES, Schedule, Week},
    refusal::{Checked, Refusal},
    target::{ScheduleChange, Target},
    time::{parse_date, week_bounds, zone_exists},
    week::{ListMode, Reader, breach, known_fields},
};

/// Fields of a document that a client may send.
const FIELDS: [&str; 5] = ["business_unit_id", "week", "time_zone", "description", "agents"];

/// What a write wants of one agent.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) agent_id: String,
    /// The agent version that the write names, with where it names it.
    pub(crate) version: Option<u64>,
    /// The new week; `None` removes the agent.
    pub(crate) week: Option<Week>,
}

/// The wishes of one write, each as it was read or refused by the field rules.
pub(crate) type Plan = Vec<(String, Checked<Wish>)>;

/// What became of a plan.
#[derive(Debug)]
pub(crate) struct Landing {
    landed: Vec<String>,
    refused: Vec<(String, Box<Refusal>)>,
    /// For an agent, fields that were sent otherwise than they stand.
    sent: BTreeMap<String, Map<String, Value>>,
}

/// How the entries of a write are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// POST with id: an entry replaces the fields it gives.
    Push,
    /// PUT: an entry replaces everything, absent agents are removed.
    Put,
    /// PATCH: shifts are merged by id, `"deleted": true` removes.
    Patch,
}

impl Target {
    pub(crate) fn list_schedules(&self, call: &Call) -> Checked<Reply> {
        let is = |name: &str, value: &str| call.query.get(name).is_none_or(|wanted| wanted == value);
        let seen = self.schedules.values().filter_map(|history| history.at(call.read_at));
        let wanted = seen.filter(|s| is("week", &s.week) && is("business_unit_id", &s.business_unit_id));
        let entities = wanted.map(|schedule| Value::Object(schedule.head_json())).collect();
        Ok(Reply::new(200, page(call, entities)?))
    }

    pub(crate) fn read_schedule(&self, id: &str, call: &Call) -> Checked<Reply> {
        let Some(schedule) = self.schedules.get(id).and_then(|history| history.at(call.read_at)) else {
            return Err(Refusal::not_found("The schedule is"));
        };
        let body = match call.query.get("agent_id") {
            Some(list) => schedule.to_json(|id| list.split(',').any(|wanted| wanted == id)),
            None => schedule.to_json(|_| true),
        };
        Ok(Reply::tagged(200, body, etag(&self.options, &schedule.path(), schedule.meta.version)))
    }

    pub(crate) fn post_schedule(&mut self, call: &Call) -> Checked<Reply> {
        match call.body.get("id").filter(|id| !id.is_null()) {
            Some(Value::String(id)) => self.write_schedule(&id.clone(), call, Form::Push),
            Some(_) => Err(Refusal::field("id", "an id is text")),
            None => self.create_schedule(call),
        }
    }

    pub(crate) fn put_schedule(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        self.write_schedule(id, call, Form::Put)
    }

    pub(crate) fn patch_schedule(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        self.write_schedule(id, call, Form::Patch)
    }

    fn write_schedule(&mut self, id: &str, call: &Call, form: Form) -> Checked<Reply> {
        self.write_schedule_checked(id, call, form).map_err(|mut refusal| {
            refusal.entity = Some(id.to_owned());
            refusal
        })
    }

    fn write_schedule_checked(&mut self, id: &str, call: &Call, form: Form) -> Checked<Reply> {
        let Some(schedule) = self.schedule(id) else {
            return Err(Refusal::not_found("The schedule is"));
        };
        let named = call.named(self)?;
        named.require(&self.options)?;
        let description = self.document_fields(&schedule, &call.body, form)?;
        let plan = self.plan(&schedule, &call.body, form)?;
        let landing = self.land(call, &schedule, &named, plan, description)?;
        Ok(self.landed_reply(id, landing, form))
    }

    /// Checks the fields of the document itself; returns the new description if the write gives one.
    fn document_fields(&self, schedule: &Schedule, body: &Map<String, Value>, form: Form) -> Checked<Option<String>> {
        known_fields(&self.options, body, &FIELDS, "")?;
        let kept = schedule.head_json();
        for name in ["id", "business_unit_id", "week", "time_zone"] {
            if body.get(name).is_some_and(|given| Some(given) != kept.get(name)) {
                return Err(Refusal::immutable(name));
            }
        }
        match body.get("description") {
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Null) => Ok(Some(String::new())),
            Some(_) => Err(Refusal::field("description", "text is needed")),
            None => Ok((form == Form::Put).then(String::new)),
        }
    }

    /// Reads the entries of a write.
    fn plan(&self, schedule: &Schedule, body: &Map<String, Value>, form: Form) -> Checked<Plan> {
        let entries = match body.get("agents") {
            Some(Value::Array(list)) => list.as_slice(),
            Some(Value::Null) if form == Form::Put => &[],
            None => &[],
            Some(_) => return Err(Refusal::field("agents", "agents is a list")),
        };
        let mut plan: Plan = Vec::with_capacity(entries.len());
        for entry in entries {
            let id = entry.get("agent_id").and_then(Value::as_str).unwrap_or_default();
            let (Some(entry), false) = (entry.as_object(), id.is_empty()) else {
                return Err(Refusal::field("agents/agent_id", "an entry has an agent_id"));
            };
            plan.push((id.to_owned(), self.wish(schedule, id, entry, form)));
        }
        let mut ids: Vec<&String> = plan.iter().map(|(id, _)| id).collect();
        ids.sort();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Refusal::field(format!("agents/{}", twice[0]), "the agent is given twice"));
        }
        if form == Form::Put {
            let given: std::collections::BTreeSet<String> = plan.iter().map(|(id, _)| id.clone()).collect();
            for id in schedule.agents.keys().filter(|id| !given.contains(&***id)) {
                let wish = Wish { agent_id: id.to_string(), version: None, week: None };
                plan.push((id.to_string(), Ok(wish)));
            }
        }
        Ok(plan)
    }

    fn wish(&self, schedule: &Schedule, id: &str, entry: &Map<String, Value>, form: Form) -> Checked<Wish> {
        let version = body_version(entry)?;
        let stored = schedule.agents.get(id);
        if stored.is_none() && self.agents.email(id).is_none() {
            return Err(Refusal::field(format!("agents/{id}"), "no agent has this id"));
        }
        if form == Form::Patch && entry.get("deleted") == Some(&Value::Bool(true)) {
            return Ok(Wish { agent_id: id.to_owned(), version, week: None });
        }
        let base = stored.map(|agent| agent.week.clone()).unwrap_or_default();
        let full;
        let (entry, mode) = match form {
            Form::Push => (entry, ListMode::Replace),
            Form::Patch => (entry, ListMode::Merge),
            Form::Put => {
                full = with_defaults(entry);
                (&full, ListMode::Replace)
            }
        };
        let week = self.reader(schedule).week(&base, entry, mode, &format!("agents/{id}"))?;
        Ok(Wish { agent_id: id.to_owned(), version, week: Some(week) })
    }

    pub(crate) fn reader(&self, schedule: &Schedule) -> Reader<'_> {
        Reader { options: &self.options, bounds: schedule.bounds }
    }

    /// Checks locks, versions and rules in the fixed order and commits what may land.
    pub(crate) fn land(
        &mut self,
        call: &Call,
        schedule: &Arc<Schedule>,
        named: &Named,
        plan: Plan,
        description: Option<String>,
    ) -> Checked<Landing> {
        let whole = self.options.refused_agent == RefusedAgent::RefusesWhole;
        let (mut wishes, mut refused) = (Vec::new(), Vec::new());
        for (id, wish) in plan {
            match wish {
                Ok(wish) => wishes.push(wish),
                Err(refusal) if whole => return Err(refusal),
                Err(refusal) => refused.push((id, refusal)),
            }
        }
        if self.locks.is_held(call.now, &schedule.path()) {
            return Err(self.locked(None));
        }
        let locked = |target: &Self, wish: &Wish| target.lock_refusal(call, schedule, wish);
        self.sift(&mut wishes, &mut refused, whole, locked)?;
        self.document_current(call, schedule, named)?;
        let stale: Vec<bool> = wishes.iter().map(|wish| is_stale(schedule, wish)).collect();
        let mut kept = Vec::with_capacity(wishes.len());
        for (wish, stale) in wishes.into_iter().zip(stale) {
            if !stale {
                kept.push(wish);
                continue;
            }
            let mut refusal = self.stale(call, named, None);
            refusal.field = Some(format!("agents/{}/version", wish.agent_id));
            if whole {
                return Err(refusal);
            }
            refused.push((wish.agent_id, refusal));
        }
        self.sift(&mut kept, &mut refused, whole, |target, wish| {
            target.rule_refusal(schedule, wish).or_else(|| target.constrained(call, schedule, wish))
        })?;
        if kept.is_empty()
            && let Some((_, first)) = refused.first()
        {
            return Err(first.clone());
        }
        let landed = kept.iter().map(|wish| wish.agent_id.clone()).collect();
        let sent = self.commit_wishes(call, schedule, kept, description);
        Ok(Landing { landed, refused, sent })
    }

    /// Moves the wishes that a rule refuses to the refused ones, or refuses the whole.
    fn sift(
        &mut self,
        wishes: &mut Vec<Wish>,
        refused: &mut Vec<(String, Box<Refusal>)>,
        whole: bool,
        rule: impl Fn(&Self, &Wish) -> Option<Box<Refusal>>,
    ) -> Checked<()> {
        let mut kept = Vec::with_capacity(wishes.len());
        for wish in wishes.drain(..) {
            match rule(self, &wish) {
                None => kept.push(wish),
                Some(refusal) if whole => return Err(refusal),
                Some(refusal) => refused.push((wish.agent_id, refusal)),
            }
        }
        *wishes = kept;
        Ok(())
    }

    fn lock_refusal(&self, call: &Call, schedule: &Schedule, wish: &Wish) -> Option<Box<Refusal>> {
        let touched = changes(schedule, wish) && self.agent_locked(call.now, &schedule.id, &wish.agent_id);
        touched.then(|| self.locked(Some(&wish.agent_id)))
    }

    /// An agent whose entry a write does not change is touched by no constraint.
    pub(crate) fn constrained(&self, call: &Call, schedule: &Schedule, wish: &Wish) -> Option<Box<Refusal>> {
        changes(schedule, wish).then(|| self.forbidden(call, &schedule.agent_path(&wish.agent_id)))?
    }

    pub(crate) fn rule_refusal(&self, schedule: &Schedule, wish: &Wish) -> Option<Box<Refusal>> {
        let old = schedule.agents.get(wish.agent_id.as_str()).map(|agent| &agent.week);
        breach(old, wish.week.as_ref()?, self.options.rest_minutes_min)
    }

    fn document_current(&mut self, call: &Call, schedule: &Schedule, named: &Named) -> Checked<()> {
        let tag = etag(&self.options, &schedule.path(), schedule.meta.version);
        if named.is_current(schedule.meta.version, tag.as_deref()) {
            return Ok(());
        }
        let tells = self.options.current_in_refusal == crate::options::CurrentInRefusal::Record;
        let record = if tells { schedule.to_json(|_| true) } else { Value::Null };
        let current = Current { version: schedule.meta.version, etag: tag, record };
        Err(self.stale(call, named, Some(current)))
    }

    /// Returns, for an agent, the fields that were sent otherwise than they stand.
    pub(crate) fn commit_wishes(
        &mut self,
        call: &Call,
        schedule: &Schedule,
        mut wishes: Vec<Wish>,
        description: Option<String>,
    ) -> BTreeMap<String, Map<String, Value>> {
        let mut sent = BTreeMap::new();
        for wish in &mut wishes {
            let Some(week) = &mut wish.week else { continue };
            let fields = self.silence_week(call, schedule, &wish.agent_id, week);
            sent.insert(wish.agent_id.clone(), fields);
        }
        let same = wishes.iter().all(|wish| !changes(schedule, wish))
            && description.as_ref().is_none_or(|text| *text == schedule.description);
        let change = ScheduleChange {
            agents: wishes.into_iter().map(|wish| (wish.agent_id, wish.week)).collect(),
            description,
            raise_document: same && self.options.unchanged_write == UnchangedWrite::RaisesVersion,
            ..ScheduleChange::default()
        };
        if !same || change.raise_document {
            self.commit_schedule(call.now, &schedule.id, change, &call.writer);
        }
        sent
    }

    /// The document with the agents that the write named (all of them after a PUT), or 207 with a line per agent.
    fn landed_reply(&self, id: &str, landing: Landing, form: Form) -> Reply {
        let Some(schedule) = self.schedule(id) else {
            return Reply::new(200, Value::Null);
        };
        let tag = etag(&self.options, &schedule.path(), schedule.meta.version);
        if landing.refused.is_empty() {
            let mut body = schedule.to_json(|agent| form == Form::Put || landing.landed.iter().any(|id| id == agent));
            for entry in body["agents"].as_array_mut().into_iter().flatten() {
                let fields = entry["agent_id"].as_str().and_then(|agent| landing.sent.get(agent));
                self.show_as_sent(entry, fields.cloned().unwrap_or_default());
            }
            return Reply::tagged(200, body, tag);
        }
        let mut entities: Vec<Value> = Vec::new();
        for agent in &landing.landed {
            let version = schedule.agents.get(agent.as_str()).map(|agent| agent.meta.version);
            entities.push(json!({"id": agent, "status": 200, "version": version}));
        }
        entities.extend(landing.refused.iter().map(|(agent, refusal)| refusal.entity_json(&json!(agent))));
        let body = json!({"statusCode": 207, "id": id, "version": schedule.meta.version, "entities": entities});
        Reply::tagged(207, body, tag)
    }

    fn create_schedule(&mut self, call: &Call) -> Checked<Reply> {
        known_fields(&self.options, &call.body, &FIELDS, "")?;
        let text = |name: &str| call.body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(unit) = text("business_unit_id") else {
            return Err(Refusal::field("business_unit_id", "a business unit is needed"));
        };
        let Some(week) = text("week").filter(|week| parse_date(week).is_some()) else {
            return Err(Refusal::field("week", "a week is the date of its first day, YYYY-MM-DD"));
        };
        let zone = text("time_zone").unwrap_or("UTC");
        let bounds = week_bounds(week, zone).filter(|_| zone_exists(zone));
        let bounds = bounds.ok_or_else(|| Refusal::field("time_zone", "not an IANA time zone"))?;
        let schedule = Schedule {
            id: self.rng.uuid(),
            business_unit_id: unit.to_owned(),
            week: week.to_owned(),
            time_zone: zone.to_owned(),
            bounds,
            description: text("description").unwrap_or_default().to_owned(),
            draft_revision: 1,
            published_revision: 0,
            job: None,
            state: PublishState::Draft,
            since: call.now,
            agents: BTreeMap::new(),
            meta: Meta::new(1, call.now, &call.writer),
        };
        let mut agents = Vec::new();
        for (_, wish) in self.plan(&schedule, &call.body, Form::Push)? {
            let wish = wish?;
            if let Some(refusal) = self.rule_refusal(&schedule, &wish) {
                return Err(refusal);
            }
            agents.push((wish.agent_id, wish.week));
        }
        let id = schedule.id.clone();
        self.create_draft(call, schedule, agents);
        let created = self.schedule(&id).map(|s| s.to_json(|_| true)).unwrap_or_default();
        Ok(Reply::tagged(201, created, etag(&self.options, &format!("{SCHEDULES}/{id}"), 1)))
    }
}

/// Whether a write changes the agent's entry.
fn changes(schedule: &Schedule, wish: &Wish) -> bool {
    match (schedule.agents.get(wish.agent_id.as_str()), &wish.week) {
        (Some(stored), Some(week)) => !stored.week.same(week),
        (None, None) => false,
        _ => true,
    }
}

/// Whether the agent version that a wish names is not the current one; an agent that is not in the document has none.
fn is_stale(schedule: &Schedule, wish: &Wish) -> bool {
    let stored = schedule.agents.get(wish.agent_id.as_str()).map(|agent| agent.meta.version);
    wish.version.is_some_and(|named| stored != Some(named))
}

/// An entry of a PUT: what is missing is its default.
pub(crate) fn with_defaults(entry: &Map<String, Value>) -> Map<String, Value> {
    let mut full = entry.clone();
    full.entry("availability").or_insert(Value::Null);
    full.entry("shifts").or_insert_with(|| json!([]));
    full
}
