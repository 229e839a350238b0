//! How a file is planned: what must be known of it, and by which file and which answers of the target the plan comes about.
//!
//! `ifmatch import` and `POST /v1/imports` go the same way: [`Import::alone`] reads the file by itself, a [`Survey`](super::Survey) says
//! what is asked of the target, and [`Import::checked`] makes the plan of both.

use super::{Agents, Assumed, Forecast, Kind, Plan, ReadError, Reading, Survey, read};
use crate::readers::LocalTimes;
use ifmatch_core::OrgName;
use jiff::civil::Weekday;
use std::collections::BTreeMap;

/// The org of a plan that nobody gave one; the gateway that applies it fills its own in.
const UNNAMED: &str = "unnamed";

/// A file, and what it does not say itself.
#[derive(Debug, Clone)]
pub struct Import {
    /// What the file is.
    pub kind: Kind,
    /// Its name, as the plan shows it.
    pub file: String,
    /// The org that the rows belong to, where one is known.
    pub org: Option<OrgName>,
    /// Who the addresses are.
    pub agents: Option<Agents>,
    /// Whether settled requests that changed nothing are wanted as history.
    pub history: bool,
    /// What a local time means that the clock shows twice or never.
    pub local_times: LocalTimes,
    /// The zone of local dates, for files that do not say it.
    pub time_zone: Option<String>,
    /// The target's schedule, for files that do not say it.
    pub schedule: Option<String>,
    /// The target's management unit, for files that do not say it.
    pub management_unit: Option<String>,
    /// What the source's reasons are in the target.
    pub codes: Option<BTreeMap<String, String>>,
    /// The user under whom our own write-back appears in the source.
    pub echo_user: String,
    /// Requests per minute that the target allows, for the forecast.
    pub budget: u32,
}

impl Import {
    /// The user under whom our own write-back appears where nobody says.
    pub const ECHO_USER: &'static str = "wfm.integration";

    /// Requests per minute that a target allows where nobody says.
    pub const BUDGET: u32 = 300;

    /// An import of which nothing more is said.
    #[must_use]
    pub fn new(kind: Kind, file: &str) -> Self {
        Self {
            kind,
            file: file.to_owned(),
            org: None,
            agents: None,
            history: false,
            local_times: LocalTimes::default(),
            time_zone: None,
            schedule: None,
            management_unit: None,
            codes: None,
            echo_user: Self::ECHO_USER.to_owned(),
            budget: Self::BUDGET,
        }
    }

    /// Whether somebody must say who the addresses are before the target can be asked.
    #[must_use]
    pub fn wants_agents(&self) -> bool {
        self.kind.names_agents_by_email() && self.agents.is_none()
    }

    /// The plan by the file alone, with its forecast.
    ///
    /// # Errors
    /// Those of [`read`].
    pub fn alone(&self, bytes: &[u8]) -> Result<Plan, ReadError> {
        let mut plan = self.read(bytes)?;
        self.forecast(&mut plan);
        Ok(plan)
    }

    /// What the target is asked.
    #[must_use]
    pub fn survey(&self) -> Survey {
        Survey::of(self.kind, self.schedule.as_deref())
    }

    /// The plan with what the target holds, with its forecast.
    ///
    /// # Errors
    /// Those of [`read`].
    pub fn checked(&self, bytes: &[u8], survey: &Survey) -> Result<Plan, ReadError> {
        let mut plan = self.read(bytes)?;
        survey.compare(&mut plan);
        self.forecast(&mut plan);
        Ok(plan)
    }

    fn forecast(&self, plan: &mut Plan) {
        plan.forecast = Some(Forecast::of(plan, Assumed::at(self.budget)));
    }

    fn read(&self, bytes: &[u8]) -> Result<Plan, ReadError> {
        let reading = Reading {
            file: &self.file,
            kind: self.kind,
            org: &self.org.clone().unwrap_or_else(|| OrgName::from(UNNAMED)),
            agents: self.agents.as_ref(),
            history: self.history,
            local_times: self.local_times,
            week_starts: Weekday::Monday,
            time_zone: self.time_zone.as_deref(),
            schedule: self.schedule.as_deref(),
            management_unit: self.management_unit.as_deref(),
            codes: self.codes.as_ref(),
            echo_user: &self.echo_user,
        };
        let mut plan = read(&reading, bytes)?;
        plan.org = self.org.clone();
        Ok(plan)
    }
}
