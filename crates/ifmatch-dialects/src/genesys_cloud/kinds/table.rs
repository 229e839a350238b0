//! The table of kinds: each with its fields, its place and how its values merge.

use super::{
    AGENT, BUSINESS_UNIT, CODE, EVALUATION, GROUP, Kind, LIMIT, MANAGEMENT_UNIT, METADATA, PUBLISH, ROTATION, SHIFTS,
    TIME_OFF, TRADE, WEEK, WORK_PLAN,
};
use crate::genesys_cloud::fields;
use ifmatch_core::{Guard, KindSpec};
use ifmatch_merge::{Schema, Strategy};

/// What the kinds have in common: a version that only grows, in `metadata`.
fn spec(name: &'static str, writable: &'static [&'static str], identity: &'static [&'static str]) -> KindSpec {
    KindSpec {
        name,
        schema: Schema::new(),
        writable,
        identity,
        version_fields: &[METADATA],
        stamps: &["/metadata/dateModified", "/metadata/modifiedBy/id"],
        natural_key: &[],
        guard: Guard::Monotonic,
        operations: &[],
    }
}

/// A list that the API changes item by item. One that a request gives whole is a unit: who leaves an item out takes it away.
fn keyed(keys: &[&str]) -> Strategy {
    Strategy::KeyedList { keys: keys.iter().map(|key| (*key).to_owned()).collect() }
}

/// Two people may change two shifts of an agent, or different hours of one: the target takes the activities of a shift as a
/// whole, so what is written is the merged list.
pub(super) fn schedules() -> Vec<Kind> {
    let shifts = Schema::new()
        .rule("/shifts", keyed(&["id"]))
        .rule("/shifts/*", Strategy::IntervalSet(SHIFTS.interval()))
        .rule("/fullDayTimeOffMarkers", keyed(&["businessUnitDate"]));
    let writable = &["shifts", "fullDayTimeOffMarkers", "workPlanId", "workPlanIdsPerWeek"];
    let agent = spec(AGENT, writable, &["userId", "scheduleId"]);
    let week = spec(WEEK, &["description"], &["id", "weekDate"]);
    vec![
        Kind {
            spec: KindSpec { schema: shifts, ..agent },
            id: &["schedule_id", "user_id"],
            path: "",
            fields: fields::AGENT_SCHEDULE,
            inside: "",
        },
        Kind {
            spec: KindSpec { operations: &[PUBLISH], ..week },
            id: &["schedule_id"],
            path: "",
            fields: fields::WEEK_SCHEDULE,
            inside: "",
        },
    ]
}

pub(super) fn requests() -> Vec<Kind> {
    let time_off = &[
        "status",
        "activityCodeId",
        "paid",
        "notes",
        "fullDayManagementUnitDates",
        "fullDayEarliestStartOffsetMinutes",
        "fullDayLatestEndOffsetMinutes",
        "partialDayStartDateTimes",
        "dailyDurationMinutes",
        "durationMinutes",
        "payableMinutes",
    ];
    let limit = KindSpec { version_fields: &[METADATA, "window"], ..spec(LIMIT, &["values"], &["id", "granularity"]) };
    vec![
        Kind {
            spec: spec(TRADE, &["state"], &["id", "weekDate"]),
            id: &["management_unit_id", "week", "trade_id"],
            path: "/managementunits/{}/weeks/{}/shifttrades/{}",
            fields: fields::SHIFT_TRADE,
            inside: "",
        },
        Kind {
            spec: spec(TIME_OFF, time_off, &["id", "user", "managementUnitId", "userId"]),
            id: &["management_unit_id", "user_id", "id"],
            path: "/managementunits/{}/users/{}/timeoffrequests/{}",
            fields: fields::TIME_OFF_REQUEST,
            inside: "",
        },
        Kind {
            spec: KindSpec { schema: Schema::new().rule("/values", keyed(&["startDate"])), ..limit },
            id: &["business_unit_id", "id"],
            path: "/businessunits/{}/timeofflimits/{}",
            fields: fields::TIME_OFF_LIMIT,
            inside: "",
        },
    ]
}

pub(super) fn plans() -> Vec<Kind> {
    let plan = Schema::new()
        .rule("/shifts", keyed(&["id"]))
        .rule("/shifts/*/activities", keyed(&["id"]))
        .rule("/agents", keyed(&["id"]));
    let rotation = Schema::new().rule("/agents", keyed(&["userId"]));
    let rotated = &["name", "enabled", "dateRange", "pattern", "agents"];
    let code = &[
        "name",
        "category",
        "lengthInMinutes",
        "countsAsPaidTime",
        "countsAsWorkTime",
        "agentTimeOffSelectable",
        "countsTowardShrinkage",
        "plannedShrinkage",
        "interruptible",
        "planningGroupIds",
        "style",
        "secondaryPresences",
    ];
    let managed = |spec: KindSpec| KindSpec { natural_key: &["managementUnitId", "name"], ..spec };
    let planned = |spec: KindSpec| KindSpec { natural_key: &["businessUnitId", "name"], ..spec };
    let group = planned(spec(GROUP, &["name", "routePaths", "serviceGoalTemplateId"], &["id", "businessUnitId"]));
    vec![
        Kind {
            spec: managed(KindSpec { schema: plan, ..spec(WORK_PLAN, WORK_PLAN_FIELDS, &["id", "managementUnitId"]) }),
            id: &["management_unit_id", "id"],
            path: "/managementunits/{}/workplans/{}",
            fields: fields::WORK_PLAN,
            inside: "",
        },
        Kind {
            spec: managed(KindSpec { schema: rotation, ..spec(ROTATION, rotated, &["id", "managementUnitId"]) }),
            id: &["management_unit_id", "id"],
            path: "/managementunits/{}/workplanrotations/{}",
            fields: fields::ROTATION,
            inside: "",
        },
        Kind {
            spec: planned(spec(CODE, code, &["id", "businessUnitId"])),
            id: &["business_unit_id", "id"],
            path: "/businessunits/{}/activitycodes/{}",
            fields: fields::ACTIVITY_CODE,
            inside: "",
        },
        Kind {
            spec: group,
            id: &["business_unit_id", "id"],
            path: "/businessunits/{}/planninggroups/{}",
            fields: fields::PLANNING_GROUP,
            inside: "",
        },
    ]
}

pub(super) fn units() -> Vec<Kind> {
    let business =
        &["startDayOfWeek", "timeZone", "shortTermForecasting", "scheduling", "notifications", "learning", "coaching"];
    let management = &["adherence", "shortTermForecasting", "timeOff", "scheduling", "shiftTrading"];
    let written =
        &["answers", "status", "agentHasRead", "releaseDate", "neverRelease", "rescore", "evaluator", "assignee"];
    let evaluation = KindSpec {
        version_fields: &["version", "changedDate"],
        guard: Guard::Dated,
        ..spec(EVALUATION, written, &["id", "conversation", "evaluationForm", "agent"])
    };
    vec![
        Kind {
            spec: spec(MANAGEMENT_UNIT, management, &[]),
            id: &["management_unit_id"],
            path: "/managementunits/{}",
            fields: fields::MANAGEMENT_UNIT,
            inside: "settings",
        },
        Kind {
            spec: spec(BUSINESS_UNIT, business, &[]),
            id: &["business_unit_id"],
            path: "/businessunits/{}",
            fields: fields::BUSINESS_UNIT,
            inside: "settings",
        },
        Kind {
            spec: evaluation,
            id: &["conversation_id", "evaluation_id"],
            path: "",
            fields: fields::EVALUATION,
            inside: "",
        },
    ]
}

const WORK_PLAN_FIELDS: &[&str] = &[
    "name",
    "enabled",
    "constrainWeeklyPaidTime",
    "flexibleWeeklyPaidTime",
    "weeklyExactPaidMinutes",
    "weeklyMinimumPaidMinutes",
    "weeklyMaximumPaidMinutes",
    "constrainPaidTimeGranularity",
    "paidTimeGranularityMinutes",
    "constrainMinimumTimeBetweenShifts",
    "minimumTimeBetweenShiftsMinutes",
    "maximumDays",
    "minimumConsecutiveNonWorkingMinutesPerWeek",
    "constrainMaximumConsecutiveWorkingWeekends",
    "maximumConsecutiveWorkingWeekends",
    "minimumWorkingDaysPerWeek",
    "constrainMaximumConsecutiveWorkingDays",
    "maximumConsecutiveWorkingDays",
    "minimumShiftStartDistanceMinutes",
    "minimumDaysOffPerPlanningPeriod",
    "maximumDaysOffPerPlanningPeriod",
    "minimumPaidMinutesPerPlanningPeriod",
    "maximumPaidMinutesPerPlanningPeriod",
    "constrainMaximumWorkingWeekendsPerPlanningPeriod",
    "maximumWorkingWeekendsPerPlanningPeriod",
    "optionalDays",
    "shiftStartVarianceType",
    "shiftStartVariancePeriod",
    "shiftStartVariances",
    "shifts",
    "agents",
];
