//! What exists at the start besides the records of `wfm-v2`: the business unit that its schedules name, one management unit
//! with every agent, and what each kind puts into them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    history::History,
    platform::{
        W,
        document::Document,
        kinds::{self, business_units, management_units},
    },
    record::Schedule,
    rng::uuid_of,
    target::Target,
    time::DAY,
};

/// The units at the start.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) business_unit: String,
    pub(crate) management_unit: String,
    pub(crate) time_zone: String,
    /// When all this was made.
    pub(crate) at: i64,
}

impl Home {
    /// The path of something in the business unit.
    pub(crate) fn in_business_unit(&self, rest: &str) -> String {
        format!("{W}/businessunits/{}/{rest}", self.business_unit)
    }

    /// The path of something in the management unit.
    pub(crate) fn in_management_unit(&self, rest: &str) -> String {
        format!("{W}/managementunits/{}/{rest}", self.management_unit)
    }
}

/// The first management unit of a business unit at the start: what is in a management unit is in this one.
pub(crate) fn management_unit_of(business_unit: &str) -> String {
    uuid_of(&format!("management-unit/{business_unit}"))
}

/// The management unit of a business unit at a place, the first one at 0. The others have agents and nothing else.
fn unit_at(business_unit: &str, place: usize) -> String {
    match place {
        0 => management_unit_of(business_unit),
        _ => uuid_of(&format!("management-unit/{business_unit}/{place}")),
    }
}

impl Target {
    /// How many management units a business unit has.
    fn units(&self) -> usize {
        self.platform.start.as_ref().map_or(1, |start| start.units).max(1)
    }

    /// The management unit of an agent in a business unit: agents are dealt out in their order.
    pub(crate) fn unit_of(&self, business_unit: &str, agent: &str) -> String {
        let place = match self.units() {
            1 => 0,
            units => self.agents.iter().position(|(id, _)| id == agent).unwrap_or(0) % units,
        };
        unit_at(business_unit, place)
    }

    /// The agents of a schedule by their management units, in the order of the units; the first one also where it has none.
    pub(crate) fn agents_by_unit<'s>(&self, schedule: &'s Schedule) -> Vec<(String, Vec<&'s str>)> {
        let home = &schedule.business_unit_id;
        let mut found: Vec<(String, Vec<&str>)> =
            (0..self.units()).map(|place| (unit_at(home, place), Vec::new())).collect();
        for id in schedule.agents.keys() {
            let unit = self.unit_of(home, id);
            found.iter_mut().filter(|(other, _)| *other == unit).for_each(|(_, agents)| agents.push(id));
        }
        let mut place = 0;
        found.retain(|(_, agents)| {
            place += 1;
            place == 1 || !agents.is_empty()
        });
        found
    }
}

/// What the documents of the start are made of, besides the agents, who stay the same.
#[derive(Debug)]
pub(crate) struct Start {
    time_zone: String,
    /// Management units of each business unit.
    units: usize,
    at: i64,
    schedules: BTreeMap<String, History<Schedule>>,
}

impl Start {
    /// A target as it stands at the instant `at`, at which the run starts.
    pub(crate) fn of(target: &Target, (time_zone, units): (&str, usize), at: i64) -> Self {
        Self { time_zone: time_zone.to_owned(), units, at, schedules: target.schedules.clone() }
    }
}

/// The documents that exist from the start.
pub(crate) fn documents(target: &Target, start: &Start) -> BTreeMap<String, History<Document>> {
    let mut bare = Target::new(target.options.clone(), target.seed);
    bare.agents = target.agents.clone();
    bare.schedules = start.schedules.clone();
    build(&mut bare, &start.time_zone, start.at);
    let homes: Vec<String> =
        bare.schedules.values().map(|history| history.current().business_unit_id.clone()).collect();
    for place in 1..start.units {
        homes.iter().for_each(|home| seed_further_unit(&mut bare, home, place));
    }
    bare.into_documents()
}

/// Fills the platform's share of the world. `start` is the instant at which the run starts.
fn build(target: &mut Target, time_zone: &str, start: i64) {
    let schedules = target.schedules.values().map(|history| history.current());
    let mut units: BTreeMap<String, String> =
        schedules.map(|schedule| (schedule.business_unit_id.clone(), schedule.time_zone.clone())).collect();
    if units.is_empty() {
        units.insert(uuid_of(&format!("business-unit/{time_zone}")), time_zone.to_owned());
    }
    for (business_unit, time_zone) in units {
        let management_unit = management_unit_of(&business_unit);
        let home = Home { business_unit, management_unit, time_zone, at: start - DAY };
        seed_units(target, &home);
        for seed in kinds::SEEDS {
            seed(target, &home);
        }
    }
}

fn seed_units(target: &mut Target, home: &Home) {
    let name = home.time_zone.rsplit('/').next().unwrap_or_default().replace('_', " ");
    let division = business_units::division(&business_units::home_division());
    let business_unit = json!({
        "name": name, "division": division, "settings": business_units::settings(&home.time_zone),
    });
    let path = format!("{}/{}", business_units::KIND.collection, home.business_unit);
    target.seed_document(home.at, path.clone(), object(business_unit));
    let management_unit = json!({
        "name": format!("{name} agents"), "division": division, "settings": management_units::settings(),
        "businessUnit": {"id": home.business_unit, "selfUri": path}, "timeZone": home.time_zone, "startDayOfWeek": "Monday",
    });
    let path = format!("{}/{}", management_units::KIND.collection, home.management_unit);
    target.seed_document(home.at, path, object(management_unit));
}

/// A further management unit beside the first one of its business unit.
fn seed_further_unit(target: &mut Target, business_unit: &str, place: usize) {
    let path = |unit: &str| format!("{}/{unit}", management_units::KIND.collection);
    let Some(first) = target.document(&path(&management_unit_of(business_unit))) else { return };
    let mut fields = first.fields.clone();
    fields.insert("name".to_owned(), json!(format!("{} {}", first.text("name"), place + 1)));
    target.seed_document(first.meta.at, path(&unit_at(business_unit, place)), fields);
}

/// The members of a JSON object.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
