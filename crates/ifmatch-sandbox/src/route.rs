//! The routes: which path and method is which call, with its family and its scope.

/// What a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Scores,
    ScoresBulk,
    Score(String),
    /// The scores as rows of a table.
    Rows,
    Row(String),
    Trades,
    Trade(String),
    Schedules,
    SchedulesBulk,
    Schedule(String),
    AgentWeek(String),
    Status(String),
    Publish(String),
    PublishJob(String),
    Events,
    RecordingJobs,
    Recordings,
}

impl Route {
    /// The route of a path without its query; `None` for a path that the API does not know.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        if let Some(rest) = path.strip_prefix(crate::api::table::ROWS) {
            return match rest.strip_prefix('/') {
                None if rest.is_empty() => Some(Self::Rows),
                Some(id) if !id.is_empty() && !id.contains('/') => Some(Self::Row(id.to_owned())),
                _ => None,
            };
        }
        let parts: Vec<&str> = path.strip_prefix("/api/v2/")?.trim_end_matches('/').split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        let own = |part: &str| part.to_owned();
        Some(match parts.as_slice() {
            ["wfm", "v2", "quality", "scores"] => Self::Scores,
            ["wfm", "v2", "quality", "scores", "bulk"] => Self::ScoresBulk,
            ["wfm", "v2", "quality", "scores", id] => Self::Score(own(id)),
            ["wfm", "scheduling", "shifts"] => Self::Trades,
            ["wfm", "scheduling", "shifts", id] => Self::Trade(own(id)),
            ["wfm", "scheduling", "schedules", id, "status"] => Self::Status(own(id)),
            ["wfm", "scheduling", "schedules", id, "publish"] => Self::Publish(own(id)),
            ["wfm", "scheduling", "jobs", id] => Self::PublishJob(own(id)),
            ["wfm", "schedules"] => Self::Schedules,
            ["wfm", "schedules", "bulk"] => Self::SchedulesBulk,
            ["wfm", "schedules", "agents", agent] => Self::AgentWeek(own(agent)),
            ["wfm", "schedules", id] => Self::Schedule(own(id)),
            ["wfm", "events"] => Self::Events,
            ["recording", "jobs"] => Self::RecordingJobs,
            ["recordings"] => Self::Recordings,
            _ => return None,
        })
    }

    /// The methods that the route answers.
    pub(crate) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Scores | Self::Rows | Self::Trades | Self::Schedules => &["GET", "POST"],
            Self::ScoresBulk | Self::SchedulesBulk | Self::Publish(_) | Self::RecordingJobs => &["POST"],
            Self::Score(_) | Self::Row(_) => &["GET", "PATCH"],
            Self::Trade(_) | Self::Schedule(_) => &["GET", "PUT", "PATCH"],
            Self::AgentWeek(_) => &["GET", "PUT"],
            Self::Status(_) | Self::PublishJob(_) | Self::Events | Self::Recordings => &["GET"],
        }
    }

    /// The endpoint family that a narrower limit may count; none for events.
    pub(crate) fn family(&self) -> Option<&'static str> {
        Some(match self {
            Self::Scores | Self::ScoresBulk | Self::Score(_) | Self::Rows | Self::Row(_) => "scores",
            Self::Trades | Self::Trade(_) => "shifts",
            Self::Schedules | Self::SchedulesBulk | Self::Schedule(_) | Self::AgentWeek(_) => "schedules",
            Self::Status(_) | Self::Publish(_) | Self::PublishJob(_) => "publish",
            Self::RecordingJobs | Self::Recordings => "recordings",
            Self::Events => return None,
        })
    }

    /// The scopes of which one is needed.
    pub(crate) fn scopes(&self, is_read: bool) -> &'static [&'static str] {
        match self {
            Self::Scores | Self::ScoresBulk | Self::Score(_) | Self::Rows | Self::Row(_) if is_read => {
                &["quality:score:read"]
            }
            Self::Scores | Self::ScoresBulk | Self::Score(_) | Self::Rows | Self::Row(_) => &["quality:score:write"],
            Self::Status(_) | Self::PublishJob(_) => &["wfm:schedule:publish", "wfm:schedule:read"],
            Self::Publish(_) => &["wfm:schedule:publish"],
            Self::RecordingJobs | Self::Recordings => &["recording:read"],
            Self::Events => &["wfm:schedule:read"],
            _ if is_read => &["wfm:schedule:read"],
            _ => &["wfm:schedule:write"],
        }
    }
}
