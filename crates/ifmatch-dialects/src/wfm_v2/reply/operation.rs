//! Answers about a publish: its start, its status, its job.

use super::{Answer, Asked};
use crate::wfm_v2::evidence::Purpose;
use crate::wfm_v2::lens;
use ifmatch_core::{Fact, OperationCall, OperationStatus};
use serde_json::Value;

impl Answer<'_> {
    /// A started run carries the draft as it was; what finished runs carried is not told.
    pub(super) fn start(&self, _operation: &OperationCall) -> Fact {
        if let Some(refusal) = self.refusal(Asked::of(Purpose::Operate)) {
            return Fact::Refused(refusal);
        }
        let number = |name: &str| self.body.get(name).and_then(lens::whole);
        let Some(revision) = number("revision").or_else(|| number("draft_revision")) else {
            return self.strange("the start of a publish names no revision");
        };
        Fact::Operation(run(self.body, revision))
    }

    pub(super) fn status(&self, operation: &OperationCall) -> Fact {
        if let Some(refusal) = self.refusal(Asked::of(Purpose::Operate)) {
            return Fact::Refused(refusal);
        }
        let number = |name: &str| self.body.get(name).and_then(lens::whole);
        let state = state(self.body);
        match (number("draft_revision"), number("published_revision"), number("revision")) {
            (Some(wanted), published, carrying) => {
                let job = job(self.body);
                let running = state == "pending";
                let ours = operation.job.is_none() || job.is_none() || operation.job == job;
                Fact::Operation(OperationStatus {
                    job,
                    running,
                    failed: state == "failed" && ours,
                    wanted,
                    carried: published.unwrap_or_default(),
                    carrying: carrying.filter(|_| running),
                })
            }
            (None, _, Some(revision)) => Fact::Operation(run(self.body, revision)),
            (None, _, None) => self.strange("the status of a publish names no revision"),
        }
    }
}

/// The standing of one run, of which only the revision that it carries is told.
fn run(body: &Value, revision: u64) -> OperationStatus {
    let state = state(body);
    let finished = state == "complete" || state == "published";
    let failed = state == "failed";
    OperationStatus {
        job: job(body),
        running: !finished && !failed,
        failed,
        wanted: revision,
        carried: if finished { revision } else { 0 },
        carrying: (!finished && !failed).then_some(revision),
    }
}

fn state(body: &Value) -> &str {
    body["state"].as_str().unwrap_or_default()
}

fn job(body: &Value) -> Option<String> {
    body["job_id"].as_str().map(str::to_owned)
}
