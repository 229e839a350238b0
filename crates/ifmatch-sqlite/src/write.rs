//! Writes the operations of a group inside its transaction.

use crate::columns::{id_bytes, json, place, resource_text};
use crate::failure::{failure, place_taken, value_taken};
use crate::read;
use crate::store::Org;
use ifmatch_audit::{Body, Kind};
use ifmatch_core::{
    AttemptId, AttemptOutcome, AttemptRecord, Head, Intake, IntentId, IntentRecord, Op, OrgName, Resource, ResourceRow,
    State, Timestamp, Transition,
};
use ifmatch_store::{StoreError, intake_body, key_row, transition_body};
use rusqlite::{Connection, Params, params};
use serde_json::Value;
use std::collections::BTreeMap;

/// One group of commits on its way into the file. Nothing counts before the caller commits the
/// transaction.
pub(crate) struct Writer<'a> {
    connection: &'a Connection,
    name: &'a OrgName,
    org: Org,
    tally: BTreeMap<State, i64>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(connection: &'a Connection, name: &'a OrgName, org: Org) -> Self {
        Self { connection, name, org, tally: BTreeMap::new() }
    }

    pub(crate) fn op(&mut self, op: &Op) -> Result<(), StoreError> {
        match op {
            Op::Intake(intake) => self.intake(intake),
            Op::Transition(transition) => self.transition(transition),
            Op::Rename { intent, resource } => self.rename(*intent, resource),
            Op::Attempt(record) => self.attempt(record),
            Op::AttemptDone { id, outcome, at } => self.attempt_done(*id, outcome, *at),
            Op::Resource(row) => self.resource(row),
            Op::Alias { from, to } => self.alias(from, to),
            Op::Keep { key, value } => self.keep(key, value.as_ref()),
            Op::Note { at, note } => self.leaf(*at, Kind::Note, note.clone().into()),
        }
    }

    /// Writes what was gathered over the group; gives the org as it is when the group is committed.
    pub(crate) fn finish(self) -> Result<Org, StoreError> {
        for (state, change) in self.tally.iter().filter(|(_, change)| **change != 0) {
            self.execute(
                "INSERT INTO tally (org, state, intents) VALUES (?1, ?2, ?3)
                 ON CONFLICT (org, state) DO UPDATE SET intents = intents + excluded.intents",
                params![self.org.number, state.as_str(), change],
            )
            .map_err(failure)?;
        }
        Ok(self.org)
    }

    fn intake(&mut self, intake: &Intake) -> Result<(), StoreError> {
        let record = &intake.record;
        StoreError::same_org(self.name, &record.resource)?;
        let place = place(self.org.number, record.order)?;
        self.insert_head(place, record)?;
        self.execute("INSERT INTO intent (place, record) VALUES (?1, ?2)", params![place, json(record)])
            .map_err(failure)?;
        if let Some((source, key, content, id)) = key_row(&intake.record, intake.content) {
            self.execute(
                "INSERT INTO dedupe (place, source, key, content, id) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![place, source.as_str(), key.to_be_bytes(), content.0, id_bytes(id)],
            )
            .map_err(failure)?;
        }
        *self.tally.entry(record.status.state).or_default() += 1;
        self.leaf(record.accepted_at, Kind::Intake, intake_body(intake))
    }

    fn insert_head(&self, place: i64, record: &IntentRecord) -> Result<(), StoreError> {
        let head = Head::of(record);
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        self.execute(
            "INSERT INTO head (place, org, id, source, kind, resource, state, code, since, class, not_before,
                               deadline, operation, print)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                place,
                self.org.number,
                id_bytes(head.id),
                head.source.as_str(),
                head.resource.kind,
                resource_text(&head.resource),
                head.state.as_str(),
                record.status.code,
                head.since.to_string(),
                read::class_text(head.class),
                text(head.not_before),
                text(head.deadline),
                head.operation,
                head.fingerprint.map(|print| print.to_string()),
            ],
        )
        .map_err(|error| match error {
            error if place_taken(&error) => {
                StoreError::inconsistent("head", "place", record.id, "a free place", record.order)
            }
            error if value_taken(&error) => {
                StoreError::inconsistent("head", "id", record.id, "a new intent", "a stored one")
            }
            error => failure(error),
        })
        .map(drop)
    }

    fn transition(&mut self, transition: &Transition) -> Result<(), StoreError> {
        let head = self.stored(transition.intent)?;
        StoreError::fits(transition, head.state)?;
        let status = &transition.status;
        self.execute(
            "UPDATE head SET state = ?2, code = ?3, since = ?4, status = ?5 WHERE place = ?1",
            params![head.place, status.state.as_str(), status.code, status.since.to_string(), json(status)],
        )
        .map_err(failure)?;
        *self.tally.entry(transition.from).or_default() -= 1;
        *self.tally.entry(transition.to).or_default() += 1;
        let body = transition_body(transition, &head.source, &head.resource);
        self.leaf(transition.at, Kind::Transition, body)
    }

    fn rename(&mut self, id: IntentId, resource: &Resource) -> Result<(), StoreError> {
        StoreError::same_org(self.name, resource)?;
        let place = self.stored(id)?.place;
        self.execute(
            "UPDATE head SET kind = ?2, resource = ?3 WHERE place = ?1",
            params![place, resource.kind, resource_text(resource)],
        )
        .map_err(failure)
        .map(drop)
    }

    fn attempt(&mut self, record: &AttemptRecord) -> Result<(), StoreError> {
        let place = place(self.org.number, record.id.0)?;
        self.execute("INSERT INTO attempt (place, record) VALUES (?1, ?2)", params![place, json(record)]).map_err(
            |error| match error {
                error if place_taken(&error) => {
                    StoreError::inconsistent("attempt", "place", record.id.0, "a new attempt", "a stored one")
                }
                error => failure(error),
            },
        )?;
        for id in &record.intents {
            let intent = self.stored(*id)?.place;
            self.execute(
                "INSERT OR IGNORE INTO attempt_intent (intent, attempt) VALUES (?1, ?2)",
                params![intent, place],
            )
            .map_err(failure)?;
        }
        Ok(())
    }

    fn attempt_done(&mut self, id: AttemptId, outcome: &AttemptOutcome, at: Timestamp) -> Result<(), StoreError> {
        let changed = self
            .execute(
                "UPDATE attempt SET outcome = ?2, ended_at = ?3 WHERE place = ?1 AND outcome IS NULL",
                params![place(self.org.number, id.0)?, json(outcome), at.to_string()],
            )
            .map_err(failure)?;
        if changed == 1 {
            return Ok(());
        }
        Err(StoreError::inconsistent("attempt", "outcome", id.0, "an open attempt", "an ended one, or none"))
    }

    fn resource(&mut self, row: &ResourceRow) -> Result<(), StoreError> {
        StoreError::same_org(self.name, &row.resource)?;
        self.execute(
            "INSERT INTO resource_row (org, resource, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (org, resource) DO UPDATE SET value = excluded.value",
            params![self.org.number, resource_text(&row.resource), json(row)],
        )
        .map_err(failure)
        .map(drop)
    }

    fn alias(&mut self, from: &Resource, to: &Resource) -> Result<(), StoreError> {
        StoreError::same_org(self.name, from)?;
        StoreError::same_org(self.name, to)?;
        self.execute(
            "INSERT INTO alias (org, name, target) VALUES (?1, ?2, ?3)
             ON CONFLICT (org, name) DO UPDATE SET target = excluded.target",
            params![self.org.number, resource_text(from), resource_text(to)],
        )
        .map_err(failure)
        .map(drop)
    }

    fn keep(&mut self, key: &str, value: Option<&Value>) -> Result<(), StoreError> {
        match value {
            Some(value) => self.execute(
                "INSERT INTO keep (org, key, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (org, key) DO UPDATE SET value = excluded.value",
                params![self.org.number, key, json(value)],
            ),
            None => self.execute("DELETE FROM keep WHERE org = ?1 AND key = ?2", params![self.org.number, key]),
        }
        .map_err(failure)
        .map(drop)
    }

    fn leaf(&mut self, at: Timestamp, kind: Kind, body: Body) -> Result<(), StoreError> {
        let record = self.org.chain.append(at, kind, body);
        self.execute(
            "INSERT INTO audit_leaf (place, hash, leaf) VALUES (?1, ?2, ?3)",
            params![place(self.org.number, record.index)?, record.hash.0, record.text],
        )
        .map_err(failure)
        .map(drop)
    }

    fn stored(&self, id: IntentId) -> Result<read::Stored, StoreError> {
        read::stored(self.connection, self.org.number, id)?.ok_or_else(|| StoreError::no_intent(id))
    }

    fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(params)
    }
}
