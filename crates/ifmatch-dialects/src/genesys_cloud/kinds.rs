//! The kinds of the API: where their records lie, which fields a client may write, how values merge.

use super::fields::{self, Field};
use crate::shifts::Spelling;
use ifmatch_core::{Guard, KindSpec, Resource};
use ifmatch_merge::{Schema, Strategy};

pub(crate) const AGENT: &str = "agent-schedule";
pub(crate) const WEEK: &str = "week-schedule";
pub(crate) const TRADE: &str = "shift-trade";
pub(crate) const TIME_OFF: &str = "time-off-request";
pub(crate) const LIMIT: &str = "time-off-limit";
pub(crate) const WORK_PLAN: &str = "work-plan";
pub(crate) const ROTATION: &str = "work-plan-rotation";
pub(crate) const CODE: &str = "activity-code";
pub(crate) const GROUP: &str = "planning-group";
pub(crate) const MANAGEMENT_UNIT: &str = "management-unit-settings";
pub(crate) const BUSINESS_UNIT: &str = "business-unit-settings";
pub(crate) const EVALUATION: &str = "evaluation";
/// The operation that publishes a week's schedule.
pub(crate) const PUBLISH: &str = "publish";

/// Members that hold an instant, wherever they stand.
pub(crate) const TIMES: &[&str] = &["startDate", "partialDayStartDateTimes", "releaseDate", "dateModified"];

/// How the shifts of an agent are spelt. Records do not tell their week: shifts of several weeks may stand in one.
pub(crate) const SHIFTS: Spelling = Spelling {
    start: "startDate",
    length: "lengthMinutes",
    code: "activityCodeId",
    week: "weekDate",
    zone: "businessUnitTimeZone",
    times: TIMES,
};

/// The object that names version, writer and time of a record.
pub(crate) const METADATA: &str = "metadata";

const IN_MANAGEMENT_UNIT: &[&str] = &["managementUnitId"];
const IN_BUSINESS_UNIT: &[&str] = &["businessUnitId"];

/// One kind.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) spec: KindSpec,
    /// What its ids are made of, in order.
    pub(crate) id: &'static [&'static str],
    /// Where a record lies, `{}` for each part of its id; empty where that must be found out first.
    pub(crate) path: &'static str,
    /// Fields that a client may write.
    pub(crate) fields: &'static [Field],
    /// The member of the answer that is the record; empty for all of it.
    pub(crate) inside: &'static str,
}

/// All kinds.
#[derive(Debug)]
pub(crate) struct Kinds {
    all: Vec<Kind>,
}

impl Kinds {
    /// Builds the table.
    pub(crate) fn new() -> Self {
        let mut all = schedules();
        all.extend(requests());
        all.extend(plans());
        all.extend(units());
        Self { all }
    }

    /// A kind by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&Kind> {
        self.all.iter().find(|kind| kind.spec.name == name)
    }

    /// All of them, in the order of the table.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Kind> {
        self.all.iter()
    }

    /// The names, in the order of the table.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.all.iter().map(|kind| kind.spec.name).collect()
    }
}

impl Kind {
    /// The parts of an id; `None` for one of another form.
    pub(crate) fn parts<'i>(&self, id: &'i str) -> Option<Vec<&'i str>> {
        let parts: Vec<&str> = id.split('/').collect();
        let sound = parts.len() == self.id.len() && parts.iter().all(|part| !part.trim().is_empty());
        sound.then_some(parts)
    }

    /// Under which names a record that has no id yet says where it shall lie; empty where records cannot be created.
    pub(crate) fn owners(&self) -> &'static [&'static str] {
        match self.spec.name {
            WORK_PLAN | ROTATION => IN_MANAGEMENT_UNIT,
            CODE | GROUP => IN_BUSINESS_UNIT,
            TIME_OFF => &["managementUnitId", "userId"],
            _ => &[],
        }
    }

    /// The form of its ids, for messages: `<management_unit_id>/<id>`.
    pub(crate) fn id_form(&self) -> String {
        let parts: Vec<String> = self.id.iter().map(|part| format!("<{part}>")).collect();
        parts.join("/")
    }
}

/// A part of a resource's id; empty where it has none.
pub(crate) fn part(resource: &Resource, at: usize) -> &str {
    resource.id().and_then(|id| id.split('/').nth(at)).unwrap_or_default()
}

/// What the kinds have in common: a version that only grows, in `metadata`.
fn spec(name: &'static str, writable: &'static [&'static str], identity: &'static [&'static str]) -> KindSpec {
    KindSpec {
        name,
        schema: Schema::new(),
        writable,
        identity,
        version_fields: &[METADATA],
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
fn schedules() -> Vec<Kind> {
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

fn requests() -> Vec<Kind> {
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
    let limit = spec(LIMIT, &["values"], &["id", "granularity"]);
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

fn plans() -> Vec<Kind> {
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

fn units() -> Vec<Kind> {
    let business =
        &["startDayOfWeek", "timeZone", "shortTermForecasting", "scheduling", "notifications", "learning", "coaching"];
    let management = &["adherence", "shortTermForecasting", "timeOff", "scheduling", "shiftTrading"];
    let written =
        &["answers", "status", "agentHasRead", "releaseDate", "neverRelease", "rescore", "evaluator", "assignee"];
    let evaluation = KindSpec {
        version_fields: &["version", "changedDate"],
        guard: Guard::Unguarded,
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

#[cfg(test)]
mod tests;
