//! Topics: which exist, and what each asks of who subscribes.

use crate::platform::call::Call;

/// A topic by its parts, a parameter as `{id}`, with the permissions of which one is needed.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) parts: &'static str,
    pub(crate) permissions: &'static [&'static str],
}

const SCHEDULES: &[&str] = &["wfm:schedule:view", "wfm:publishedSchedule:view"];

/// The topics of workforce management and quality, by `v2.`. Those of a user need no permission: they are for that user alone.
pub(crate) const ALL: &[Topic] = &[
    topic("workforcemanagement.businessunits.{id}.schedules", SCHEDULES),
    topic("workforcemanagement.businessunits.{id}.scheduling.runs", &["wfm:schedule:generate", "wfm:schedule:edit"]),
    topic("workforcemanagement.businessunits.{id}.workplanbids.{id}", &["wfm:workPlanBid:view"]),
    topic("workforcemanagement.businessunits.{id}.schedulebids.{id}", &["wfm:scheduleBid:view"]),
    topic("workforcemanagement.businessunits.{id}.opportunities", &["wfm:opportunity:view"]),
    topic("workforcemanagement.businessunits.{id}.activityplans.jobs", &["wfm:activityPlan:view"]),
    topic("workforcemanagement.businessunits.{id}.activityplans.runs.jobs", &["wfm:activityPlan:view"]),
    topic("workforcemanagement.businessunits.{id}.adherence.explanations", &["wfm:adherenceExplanation:view"]),
    topic("workforcemanagement.businessunits.{id}.shorttermforecasts", &["wfm:shortTermForecast:view"]),
    topic("workforcemanagement.businessunits.{id}.shorttermforecasts.copy", &["wfm:shortTermForecast:view"]),
    topic("workforcemanagement.businessunits.{id}.shorttermforecasts.generate", &["wfm:shortTermForecast:view"]),
    topic("workforcemanagement.businessunits.{id}.shorttermforecasts.import", &["wfm:shortTermForecast:view"]),
    topic("workforcemanagement.managementunits.{id}", &["wfm:managementUnit:view"]),
    topic("workforcemanagement.managementunits.{id}.adherence", &["wfm:realtimeAdherence:view"]),
    topic("workforcemanagement.managementunits.{id}.agents.sync", &["wfm:agent:view"]),
    topic("workforcemanagement.managementunits.{id}.agentschedules.changed", SCHEDULES),
    topic("workforcemanagement.managementunits.{id}.schedules", SCHEDULES),
    topic("workforcemanagement.managementunits.{id}.shifttrades.state.bulk", &["wfm:shiftTradeRequest:edit"]),
    topic("workforcemanagement.users.{id}.schedules.query", SCHEDULES),
    topic("workforcemanagement.users.{id}.schedules.search", SCHEDULES),
    topic("workforcemanagement.agents", &["wfm:agent:edit"]),
    topic("workforcemanagement.historicaldata.status", &["wfm:historicalData:upload"]),
    topic("users.{id}.workforcemanagement.adherence", &[]),
    topic("users.{id}.workforcemanagement.adherence.explanations.jobs", &[]),
    topic("users.{id}.workforcemanagement.adherence.historical.bulk", &[]),
    topic("users.{id}.workforcemanagement.agentschedules.managementunit.search.complete", &[]),
    topic("users.{id}.workforcemanagement.alternative.shift.jobs", &[]),
    topic("users.{id}.workforcemanagement.historicaladherencequery", &[]),
    topic("users.{id}.workforcemanagement.integrations.hris.timeofftypes.jobs", &[]),
    topic("users.{id}.workforcemanagement.notifications", &[]),
    topic("users.{id}.workforcemanagement.schedules", &[]),
    topic("users.{id}.workforcemanagement.shift.trading.jobs", &[]),
    topic("users.{id}.workforcemanagement.shrinkage.jobs", &[]),
    topic("users.{id}.workforcemanagement.timeoffbalance.jobs", &[]),
    topic("users.{id}.workforcemanagement.timeoffrequests", &[]),
    topic("quality.evaluations", &["quality:evaluation:view"]),
];

const fn topic(parts: &'static str, permissions: &'static [&'static str]) -> Topic {
    Topic { parts, permissions }
}

impl Topic {
    /// The topic that a subscription names, with the user whose it is; none for one that does not exist.
    pub(crate) fn of(id: &str) -> Option<&'static Self> {
        let rest = id.strip_prefix("v2.")?;
        let fits = |topic: &&Self| {
            let same = |(own, given): (&str, &str)| own == given || (own == "{id}" && !given.is_empty());
            topic.parts.split('.').count() == rest.split('.').count()
                && topic.parts.split('.').zip(rest.split('.')).all(same)
        };
        ALL.iter().find(fits)
    }

    /// Whether the topic belongs to a user other than the one for whom the call acts.
    pub(crate) fn is_of_another(&self, id: &str, call: &Call) -> bool {
        self.parts.starts_with("users.") && id.split('.').nth(2) != call.user.as_deref()
    }
}
