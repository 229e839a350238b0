//! How the fields of each kind are spelt: in a request, in an answer, and in our record between the two.
//!
//! A record has the names of the request model, without its wrappers: `planningGroupIds` and not `planningGroups`, `agents` by
//! `userId`, lists as lists. What the request model does not have stays as the answer spells it, links left out.

/// A field that a client may write.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name in a request, and in the record.
    pub(crate) name: &'static str,
    /// Its name in an answer.
    pub(crate) shown: &'static str,
    /// How its value is spelt.
    pub(crate) form: Form,
}

/// How the value of a field is spelt.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// Everywhere alike.
    Plain,
    /// `{"value": x}` in a request.
    Value,
    /// `{"values": […]}` in a request.
    Values,
    /// `{"values": […]}` in a request and in an answer.
    Wrapper,
    /// An id in a request, `{"id": …}` in an answer.
    Reference,
    /// `{"value": id}` in a request, `{"id": …}` in an answer.
    WrappedReference,
    /// A list of ids in a request, wrapped or not; of references in an answer.
    References(Wrapped),
    /// An object with fields of its own; a write gives all of it.
    Part(&'static [Field]),
    /// A list that a write changes item by item, told apart by this member; `"delete": true` removes one.
    Items(&'static str, &'static [Field]),
    /// A list that a write gives whole.
    List(Wrapped, &'static [Field]),
}

/// Whether a list stands in `{"values": […]}` in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrapped {
    Yes,
    No,
}

const fn plain(name: &'static str) -> Field {
    of(name, Form::Plain)
}

const fn of(name: &'static str, form: Form) -> Field {
    Field { name, shown: name, form }
}

const fn shown(name: &'static str, shown: &'static str, form: Form) -> Field {
    Field { name, shown, form }
}

/// `WorkPlan`, which is request and answer.
pub(crate) const WORK_PLAN: &[Field] = &[
    plain("name"),
    plain("enabled"),
    plain("constrainWeeklyPaidTime"),
    plain("flexibleWeeklyPaidTime"),
    plain("weeklyExactPaidMinutes"),
    plain("weeklyMinimumPaidMinutes"),
    plain("weeklyMaximumPaidMinutes"),
    plain("constrainPaidTimeGranularity"),
    plain("paidTimeGranularityMinutes"),
    plain("constrainMinimumTimeBetweenShifts"),
    plain("minimumTimeBetweenShiftsMinutes"),
    plain("maximumDays"),
    plain("minimumConsecutiveNonWorkingMinutesPerWeek"),
    plain("constrainMaximumConsecutiveWorkingWeekends"),
    plain("maximumConsecutiveWorkingWeekends"),
    plain("minimumWorkingDaysPerWeek"),
    plain("constrainMaximumConsecutiveWorkingDays"),
    plain("maximumConsecutiveWorkingDays"),
    plain("minimumShiftStartDistanceMinutes"),
    plain("minimumDaysOffPerPlanningPeriod"),
    plain("maximumDaysOffPerPlanningPeriod"),
    plain("minimumPaidMinutesPerPlanningPeriod"),
    plain("maximumPaidMinutesPerPlanningPeriod"),
    plain("constrainMaximumWorkingWeekendsPerPlanningPeriod"),
    plain("maximumWorkingWeekendsPerPlanningPeriod"),
    of("optionalDays", Form::Wrapper),
    plain("shiftStartVarianceType"),
    plain("shiftStartVariancePeriod"),
    of("shiftStartVariances", Form::Wrapper),
    of("shifts", Form::Items("id", PLAN_SHIFT)),
    of("agents", Form::Items("id", &[])),
];

const PLAN_SHIFT: &[Field] = &[of("days", Form::Wrapper), of("activities", Form::Items("id", &[]))];

/// `UpdateWorkPlanRotationRequest` and `WorkPlanRotationResponse`.
pub(crate) const ROTATION: &[Field] = &[
    plain("name"),
    plain("enabled"),
    plain("dateRange"),
    of("pattern", Form::Part(PATTERN)),
    of("agents", Form::Items("userId", &[shown("userId", "user", Form::Reference)])),
];

const PATTERN: &[Field] = &[shown("workPlanIds", "workPlans", Form::References(Wrapped::No))];

/// `UpdateActivityCodeRequest` and `BusinessUnitActivityCode`.
pub(crate) const ACTIVITY_CODE: &[Field] = &[
    plain("name"),
    plain("category"),
    plain("lengthInMinutes"),
    plain("countsAsPaidTime"),
    plain("countsAsWorkTime"),
    plain("agentTimeOffSelectable"),
    plain("countsTowardShrinkage"),
    plain("plannedShrinkage"),
    plain("interruptible"),
    shown("planningGroupIds", "planningGroups", Form::References(Wrapped::Yes)),
    of("style", Form::Value),
    of("secondaryPresences", Form::Values),
];

/// `UpdatePlanningGroupRequest` and `PlanningGroup`.
pub(crate) const PLANNING_GROUP: &[Field] = &[
    plain("name"),
    of("routePaths", Form::List(Wrapped::Yes, ROUTE_PATH)),
    shown("serviceGoalTemplateId", "serviceGoalTemplate", Form::Reference),
];

const ROUTE_PATH: &[Field] = &[
    shown("queueId", "queue", Form::Reference),
    shown("languageId", "language", Form::Reference),
    shown("skillIds", "skills", Form::References(Wrapped::No)),
];

/// `ManagementUnitSettingsRequest` and its answer.
pub(crate) const MANAGEMENT_UNIT: &[Field] = &[
    plain("adherence"),
    plain("shortTermForecasting"),
    of("timeOff", Form::Part(&[of("submissionLatestDate", Form::Value)])),
    of("scheduling", Form::Part(&[of("planningPeriod", Form::Value), of("monthlyPlanningPeriod", Form::Value)])),
    plain("shiftTrading"),
];

/// `UpdateBusinessUnitSettingsRequest` and its answer.
pub(crate) const BUSINESS_UNIT: &[Field] = &[
    plain("startDayOfWeek"),
    plain("timeZone"),
    plain("shortTermForecasting"),
    of("scheduling", Form::Part(&[of("syncTimeOffProperties", Form::Values)])),
    plain("notifications"),
    of("learning", Form::Part(DEFAULT_CODE)),
    of("coaching", Form::Part(DEFAULT_CODE)),
];

const DEFAULT_CODE: &[Field] = &[shown("defaultActivityCodeId", "defaultActivityCode", Form::Reference)];

/// `AdminTimeOffRequestPatch` and `TimeOffRequestResponse`.
pub(crate) const TIME_OFF_REQUEST: &[Field] = &[
    plain("status"),
    plain("activityCodeId"),
    plain("paid"),
    plain("notes"),
    plain("fullDayManagementUnitDates"),
    of("fullDayEarliestStartOffsetMinutes", Form::Values),
    of("fullDayLatestEndOffsetMinutes", Form::Values),
    plain("partialDayStartDateTimes"),
    plain("dailyDurationMinutes"),
    plain("durationMinutes"),
    plain("payableMinutes"),
];

/// What of an `Evaluation` a PUT changes; references stay as they are spelt.
pub(crate) const EVALUATION: &[Field] = &[
    plain("answers"),
    plain("status"),
    plain("agentHasRead"),
    plain("releaseDate"),
    plain("neverRelease"),
    plain("rescore"),
    plain("evaluator"),
    plain("assignee"),
];

/// Of a trade only its state: everything else is its agents' to write.
pub(crate) const SHIFT_TRADE: &[Field] = &[plain("state")];

/// The minutes of each date.
pub(crate) const TIME_OFF_LIMIT: &[Field] = &[plain("values")];

/// What an upload says of one agent.
pub(crate) const AGENT_SCHEDULE: &[Field] = &[
    of("shifts", Form::Items("id", SHIFT)),
    of("fullDayTimeOffMarkers", Form::Items("businessUnitDate", &[])),
    shown("workPlanId", "workPlan", Form::WrappedReference),
    shown("workPlanIdsPerWeek", "workPlansPerWeek", Form::References(Wrapped::Yes)),
];

const SHIFT: &[Field] = &[of("workPlanId", Form::Value), of("workPlanShiftId", Form::Value)];

/// What an upload says of a week's schedule itself.
pub(crate) const WEEK_SCHEDULE: &[Field] = &[plain("description")];
