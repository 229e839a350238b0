//! What the judge takes a local time for, and that it sees a wrong one.

use super::*;
use crate::checkers::rig;
use crate::script::SourceSpec;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn every_offset_that_the_clock_can_have_is_tried() {
    let check = |text: &str, wanted: Meant| {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(instants(&paris, text), Some(wanted), "{text}");
    };
    check("2026-07-01T08:00", Meant::One(at("2026-07-01T06:00:00Z")));
    check("2026-10-25T01:59", Meant::One(at("2026-10-24T23:59:00Z")));
    check("2026-10-25T03:00", Meant::One(at("2026-10-25T02:00:00Z")));
    check("2026-10-25T02:30", Meant::Doubt([at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z")]));
    check("2026-03-29T02:30", Meant::Doubt([at("2026-03-29T00:30:00Z"), at("2026-03-29T01:30:00Z")]));
    check("2026-03-29T03:00", Meant::One(at("2026-03-29T01:00:00Z")));
}

/// A calm world in which a source says one local time of a score.
fn world(text: &str, local_times: LocalTimes) -> (World, Evidence) {
    let alpha = SourceSpec { local_times, ..SourceSpec::edits("alpha") };
    rig::ran_as(alpha, &[json!({ FIELD: text })], &[])
}

fn found(world: &World, evidence: &Evidence) -> Vec<Violation> {
    let mut out = Vec::new();
    judge(world, evidence, &mut out);
    out
}

#[test]
fn what_the_engine_does_is_right_and_another_reading_of_it_is_not() {
    for text in ["2026-10-25T02:30", "2026-03-29T02:30", "2026-07-01T08:00"] {
        for policy in [LocalTimes::Review, LocalTimes::Earlier, LocalTimes::Later, LocalTimes::Reject] {
            let (world, evidence) = world(text, policy);
            assert_eq!(found(&world, &evidence), Vec::new(), "{text} {policy:?}");
        }
    }
    // The same run, judged as if the source had another policy.
    for (took, wants) in [(LocalTimes::Earlier, LocalTimes::Later), (LocalTimes::Later, LocalTimes::Review)] {
        let (mut world, evidence) = world("2026-10-25T02:30", took);
        world.setup.sources[0].local_times = wants;
        let found = found(&world, &evidence);
        assert!(!found.is_empty() && found.iter().all(|violation| violation.promise == "time"), "{found:?}");
    }
    // A person who is shown one instant only, and one who is asked for nothing.
    let (world, mut evidence) = world("2026-10-25T02:30", LocalTimes::Review);
    for note in evidence.intents.values_mut().flat_map(|record| &mut record.status.conflict) {
        note.candidates.pop();
    }
    assert_eq!(found(&world, &evidence).len(), 1);
}
