//! Work that a client is told to wait for: only who began it can ask how it stands.

use serde_json::Value;

use crate::{
    platform::{call::Call, errors, options::Jobs},
    queue::Due,
    record::Writer,
    refusal::Checked,
    target::Target,
};

/// One job.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The client that began it.
    pub(crate) client_id: Option<String>,
    pub(crate) writer: Writer,
    /// What is to be done, for the function that ends it.
    pub(crate) work: Value,
    /// What a question about it answers.
    pub(crate) body: Value,
}

impl Target {
    /// Whether a call that may run as a job does.
    pub(crate) fn wants_job(&mut self, call: &Call) -> bool {
        match self.options.platform.jobs {
            _ if call.query_flag("forceAsync") => true,
            Jobs::Sync => false,
            Jobs::Async => true,
            Jobs::Mixed => self.platform.rng.chance(0.5),
        }
    }

    /// Begins a job; `end` runs when its time is over. `body` is what a question answers until then.
    pub(crate) fn start_job(&mut self, call: &Call, id: &str, work: Value, body: Value, end: fn(&mut Self, i64, &str)) {
        let job = Job { client_id: call.writer.client_id.clone(), writer: call.writer.clone(), work, body };
        self.platform.jobs.insert(id.to_owned(), job);
        let at = call.now + self.options.platform.job_ms.max(0);
        self.queue.put(at, Due::Platform { run: end, id: id.to_owned() });
    }

    /// How a job stands, for the client that began it.
    pub(crate) fn job_body(&self, call: &Call) -> Checked<Value> {
        let id = call.param("jobId");
        let job = self.platform.jobs.get(id).filter(|job| job.client_id == call.writer.client_id);
        job.map(|job| job.body.clone()).ok_or_else(|| errors::no_such_job(id))
    }
}
