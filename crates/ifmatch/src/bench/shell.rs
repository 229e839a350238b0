//! A shell in memory around one engine: commits are durable at once, the target is the emulator.
//! It times what the engine does with each input, and nothing else.

use super::stopwatch::Stopwatch;
use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use ifmatch_core::{
    Effect, Engine, EngineConfig, Input, Intent, IntentId, Limits, Notice, Op, OrgName, SignedDuration, SourceConfig,
    SourceName, Submission, Ticket, Timestamp, Verify,
};
use ifmatch_dialects::WfmV2;
use ifmatch_sandbox::{Delivery, Request, Sandbox, Scenario};
use ifmatch_store::{MemoryStore, Store as _};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

const START: &str = "2026-10-20T08:00:00Z";
pub(super) const ORG: &str = "bench";
pub(super) const SOURCE: &str = "bench";

/// What the engine decided in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It took a submission.
    Submit,
    /// It merged and made a write attempt of payloads just loaded.
    Plan,
    /// Anything else.
    Other,
}

/// One engine with everything around it.
pub(super) struct Shell {
    engine: Engine,
    store: MemoryStore,
    pub(super) sandbox: Sandbox,
    org: OrgName,
    now: Timestamp,
    inbox: VecDeque<Input>,
    token: Option<String>,
    submitted: u64,
    /// Intents that landed or were satisfied.
    pub(super) landed: u64,
    /// Each step with the processor time that the engine took for it, effects collected.
    pub(super) steps: Vec<(Step, Duration)>,
}

impl Shell {
    pub(super) fn new(scenario: Scenario) -> Result<Self> {
        let now: Timestamp = START.parse().context("the start is an instant")?;
        let org = OrgName::from(ORG);
        let config = EngineConfig {
            org: org.clone(),
            sources: BTreeMap::from([(SourceName::from(SOURCE), SourceConfig::default())]),
            unguarded: BTreeSet::new(),
            notices: false,
            verify: Verify::default(),
            limits: Limits::default(),
            seed: 1,
        };
        let mut shell = Self {
            engine: Engine::new(Arc::new(WfmV2::default()), config, now),
            store: MemoryStore::new(),
            sandbox: Sandbox::new(scenario, 1, now.as_millisecond()),
            org,
            now,
            inbox: VecDeque::new(),
            token: None,
            submitted: 0,
            landed: 0,
            steps: Vec::new(),
        };
        let effects = shell.effects();
        shell.carry_out(effects)?;
        shell.settle()?;
        Ok(shell)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Submits an intent and goes on until nothing is left to do at once.
    pub(super) fn submit(&mut self, intent: Intent) -> Result<()> {
        self.submitted += 1;
        // People leave some time between two wishes; the shadow stays young.
        self.now += SignedDuration::from_millis(1);
        self.inbox.push_back(Input::Submitted(Box::new(Submission {
            ticket: Ticket(self.submitted),
            id: IntentId(u128::from(self.submitted)),
            source: SourceName::from(SOURCE),
            intent,
            whole: false,
            fingerprint: None,
            strict: false,
            proxied: false,
            keep: Vec::new(),
        })));
        self.settle()
    }

    fn settle(&mut self) -> Result<()> {
        while let Some(input) = self.inbox.pop_front() {
            let submitted = matches!(input, Input::Submitted(_));
            let loaded = matches!(input, Input::Loaded { .. });
            let start = Stopwatch::start();
            self.engine.handle(self.now, input);
            let effects = self.effects();
            let took = start.elapsed();
            let step = match (submitted, loaded && effects.iter().any(plans)) {
                (true, _) => Step::Submit,
                (_, true) => Step::Plan,
                _ => Step::Other,
            };
            self.steps.push((step, took));
            self.carry_out(effects)?;
        }
        Ok(())
    }

    fn effects(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.engine.poll_effect()).collect()
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<()> {
        for effect in effects {
            match effect {
                Effect::Recover => {
                    let recovery = self.store.recover(&self.org)?;
                    self.inbox.push_back(Input::Recovered(Box::new(recovery)));
                }
                Effect::Persist(commit) => {
                    self.store.commit(&self.org, std::slice::from_ref(&commit))?;
                    self.inbox.push_back(Input::Persisted(commit.id));
                }
                Effect::Load { turn, resources, intents } => {
                    let loaded = self.store.load(&self.org, &resources, &intents)?;
                    self.inbox.push_back(Input::Loaded { turn, rows: loaded.rows, intents: loaded.intents });
                }
                Effect::Authorise => {
                    self.token = Some(self.log_in()?);
                    self.inbox.push_back(Input::Authorised { granted: true, message: String::new() });
                }
                Effect::Send(exchange) => {
                    let response = self.exchange(&exchange.request)?;
                    self.inbox.push_back(Input::Answered { attempt: exchange.attempt, response });
                }
                Effect::Notify(notice) => self.hear(&notice)?,
                // The bench listens to nothing.
                Effect::Socket(_) => {}
            }
        }
        Ok(())
    }

    fn hear(&mut self, notice: &Notice) -> Result<()> {
        match notice {
            Notice::Refused { refusal, .. } => anyhow::bail!("an intent was refused: {refusal:?}"),
            Notice::Changed { status, .. } => self.landed += u64::from(status.state.is_terminal()),
            Notice::Accepted(accepted) => ensure!(!accepted.duplicate, "an intent was taken as a duplicate"),
            Notice::DecisionTaken { .. }
            | Notice::WithdrawalTaken { .. }
            | Notice::Passed { .. }
            | Notice::Alarm { .. } => {}
        }
        Ok(())
    }

    fn log_in(&mut self) -> Result<String> {
        let credentials = self.sandbox.credentials();
        let pair = format!("{}:{}", credentials.client_id, credentials.client_secret);
        let basic = base64::prelude::BASE64_STANDARD.encode(pair);
        let request = Request {
            method: "POST".to_owned(),
            path: "/oauth/token".to_owned(),
            headers: vec![
                ("authorization".to_owned(), format!("Basic {basic}")),
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ],
            body: b"grant_type=client_credentials".to_vec(),
        };
        let answer = answer(self.sandbox.handle(self.now.as_millisecond(), &request))?;
        let body = answer.json().unwrap_or_default();
        let token = body.get("access_token").and_then(serde_json::Value::as_str);
        Ok(token.context("the sandbox gives a token")?.to_owned())
    }

    fn exchange(&mut self, request: &ifmatch_core::Request) -> Result<ifmatch_core::Response> {
        let mut headers = request.headers.clone();
        headers.extend(self.token.iter().map(|token| ("authorization".to_owned(), format!("Bearer {token}"))));
        let wire = Request {
            method: request.method.as_str().to_owned(),
            path: request.path.clone(),
            headers,
            body: request.body.clone().into_bytes(),
        };
        let answer = answer(self.sandbox.handle(self.now.as_millisecond(), &wire))?;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        Ok(ifmatch_core::Response { status: answer.status, headers: answer.headers, body })
    }
}

/// Whether an effect makes a write attempt durable.
fn plans(effect: &Effect) -> bool {
    matches!(effect, Effect::Persist(commit) if commit.ops.iter().any(|op| matches!(op, Op::Attempt(_))))
}

fn answer(delivery: Delivery) -> Result<ifmatch_sandbox::Response> {
    match delivery {
        Delivery::Answer { response, .. } => Ok(response),
        Delivery::Lost { .. } | Delivery::Reset { .. } => anyhow::bail!("a calm target gave no answer"),
    }
}
