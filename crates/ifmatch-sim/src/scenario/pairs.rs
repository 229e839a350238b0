//! Schedules in which sources change two agents together, and have agents swap shifts, beside people, locks and crashes that
//! come in between.

use super::fate::CRASHES;
use super::schedules::shifts;
use crate::rng::Rng;
use crate::script::{Hours, Op, Setup, Spoken, Wish};
use crate::world::ORG;
use ifmatch_core::{Change, Intent, OrgName, Resource, SignedDuration, Timestamp, Verb};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SOURCES: [&str; 2] = ["north", "south"];
const PEOPLE: [&str; 2] = ["Ada Lehmann", "Ben Okoro"];
const STATUSES: [&str; 3] = ["available", "unavailable", "training"];

/// Adds pairs and swaps to a world of one schedule, and to its neighbour's: pairs of the same names.
pub(super) fn paired(mut setup: Setup, seed: u64) -> Setup {
    if let Some(neighbour) = setup.neighbour.take() {
        let org = neighbour.org.clone();
        setup.neighbour = Some(Box::new(added(*neighbour, seed, "neighbour").of_org(&org)));
    }
    added(setup, seed, "")
}

fn added(mut setup: Setup, seed: u64, beside: &str) -> Setup {
    let mut rng = Rng::named(seed, &format!("pairs{beside}"));
    let Some(week) = Week::of(&setup) else { return setup };
    let until = setup.calm_at - 120_000;
    for number in 0..rng.between(1, 5) {
        let at = rng.between(0, until);
        let two = week.two(&mut rng);
        setup.ops.extend(week.pair(&mut rng, (at, number), &two));
        setup.ops.extend(week.meddling(&mut rng, at, &two));
    }
    for _ in 0..rng.between(1, 5) {
        let at = rng.between(0, until);
        let two = week.two(&mut rng);
        setup.ops.extend(week.swap(&mut rng, at, &two));
        setup.ops.extend(week.meddling(&mut rng, at, &two));
    }
    if rng.percent(40) {
        for _ in 0..rng.between(1, 4) {
            let newer = usize::try_from(rng.between(0, 6)).unwrap_or(0);
            let source = (*rng.pick(&SOURCES)).to_owned();
            setup.ops.push((rng.between(60_000, setup.calm_at), Op::Undo { source, newer }));
        }
    }
    if rng.percent(30) {
        let how = *rng.pick(&["local", "remote", "drop"]);
        setup.ops.push((rng.between(setup.calm_at / 2, setup.calm_at), Op::Decide(how.to_owned())));
    }
    setup.ops.sort_by_key(|(at, _)| *at);
    setup
}

/// The one schedule of a world.
struct Week {
    id: String,
    start: Timestamp,
    /// The agents' ids, each with the ids of their shifts in order.
    agents: Vec<(String, Vec<String>)>,
}

/// An agent who takes part, and the shift that is meant.
#[derive(Clone)]
struct Part {
    /// The id of the agent's schedule.
    id: String,
    agent: String,
    path: String,
    shift: String,
}

impl Week {
    /// None where fewer than two agents work in it.
    fn of(setup: &Setup) -> Option<Self> {
        let (id, flat) = shifts(&setup.scenario, &setup.start, setup.seed);
        let mut agents: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (agent, shift) in flat {
            agents.entry(agent).or_default().push(shift);
        }
        let start = setup.start.parse().ok()?;
        (agents.len() > 1).then(|| Self { id, start, agents: agents.into_iter().collect() })
    }

    /// Two agents, mostly with their shifts of one day: others would often overlap with what the agent works already.
    fn two(&self, rng: &mut Rng) -> [Part; 2] {
        let count = i64::try_from(self.agents.len()).unwrap_or(2);
        let first = rng.between(0, count - 1);
        let second = (first + rng.between(1, count - 1)) % count;
        let of = |agent: i64| &self.agents[usize::try_from(agent).unwrap_or(0)];
        let day = rng.draw();
        let other = if rng.percent(80) { day } else { rng.draw() };
        let part = |(agent, shifts): &(String, Vec<String>), day: u64| Part {
            id: format!("{}/{agent}", self.id),
            agent: agent.clone(),
            path: format!("/api/v2/wfm/schedules/{}/agents/{agent}", self.id),
            shift: shifts[usize::try_from(day % shifts.len() as u64).unwrap_or(0)].clone(),
        };
        [part(of(first), day), part(of(second), other)]
    }

    /// The two halves of a pair, now and then long apart, and now and then only one.
    fn pair(&self, rng: &mut Rng, (at, number): (i64, i64), two: &[Part; 2]) -> Vec<(i64, Op)> {
        let source = *rng.pick(&SOURCES);
        let name = format!("pair-{number}");
        let apart = if rng.percent(12) { rng.between(60_000, 700_000) } else { rng.between(0, 4_000) };
        let lone = rng.percent(6);
        let times = [at, at + apart].into_iter().take(if lone { 1 } else { 2 });
        times.zip(two).flat_map(|(at, part)| self.half(rng, (source, &name), at, part)).collect()
    }

    fn half(&self, rng: &mut Rng, (source, name): (&str, &str), at: i64, part: &Part) -> Vec<(i64, Op)> {
        let mut ops = Vec::new();
        if rng.percent(40) {
            let minutes = rng.between(1, 6) * 15;
            let verb = *rng.pick(&["move-shift", "extend-shift"]);
            let wish = self.verb(part, verb, json!({ "shift_id": part.shift, "minutes": minutes }));
            let deadline =
                rng.percent(15).then(|| self.start + SignedDuration::from_millis(at + rng.between(5_000, 90_000)));
            let wish = Intent { pair: Some(name.to_owned()), deadline, ..wish };
            return vec![(at, Op::submit(source, wish))];
        }
        if rng.percent(70) {
            let (source, path) = (source.to_owned(), part.path.clone());
            ops.push(((at - rng.between(0, 30_000)).max(0), Op::Look { source, path }));
        }
        let wish = Wish {
            source: source.to_owned(),
            kind: "agent-schedule".to_owned(),
            id: part.id.clone(),
            path: part.path.clone(),
            set: availability(rng),
            spoken: *rng.pick(&[Spoken::Versioned, Spoken::Valued, Spoken::Blind]),
            on_conflict: None,
            pair: Some(name.to_owned()),
        };
        ops.push((at, Op::Wish(wish)));
        ops
    }

    /// The first one's shift for the second one's; now and then asked for twice, or another agent takes part as well.
    fn swap(&self, rng: &mut Rng, at: i64, two: &[Part; 2]) -> Vec<(i64, Op)> {
        let [first, second] = two;
        let swap = |rng: &mut Rng, at: i64, first: &Part, second: &Part| {
            let args = json!({ "shift_id": first.shift, "with_agent_id": second.agent, "with_shift_id": second.shift });
            let deadline =
                rng.percent(10).then(|| self.start + SignedDuration::from_millis(at + rng.between(5_000, 90_000)));
            let wish = Intent { deadline, ..self.verb(first, "swap", args) };
            let source = *rng.pick(&SOURCES);
            (at, Op::submit(source, wish))
        };
        let mut ops = vec![swap(rng, at, first, second)];
        if rng.percent(15) {
            let when = at + rng.between(0, 30_000);
            ops.push(swap(rng, when, first, second));
        }
        if rng.percent(15) {
            // And back again, as each of them would ask for it.
            let when = at + rng.between(2_000, 90_000);
            let mine = Part { shift: second.shift.clone(), ..first.clone() };
            let other = Part { shift: first.shift.clone(), ..second.clone() };
            ops.push(swap(rng, when, &mine, &other));
        }
        if rng.percent(20) {
            let [third, _] = self.two(rng);
            let when = at + rng.between(-2_000, 20_000);
            if third.agent != first.agent {
                ops.push(swap(rng, when.max(0), first, &third));
            }
        }
        ops
    }

    /// What befalls two agents around an instant.
    fn meddling(&self, rng: &mut Rng, at: i64, two: &[Part; 2]) -> Vec<(i64, Op)> {
        let mut ops = Vec::new();
        if rng.percent(40) {
            let path = rng.pick(two).path.clone();
            let seconds = rng.between(10, 240).unsigned_abs();
            ops.push(((at + rng.between(-2_000, 4_000)).max(0), Op::Lock { path, seconds }));
        }
        for _ in 0..rng.between(0, 2) {
            let when = at + rng.between(0, 90_000);
            let part = rng.pick(two);
            ops.push((when, self.edit(rng, part)));
        }
        if rng.percent(20) {
            // The other source, or the same, means one of the two shifts as well.
            let part = rng.pick(two);
            let minutes = rng.between(1, 4) * 15;
            let wish = self.verb(part, "extend-shift", json!({ "shift_id": part.shift, "minutes": minutes }));
            let when = (at + rng.between(-3_000, 20_000)).max(0);
            let source = *rng.pick(&SOURCES);
            ops.push((when, Op::submit(source, wish)));
        }
        if rng.percent(12) {
            let newer = usize::try_from(rng.between(0, 2)).unwrap_or(0);
            ops.push((at + rng.between(20, 60_000), Op::Withdraw { newer }));
        }
        if rng.percent(15) {
            ops.push((at + rng.between(0, 6_000), Op::Crash(*rng.pick(&CRASHES))));
        }
        ops
    }

    /// A person sets what an agent does, turns hours of the shift, or deletes it.
    fn edit(&self, rng: &mut Rng, part: &Part) -> Op {
        let by = (*rng.pick(&PEOPLE)).to_owned();
        let path = part.path.clone();
        match rng.below(10) {
            0 => Op::Edit { path, patch: json!({ "shifts": [{ "id": part.shift, "deleted": true }] }), by },
            1..=5 => Op::Edit { path, patch: availability(rng), by },
            _ => {
                let hours = Hours {
                    id: part.id.clone(),
                    path,
                    shift: part.shift.clone(),
                    from_minutes: rng.between(0, 12) * 30,
                    length_minutes: rng.between(1, 4) * 30,
                    code: Some((*rng.pick(&["training", "meeting"])).to_owned()),
                };
                Op::EditHours { by, hours }
            }
        }
    }

    fn verb(&self, part: &Part, name: &str, args: Value) -> Intent {
        let resource = Resource::by_id(&OrgName::from(ORG), "agent-schedule", &part.id);
        super::intent(resource, Change::Verb(Verb { name: name.to_owned(), args }))
    }
}

fn availability(rng: &mut Rng) -> Value {
    json!({ "availability": { "status": *rng.pick(&STATUSES) } })
}
