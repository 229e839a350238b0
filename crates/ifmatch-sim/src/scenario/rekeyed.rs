//! Schedules whose planner's tool writes a shift by deleting it and making it again: the same shift under another id, while
//! sources go on with the id that they know.

use super::schedules::shifts;
use crate::rng::Rng;
use crate::script::{Hours, Op, Setup, Spoken};
use crate::world::ORG;
use ifmatch_core::{Change, OrgName, Resource, Verb};
use serde_json::json;

/// Adds to a world of one schedule some shifts that are made again, and wishes for them by their old ids.
pub(super) fn rekeyed(mut setup: Setup, seed: u64) -> Setup {
    let mut rng = Rng::named(seed, "rekeyed");
    let (schedule, shifts) = shifts(&setup.scenario, &setup.start, setup.seed);
    if shifts.is_empty() {
        return setup;
    }
    for number in 0..rng.between(1, 4) {
        let (agent, shift) = rng.pick(&shifts).clone();
        let made = Rekeyed {
            id: format!("{schedule}/{agent}"),
            path: format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}"),
            again: format!("anew-{number}"),
            shift,
        };
        let at = rng.between(40_000, setup.calm_at - 120_000);
        setup.ops.extend(made.ops(&mut rng, at));
    }
    setup.ops.sort_by_key(|(at, _)| *at);
    setup
}

/// A shift that is made again.
struct Rekeyed {
    /// The id of the agent's schedule.
    id: String,
    path: String,
    shift: String,
    /// What it is called afterwards.
    again: String,
}

impl Rekeyed {
    fn ops(&self, rng: &mut Rng, at: i64) -> Vec<(i64, Op)> {
        let by = || "Ada Lehmann".to_owned();
        let (path, shift) = (self.path.clone(), self.shift.clone());
        let mut ops = vec![(at, Op::Rekey { by: by(), path, shift, again: self.again.clone() })];
        for source in ["north", "south"] {
            if rng.percent(70) {
                let before = rng.between(100, 30_000);
                ops.push((at - before, Op::Look { source: source.to_owned(), path: self.path.clone() }));
            }
        }
        for _ in 0..rng.between(1, 5) {
            let source = (*rng.pick(&["north", "south"])).to_owned();
            let when = at + rng.between(-5_000, 60_000);
            let op = match rng.below(4) {
                0 => self.moves(rng, &source),
                _ => {
                    let spoken = *rng.pick(&[Spoken::Versioned, Spoken::Valued, Spoken::Blind]);
                    Op::WishHours { source, spoken, hours: self.hours(rng, &self.shift) }
                }
            };
            ops.push((when, op));
        }
        if rng.percent(50) {
            let hours = self.hours(rng, &self.again);
            ops.push((at + rng.between(0, 60_000), Op::EditHours { by: by(), hours }));
        }
        ops
    }

    fn moves(&self, rng: &mut Rng, source: &str) -> Op {
        let resource = Resource::by_id(&OrgName::from(ORG), "agent-schedule", &self.id);
        let args = json!({ "shift_id": self.shift, "minutes": rng.between(1, 4) * 15 });
        Op::submit(source, super::intent(resource, Change::Verb(Verb { name: "move-shift".to_owned(), args })))
    }

    fn hours(&self, rng: &mut Rng, shift: &str) -> Hours {
        Hours {
            id: self.id.clone(),
            path: self.path.clone(),
            shift: shift.to_owned(),
            from_minutes: rng.between(0, 12) * 30,
            length_minutes: rng.between(1, 4) * 30,
            code: rng.pick(&[Some("training"), Some("meeting"), None]).map(str::to_owned),
        }
    }
}
