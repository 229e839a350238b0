//! The two spellings of a record. Judges, people and sources of a world speak that of the ledger, `start`, `length_minutes` and
//! `code` of a shift, `status` of a trade; an engine whose dialect is `genesys-cloud` speaks the vendor's, `startDate`,
//! `lengthMinutes`, `activityCodeId` and `state`. What goes to such an engine, and what comes from it, is spelt anew on the way;
//! nothing else of it changes.

mod described;
mod settings;
mod states;

use ifmatch_core::merge::Pointer;
use ifmatch_core::{
    Commit, Dialect, IntentRecord, Method, Op, OrgName, Recovery, Request, Resource, ResourceRow, Response, Shared,
    Snapshot, Timestamp,
};
use ifmatch_dialects::{GenesysCloud, Rest, WfmV2};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// The API that a world's engine and target speak with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    /// That of the incident reports.
    #[default]
    WfmV2,
    /// The vendor's platform API, of schedules and trades.
    GenesysCloud,
    /// The same, of documents: the ledger spells them as the vendor does.
    GenesysDocuments,
    /// Scores as rows of a table that guards nothing, by a description.
    Table,
    /// Scores as plain records with tags, by a description.
    Tagged,
    /// The same, of the settings of units, which the ledger has inside of them.
    GenesysSettings,
}

/// Names of the ledger, and the vendor's for the same.
const NAMES: [(&str, &str); 3] =
    [("start", "startDate"), ("length_minutes", "lengthMinutes"), ("code", "activityCodeId")];

/// Members that tell a span of time from anything else that has a code or a start.
const SPANS: [&str; 2] = ["length_minutes", "lengthMinutes"];

/// Whether an activity is paid, and the one that is not.
const PAID: &str = "paid";
const MEAL: &str = "meal";

/// Values of JSON below this address are an agent's.
const SHIFTS: &str = "/shifts/";

impl Api {
    /// The dialect that speaks it.
    pub(crate) fn dialect(self) -> Arc<dyn Dialect> {
        match self {
            Self::WfmV2 => Arc::new(WfmV2::new()),
            Self::GenesysCloud | Self::GenesysDocuments | Self::GenesysSettings => Arc::new(GenesysCloud::new()),
            Self::Table => Arc::<Rest>::clone(&described::TABLE),
            Self::Tagged => Arc::<Rest>::clone(&described::TAGGED),
        }
    }

    /// Whether it is the vendor's.
    pub(crate) fn is_vendors(self) -> bool {
        matches!(self, Self::GenesysCloud | Self::GenesysDocuments)
    }

    fn respells(self) -> bool {
        matches!(self, Self::GenesysCloud | Self::GenesysSettings)
    }

    fn respelt<T: Serialize + DeserializeOwned>(self, said: T, way: Way) -> T {
        let mut value = serde_json::to_value(said).expect("what an engine says is JSON");
        match self {
            Self::GenesysSettings => settings::respell(way, &mut value),
            _ => way.value(&mut value),
        }
        serde_json::from_value(value).expect("another spelling changes no shape")
    }

    /// What the engine says, as the ledger spells it.
    pub(crate) fn heard<T: Serialize + DeserializeOwned>(self, said: T) -> T {
        if self.respells() { self.respelt(said, Way::ToLedger) } else { said }
    }

    /// What is said to the engine, as the vendor spells it.
    pub(crate) fn said<T: Serialize + DeserializeOwned>(self, said: T) -> T {
        if self.respells() { self.respelt(said, Way::ToVendor) } else { said }
    }

    /// What a client of the proxy asks for in order to see a record, and the record that the request means; no record where the
    /// answer is a list.
    pub(crate) fn asked(self, resource: Resource, path: &str) -> (Request, Option<Resource>) {
        let parts: Vec<&str> = resource.id().map(|id| id.split('/').collect()).unwrap_or_default();
        match (self, resource.kind.as_str(), parts.as_slice()) {
            (Self::GenesysCloud, "shift-trade", [unit, week, _]) => {
                let list = format!("/api/v2/workforcemanagement/managementunits/{unit}/weeks/{week}/shifttrades");
                (Request::bare(Method::Get, list), None)
            }
            (Self::Table, ..) => (Request::bare(Method::Get, described::row_of(path)), Some(resource)),
            (Self::GenesysSettings, ..) => {
                (Request::bare(Method::Get, format!("{path}?expand=settings")), Some(resource))
            }
            _ => (Request::bare(Method::Get, path), Some(resource)),
        }
    }

    /// The records of an answer that is a list.
    pub(crate) fn listed(
        self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)> {
        match self {
            Self::WfmV2 | Self::Table | Self::Tagged => Vec::new(),
            Self::GenesysCloud | Self::GenesysDocuments | Self::GenesysSettings => {
                GenesysCloud::new().shown(org, now, request, response)
            }
        }
    }

    /// The record that an answer about one shows.
    pub(crate) fn shown(self, org: &OrgName, now: Timestamp, request: &Request, response: &Response) -> Option<Value> {
        match self {
            Self::Table => described::row_shown(org, now, request, response),
            _ => response.json().filter(Value::is_object).map(|record| self.heard(record)),
        }
    }

    /// The ledger's path of the record that a request is about, where the target has another one.
    pub(crate) fn path(self, asked: &str) -> String {
        let row = if self == Self::Table { described::path_of_row(asked) } else { None };
        row.unwrap_or_else(|| asked.to_owned())
    }

    /// An address, as the vendor spells it.
    pub(crate) fn address(self, pointer: &Pointer) -> Pointer {
        self.said(pointer.clone())
    }

    /// What the engine has stored.
    pub(crate) fn commit(self, commit: &Commit) -> Cow<'_, Commit> {
        if !self.respells() {
            return Cow::Borrowed(commit);
        }
        let op = |op: &Op| match op.clone() {
            Op::Intake(mut intake) => {
                intake.record = self.heard(intake.record);
                Op::Intake(intake)
            }
            Op::Transition(transition) => Op::Transition(Box::new(self.heard(*transition))),
            Op::Attempt(record) => Op::Attempt(self.heard(record)),
            Op::Resource(row) => Op::Resource(self.heard(row)),
            other @ (Op::Rename { .. }
            | Op::AttemptDone { .. }
            | Op::Alias { .. }
            | Op::Keep { .. }
            | Op::Note { .. }) => other,
        };
        Cow::Owned(Commit { id: commit.id, ops: commit.ops.iter().map(op).collect() })
    }

    /// What the store tells the engine at the start.
    pub(crate) fn recovery(self, recovery: Recovery) -> Recovery {
        let attempts = recovery.attempts.into_iter().map(|attempt| self.said(attempt)).collect();
        Recovery { attempts, ..recovery }
    }

    /// What the store tells the engine of records and intents.
    pub(crate) fn loaded(
        self,
        rows: Vec<Option<Shared<ResourceRow>>>,
        intents: Vec<IntentRecord>,
    ) -> (Vec<Option<Shared<ResourceRow>>>, Vec<IntentRecord>) {
        let rows = rows.into_iter().map(|row| row.map(|row| self.said(row))).collect();
        (rows, intents.into_iter().map(|record| self.said(record)).collect())
    }
}

/// One of the two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    ToLedger,
    ToVendor,
}

impl Way {
    fn value(self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::String(text) => {
                if let Some(at) = states::address(self, text) {
                    at.clone_into(text);
                }
                if let Some(below) = text.strip_prefix(SHIFTS) {
                    let segments: Vec<&str> = below.split('/').map(|segment| self.name(segment)).collect();
                    *text = format!("{SHIFTS}{}", segments.join("/"));
                }
            }
            Value::Object(members) => {
                // A verb's arguments are the same in both.
                let verb = members.contains_key("args");
                let span = SPANS.iter().any(|name| members.contains_key(*name));
                let part = span || members.contains_key("id");
                let mut spelt = Map::new();
                for (name, mut member) in std::mem::take(members) {
                    if let Some((name, state)) = states::member(self, &name, &member) {
                        spelt.insert(self.member(name), state.into());
                        continue;
                    }
                    if !verb {
                        self.value(&mut member);
                    }
                    let named = self.name(&name);
                    let code = matches!(name.as_str(), "code" | "activityCodeId");
                    let start = matches!(name.as_str(), "start" | "startDate");
                    let ambiguous = (code && !span) || (start && !part);
                    let said = if verb || ambiguous { name } else { self.member(named) };
                    spelt.insert(said, member);
                }
                self.pay(&mut spelt);
                *members = spelt;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The vendor's activities say whether they are paid, as whoever reads them sees; those of the ledger only where that is not
    /// as usual: all but meals are.
    fn pay(self, activity: &mut Map<String, Value>) {
        let code = if self == Self::ToLedger { "code" } else { "activityCodeId" };
        let Some(code) = activity.get(code).and_then(Value::as_str) else { return };
        let usual = Value::Bool(code != MEAL);
        match self {
            Self::ToVendor if activity.contains_key("lengthMinutes") => {
                activity.entry(PAID).or_insert(usual);
            }
            Self::ToLedger if activity.contains_key(SPANS[0]) && activity.get(PAID) == Some(&usual) => {
                activity.remove(PAID);
            }
            _ => {}
        }
    }

    /// Addresses stand as names, too, where something is kept by address.
    fn member(self, name: &str) -> String {
        let mut name = Value::from(name);
        self.value(&mut name);
        name.as_str().unwrap_or_default().to_owned()
    }

    fn name(self, name: &str) -> &str {
        let pair = NAMES.iter().find(|(ledger, vendor)| name == if self == Self::ToLedger { *vendor } else { *ledger });
        match (pair, self) {
            (Some((ledger, _)), Self::ToLedger) => ledger,
            (Some((_, vendor)), Self::ToVendor) => vendor,
            (None, _) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_spelt_there_and_back_is_the_same() {
        let ledger = json!({
            "code": "review/true_conflict", "conflict": [{ "path": "/shifts/s-1/activities/a/code", "start": 1 }],
            "change": { "merge_patch": { "shifts": [{ "id": "s-1", "start": "2026-11-16T08:00:00Z" }] } },
            "row": { "/shifts/s-1/start": { "start": "2026-11-16T08:00:00Z", "length_minutes": 60, "code": "break" } },
            "verb": { "name": "add-activity", "args": { "activity": { "length_minutes": 15, "code": "break" } } },
            "status": { "state": "expired", "edits": [{ "path": "/status", "value": "denied" }] },
            "trade": { "id": "t-1", "status": "matched" }, "kept": { "/status": "cancelled" },
        });
        let vendor = json!({
            "code": "review/true_conflict", "conflict": [{ "path": "/shifts/s-1/activities/a/activityCodeId", "start": 1 }],
            "change": { "merge_patch": { "shifts": [{ "id": "s-1", "startDate": "2026-11-16T08:00:00Z" }] } },
            "row": { "/shifts/s-1/startDate":
                { "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 60, "activityCodeId": "break", "paid": true } },
            "verb": { "name": "add-activity", "args": { "activity": { "length_minutes": 15, "code": "break" } } },
            "status": { "state": "expired", "edits": [{ "path": "/state", "value": "Denied" }] },
            "trade": { "id": "t-1", "state": "Matched" }, "kept": { "/state": "Canceled" },
        });
        assert_eq!(Api::GenesysCloud.said(ledger.clone()), vendor);
        assert_eq!(Api::GenesysCloud.heard(vendor), ledger);
        assert_eq!(Api::WfmV2.said(ledger.clone()), ledger);
    }
}
