//! The records of a world as it starts, and the values that somebody puts there.

use crate::lab::scenario::Field;
use crate::rng::Rng;
use ifmatch_core::Timestamp;
use ifmatch_sandbox::Sandbox;
use serde_json::{Value, json};

/// One record as it stands at the start.
pub(super) struct Record {
    pub(super) id: String,
    pub(super) path: String,
    start: Value,
}

/// The records of a world, by kind.
pub(super) struct Records {
    scores: Vec<Record>,
    agents: Vec<Record>,
    schedules: Vec<Record>,
}

impl Records {
    pub(super) fn of(sandbox: &Sandbox) -> Self {
        let world = sandbox.world();
        let list = |name: &str| world[name].as_array().cloned().unwrap_or_default();
        let record = |known: &Value| {
            let path = text(&known["path"]);
            Record { id: text(&known["id"]), start: sandbox.record(&path).unwrap_or_default(), path }
        };
        let schedules: Vec<Record> = list("schedules").iter().map(record).collect();
        let agents = schedules.iter().flat_map(|schedule| {
            let agents = schedule.start["agents"].as_array().cloned().unwrap_or_default();
            agents.into_iter().map(|agent| {
                let agent_id = text(&agent["agent_id"]);
                Record {
                    id: format!("{}/{agent_id}", schedule.id),
                    path: format!("{}/agents/{agent_id}", schedule.path),
                    start: agent,
                }
            })
        });
        let agents: Vec<Record> = agents.collect();
        Self { scores: list("quality_scores").iter().map(record).collect(), agents, schedules }
    }

    fn holding(&self, field: Field) -> &[Record] {
        match field {
            Field::Score | Field::Comments => &self.scores,
            Field::Shift | Field::Availability | Field::Trade => &self.agents,
            Field::Publish => &self.schedules,
        }
    }

    /// The paths of all records that have a field.
    pub(super) fn paths(&self, field: Field) -> Vec<String> {
        self.holding(field).iter().map(|record| record.path.clone()).collect()
    }

    /// One record at random; `share` is the place among so many sources that divide them.
    pub(super) fn pick(
        &self,
        rng: &mut Rng,
        field: Field,
        among: Option<usize>,
        share: Option<(usize, usize)>,
    ) -> Option<&Record> {
        let most = self.count(field, among, share);
        let place = usize::try_from(rng.below(most.max(1) as u64)).unwrap_or(0);
        self.nth(field, among, share, place)
    }

    /// The nth record of a share, round and round.
    pub(super) fn nth(
        &self,
        field: Field,
        among: Option<usize>,
        share: Option<(usize, usize)>,
        place: usize,
    ) -> Option<&Record> {
        let most = self.count(field, among, share);
        let (first, step) = share.unwrap_or((0, 1));
        self.holding(field).get(first + step * (place % most.max(1)))
    }

    fn count(&self, field: Field, among: Option<usize>, share: Option<(usize, usize)>) -> usize {
        let all = self.holding(field).len().min(among.unwrap_or(usize::MAX));
        let (first, step) = share.unwrap_or((0, 1));
        all.saturating_sub(first).div_ceil(step)
    }
}

impl Record {
    /// The kind of the resource that a change of a field is about.
    pub(super) fn kind_of(&self, field: Field) -> &'static str {
        match field {
            Field::Score | Field::Comments => "quality-score",
            Field::Shift | Field::Availability => "agent-schedule",
            Field::Trade => "shift-trade",
            Field::Publish => "schedule",
        }
    }

    /// What somebody makes of a field: other than at the start, and told apart from what others write.
    pub(super) fn change(&self, rng: &mut Rng, field: Field, who: &str) -> Value {
        match field {
            Field::Score => {
                let start = self.start["score"].as_i64().unwrap_or(0);
                json!({ "score": (start + rng.between(1, 100)) % 101 })
            }
            Field::Comments => json!({ "comments": format!("{who}: note {}", rng.between(1, 999_999)) }),
            Field::Shift => self.moved(rng),
            Field::Availability => {
                let minutes = rng.between(1, 100_000);
                let from: Timestamp = "2026-01-05T00:00:00Z".parse().expect("an instant");
                let until = from + ifmatch_core::SignedDuration::from_mins(minutes);
                json!({ "availability": { "status": "training", "until": until.to_string() } })
            }
            Field::Trade => self.trade(who),
            Field::Publish => Value::Null,
        }
    }

    /// One shift with its activities, some minutes from where it started.
    fn moved(&self, rng: &mut Rng) -> Value {
        let shifts = self.start["shifts"].as_array().cloned().unwrap_or_default();
        if shifts.is_empty() {
            return json!({});
        }
        let shift = rng.pick(&shifts).clone();
        let quarters = rng.between(1, 8);
        let minutes = 15 * if quarters > 4 { 4 - quarters } else { quarters };
        let later = |value: &Value| shifted(value, minutes);
        let activities: Vec<Value> = shift["activities"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|activity| {
                let mut activity = activity.clone();
                activity["start"] = later(&activity["start"]);
                activity
            })
            .collect();
        json!({ "shifts": [{ "id": shift["id"], "start": later(&shift["start"]), "activities": activities }] })
    }

    /// A trade of an agent's first shift, as a migration makes it.
    fn trade(&self, mark: &str) -> Value {
        let shift = &self.start["shifts"][0];
        json!({
            "swap_request_id": mark, "status": "pending", "notes": "",
            "initiating": { "agent_id": self.start["agent_id"], "shift_id": shift["id"],
                "start": shift["start"], "end": shifted(&shift["start"], shift["length_minutes"].as_i64().unwrap_or(0)) },
            "receiving": null,
        })
    }
}

/// An instant some minutes later, in the same offset.
fn shifted(value: &Value, minutes: i64) -> Value {
    let later = |text: &str| -> Option<String> {
        let offset = text.get(text.len().checked_sub(6)?..).filter(|tail| tail.starts_with(['+', '-']));
        let at = text.parse::<Timestamp>().ok()? + ifmatch_core::SignedDuration::from_mins(minutes);
        let Some(offset) = offset else { return Some(at.to_string()) };
        let sign = if offset.starts_with('-') { -1 } else { 1 };
        let (hours, mins) = offset[1..].split_once(':')?;
        let seconds = sign * (hours.parse::<i32>().ok()? * 3600 + mins.parse::<i32>().ok()? * 60);
        let zone = jiff::tz::Offset::from_seconds(seconds).ok()?;
        Some(at.display_with_offset(zone).to_string())
    };
    value.as_str().and_then(later).map_or_else(|| value.clone(), Value::from)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
