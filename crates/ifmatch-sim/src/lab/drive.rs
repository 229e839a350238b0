//! Drives the loops against the sandbox in virtual time: one crew, one thing after the other.

use super::course::{Course, Traces};
use super::crew::{Crew, PATIENCE_MS, Step, TOKEN_MS};
use super::strategy::{Heard, Strategy, Wanted};
use super::wire;
use super::workload::Workload;
use crate::script::Op;
use base64::Engine as _;
use ifmatch_core::Timestamp;
use ifmatch_sandbox::{Delivery, Request, Sandbox};
use std::collections::BTreeMap;

/// How soon a loop notices a broken connection.
const BREAK_MS: i64 = 20;

/// Runs a loop over a workload. `name` names its own random numbers.
#[must_use]
pub(super) fn drive(workload: &Workload, name: &str, make: fn(Wanted) -> Box<dyn Strategy>) -> Course {
    let mut drive = Drive::new(workload, name, make);
    drive.run();
    let traces = Traces::of(&drive.sandbox, drive.start_ms, drive.edits);
    drive.crew.course(traces)
}

/// What comes, and when.
#[derive(Debug)]
enum Coming {
    Op(usize),
    Heard(usize, Heard),
}

struct Drive<'a> {
    workload: &'a Workload,
    crew: Crew<'a>,
    sandbox: Sandbox,
    start_ms: i64,
    now: i64,
    coming: BTreeMap<(i64, u64), Coming>,
    sequence: u64,
    token: String,
    token_at: i64,
    edits: usize,
}

impl<'a> Drive<'a> {
    fn new(workload: &'a Workload, name: &'a str, make: fn(Wanted) -> Box<dyn Strategy>) -> Self {
        let setup = &workload.setup;
        let start: Timestamp = setup.start.parse().expect("a workload starts at an instant");
        let start_ms = start.as_millisecond();
        let coming = setup.ops.iter().enumerate();
        let coming = coming.map(|(place, (at, _))| ((start_ms + at, place as u64), Coming::Op(place))).collect();
        Self {
            workload,
            crew: Crew::new(workload, name, make),
            sandbox: Sandbox::new(setup.scenario.clone(), setup.seed, start_ms),
            start_ms,
            now: start_ms,
            coming,
            sequence: setup.ops.len() as u64,
            token: String::new(),
            token_at: i64::MIN,
            edits: 0,
        }
    }

    fn run(&mut self) {
        let calm_at = self.start_ms + self.workload.setup.calm_at;
        let end_at = self.start_ms + self.workload.setup.end_at;
        let mut calm = false;
        while let Some(((at, _), coming)) = self.coming.pop_first() {
            if at > end_at {
                break;
            }
            self.now = self.now.max(at);
            if !calm && at >= calm_at {
                calm = true;
                self.sandbox.calm_down();
            }
            let step = match coming {
                Coming::Op(place) => self.act(place),
                Coming::Heard(item, heard) => self.crew.hears(item, heard, self.since_start()),
            };
            match step {
                Some(Step::Send { item, request, is_write }) => self.sends(item, request, is_write),
                Some(Step::Sleep { item, ms }) => self.later(ms, item, Heard::Woken),
                None => {}
            }
        }
        // What goes on by itself, such as a publish, is seen to its end.
        self.sandbox.advance(end_at);
    }

    fn since_start(&self) -> i64 {
        self.now - self.start_ms
    }

    fn later(&mut self, after_ms: i64, item: usize, heard: Heard) {
        self.sequence += 1;
        self.coming.insert((self.now + after_ms, self.sequence), Coming::Heard(item, heard));
    }

    fn act(&mut self, place: usize) -> Option<Step> {
        let workload = self.workload;
        match &workload.setup.ops[place].1 {
            Op::Look { source, path } => {
                self.sandbox.advance(self.now);
                if let Some(record) = self.sandbox.record(path) {
                    self.crew.sees(source, path, record);
                }
                None
            }
            Op::Wish(_) | Op::Submit { .. } => self.crew.speaks(self.since_start()),
            op => {
                self.edits += usize::from(happens(&mut self.sandbox, self.now, op));
                None
            }
        }
    }

    fn sends(&mut self, item: usize, mut request: Request, is_write: bool) {
        request.headers.push(("authorization".to_owned(), format!("Bearer {}", self.token())));
        match self.sandbox.handle(self.now, &request) {
            Delivery::Answer { response, after_ms } if after_ms < PATIENCE_MS => {
                if response.status == 401 {
                    self.token_at = i64::MIN;
                }
                let heard = wire::heard(&self.workload.items[item], is_write, &response);
                self.later(after_ms, item, heard);
            }
            Delivery::Answer { .. } | Delivery::Lost { .. } => self.later(PATIENCE_MS, item, Heard::Nothing),
            Delivery::Reset { .. } => self.later(BREAK_MS, item, Heard::Nothing),
        }
    }

    /// A token that holds; fetching one counts for nobody.
    fn token(&mut self) -> String {
        if self.token_at == i64::MIN || self.now - self.token_at > TOKEN_MS {
            let credentials = self.sandbox.credentials();
            let pair = format!("{}:{}", credentials.client_id, credentials.client_secret);
            let basic = base64::engine::general_purpose::STANDARD.encode(pair);
            let request = Request {
                method: "POST".to_owned(),
                path: "/oauth/token".to_owned(),
                headers: vec![("authorization".to_owned(), format!("Basic {basic}"))],
                body: b"grant_type=client_credentials".to_vec(),
            };
            if let Delivery::Answer { response, .. } = self.sandbox.handle(self.now, &request) {
                let body = response.json().unwrap_or_default();
                self.token = body["access_token"].as_str().unwrap_or_default().to_owned();
            }
            self.token_at = self.now;
        }
        self.token.clone()
    }
}

/// What people and locks do in the target itself; whether it is an edit that the target took.
/// A person who meets a lock or a rule gives up, and a record that is gone cannot be locked.
pub fn happens(sandbox: &mut Sandbox, now: i64, op: &Op) -> bool {
    match op {
        Op::Edit { path, patch, by } => sandbox.edit(now, path, patch, by).is_ok(),
        Op::Lock { path, seconds } => {
            drop(sandbox.lock(now, path, *seconds));
            false
        }
        _ => false,
    }
}
