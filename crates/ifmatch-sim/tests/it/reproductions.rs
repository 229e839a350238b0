//! Worlds that showed a fault once, each with its name, its seed and what it showed.
//!
//! A seed draws the same world only as long as the draw and the engine's own chances stay as they
//! are. What a fault was is therefore tested where it was mended as well; this list keeps the
//! worlds themselves, as they met it.

use ifmatch_sim::{Report, run, scenario};

/// A world that failed once.
struct Reproduction {
    /// What the fault is called.
    name: &'static str,
    /// The scenario by its name: an incident, or what drawn worlds are about; or [`DRAWN`].
    scenario: &'static str,
    seed: u64,
    /// What the world showed.
    showed: &'static str,
}

const fn shown_by(name: &'static str, scenario: &'static str, seed: u64, showed: &'static str) -> Reproduction {
    Reproduction { name, scenario, seed, showed }
}

/// In place of a scenario's name: a world of whatever its seed draws.
const DRAWN: &str = "drawn";

const ALL: &[Reproduction] = &[
    shown_by(
        "back_to_where_it_started",
        "scores",
        1_795_294_398_625,
        "a blind wish for the value that an open question had started from was told as satisfied",
    ),
    shown_by(
        "joined_and_left_alone",
        "scores",
        1_795_294_402_022,
        "a wish that waited with a withdrawn one was told as satisfied by a value that never stood",
    ),
    shown_by(
        "concluded_from_an_old_read",
        "trades",
        1_795_294_402_936,
        "a wish went to a person by what was read before somebody had changed the record",
    ),
    shown_by(
        "a_copy_of_a_publish",
        "schedules",
        1_795_294_411_824,
        "a run that a second copy of our request had started was counted against us",
    ),
    shown_by(
        "a_document_that_says_what_waits",
        "trades",
        2_584,
        "a document without a base was told as satisfied, since another source was about to write the same value",
    ),
    shown_by(
        "all_that_a_document_says",
        "trades",
        1_795_300_002_114,
        "a document in review forgot a field that another source was about to write with the same value",
    ),
    shown_by(
        "its_own_doubtful_question",
        "scores",
        1_795_290_156_608,
        "a wish that showed its own open wish as its base was told as satisfied, where the base of that one was unknown",
    ),
    shown_by(
        "a_word_taken_back",
        "scores",
        1_795_292_481_733,
        "a document that took the last word of its source back was told as satisfied",
    ),
    shown_by(
        "a_lane_that_is_adopted",
        "trades",
        1_795_400_003_794,
        "a lane that a creation was about to go on in started a turn of its own, so two turns worked on one record",
    ),
    shown_by(
        "seen_between_two_lives",
        "scores",
        1_795_293_301_592,
        "what was read after a clock had been set back counted as known before a wish, and a person's edit was erased",
    ),
    shown_by(
        "blind_without_stamps",
        "schedules",
        1_618,
        "a wish without a base erased what another source had written after it, in a record that has no stamps",
    ),
    shown_by(
        "its_own_question_as_a_base",
        "trades",
        1_795_286_354_945,
        "a wish that showed its own open wish as its base was told as satisfied, and the older one was gone",
    ),
    shown_by(
        "an_answer_as_old_as_its_question",
        "schedules",
        1_795_286_356_589,
        "a status that was read before a standstill counted as fresh after it, and a second publish was started",
    ),
    shown_by(
        "a_barrier_lifted_meanwhile",
        "schedules",
        1_795_286_357_837,
        "a publish waited for ever when what it waited for got on while a turn held its lane",
    ),
    shown_by(
        "withdrawn_beside_an_unanswered_write",
        "trades",
        1_795_286_360_484,
        "an intent in review was not withdrawn while another one of its record was unresolved",
    ),
    shown_by(
        "together_with_the_refused_one",
        "scores",
        1_795_256_953_118,
        "a request that left together with the one that was refused counted as early",
    ),
    shown_by(
        "a_404_names_no_time",
        "schedules",
        3_000_000_000_235,
        "a throttled request that got 404 counted as an announced wait",
    ),
    shown_by(
        "a_pair_that_undoes_itself",
        "schedules",
        3_100_000_001_027,
        "two verbs that cancel each other were said to have landed in a version of somebody else",
    ),
    shown_by(
        "changed_and_changed_back",
        "scores",
        3_100_000_001_749,
        "a version that nobody holds was taken for what an older and the current one agree on",
    ),
    shown_by(
        "a_late_start",
        "schedules",
        3_100_000_001_821,
        "a publish was started again while the first start, without an answer, could still come",
    ),
    shown_by(
        "decided_then_superseded",
        "scores",
        3_100_000_002_272,
        "a decision counted for nothing once a chain of newer words of the same source took its place",
    ),
    shown_by(
        "doubt_sent_again",
        "scores",
        3_300_000_000_215,
        "a document that nobody knows the base of was written when it arrived once more",
    ),
    shown_by(
        "sent_again_after_a_refusal",
        "scores",
        3_300_000_001_058,
        "a wish without a base that the store could not take was judged by what stood when it was refused",
    ),
    shown_by(
        "a_status_that_goes_back",
        "schedules",
        3_300_000_000_798,
        "a status older than a run that was seen led to a second start",
    ),
    shown_by(
        "the_run_before_ours",
        "schedules",
        3_300_000_003_847,
        "a lagging status of the run before was taken for the run of an unanswered start",
    ),
    shown_by(
        "the_copy_that_a_rule_refuses",
        "schedules",
        3_500_000_001_878,
        "an unanswered write was repeated for ever, since a rule refused each copy",
    ),
    shown_by(
        "one_request_two_trades",
        "trades",
        12,
        "a creation without an answer was sent again, and the target made a second trade of one request",
    ),
    shown_by(
        "no_step_of_a_trade",
        "trades",
        8,
        "a settled trade was written to again and again, since the refusal had no words",
    ),
    shown_by(
        "the_wait_that_began_anew",
        "trades",
        6,
        "a token that ran out renewed the time that a lock is waited for",
    ),
    shown_by(
        "two_names_one_trade",
        "trades",
        137,
        "a trade that was found under a second name was said to be made by who found it",
    ),
    shown_by(
        "the_copy_that_nothing_explains",
        "trades",
        326,
        "an unanswered approval was repeated for ever, since each copy was refused in words that nobody knew",
    ),
    shown_by(
        "a_creation_is_never_stale",
        "trades",
        444,
        "a creation that met a lock was sent again at once, until its budget for merges was spent",
    ),
    shown_by(
        "a_word_that_settled_meanwhile",
        "i01",
        3_200_000_000_084,
        "a document went to review against a word that the same composition had settled",
    ),
    shown_by(
        "the_answer_is_not_the_base",
        "i01",
        3_400_000_000_671,
        "a document without a version was taken for made from the answer to an earlier write",
    ),
    shown_by(
        "two_candidates_one_edit",
        "i01",
        3_400_000_000_312,
        "a field that the source never changed was written because an answer lay as near as its own word",
    ),
    shown_by(
        "forgotten_and_spent",
        "backlog",
        207,
        "requests on the wire when a commit failed were not counted, and the limit was overrun",
    ),
    shown_by(
        "undecided_and_the_next_word",
        "i01",
        3_200_000_000_180,
        "the next document after an undecided write overwrote what may have replaced it",
    ),
    shown_by(
        "a_repair_under_a_repair",
        "unguarded",
        700_741,
        "what a repair had overwritten was told to nobody where the target keeps no versions",
    ),
    shown_by(
        "a_repair_beside_a_report",
        "unguarded",
        810_613,
        "what a repair had overwritten was left, since the write carried an intent whose source wants a report only",
    ),
    shown_by(
        "somebody_elses_same_value",
        "unguarded",
        830_394,
        "a value that a person had set to what ours was to be was taken back with all that they wrote beside it",
    ),
    shown_by(
        "two_intents_one_of_them_again",
        "unguarded",
        840_001,
        "a value of an intent that had landed was taken back with another one's",
    ),
    shown_by(
        "an_unchanged_write_names_another",
        "unguarded",
        842_323,
        "an answer that shows the name of whoever wrote before was taken for our own name",
    ),
    shown_by(
        "a_text_within_a_word",
        "unguarded",
        1_795_321_839_001,
        "`append` took a note for kept, since its text is the beginning of a longer number",
    ),
    shown_by(
        "an_edit_of_what_another_removes",
        "rekeyed",
        1_341,
        "an edit of a shift was told as landed by a record without that shift, which another intent of the write removes",
    ),
    shown_by(
        "set_back_by_what_waits",
        "rekeyed",
        1_795_338_627_205,
        "a wish that showed the shift as it stood set its start back, since an older one of its source waited with that",
    ),
    shown_by(
        "goes_on_from_what_never_stood",
        "schedules",
        1_795_338_599_176,
        "a break was lost: the wish that said it had ended in a newer one, which counted it as standing already",
    ),
    shown_by(
        "brought_back_by_its_parts",
        "schedules",
        1_795_338_599_622,
        "a shift that somebody had removed came back, since a wish without a base named parts of it",
    ),
    shown_by(
        "added_to_nothing",
        "undone",
        1_795_338_616_469,
        "a text that a policy adds was told as a lost edit, since what stood there was empty",
    ),
    shown_by(
        "others_wrote_before_the_look",
        "silent",
        1_795_338_652_175,
        "a write that was not applied was told as landed, since a person had written there before the read that was to show it",
    ),
    shown_by(
        "waits_at_another_key",
        "rekeyed",
        8_000_275,
        "a wish went on from one that waited for a person, and landed unasked on the shift under its new key",
    ),
    shown_by(
        "looked_at_and_written",
        "pairs",
        28,
        "half of a swap that was only to be looked at was written beside another one, and a shift was with nobody",
    ),
    shown_by(
        "overtaken_while_it_waits",
        "pairs",
        10,
        "half of a pair landed after a newer word of its source about the same shift",
    ),
    shown_by(
        "ended_by_what_is_taken_back",
        "pairs",
        375,
        "what takes back half of a pair ended another wish of its source, as if it were a newer word",
    ),
    shown_by(
        "waits_without_a_word",
        "pairs",
        9,
        "half of a pair waited for a person who was asked about the other half, and did not say so",
    ),
    shown_by(
        "undone_by_half",
        "pairs",
        116,
        "the undo of one half of a swap left a shift with two agents, and one with nobody",
    ),
    shown_by(
        "landed_in_doubt",
        "pairs",
        402,
        "half of a swap had landed in doubt, a person had it go on, and the other half was taken back",
    ),
    shown_by(
        "swapped_back_too_early",
        "pairs",
        68,
        "a swap back was made from a swap that was then taken back, and its own end brought half of that one back",
    ),
    shown_by(
        "began_again_at_a_closed_bucket",
        "platform",
        24,
        "a trade's turn met a bucket that no read passes, closed, and began again at once, without end",
    ),
    shown_by(
        "the_only_field_of_a_kind",
        "platform",
        22,
        "a patch of a trade's state was taken for a whole document, and a person was asked about a base of long ago",
    ),
    shown_by(
        "pasted_onto_a_body",
        "platform",
        88,
        "a whole work plan with the newest version pasted onto it set back what a person had changed: its kind has fields that it had not",
    ),
    shown_by(
        "published_beside_an_upload",
        "platform",
        30,
        "a schedule was published while an upload of its agents was on the wire, under the same version",
    ),
    shown_by(
        "as_near_to_both",
        "platform",
        92,
        "a document was as near to what its source was shown long ago as to what it was shown last, whose stamps it bore",
    ),
    shown_by(
        "echo_of_what_never_stood",
        "platform",
        467,
        "a wish was told as an echo of a version that never held it: a person had settled the word otherwise",
    ),
    shown_by(
        "the_rest_of_a_job",
        "platform",
        846,
        "a job said that its result lies elsewhere, and it was asked again and again",
    ),
    shown_by(
        "stamps_of_another_time",
        "platform",
        1522,
        "a document that bore older stamps was matched to a newer representation, though its source's own word was as near",
    ),
    shown_by(
        "a_base_that_never_stood",
        "platform",
        1415,
        "a wish that showed the value that it wanted was told that the target held it",
    ),
    shown_by(
        "a_doubt_that_a_partner_ended",
        "pairs",
        66,
        "half of a pair that may have landed was rejected when its partner was withdrawn, and stood",
    ),
    shown_by(
        "asked_while_the_first_may_stand",
        "pairs",
        412,
        "half of a pair landed while a person was asked about the other one, since the process had begun anew in between",
    ),
    shown_by(
        "a_late_half_goes_first",
        "pairs",
        466,
        "the late half of a pair landed before an older word of its source, since the pair itself was older",
    ),
    shown_by(
        "taken_back_and_not_seen",
        "pairs",
        1031,
        "hours of another source were overwritten, since an undo of its own counted as having shown them to a source",
    ),
    shown_by(
        "held_by_a_brake_that_is_off",
        "silent",
        130,
        "half of a pair said that the brake held it when it waited for a person",
    ),
    shown_by(
        "a_rule_keeps_half_a_pair",
        "silent",
        212,
        "a half that a rule of the target kept from being taken back was judged as forgotten, though a person was told",
    ),
    shown_by(
        "behind_one_that_is_behind_another",
        "pairs",
        123,
        "a wish that came after half of a pair never said that a person held that one up, two pairs further on",
    ),
    shown_by(
        "a_doubt_that_its_deadline_ended",
        "pairs",
        498,
        "half of a swap that may have landed expired, its partner was taken back, and a shift was with nobody",
    ),
    shown_by(
        "a_half_that_went_back_to_what_stood",
        "pairs",
        1205,
        "half of a pair took the place of an older wish, wrote what stood there before and counted as landed: nothing took it back",
    ),
    shown_by(
        "a_shift_that_was_with_two_before_its_swap",
        "pairs",
        5114,
        "a swap took a shift that an undecided half of another swap had left with two agents, and was blamed for it",
    ),
    shown_by(
        "a_shift_that_was_gone_before_its_swap",
        "pairs",
        5388,
        "a person had deleted the shift before the swap was asked for, and the swap was blamed for it",
    ),
    shown_by("a_shift_that_was_gone_on_another_clock", "pairs", 5458, "the same, over a step of the machine's clock"),
    shown_by(
        "pairs_that_cross",
        "pairs",
        5615,
        "one half of each of two pairs came before one half of the other, and no order of them could keep all words in order",
    ),
    shown_by(
        "a_person_saw_the_whole_list",
        "silent",
        1_795_411_457_028,
        "hours were judged as overwritten that a person had seen in the list of all shifts when they decided",
    ),
    shown_by(
        "its_own_word_under_the_old_id",
        DRAWN,
        1_795_406_834_061,
        "a review was judged as needless, since the last word of its source named the shift by the id that it had then",
    ),
    shown_by(
        "added_in_the_middle_of_a_number",
        DRAWN,
        1_795_416_017_002,
        "a text that a policy had added to was judged as overwritten, since what was added went on with its last number",
    ),
    shown_by(
        "given_up_by_a_person",
        DRAWN,
        901_204,
        "a field was judged as forgotten that a person had left to the target",
    ),
    shown_by(
        "added_to_what_stood_there",
        DRAWN,
        702_294,
        "a text was judged as forgotten that a policy had added to another one, before a newer wish took the place of its own",
    ),
    shown_by(
        "a_half_that_gave_and_got",
        DRAWN,
        700_810,
        "half a swap stood after a person had dropped it as undecided, since others had changed the shift that it got",
    ),
    shown_by(
        "a_wish_that_came_while_the_process_stood_still",
        DRAWN,
        701_527,
        "a wish sent once more at a process that stood still was judged by the record of that moment",
    ),
    shown_by(
        "a_question_at_the_shift_of_half_a_pair",
        DRAWN,
        1_795_416_016_206,
        "what takes back half a swap waited for a person who was asked about the same shift",
    ),
    shown_by(
        "put_back_over_a_clamp",
        "silent",
        1_795_416_056_193,
        "what a repair overwrote was not put back, since the target had clamped the repair itself",
    ),
    shown_by(
        "written_within_a_second",
        "pairs",
        1_795_416_069_098,
        "an edit made sixty milliseconds after a wish was taken for what stood when it came",
    ),
    shown_by(
        "a_publish_between_a_half_and_its_undo",
        "pairs",
        912_636,
        "a publish did not wait for what came after half of a pair that was being taken back",
    ),
    shown_by(
        "a_half_among_others_of_its_write",
        "pairs",
        912_754,
        "half of a pair of which other intents of the same write hid the value was not taken back",
    ),
    shown_by(
        "tries_while_a_lock_lasts",
        "pairs",
        912_590,
        "a lock of a quarter of an hour was tried for more than two hundred times",
    ),
    shown_by(
        "brought_back_by_its_own_verb",
        "pairs",
        910_676,
        "a wish about a shift that its own source had moved back was said to need no person",
    ),
    shown_by(
        "an_end_that_was_asked_about",
        "pairs",
        934_229,
        "an intent went on waiting with a half about which nobody was asked any more",
    ),
    shown_by(
        "kept_by_a_person",
        "pairs",
        934_388,
        "the other half of an undo went on after a person had decided against the first",
    ),
    shown_by(
        "taken_back_by_a_person",
        "pairs",
        934_552,
        "a shift that a person took back after somebody had changed it was said to have arrived otherwise",
    ),
    shown_by(
        "there_and_back_between_reads",
        "pairs",
        933_599,
        "a value that went away and came back between two reads",
    ),
    shown_by(
        "an_undo_that_a_person_let_be",
        "pairs",
        951_660,
        "a person let half a swap stand by keeping what others wrote",
    ),
    shown_by(
        "between_two_pairs_that_cross",
        "pairs",
        951_450,
        "a word between two pairs that cross can stand in no order",
    ),
    shown_by(
        "an_undo_by_decision_is_no_word",
        "pairs",
        952_334,
        "after an undo that a person had decided its source was taken to have seen others' minutes",
    ),
    shown_by(
        "withdrawn_and_said_again",
        "pairs",
        952_555,
        "a wish that said again what its source had withdrawn was said to need no person",
    ),
    shown_by(
        "a_check_in_a_new_life",
        "silent",
        911_132,
        "half of a pair that a read had to bear out waited after a restart for its partner to be composed",
    ),
    shown_by(
        "made_of_another_value",
        "silent",
        910_384,
        "a value that the target had made of a refused wish was held to be an edit",
    ),
    shown_by(
        "dropped_is_not_missing",
        "silent",
        950_381,
        "a write whose field was dropped was explained by another attempt",
    ),
    shown_by(
        "known_by_its_old_id_alone",
        "silent",
        951_948,
        "a wish that waited for a person was followed to an element made again, and its share did not say so",
    ),
    shown_by(
        "a_version_that_nobody_told",
        "silent",
        952_341,
        "what only an answer that is not believed had said of a version was taken as what stood there",
    ),
    shown_by(
        "only_what_was_lost_is_put_back",
        "silent",
        952_408,
        "a repair put back a path of which nothing was overwritten",
    ),
    shown_by(
        "a_train_with_nobody_aboard",
        "platform",
        911_216,
        "a lane with nothing left to send kept its place in the train of a lock, and nobody probed",
    ),
    shown_by(
        "the_same_by_somebody_else",
        "platform",
        912_705,
        "somebody else wrote the same while the target worked on ours",
    ),
    shown_by(
        "composed_with_another_source",
        "platform",
        950_568,
        "what another source's undecided verb had put into a shift went on as the word of the next",
    ),
    shown_by(
        "told_after_it_was_admitted",
        "platform",
        950_928,
        "a turn that was admitted before the window was told sent more than that had room for",
    ),
    shown_by(
        "the_same_while_no_answer_came",
        DRAWN,
        960_121,
        "somebody else wrote the same while no answer to ours came",
    ),
    shown_by(
        "accepted_by_another_clock",
        "unguarded",
        962_122,
        "the clock was set back between two lives, and an edit seemed to come before a wish",
    ),
    shown_by(
        "in_the_place_of_a_newer_word",
        "unguarded",
        960_065,
        "a word that went together with one that had taken a newer one's place was held to be out of order",
    ),
    shown_by(
        "a_shift_that_was_away",
        "pairs",
        960_818,
        "a patch of a shift that was away when it was spoken was held to say nothing of it",
    ),
    shown_by(
        "another_between_two_words",
        "platform",
        960_915,
        "an intent that took an older one's place claimed what another source had put between the two",
    ),
    shown_by(
        "after_a_word_that_was_put_back",
        "unguarded",
        962_590,
        "a word that slipped over somebody else's and was withdrawn was held to be the newer one",
    ),
];

fn report(world: &Reproduction) -> Report {
    match world.scenario {
        DRAWN => run(scenario::draw(world.seed)),
        name => run(scenario::named(name, world.seed).expect("a named scenario")),
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
