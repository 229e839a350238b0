//! What the tests of sinks share: a log, a clock, and a shell that carries between a sink and the other side.

use super::{Line, Sink, Step, Told};
use ifmatch_core::{
    Failure, IntentId, OrgName, Origin, Request, Resource, Response, SignedDuration, SourceName, State, Timestamp,
};
use serde_json::Value;

/// What the other side says to a request.
pub(super) type Answer = Result<Response, Failure>;

/// An answer with a body.
pub(super) fn answer(status: u16, body: &Value) -> Answer {
    Ok(Response { status, headers: Vec::new(), body: body.to_string() })
}

/// A gateway's log and clock, and a sink on it.
pub(super) struct Scene<S> {
    pub(super) sink: S,
    pub(super) log: Vec<Line>,
    pub(super) kept: Option<String>,
    pub(super) now: Timestamp,
}

impl<S: Sink> Scene<S> {
    pub(super) fn new(sink: S) -> Self {
        Self { sink, log: Vec::new(), kept: None, now: "2026-11-16T07:00:00Z".parse().unwrap() }
    }

    /// An intent goes somewhere, now.
    pub(super) fn says(&mut self, intent: u128, to: State, code: Option<&str>) {
        self.log.push(Line {
            index: self.log.len() as u64,
            at: self.now,
            intent: IntentId(intent),
            source: SourceName::from("tickets"),
            resource: Resource::by_id(&OrgName::from("acme"), "shift-trade", &format!("tr-{intent}")),
            to,
            code: code.map(str::to_owned),
            reason: Some("as it should be".to_owned()),
            origin: Some(Origin { system: "zendesk".to_owned(), record: Some("98765".to_owned()), sequence: None }),
        });
    }

    /// Lets so many seconds pass.
    pub(super) fn passes(&mut self, seconds: i64, mut other: impl FnMut(Timestamp, &Request) -> Answer) {
        let until = self.now + SignedDuration::from_secs(seconds);
        for _ in 0..200_000 {
            if !self.steps(until, &mut other) {
                self.now = until;
                return;
            }
        }
        panic!("the sink spins");
    }

    /// One step; false where the sink rests beyond that instant.
    pub(super) fn steps(&mut self, until: Timestamp, other: &mut impl FnMut(Timestamp, &Request) -> Answer) -> bool {
        let told = match self.sink.next(self.now) {
            Step::Survey => Told::Open(self.open(), self.log.len() as u64),
            Step::Read(from) => {
                let lines: Vec<Line> = self.log[usize::try_from(from).unwrap()..].iter().take(2).cloned().collect();
                let next = from + lines.len() as u64;
                Told::Lines(lines, next)
            }
            Step::Send(request) => Told::Answer(other(self.now, &request)),
            Step::Keep(text) => {
                self.kept = Some(text);
                Told::Kept
            }
            Step::Rest(at) if at > until => return false,
            Step::Rest(at) => {
                assert!(at > self.now, "a rest takes time");
                self.now = at;
                Told::Woken
            }
        };
        self.sink.tell(self.now, told);
        true
    }

    /// The last line of each intent that has not settled.
    fn open(&self) -> Vec<Line> {
        let mut open: Vec<Line> = Vec::new();
        for line in &self.log {
            open.retain(|earlier| earlier.intent != line.intent);
            if !line.to.is_terminal() {
                open.push(line.clone());
            }
        }
        open
    }
}
