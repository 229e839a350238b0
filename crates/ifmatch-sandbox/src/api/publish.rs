//! Publish: status, start and jobs (section 6).

use serde_json::{Value, json};

use crate::{
    api::{Call, Current, Reply},
    feed::Event,
    guard::etag,
    ledger::Change,
    options::IdempotencyKeys,
    queue::Due,
    record::{Meta, PublishState, Schedule, Writer},
    refusal::{Checked, Refusal},
    target::{PublishJob, Target},
    time::format_instant,
    week::known_fields,
};

const REFUSED: &str = "Schedule cannot be published because it is already in a published state or a publish operation is currently in progress.";

impl Target {
    pub(crate) fn read_status(&self, id: &str, call: &Call) -> Checked<Reply> {
        let Some(schedule) = self.schedules.get(id).and_then(|history| history.at(call.read_at)) else {
            return Err(Refusal::not_found("The schedule is"));
        };
        let body = json!({
            "state": schedule.state.name(), "draft_revision": schedule.draft_revision,
            "published_revision": schedule.published_revision, "job_id": schedule.job,
            "since": format_instant(schedule.since),
        });
        Ok(Reply::new(200, body))
    }

    pub(crate) fn read_publish_job(&self, id: &str) -> Checked<Reply> {
        let Some(job) = self.publish_jobs.get(id) else {
            return Err(Refusal::not_found("The job is"));
        };
        let state = if job.complete { "complete" } else { "pending" };
        Ok(Reply::new(
            200,
            json!({"job_id": id, "schedule_id": job.schedule_id, "state": state, "revision": job.revision}),
        ))
    }

    pub(crate) fn publish(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        self.publish_checked(id, call).map_err(|mut refusal| {
            refusal.entity = Some(id.to_owned());
            refusal
        })
    }

    fn publish_checked(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        let Some(schedule) = self.schedule(id) else {
            return Err(Refusal::not_found("The schedule is"));
        };
        let named = call.named(self)?;
        known_fields(&self.options, &call.body, &[], "")?;
        let key = self.idempotency_key(id, call);
        if let Some(answer) = key.as_ref().and_then(|key| self.publish_answers.get(key)) {
            return Ok(Reply::new(202, answer.clone()));
        }
        if self.locks.is_held(call.now, &schedule.path()) {
            return Err(self.locked(None));
        }
        let tag = etag(&self.options, &schedule.path(), schedule.meta.version);
        if !named.is_current(schedule.meta.version, tag.as_deref()) {
            let current = Current { version: schedule.meta.version, etag: tag, record: schedule.to_json(|_| true) };
            return Err(self.stale(call, &named, Some(current)));
        }
        let runs = schedule.state == PublishState::Pending;
        if runs || schedule.published_revision == schedule.draft_revision {
            return Err(Refusal::new(409, "conflict", REFUSED));
        }
        self.check_constraints(call, &format!("{}/publish", schedule.path()))?;
        let answer = self.start_publish(&schedule, call);
        if let Some(key) = key {
            self.publish_answers.insert(key, answer.clone());
        }
        Ok(Reply::new(202, answer))
    }

    fn idempotency_key(&self, id: &str, call: &Call) -> Option<(String, String, String)> {
        if self.options.idempotency_key == IdempotencyKeys::Ignored {
            return None;
        }
        let client = call.writer.client_id.clone()?;
        Some((client, id.to_owned(), call.idempotency_key.clone()?))
    }

    fn start_publish(&mut self, schedule: &Schedule, call: &Call) -> Value {
        let job_id = self.rng.uuid();
        let revision = schedule.draft_revision;
        let job = PublishJob { schedule_id: schedule.id.clone(), revision, complete: false };
        self.publish_jobs.insert(job_id.clone(), job);
        let next =
            Schedule { state: PublishState::Pending, since: call.now, job: Some(job_id.clone()), ..schedule.clone() };
        let published = published_change(schedule.published_revision, revision);
        self.move_publish(call.now, schedule, next, published, &call.writer, "publish.started");
        self.queue.put(call.now + self.options.publish_ms, Due::PublishEnd { job_id: job_id.clone() });
        json!({"job_id": job_id, "state": "pending", "revision": revision})
    }

    /// Ends a publish: what is published is the draft as it was at the start.
    pub(crate) fn end_publish(&mut self, now: i64, job_id: &str) {
        let Some(job) = self.publish_jobs.get_mut(job_id) else {
            return;
        };
        job.complete = true;
        let (id, revision) = (job.schedule_id.clone(), job.revision);
        let Some(schedule) = self.schedule(&id) else {
            return;
        };
        let edited = schedule.draft_revision > revision;
        let state = if edited { PublishState::Draft } else { PublishState::Published };
        let next = Schedule { state, since: now, published_revision: revision, ..(*schedule).clone() };
        let published = published_change(schedule.published_revision, revision);
        self.move_publish(now, &schedule, next, published, &Writer::system(), "publish.finished");
    }

    /// Puts the publish state of a schedule in place, with its ledger entry and its event.
    pub(crate) fn move_publish(
        &mut self,
        now: i64,
        old: &Schedule,
        mut next: Schedule,
        published: Change,
        writer: &Writer,
        kind: &'static str,
    ) {
        if self.options.publish_raises_version {
            let version = old.meta.version + self.step();
            next.meta = Meta::new(version, now, writer);
        }
        let (path, version) = (old.path(), next.meta.version);
        let state = Change {
            path: "/state".to_owned(),
            before: Some(json!(old.state.name())),
            after: Some(json!(next.state.name())),
        };
        let keep_ms = self.options.replica_lag_ms;
        if let Some(history) = self.schedules.get_mut(&old.id) {
            history.push(now, next, keep_ms);
        }
        self.record(now, path.clone(), Some(old.meta.version), version, vec![published, state], writer);
        self.tell(Event { kind, path, version: Some(version), by: writer.name.clone(), at: now });
    }
}

pub(crate) fn published_change(before: u64, after: u64) -> Change {
    Change { path: "/published_revision".to_owned(), before: Some(json!(before)), after: Some(json!(after)) }
}
