//! Worlds that showed a fault once, each with its name, its seed and what it showed.
//!
//! A seed draws the same world only as long as the draw and the engine's own chances stay as they
//! are. What a fault was is therefore tested where it was mended as well; this list keeps the
//! worlds themselves, as they met it.

use ifmatch_sim::{Report, run, run_seed, scenario};

/// A world that failed once.
struct Reproduction {
    /// What the fault is called.
    name: &'static str,
    /// A scenario with a name; `None` for a world drawn from the seed.
    scenario: Option<&'static str>,
    seed: u64,
    /// What the world showed.
    showed: &'static str,
}

const fn drawn(name: &'static str, seed: u64, showed: &'static str) -> Reproduction {
    Reproduction { name, scenario: None, seed, showed }
}

const fn incident(name: &'static str, scenario: &'static str, seed: u64, showed: &'static str) -> Reproduction {
    Reproduction { name, scenario: Some(scenario), seed, showed }
}

const ALL: &[Reproduction] = &[
    drawn(
        "together_with_the_refused_one",
        1_795_256_953_118,
        "a request that left together with the one that was refused counted as early",
    ),
    drawn("a_404_names_no_time", 3_000_000_000_235, "a throttled request that got 404 counted as an announced wait"),
    drawn(
        "a_pair_that_undoes_itself",
        3_100_000_001_027,
        "two verbs that cancel each other were said to have landed in a version of somebody else",
    ),
    drawn(
        "changed_and_changed_back",
        3_100_000_001_749,
        "a version that nobody holds was taken for what an older and the current one agree on",
    ),
    drawn(
        "a_late_start",
        3_100_000_001_821,
        "a publish was started again while the first start, without an answer, could still come",
    ),
    drawn(
        "decided_then_superseded",
        3_100_000_002_272,
        "a decision counted for nothing once a chain of newer words of the same source took its place",
    ),
    drawn(
        "doubt_sent_again",
        3_300_000_000_215,
        "a document that nobody knows the base of was written when it arrived once more",
    ),
    drawn(
        "sent_again_after_a_refusal",
        3_300_000_001_058,
        "a wish without a base that the store could not take was judged by what stood when it was refused",
    ),
    drawn(
        "a_status_that_goes_back",
        3_300_000_000_798,
        "a status older than a run that was seen led to a second start",
    ),
    drawn(
        "the_run_before_ours",
        3_300_000_003_847,
        "a lagging status of the run before was taken for the run of an unanswered start",
    ),
    drawn(
        "the_copy_that_a_rule_refuses",
        3_500_000_001_878,
        "an unanswered write was repeated for ever, since a rule refused each copy",
    ),
    incident(
        "one_request_two_trades",
        "trades",
        12,
        "a creation without an answer was sent again, and the target made a second trade of one request",
    ),
    incident(
        "no_step_of_a_trade",
        "trades",
        8,
        "a settled trade was written to again and again, since the refusal had no words",
    ),
    incident(
        "the_wait_that_began_anew",
        "trades",
        6,
        "a token that ran out renewed the time that a lock is waited for",
    ),
    incident(
        "two_names_one_trade",
        "trades",
        137,
        "a trade that was found under a second name was said to be made by who found it",
    ),
    incident(
        "the_copy_that_nothing_explains",
        "trades",
        326,
        "an unanswered approval was repeated for ever, since each copy was refused in words that nobody knew",
    ),
    incident(
        "a_creation_is_never_stale",
        "trades",
        444,
        "a creation that met a lock was sent again at once, until its budget for merges was spent",
    ),
    incident(
        "a_word_that_settled_meanwhile",
        "i01",
        3_200_000_000_084,
        "a document went to review against a word that the same composition had settled",
    ),
    incident(
        "the_answer_is_not_the_base",
        "i01",
        3_400_000_000_671,
        "a document without a version was taken for made from the answer to an earlier write",
    ),
    incident(
        "two_candidates_one_edit",
        "i01",
        3_400_000_000_312,
        "a field that the source never changed was written because an answer lay as near as its own word",
    ),
    incident(
        "forgotten_and_spent",
        "backlog",
        207,
        "requests on the wire when a commit failed were not counted, and the limit was overrun",
    ),
    incident(
        "undecided_and_the_next_word",
        "i01",
        3_200_000_000_180,
        "the next document after an undecided write overwrote what may have replaced it",
    ),
];

fn report(world: &Reproduction) -> Report {
    match world.scenario {
        Some(name) => run(scenario::named(name, world.seed).expect("a named scenario")),
        None => run_seed(world.seed),
    }
}

#[test]
fn worlds_that_failed_once_hold() {
    let bad: Vec<String> = ALL
        .iter()
        .flat_map(|world| {
            let violations = report(world).violations.into_iter();
            violations.map(|found| format!("{} (seed {}: {}): {found:?}", world.name, world.seed, world.showed))
        })
        .collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}
