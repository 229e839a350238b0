//! Every operation that is carried out is driven, and each answer is as the table documents it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    activity_codes, actors, contract, door, evaluations, kinds, notifications, people, rig::Cloud, runs, schedules,
    time_off, trade_jobs, trades, units, uploads, work_plans,
};
use crate::platform::{
    dispatch,
    operations::{self, Operation},
};

/// What drives them, one after the other in one thread: each notes the answers that it gets.
const TOURS: &[fn()] = &[
    actors::people_edit_documents_of_every_kind,
    actors::a_locked_document_refuses_every_write,
    actors::a_silent_rule_keeps_a_field_of_a_document,
    activity_codes::writes_of_two_codes_conflict,
    activity_codes::a_bulk_changes_all_or_none,
    activity_codes::codes_are_added_and_put_out_of_use,
    door::refusals_have_the_vendors_shape,
    door::every_answer_tells_the_window,
    door::the_window_stands_on_a_refused_login_and_both_apis_find_the_name_of_a_login,
    door::what_nobody_emulates_is_refused_in_the_shape_of_its_api,
    door::shift_trading_jobs_have_a_narrower_limit_that_no_header_tells,
    door::clients_that_act_for_one_user_share_the_narrower_limit,
    door::a_question_about_a_job_counts_or_not,
    door::permissions_are_those_of_the_table,
    door::a_client_has_the_permissions_of_its_roles,
    door::client_credentials_act_as_a_user_or_not,
    door::bodies_are_read_as_the_sdks_send_them,
    door::faults_strike_here_too,
    door::a_missing_version_is_one_of_two_refusals,
    evaluations::a_score_is_an_evaluation,
    evaluations::the_last_write_has_it,
    evaluations::an_evaluation_is_created_once,
    evaluations::each_conversation_has_an_evaluation_of_its_own,
    evaluations::forms_are_found_under_each_of_their_paths,
    evaluations::an_evaluation_waits_is_finished_and_deleted,
    kinds::every_kind_is_guarded_by_its_version,
    kinds::references_are_opened_and_checked,
    kinds::a_route_path_has_a_queue_that_exists_and_one_group,
    kinds::an_activity_code_that_a_body_names_exists,
    kinds::copies_take_a_new_name,
    notifications::one_missing_permission_refuses_all_unless_errors_are_ignored,
    notifications::topics_exist_or_not_and_some_are_one_users,
    notifications::a_channel_is_its_clients_own,
    notifications::an_unknown_channel_has_no_socket,
    notifications::a_lossy_sandbox_loses_some,
    notifications::connections_that_break_end_the_sockets,
    people::agents_are_schedulable_or_not,
    people::work_plans_are_assigned_agent_by_agent,
    people::users_are_asked_for_their_staffing_groups,
    people::explanations_are_added_and_decided_by_jobs,
    people::alternative_shift_trades_are_decided_in_bulk,
    people::an_opportunity_is_changed_while_it_is_a_draft,
    people::allocations_name_the_capacity_plans_version_at_their_top,
    runs::a_generation_makes_a_schedule_like_the_newest_one,
    runs::one_reschedule_waits_at_a_time,
    runs::a_canceled_run_is_out_of_the_way_and_a_forgotten_one_in_a_week,
    schedules::weeks_are_dates_and_recent_ones_lie_half_a_year_around,
    schedules::a_schedule_is_found_under_its_own_week_only,
    schedules::agents_of_a_large_schedule_are_downloaded,
    schedules::a_search_shows_what_is_published,
    schedules::a_query_needs_its_unit_and_shows_nobody_of_another,
    schedules::a_copy_keeps_local_times_over_a_change_of_the_clock,
    schedules::a_copy_may_be_there_with_the_answer,
    schedules::a_blank_schedule_has_a_day_after_its_last_week,
    schedules::a_search_may_be_answered_later,
    schedules::a_blank_schedule_of_some_weeks_and_its_end,
    schedules::the_history_of_an_agent_is_told_change_by_change,
    time_off::supervisors_write_under_a_version_and_agents_without,
    time_off::an_agents_own_requests,
    time_off::requests_are_found_by_user_state_and_dates,
    time_off::limit_values_are_set_under_the_limits_version,
    time_off::a_limit_of_a_business_unit_is_made_and_deleted,
    time_off::balances_come_at_once_or_from_a_job,
    trade_jobs::an_update_is_carried_out_at_once_and_its_job_is_not_kept,
    trade_jobs::a_job_that_is_put_off_is_read_by_its_starter_alone,
    trade_jobs::what_a_job_finds_stale_at_its_end_is_its_error,
    trade_jobs::jobs_of_every_kind_are_asked_how_they_stand,
    trade_jobs::the_option_puts_jobs_off,
    trade_jobs::an_offer_is_made_matched_and_taken_back,
    trade_jobs::a_supervisor_decides_several_trades,
    trade_jobs::the_result_of_an_approval_has_the_version_after_its_exchange,
    trade_jobs::trades_are_asked_for,
    trades::the_trades_of_a_week_are_the_shared_records,
    trades::a_fresh_patch_lands_and_a_stale_one_conflicts,
    trades::a_write_that_changes_nothing_raises_the_version_where_the_option_says_so,
    trades::a_trade_without_spans_is_one_sided,
    trades::an_open_trade_expires_when_its_time_is_past,
    trades::only_the_initiating_agent_patches_and_nobody_what_is_settled,
    trades::a_client_without_a_user_makes_no_offers_but_decides,
    trades::an_offer_is_made_matched_and_approved,
    trades::a_bulk_tells_each_item,
    trades::one_stale_item_refuses_a_bulk,
    trades::a_bulk_that_is_put_off_ends_with_a_notice,
    trades::locks_stand_against_a_bulk_and_its_exchange,
    trades::an_agent_takes_back_its_own_offer_and_decides_nothing,
    trades::offers_of_others_are_found,
    units::the_default_world_has_one_of_each,
    units::settings_are_guarded_and_a_name_alone_is_not,
    units::a_write_that_changes_nothing_leaves_the_version,
    units::units_are_added,
    units::a_unit_has_a_zone_that_exists_and_its_weeks_begin_on_its_first_day,
    units::a_search_of_a_further_unit_is_in_its_zone_and_shows_its_agents,
    units::a_served_world_holds_the_week_that_everybody_can_name,
    uploads::both_apis_show_the_same_shift_and_the_same_versions,
    uploads::an_agent_sent_as_it_was_read_is_not_changed,
    uploads::a_write_of_an_agent_may_leave_the_schedules_version,
    uploads::a_stale_schedule_fails_at_the_end_or_at_once,
    uploads::what_came_between_the_request_and_its_processing_makes_it_stale,
    uploads::a_stale_agent_fails_the_upload_or_is_left_out,
    uploads::the_version_is_for_agents_that_are_there_and_for_those_it_is_required,
    uploads::the_rules_of_the_business_hold,
    uploads::an_unknown_activity_code_fails_an_upload,
    uploads::locks_and_constraints_fail_an_upload,
    uploads::an_upload_may_publish_what_it_leaves,
    uploads::what_only_this_api_knows_survives_a_write_of_the_other,
    uploads::an_address_takes_what_was_signed_and_its_key_counts_once,
    uploads::one_request_names_ten_teams_at_most,
    uploads::an_import_makes_a_schedule_and_a_bad_one_makes_none,
    work_plans::a_plan_is_created_read_changed_and_deleted,
    work_plans::shifts_and_agents_are_edited_item_by_item,
    work_plans::locks_people_steps_and_lag,
];

fn live() -> impl Iterator<Item = &'static Operation> {
    operations::all().filter(|operation| dispatch::is_live(&operation.operation_id))
}

#[test]
fn every_live_operation_answers_as_documented() {
    for tour in TOURS {
        tour();
    }
    let seen = contract::seen();
    let well = seen.iter().filter(|(_, statuses)| statuses.iter().any(|status| *status < 400));
    let driven: BTreeSet<&str> = well.map(|(id, _)| *id).collect();
    let missing: Vec<&str> = live().map(|one| &*one.operation_id).filter(|id| !driven.contains(id)).collect();
    assert!(missing.is_empty(), "{} operations are not driven: {missing:#?}", missing.len());
}

#[test]
fn every_other_operation_says_by_name_that_nobody_carries_it_out() {
    let mut cloud = Cloud::with(|options| {
        options.rate_limit_per_minute = None;
        options.platform.shift_trading_per_minute = None;
    });
    let others = operations::all().filter(|operation| !dispatch::is_live(&operation.operation_id));
    let mut count = 0;
    for operation in others {
        let answer = cloud.send(&operation.method, &path_of(&cloud, operation), &json!({}));
        assert_eq!(answer.refusal(), (501, "not.emulated"), "{}", operation.operation_id);
        assert_eq!(answer.body["messageParams"]["operation"], operation.operation_id.as_str());
        count += 1;
    }
    assert!(count > 0);
}

/// The path of an operation, in units that exist.
fn path_of(cloud: &Cloud, operation: &Operation) -> String {
    let part = |part: &str| match part {
        "{businessUnitId}" => cloud.business_unit.clone(),
        "{managementUnitId}" => cloud.management_unit.clone(),
        part if part.starts_with('{') => "none".to_owned(),
        part => part.to_owned(),
    };
    operation.path.split('/').map(part).collect::<Vec<String>>().join("/")
}

/// The status with which an operation refuses records that do not exist and bodies that say nothing, if it does.
fn refused(cloud: &mut Cloud, operation: &Operation) -> Option<u16> {
    let path = path_of(cloud, operation);
    let bodies = [json!({}), json!([]), json!({"metadata": {"version": "new"}}), Value::Null];
    let mut statuses = bodies.iter().map(|body| cloud.send(&operation.method, &path, body).status);
    statuses.find(|status| *status >= 400)
}

#[test]
fn every_live_operation_refuses_as_documented() {
    let mut cloud = Cloud::with(|options| {
        options.rate_limit_per_minute = None;
        options.platform.shift_trading_per_minute = None;
    });
    cloud.rig.sandbox.add_client_with_permissions("nobody", "s", "Nobody", &[]);
    let mut left: Vec<&Operation> = live().filter(|operation| refused(&mut cloud, operation).is_none()).collect();
    let token = cloud.rig.login("nobody", "s");
    cloud.rig.use_token(&token);
    left.retain(|operation| refused(&mut cloud, operation) != Some(403));
    cloud.rig.use_token("none");
    left.retain(|operation| refused(&mut cloud, operation) != Some(401));
    let left: Vec<&str> = left.iter().map(|operation| &*operation.operation_id).collect();
    assert!(left.is_empty(), "nothing refuses {left:#?}");
}
