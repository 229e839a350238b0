//! Halves that stand alone, and shifts that arrive otherwise than they were given.

use super::*;
use serde_json::json;
use std::sync::Arc;

/// The first world of pairs that has what is asked for, with what it left.
fn ran(has: impl Fn(&World, &Evidence) -> bool) -> (World, Evidence) {
    let mut worlds = (1..=60).map(|seed| {
        let mut world = World::new(crate::scenario::named("pairs", seed).unwrap());
        world.run();
        let evidence = Evidence::gather(&mut world);
        (world, evidence)
    });
    worlds.find(|(world, evidence)| has(world, evidence)).expect("one of the worlds has it")
}

fn check(world: &World, evidence: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    judge(world, evidence, &mut out);
    out.into_iter().map(|violation| violation.promise).collect()
}

/// The engine's undo of half a pair, where it is the only one of that half.
fn back(evidence: &Evidence) -> Option<IntentId> {
    let landed = |record: &&IntentRecord| record.intent.takes_back_half() && effect(evidence, record.id).is_some();
    evidence.intents.values().find(landed).map(|record| record.id)
}

/// An entry of a swap that landed which brings a shift, and the place of that change.
fn brings(world: &World, evidence: &Evidence) -> Option<(usize, usize)> {
    let swaps = |id: IntentId| {
        let record = evidence.intents.get(&id);
        let partner = record.and_then(|record| partner(world, evidence, record));
        let swap = |record: &IntentRecord| matches!(&record.intent.change, Change::Verb(verb) if verb.name == "swap");
        let stands = |record: &IntentRecord| stands(evidence, record.id);
        record.is_some_and(|record| swap(record) && stands(record)) && partner.is_some_and(stands)
    };
    evidence.entries().enumerate().find_map(|(at, entry)| {
        let alone = matches!(evidence.shares(entry), [share] if swaps(share.intent));
        let brought =
            |change: &ifmatch_sandbox::Change| change.path.matches('/').count() == 2 && change.before.is_none();
        let place = entry.changes.iter().position(brought).filter(|_| alone && entry.actor == OURS)?;
        Some((at, place))
    })
}

#[test]
fn half_a_pair_that_nothing_takes_back_is_seen() {
    let (world, mut evidence) = ran(|_, evidence| back(evidence).is_some());
    assert!(check(&world, &evidence).is_empty());
    let back = back(&evidence).unwrap();
    evidence.intents.remove(&back);
    assert!(check(&world, &evidence).contains(&"P3".to_owned()));
}

#[test]
fn a_shift_that_arrives_otherwise_is_seen() {
    let (world, mut evidence) = ran(|world, evidence| brings(world, evidence).is_some());
    assert!(check(&world, &evidence).is_empty());
    let (at, place) = brings(&world, &evidence).unwrap();
    Arc::make_mut(&mut evidence.ledger[at]).changes[place].after.as_mut().unwrap()["length_minutes"] = json!(1);
    assert_eq!(check(&world, &evidence), ["P2"]);
}

#[test]
fn only_a_rule_of_the_target_keeps_half_a_pair() {
    let mut world = World::new(crate::scenario::named("silent", 212).unwrap());
    world.run();
    let evidence = Evidence::gather(&mut world);
    assert!(check(&world, &evidence).is_empty());
    world.setup.scenario.options.rest_minutes_min = 0;
    assert_eq!(check(&world, &evidence), ["P3"]);
}
