//! The files that can be planned.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Zendesk's export of swap requests (CSV), into shift trades.
    ZendeskShiftTrades,
    /// The bodies of ServiceNow's calls about quality reviews (NDJSON), into quality scores.
    ServicenowQualityReviews,
    /// A scheduling engine's week, an agent per line (NDJSON), into agent schedules.
    SchedulerWeek,
    /// A scheduling engine's small changes as verbs (NDJSON), into agent schedules.
    SchedulerChanges,
    /// Zendesk WFM's requests for time off (CSV), into requests for time off of `genesys-cloud`.
    ZendeskTimeOff,
}

/// A word that names no kind of file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no kind of file; the kinds are {}", Kind::ALL.map(Kind::as_str).join(", "))]
pub struct UnknownKind {
    /// The word.
    pub given: String,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::ZendeskShiftTrades,
        Self::ServicenowQualityReviews,
        Self::SchedulerWeek,
        Self::SchedulerChanges,
        Self::ZendeskTimeOff,
    ];

    /// The name in plans and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ZendeskShiftTrades => "zendesk-shift-trades",
            Self::ServicenowQualityReviews => "servicenow-quality-reviews",
            Self::SchedulerWeek => "scheduler-week",
            Self::SchedulerChanges => "scheduler-changes",
            Self::ZendeskTimeOff => "zendesk-time-off",
        }
    }

    /// Whether its rows name agents by e-mail address, where the target wants ids.
    #[must_use]
    pub fn names_agents_by_email(self) -> bool {
        matches!(self, Self::ZendeskShiftTrades | Self::ZendeskTimeOff)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownKind { given: text.to_owned() })
    }
}
