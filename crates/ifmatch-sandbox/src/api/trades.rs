//! Shift trades (section 4).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    api::{Call, Reply, page},
    feed::Event,
    queue::Due,
    record::{Kind, Week, Writer, agent_path},
    refusal::{Checked, Refusal},
    target::{ScheduleChange, Target},
    time::{format_instant, parse_instant, zone_exists},
    week::known_fields,
};

const STATUSES: [&str; 6] = ["pending", "matched", "approved", "denied", "cancelled", "expired"];

/// Fields that a client may send.
const FIELDS: [&str; 9] = [
    "trade_id",
    "swap_request_id",
    "status",
    "initiating",
    "receiving",
    "time_zone",
    "notes",
    "expires_at",
    "settled_at",
];

/// Whether a trade in this status may still change.
pub(crate) fn is_open(status: &str) -> bool {
    matches!(status, "pending" | "matched")
}

impl Target {
    pub(crate) fn list_trades(&self, call: &Call) -> Checked<Reply> {
        let is = |name: &str, value: &str| call.query.get(name).is_none_or(|wanted| wanted == value);
        let seen = self.trades.values().filter_map(|history| history.at(call.read_at));
        let wanted = seen.filter(|trade| {
            let agents = [side(&trade.fields, "initiating"), side(&trade.fields, "receiving")];
            is("swap_request_id", trade.text("swap_request_id"))
                && is("status", trade.text("status"))
                && call.query.get("agent_id").is_none_or(|agent| agents.iter().flatten().any(|side| side.0 == agent))
        });
        let entities = wanted.map(|trade| trade.to_json()).collect();
        Ok(Reply::new(200, page(call, entities)?))
    }

    pub(crate) fn create_trade(&mut self, call: &Call) -> Checked<Reply> {
        let given = match call.body.get("trade_id").filter(|id| !id.is_null()) {
            Some(Value::String(id)) if !id.is_empty() && !id.contains(['/', '?', '#']) => Some(id.clone()),
            Some(_) => {
                return Err(Refusal::field("trade_id", "a trade_id is text that fits into a path"));
            }
            None => None,
        };
        let mut fields = self.trade_fields(&default_trade(), &call.body)?;
        let approves = fields["status"] == "approved";
        if approves {
            self.refuse_locked_sides(call, &fields)?;
        }
        if given.as_ref().is_some_and(|id| self.trades.contains_key(id)) {
            return Err(Refusal::new(409, "duplicate", "A trade with this trade_id exists"));
        }
        if approves {
            self.check_shifts(&fields)?;
        }
        let id = given.unwrap_or_else(|| self.rng.uuid());
        fields.insert("trade_id".into(), json!(id));
        let sent = self.silence_flat(call, Kind::Trade, &id, &mut fields);
        self.commit_trade(call, &id, fields, None);
        Ok(self.answered_as_sent(self.flat_reply(201, Kind::Trade, &id), sent))
    }

    pub(crate) fn change_trade(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        self.change_trade_checked(id, call).map_err(|mut refusal| {
            refusal.entity = Some(id.to_owned());
            refusal
        })
    }

    fn change_trade_checked(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        let Some(old) = self.flat(Kind::Trade, id) else {
            return Err(Refusal::not_found("The trade is"));
        };
        let named = call.named(self)?;
        named.require(&self.options)?;
        for name in ["id", "trade_id"] {
            if call.body.get(name).is_some_and(|given| *given != json!(id)) {
                return Err(Refusal::immutable(name));
            }
        }
        let base = if call.method == "PUT" { default_trade() } else { old.fields.clone() };
        let mut fields = self.trade_fields(&base, &call.body)?;
        fields.insert("trade_id".into(), json!(id));
        fields.insert("settled_at".into(), old.fields.get("settled_at").cloned().unwrap_or(Value::Null));
        let (before, after) = (old.text("status").to_owned(), fields["status"].as_str().unwrap_or_default().to_owned());
        let approves = before != "approved" && after == "approved";
        if approves {
            self.refuse_locked_sides(call, &fields)?;
        }
        self.guard_flat(Kind::Trade, id, call, &named)?;
        if !may_move(&before, &after) {
            let text = format!("A trade that is {before} cannot become {after}");
            return Err(Refusal::new(409, "invalid_transition", text));
        }
        if approves {
            self.check_shifts(&fields)?;
        }
        self.check_constraints(call, &Kind::Trade.path(id))?;
        let sent = self.silence_flat(call, Kind::Trade, id, &mut fields);
        self.commit_trade(call, id, fields, Some(&before));
        Ok(self.answered_as_sent(self.flat_reply(200, Kind::Trade, id), sent))
    }

    /// Commits a trade; starts the exchange of an approved one, tells the feed of a settled one.
    fn commit_trade(&mut self, call: &Call, id: &str, fields: Map<String, Value>, before: Option<&str>) {
        self.commit_changed(call, Kind::Trade, id, fields);
        self.follow_up_trade(call.now, id, before, &call.writer);
    }

    /// What a committed trade sets off. `before` is the status that it had.
    pub(crate) fn follow_up_trade(&mut self, now: i64, id: &str, before: Option<&str>, writer: &Writer) {
        let Some(trade) = self.flat(Kind::Trade, id) else {
            return;
        };
        let status = trade.text("status");
        if status == "approved" {
            let at = now + self.options.exchange_ms;
            for agent in parties(&trade.fields) {
                self.hold(now, agent, at);
            }
            self.queue.put(at, Due::Exchange { trade_id: id.to_owned() });
        } else if !is_open(status) && before.is_none_or(is_open) {
            self.tell_settled(now, id, writer);
        }
    }

    fn tell_settled(&mut self, now: i64, id: &str, writer: &Writer) {
        let version = self.flat(Kind::Trade, id).map(|trade| trade.meta.version);
        let path = Kind::Trade.path(id);
        self.tell(Event { kind: "trade.settled", path, version, by: writer.name.clone(), at: now });
    }

    /// An approval touches both agents.
    fn refuse_locked_sides(&self, call: &Call, fields: &Map<String, Value>) -> Checked<()> {
        for (agent, shift) in sides(fields) {
            let home = self.home_of(agent, shift).unwrap_or_default();
            if self.agent_locked(call.now, &home, agent) {
                return Err(self.locked(Some(agent)));
            }
        }
        Ok(())
    }

    /// 409 `SCHEDULE_CONFLICT` when a shift of the trade is not where the trade says.
    fn check_shifts(&self, fields: &Map<String, Value>) -> Checked<()> {
        let conflict = |text: String| Err(Refusal::new(409, "SCHEDULE_CONFLICT", text));
        if side(fields, "receiving").is_none() {
            return conflict("The trade has no receiving side".to_owned());
        }
        for (agent, shift) in sides(fields) {
            if self.home_of(agent, shift).is_none() {
                return conflict(format!("Shift {shift} does not belong to agent {agent}"));
            }
        }
        Ok(())
    }

    /// The schedule in which the agent has the shift.
    pub(crate) fn home_of(&self, agent: &str, shift: &str) -> Option<String> {
        let has = |id: &&String| {
            let agent = self.schedules.get(*id).and_then(|history| history.current().agents.get(agent));
            agent.is_some_and(|agent| agent.week.shift(shift).is_some())
        };
        self.schedules.keys().find(has).cloned()
    }

    /// Exchanges the shifts of an approved trade. Waits on while another lock holds one of the agents.
    pub(crate) fn exchange(&mut self, now: i64, id: &str) {
        let Some(trade) = self.flat(Kind::Trade, id) else {
            return;
        };
        let sides = sides(&trade.fields);
        if let Some(held_until) = sides.iter().filter_map(|(agent, shift)| self.held_until(now, agent, shift)).max() {
            let until = held_until + 1;
            for agent in parties(&trade.fields) {
                self.hold(now, agent, until);
            }
            self.queue.put(until, Due::Exchange { trade_id: id.to_owned() });
            return;
        }
        match (sides.as_slice(), parties(&trade.fields).as_slice()) {
            ([(first, first_shift), (second, second_shift)], _) => {
                self.move_shifts(now, &[(first, second, first_shift), (second, first, second_shift)]);
            }
            // One side gives a shift away, as only the platform API can have it.
            ([(giver, shift)], [_, taker]) => self.move_shifts(now, &[(giver, taker, shift)]),
            _ => {}
        }
        let writer = Writer::system();
        let mut fields = trade.fields.clone();
        fields.insert("settled_at".into(), json!(format_instant(now)));
        self.commit_flat(now, Kind::Trade, id, fields, &writer);
        self.tell_settled(now, id, &writer);
    }

    /// When the locks end that keep the agent's shift where it is; `None` when there are none.
    fn held_until(&self, now: i64, agent: &str, shift: &str) -> Option<i64> {
        let home = self.home_of(agent, shift).map(|home| agent_path(&home, agent));
        let keys = [Some(agent.to_owned()), home];
        keys.iter().flatten().filter(|key| self.locks.is_held(now, key)).filter_map(|key| self.locks.until(key)).max()
    }

    /// Moves shifts between agents, one commit per schedule.
    fn move_shifts(&mut self, now: i64, moves: &[(&str, &str, &str)]) {
        let mut weeks: BTreeMap<String, BTreeMap<String, Week>> = BTreeMap::new();
        for (from, to, shift_id) in moves {
            let Some(home) = self.home_of(from, shift_id) else {
                continue;
            };
            let Some(schedule) = self.schedule(&home) else {
                continue;
            };
            let week = |agent: &str| schedule.agents.get(agent).map(|agent| agent.week.clone()).unwrap_or_default();
            let changed = weeks.entry(home.clone()).or_default();
            let giver = changed.entry((*from).to_owned()).or_insert_with(|| week(from));
            let Some(place) = giver.shifts.iter().position(|shift| shift.id == *shift_id) else {
                continue;
            };
            let shift = giver.shifts.remove(place);
            changed.entry((*to).to_owned()).or_insert_with(|| week(to)).shifts.push(shift);
        }
        for (home, agents) in weeks {
            let agents = agents.into_iter().map(|(agent, week)| (agent, Some(week))).collect();
            self.commit_schedule(now, &home, ScheduleChange { agents, ..ScheduleChange::default() }, &Writer::system());
        }
    }

    /// The fields of a trade: those of the body merged into `base`, field rules checked.
    pub(crate) fn trade_fields(
        &self,
        base: &Map<String, Value>,
        body: &Map<String, Value>,
    ) -> Checked<Map<String, Value>> {
        known_fields(&self.options, body, &FIELDS, "")?;
        let mut fields = base.clone();
        for (name, value) in body {
            let value = match name.as_str() {
                "status" if value.is_null() => json!("pending"),
                "status" if STATUSES.iter().any(|status| value == *status) => value.clone(),
                "status" => return Err(Refusal::field("status", "unknown status")),
                "notes" if value.is_null() => json!(""),
                "notes" | "swap_request_id" if value.is_string() => value.clone(),
                "swap_request_id" | "time_zone" | "expires_at" | "receiving" if value.is_null() => Value::Null,
                "notes" | "swap_request_id" => return Err(Refusal::field(name, "text is needed")),
                "time_zone" if value.as_str().is_some_and(zone_exists) => value.clone(),
                "time_zone" => return Err(Refusal::field("time_zone", "not an IANA time zone")),
                "expires_at" => self.instant_value(name, value)?,
                "initiating" | "receiving" => self.side_value(base.get(name), name, value)?,
                _ => continue,
            };
            fields.insert(name.clone(), value);
        }
        let (Some(first), second) = (side(&fields, "initiating"), side(&fields, "receiving")) else {
            return Err(Refusal::field("initiating", "an initiating side is needed"));
        };
        if second.is_some_and(|second| second.0 == first.0) {
            return Err(Refusal::field("receiving/agent_id", "an agent cannot trade with itself"));
        }
        Ok(fields)
    }

    fn side_value(&self, base: Option<&Value>, name: &str, value: &Value) -> Checked<Value> {
        let Some(given) = value.as_object() else {
            return Err(Refusal::field(name, "a side is an object"));
        };
        known_fields(&self.options, given, &["agent_id", "shift_id", "start", "end"], name)?;
        let mut side = base.and_then(Value::as_object).cloned().unwrap_or_default();
        for field in ["agent_id", "shift_id", "start", "end"] {
            match given.get(field) {
                None => drop(side.entry(field).or_insert(Value::Null).is_null()),
                Some(Value::Null) => drop(side.insert(field.into(), Value::Null)),
                Some(value) if field == "start" || field == "end" => {
                    side.insert(field.into(), self.instant_value(&format!("{name}/{field}"), value)?);
                }
                Some(value) => drop(side.insert(field.into(), value.clone())),
            }
        }
        let known = side["agent_id"].as_str().is_some_and(|id| self.agents.email(id).is_some());
        if !known {
            return Err(Refusal::field(format!("{name}/agent_id"), "no agent has this id"));
        }
        if side["shift_id"].as_str().is_none_or(str::is_empty) {
            return Err(Refusal::field(format!("{name}/shift_id"), "a shift_id is needed"));
        }
        let instant = |field: &str| side[field].as_str().and_then(parse_instant);
        if let (Some(start), Some(end)) = (instant("start"), instant("end"))
            && end <= start
        {
            return Err(Refusal::interval(format!("{name}/end"), "the end is not after the start"));
        }
        Ok(Value::Object(side))
    }
}

/// `pending → matched → approved | denied`, any open one `→ cancelled | expired`, settled ones nowhere.
pub(crate) fn may_move(before: &str, after: &str) -> bool {
    match before {
        "pending" => matches!(after, "pending" | "matched" | "cancelled" | "expired"),
        "matched" => matches!(after, "matched" | "approved" | "denied" | "cancelled" | "expired"),
        _ => false,
    }
}

pub(crate) fn default_trade() -> Map<String, Value> {
    let mut fields = Map::new();
    for name in ["swap_request_id", "initiating", "receiving", "time_zone", "expires_at", "settled_at"] {
        fields.insert(name.into(), Value::Null);
    }
    fields.insert("status".into(), json!("pending"));
    fields.insert("notes".into(), json!(""));
    fields
}

/// Agent and shift of one side of a trade.
fn side<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<(&'a str, &'a str)> {
    let side = fields.get(name)?;
    Some((side.get("agent_id")?.as_str()?, side.get("shift_id")?.as_str()?))
}

/// The agents of a trade, with a shift or without.
fn parties(fields: &Map<String, Value>) -> Vec<&str> {
    ["initiating", "receiving"].iter().filter_map(|name| fields.get(*name)?.get("agent_id")?.as_str()).collect()
}

/// The sides that a trade has.
pub(crate) fn sides(fields: &Map<String, Value>) -> Vec<(&str, &str)> {
    ["initiating", "receiving"].iter().filter_map(|name| side(fields, name)).collect()
}
