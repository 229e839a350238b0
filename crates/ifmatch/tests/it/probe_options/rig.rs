//! A sandbox in this process under virtual time, and options drawn for it.

use crate::wire;
use ifmatch_core::{Dialect, Request, Timestamp};
use ifmatch_dialects::probe::{Announcement, Certificate, Plan, Probe, Step, Told};
use ifmatch_sandbox::{
    AgentWriteRaises, CurrentInRefusal, Delivery, Envelope, EtagStyle, EventDelivery, Jobs, MissingVersion,
    OldVersions, Options, RefusedAgent, RetryAfter, Sandbox, Scenario, StaleAgent, StaleStatus, StaleText, StaleUpload,
    UnchangedWrite, Unversioned, Versions,
};
use serde_json::Value;
use std::sync::Arc;

/// Sandboxes of each dialect.
pub(super) const SANDBOXES: u64 = 20;

/// A sandbox in this process, and the time.
pub(super) struct Target {
    pub(super) sandbox: Sandbox,
    pub(super) now: i64,
    token: String,
    /// What consent was asked for.
    pub(super) announced: Vec<Announcement>,
}

impl Target {
    pub(super) fn new(options: Options, seed: u64) -> Self {
        let mut scenario = Scenario::served("calm", seed).unwrap();
        scenario.options = options;
        let now = 1_794_812_400_000;
        Self { sandbox: Sandbox::new(scenario, seed, now), now, token: String::new(), announced: Vec::new() }
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now).unwrap()
    }

    /// Runs a probe to its end, with consent to everything.
    pub(super) fn probe(&mut self, dialect: Arc<dyn Dialect>, plan: Plan) -> Certificate {
        let mut probe = Probe::new(dialect, plan);
        loop {
            let step = probe.next(self.at());
            let told = match step {
                Step::Done(certificate) => {
                    assert_eq!(probe.left(), None);
                    return *certificate;
                }
                Step::Authorise(request) => self.log_in(request),
                Step::Send(request) | Step::Write(request) => self.send(&request),
                Step::Consent(announcement) => {
                    self.announced.push(announcement);
                    Told::Consented
                }
                Step::Wait(until) => {
                    self.pass(until.as_millisecond().max(self.now + 1));
                    Told::Waited
                }
            };
            probe.tell(told);
        }
    }

    fn pass(&mut self, until: i64) {
        self.now = self.now.max(until);
        self.sandbox.advance(self.now);
    }

    fn log_in(&mut self, request: Request) -> Told {
        let request = wire::login(&self.sandbox, request);
        let Told::Answer { response, .. } = self.send(&request) else { panic!("no login") };
        self.token = response.json().unwrap()["access_token"].as_str().unwrap().to_owned();
        Told::Authorised
    }

    fn send(&mut self, request: &Request) -> Told {
        let sent = self.at();
        match self.sandbox.handle(self.now, &wire::sent(request, &self.token)) {
            Delivery::Answer { response, after_ms } => {
                self.pass(self.now + after_ms);
                Told::Answer { response: wire::heard(response), sent, came: self.at() }
            }
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn record(&self, path: &str) -> Value {
        let mut record = self.sandbox.record(path).unwrap_or_else(|| panic!("{path}"));
        strip(&mut record);
        record
    }
}

/// Leaves out what every write changes.
fn strip(value: &mut Value) {
    const OF_WRITES: &[&str] = &[
        "version",
        "resource_version",
        "entity_version",
        "date_modified",
        "modified_by",
        "metadata",
        "changedDate",
        "draft_revision",
        "state",
    ];
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !OF_WRITES.contains(&name.as_str()));
            members.values_mut().for_each(strip);
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Draws by a seed: the same for the same name.
pub(super) struct Draw(pub(super) u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.next() % all.len() as u64).unwrap()]
    }

    pub(super) fn options(&mut self) -> Options {
        let mut options = Options {
            rate_limit_per_minute: self.of(&[None, Some(300), Some(300), Some(90)]),
            retry_after: self.of(RetryAfter::ALL),
            version_step_max: self.of(&[1, 1, 3, 5]),
            etag: self.of(EtagStyle::ALL),
            unversioned: self.of(&[
                Unversioned::Refused,
                Unversioned::Refused,
                Unversioned::Accepted,
                Unversioned::HeaderRequired,
            ]),
            versions: self.of(&[Versions::Checked, Versions::Checked, Versions::Checked, Versions::Ignored]),
            old_versions: self.of(OldVersions::ALL),
            stale: self.of(StaleStatus::ALL),
            stale_text: self.of(StaleText::ALL),
            current_in_refusal: self.of(CurrentInRefusal::ALL),
            etag_in_refusal: self.of(&[false, true]),
            agent_write_raises: self.of(AgentWriteRaises::ALL),
            refused_agent: self.of(RefusedAgent::ALL),
            replica_lag_ms: self.of(&[0, 0, 1_500, 9_000]),
            replica_lag_varies: self.of(&[false, false, true]),
            unchanged_write: self.of(UnchangedWrite::ALL),
            events: self.of(&[EventDelivery::Delivered, EventDelivery::NotOffered]),
            envelopes: vec![self.of(Envelope::ALL)],
            latency_ms_max: self.of(&[40, 400]),
            ..Options::default()
        };
        if options.etag == EtagStyle::Missing && options.unversioned == Unversioned::HeaderRequired {
            // Nothing could ever be written.
            options.unversioned = Unversioned::Refused;
        }
        options.platform.stale_upload = self.of(StaleUpload::ALL);
        options.platform.stale_agent = self.of(StaleAgent::ALL);
        options.platform.client_acts_as_user = self.of(&[true, false]);
        options.platform.upload_ms = self.of(&[0, 2_000, 17_000]);
        options.platform.jobs = self.of(Jobs::ALL);
        options.platform.missing_version = self.of(MissingVersion::ALL);
        options.platform.download_above = self.of(&[None, Some(0)]);
        options
    }
}
