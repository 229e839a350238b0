//! One shift trade of the shared model, with the schedules that it is about.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    platform::world::management_unit_of,
    record::{Flat, Kind, Schedule, Shift},
    target::Target,
    time::{monday_of, parse_instant},
};

/// A trade as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Trade {
    pub(crate) flat: Arc<Flat>,
    pub(crate) initiating: Side,
    pub(crate) receiving: Option<Side>,
    /// The management unit of the schedule, or the home one where the schedule is gone.
    pub(crate) unit: String,
}

/// One side of a trade.
#[derive(Debug, Clone)]
pub(crate) struct Side {
    pub(crate) agent: String,
    /// `None` for who gets a shift and gives none.
    pub(crate) shift: Option<String>,
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    /// The schedule with the shift; where the shift is gone, the one whose time it was in.
    pub(crate) schedule: Option<Arc<Schedule>>,
    time_zone: String,
}

impl Side {
    /// The week of the shift.
    pub(crate) fn week(&self) -> Option<String> {
        let own = self.schedule.as_ref().map(|schedule| schedule.week.clone());
        own.or_else(|| Some(monday_of(self.start?, &self.time_zone)?.to_string()))
    }

    /// The shift where the agent has it.
    pub(crate) fn held(&self) -> Option<&Shift> {
        self.schedule.as_ref()?.agents.get(self.agent.as_str())?.week.shift(self.shift.as_deref()?)
    }
}

impl Trade {
    pub(crate) fn of(target: &Target, flat: &Arc<Flat>) -> Self {
        let empty = || Side {
            agent: String::new(),
            shift: None,
            start: None,
            end: None,
            schedule: None,
            time_zone: "UTC".to_owned(),
        };
        let initiating = target.trade_side(flat, "initiating").unwrap_or_else(empty);
        let home = initiating.schedule.as_ref().map(|schedule| management_unit_of(&schedule.business_unit_id));
        let unit = home.unwrap_or_else(|| target.home_units().1);
        Self { flat: Arc::clone(flat), initiating, receiving: target.trade_side(flat, "receiving"), unit }
    }

    /// The trade of that id as it stands.
    pub(crate) fn present(target: &Target, id: &str) -> Option<Self> {
        target.flat(Kind::Trade, id).map(|flat| Self::of(target, &flat))
    }

    /// Every trade at an instant.
    pub(crate) fn all(target: &Target, at: i64) -> Vec<Self> {
        let seen = target.trades.values().filter_map(|history| history.at(at));
        seen.map(|flat| Self::of(target, flat)).collect()
    }

    pub(crate) fn id(&self) -> &str {
        self.flat.text("trade_id")
    }

    pub(crate) fn path(&self) -> String {
        Kind::Trade.path(self.id())
    }

    pub(crate) fn version(&self) -> u64 {
        self.flat.meta.version
    }

    /// The status in the words of `wfm-v2`.
    pub(crate) fn status(&self) -> &str {
        self.flat.text("status")
    }

    /// The status in the vendor's words.
    pub(crate) fn state(&self) -> &'static str {
        match self.status() {
            "matched" => "Matched",
            "approved" => "Approved",
            "denied" => "Denied",
            "cancelled" => "Canceled",
            "expired" => "Expired",
            _ => "Unmatched",
        }
    }

    /// The week of the shift that is offered.
    pub(crate) fn week(&self) -> String {
        self.initiating.week().unwrap_or_default()
    }

    /// What only this API knows of it; `null` when it is absent.
    pub(crate) fn more(&self, name: &str) -> &Value {
        self.flat.more.get(name).unwrap_or(&Value::Null)
    }

    /// The user for whom the offer is meant.
    pub(crate) fn meant_for(&self) -> Option<&str> {
        self.more("target").as_str()
    }

    /// The spans in which a shift is wanted in return.
    pub(crate) fn intervals(&self) -> &[Value] {
        self.more("acceptableIntervals").as_array().map_or(&[], Vec::as_slice)
    }

    /// Whether no shift is wanted in return.
    pub(crate) fn one_sided(&self) -> bool {
        self.intervals().is_empty() && self.receiving.as_ref().is_none_or(|side| side.shift.is_none())
    }

    /// Whether the user is part of it.
    pub(crate) fn involves(&self, user: &str) -> bool {
        self.initiating.agent == user
            || self.receiving.as_ref().is_some_and(|side| side.agent == user)
            || self.meant_for() == Some(user)
    }
}

impl Target {
    fn trade_side(&self, flat: &Flat, name: &str) -> Option<Side> {
        let given = flat.fields.get(name)?;
        let agent = given["agent_id"].as_str()?.to_owned();
        let shift = given["shift_id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
        let instant = |field: &str| given[field].as_str().and_then(parse_instant);
        let (start, end) = (instant("start"), instant("end"));
        let home = shift.as_deref().and_then(|shift| self.home_of(&agent, shift)).and_then(|id| self.schedule(&id));
        let around = || {
            let all = self.schedules.values().map(|history| history.current());
            all.filter(|own| own.agents.contains_key(agent.as_str()))
                .find(|own| start.is_some_and(|start| (own.bounds.0..own.bounds.1).contains(&start)))
                .cloned()
        };
        let schedule = home.or_else(around);
        let time_zone = match &schedule {
            Some(schedule) => schedule.time_zone.clone(),
            None => flat.fields.get("time_zone").and_then(Value::as_str).unwrap_or("UTC").to_owned(),
        };
        let mut side = Side { agent, shift, start, end, schedule, time_zone };
        let held = side.held().map(|shift| (shift.start_ms, shift.end_ms()));
        side.start = side.start.or(held.map(|held| held.0));
        side.end = side.end.or(held.map(|held| held.1));
        Some(side)
    }
}
