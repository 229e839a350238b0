//! The forty incidents, one test each: no promise broken, every demand met, under every option of the target.

use ifmatch_sim::incidents::{Incident, Played, all, more, named, page, variants};
use std::fs;
use std::path::{Path, PathBuf};

/// Set to write the expected tables and the page anew, from what happens now.
const BLESS: &str = "IFMATCH_BLESS";

/// So many lines a person can follow.
const LINES_MAX: usize = 60;

/// What the incident came to, told so that a failure can be read.
fn must_hold(played: &Played, incident: &Incident, variant: &str) {
    let unmet: Vec<&str> =
        played.demands.iter().filter(|demand| !demand.holds).map(|demand| demand.what.as_str()).collect();
    assert!(
        played.holds(),
        "{} with {variant}: unmet {unmet:#?}, broken {:#?}\n{}",
        incident.id,
        played.violations,
        played.course
    );
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/forty")
}

/// The table of the incident is the one that is kept: what happens and what is decided does not change unseen.
fn keeps_its_table(incident: &Incident, played: &Played) {
    let path = folder().join(format!("{}.txt", incident.id.to_lowercase()));
    if std::env::var_os(BLESS).is_some() {
        fs::create_dir_all(folder()).unwrap();
        fs::write(&path, &played.course).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(played.course, kept, "{}: set {BLESS}=1 to keep the new table, and look at the difference", incident.id);
}

fn check(id: &str) {
    let incident = named(id).expect("the incident is there");
    let setup = incident.setup(1);
    let played = incident.play(setup.clone());
    println!("{} {}\n{}", incident.id, incident.title, played.course);
    must_hold(&played, &incident, "no option changed");
    keeps_its_table(&incident, &played);
    let lines = played.course.lines().count();
    assert!(lines <= LINES_MAX, "{id}: nobody follows {lines} lines");
    for seed in 2..=4 {
        must_hold(&incident.play(incident.setup(seed)), &incident, &format!("seed {seed}"));
    }
    for (variant, setup) in variants(&setup) {
        if incident.is_tried_with(&variant) {
            must_hold(&incident.play(setup), &incident, &variant);
        }
    }
}

#[test]
fn the_page_tells_of_each() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/INCIDENTS.md");
    if std::env::var_os(BLESS).is_some() {
        fs::write(&path, page()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page(), "set {BLESS}=1 to write the page anew");
}

#[test]
fn there_are_forty() {
    assert_eq!(all().len(), 40);
}

macro_rules! incidents {
    ($($name:ident $id:literal,)*) => {
        $(#[test] fn $name() { check($id); })*

        #[test]
        fn each_has_its_test() {
            let tested = [$($id),*];
            assert_eq!(all().iter().chain(&more()).map(|incident| incident.id).collect::<Vec<_>>(), tested);
        }
    };
}

incidents! {
    i01_quality_scores_from_servicenow "I01",
    i02_shift_trade_during_a_dst_change "I02",
    i03_weekly_publish_against_open_script_sessions "I03",
    i04_bulk_push_from_fifteen_sites "I04",
    i05_auto_publish_every_15_minutes "I05",
    i06_publish_collides_with_time_off "I06",
    i07_schedule_overlap_at_peak "I07",
    i08_approved_swaps_inside_the_publish_window "I08",
    i09_lock_right_after_swap_approval "I09",
    i10_pending_trades_reject_the_batch "I10",
    i11_concurrent_swap_requests_block_publish "I11",
    i13_batches_above_50_fail "I13",
    i14_compliance_break_rules "I14",
    i16_overnight_swap "I16",
    i17_script_rule_in_a_publish_body "I17",
    i18_publish_says_ok_adherence_stale "I18",
    i19_one_bad_swap_kills_the_job "I19",
    i22_midnight_and_week_boundary_swaps "I22",
    i23_locked_while_draft_and_unlocked "I23",
    i24_training_block_added_after_publish "I24",
    i25_bulk_swaps "I25",
    i27_check_in_one_service_act_in_another "I27",
    i28_hard_rule_or_soft_preference "I28",
    i29_active_adherence_session "I29",
    i30_skill_evaluated_now_not_then "I30",
    i33_412_and_409_mixed "I33",
    i34_first_batch_of_50_passes "I34",
    i36_duplicate_shift_id_in_bulk_import "I36",
    i37_overrides_of_records_made_in_the_ui "I37",
    i38_validated_clear_refused_200_ms_later "I38",
    i39_partner_app_with_a_stale_cache "I39",
    i41_schedule_group_in_use_today "I41",
    i43_paris_offset_refused "I43",
    i44_tenants_that_differ "I44",
    i45_capacity_write_against_trunk_policy "I45",
    i49_retry_at_5_s_when_told_30_s "I49",
    i50_data_action_retries_against_a_limited_peer "I50",
    i54_recording_tag_refused_while_trades_are_pending "I54",
    i56_change_is_in_wfm_not_yet_in_queues "I56",
    i57_version_conflict_from_the_vendors_own_race "I57",
    x01_two_sources_set_a_field_back_and_forth "X01",
    x02_a_right_is_missing_for_everything "X02",
    x03_a_token_expires_in_the_middle_of_a_conflict "X03",
    x04_a_right_is_missing_for_some "X04",
    x05_the_first_sight_of_a_record_comes_late "X05",
    x06_somebody_writes_the_same_while_our_write_is_lost "X06",
    x07_an_echo_comes_late "X07",
    x10_a_write_is_let_through_and_both_can_stand "X10",
    x11_a_write_is_let_through_a_true_conflict "X11",
    x12_a_target_without_a_guard_and_without_a_memory "X12",
    x13_nobody_said_that_the_target_has_no_guard "X13",
    x20_half_a_pair_is_taken_back "X20",
    x21_half_a_pair_that_cannot_be_taken_back "X21",
    x22_a_crash_between_the_halves_of_a_pair "X22",
    x23_the_agent_is_no_longer_in_the_week "X23",
    x24_a_shift_that_was_made_again_under_another_id "X24",
    x25_a_wish_made_from_a_version_that_nobody_knows "X25",
    x26_the_precondition_is_looked_for_elsewhere "X26",
    x27_an_outage_that_swallows_writes "X27",
    x28_a_rule_and_a_lock_without_a_word "X28",
    x30_a_score_is_moved_to_a_bound "X30",
    x31_the_answer_shows_what_does_not_stand "X31",
    x32_reads_lag_behind_a_write_that_is_verified "X32",
    x33_a_verified_value_is_only_spelled_otherwise "X33",
    x34_somebody_edits_before_the_read_that_verifies "X34",
    x35_a_batch_of_which_nothing_is_applied "X35",
    x36_one_agent_of_an_envelope_keeps_its_shifts "X36",
    x37_two_agents_swap_a_shift "X37",
    x38_a_crash_between_the_halves_of_a_swap "X38",
    x39_two_people_two_hours_of_one_shift "X39",
    x40_shifts_that_fit_by_themselves_and_not_in_the_week "X40",
    x41_an_old_write_of_ours_arrives_after_the_newer_one "X41",
    x42_a_swap_is_taken_back "X42",
    x43_a_source_and_a_tool_in_the_target_set_a_field_back_and_forth "X43",
    x44_a_draft_of_which_nobody_knows_whether_it_was_made "X44",
    x45_the_trade_is_there_already "X45",
    x46_the_trade_is_there_already_and_nothing_but_the_shift_tells "X46",
    x47_withdrawn_between_the_requests_of_one_write "X47",
}
