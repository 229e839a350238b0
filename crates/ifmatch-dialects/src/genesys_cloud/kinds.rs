//! The kinds of the API: where their records lie, which fields a client may write, how values merge.

use super::fields::Field;
use crate::shifts::Spelling;
use ifmatch_core::{KindSpec, Resource};

mod table;

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
        let mut all = table::schedules();
        all.extend(table::requests());
        all.extend(table::plans());
        all.extend(table::units());
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
    pub(crate) fn names(&self) -> Vec<&str> {
        self.all.iter().map(|kind| &*kind.spec.name).collect()
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
        match &*self.spec.name {
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

#[cfg(test)]
mod tests;
