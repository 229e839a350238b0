//! The dialects by the names that the configuration uses, with what only the proxy asks of them.

use ifmatch_core::{
    Call, Dialect, IntentId, Notes, OrgName, Request, Resource, Response, Settled, Snapshot, State, Timestamp,
};
use ifmatch_dialects::probe::Known;
use ifmatch_dialects::{GenesysCloud, Rest, Rules, WfmV2};
use serde_json::{Value, json};
use std::sync::Arc;

/// The names.
pub(crate) const NAMES: &[&str] = &["wfm-v2", "genesys-cloud", REST];

/// The dialect whose kinds the configuration describes.
pub(crate) const REST: &str = "rest";

/// A dialect by its name, with the rules of its org, what a probe found out about its target, and the kinds that were described;
/// `None` for one that is not built in, and for `rest` without a description.
#[must_use]
pub(crate) fn named(name: &str, rules: &Rules, known: &Known, rest: Option<&Rest>) -> Option<Arc<dyn ProxyDialect>> {
    match name {
        "wfm-v2" => Some(Arc::new(WfmV2::with_rules(rules.clone()).knowing(known.clone()))),
        "genesys-cloud" => Some(Arc::new(GenesysCloud::with_rules(rules.clone()))),
        REST => rest.map(|rest| Arc::new(rest.clone()) as Arc<dyn ProxyDialect>),
        _ => None,
    }
}

/// What the proxy asks of a dialect beyond what the engine does: answers in the target's models.
pub(crate) trait ProxyDialect: Dialect {
    /// How a batch is answered: line by line where nothing else is said.
    fn batch_form(&self, _request: &Request, _resources: &[Resource]) -> BatchForm {
        BatchForm::Lines
    }

    /// The answer to a batch, line by line.
    fn render_lines(&self, request: &Request, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response;

    /// The records that a passed-through answer shows.
    fn records_shown(
        &self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)>;

    /// The answer to a request that started an operation; the job's id is the intent's, so that its
    /// status can be asked for.
    fn render_job(&self, intent: IntentId, state: State, result: Option<&Settled>) -> Response;

    /// The intent whose job's status a request asks for; `None` where the API has no such request.
    fn asks_for_job(&self, _request: &Request) -> Option<IntentId> {
        None
    }
}

/// How a batch is answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BatchForm {
    /// Line by line.
    Lines,
    /// With the document that it was a write of, read by this request once all of it landed.
    Document(Request),
}

const JOBS: &str = "/api/v2/wfm/scheduling/jobs/";

/// How an intent stands, in an API's words for what is done, what failed, and what goes on.
fn progress(state: State, [done, failed, goes_on]: [&'static str; 3]) -> &'static str {
    match state {
        State::Landed | State::Satisfied | State::Superseded => done,
        state if state.is_terminal() => failed,
        _ => goes_on,
    }
}

/// The answer to a request that started something.
fn accepted(body: &Value) -> Response {
    let json = ("content-type".to_owned(), "application/json".to_owned());
    Response { status: 202, headers: vec![json], body: body.to_string() }
}

impl ProxyDialect for WfmV2 {
    fn batch_form(&self, request: &Request, resources: &[Resource]) -> BatchForm {
        let path = request.path.split('?').next().unwrap_or_default();
        let own = |resource: &&Resource| self.envelope(resource).is_some();
        // The agents that it names; a write of the document's own fields alone shows the whole.
        let agents: Vec<Resource> = resources.iter().filter(own).cloned().collect();
        let read = match agents.is_empty() {
            true => resources.iter().take(1).cloned().collect(),
            false => agents,
        };
        if path.trim_end_matches('/').ends_with("/bulk") || read.is_empty() || read.len() > self.envelope_max() {
            return BatchForm::Lines;
        }
        BatchForm::Document(self.request(&Call::Read(read), &Notes::default()))
    }

    fn render_lines(&self, _request: &Request, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
        self.render_batch(lines)
    }

    fn records_shown(
        &self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)> {
        self.shown(org, now, request, response)
    }

    fn render_job(&self, intent: IntentId, state: State, result: Option<&Settled>) -> Response {
        let progress = progress(state, ["complete", "failed", "pending"]);
        let revision = result.and_then(|result| result.revision);
        accepted(&json!({"job_id": intent, "state": progress, "revision": revision}))
    }

    fn asks_for_job(&self, request: &Request) -> Option<IntentId> {
        request.path.split('?').next()?.strip_prefix(JOBS)?.parse().ok()
    }
}

impl ProxyDialect for GenesysCloud {
    fn render_lines(&self, request: &Request, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
        self.render_batch(request, lines)
    }

    fn records_shown(
        &self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)> {
        self.shown(org, now, request, response)
    }

    /// Like the answer to an upload. No request of this API asks how one stands, so none asks for the intent.
    fn render_job(&self, intent: IntentId, state: State, _result: Option<&Settled>) -> Response {
        let status = progress(state, ["Complete", "Error", "Processing"]);
        accepted(&json!({"status": status, "operationId": intent}))
    }
}

impl ProxyDialect for Rest {
    fn render_lines(&self, _: &Request, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
        self.render_batch(lines)
    }

    fn records_shown(
        &self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)> {
        self.shown(org, now, request, response)
    }

    /// No described kind has an operation.
    fn render_job(&self, intent: IntentId, state: State, _result: Option<&Settled>) -> Response {
        let status = progress(state, ["complete", "failed", "pending"]);
        accepted(&json!({"status": status, "job": intent}))
    }
}
