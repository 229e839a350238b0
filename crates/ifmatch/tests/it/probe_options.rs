//! Probes of sandboxes with drawn options, in virtual time: what the certificate says is what the options are.

use base64::Engine as _;
use flate2::{Compression, write::GzEncoder};
use ifmatch_core::{Dialect, OrgName, Request, Resource, Response, Timestamp};
use ifmatch_dialects::probe::{Announcement, Certificate, Plan, Probe, Step, Told, Writes};
use ifmatch_dialects::{GenesysCloud, WfmV2};
use ifmatch_sandbox::{
    AgentWriteRaises, CurrentInRefusal, Delivery, Envelope, EtagStyle, EventDelivery, Jobs, MissingVersion,
    OldVersions, Options, RefusedAgent, RetryAfter, Sandbox, Scenario, StaleAgent, StaleStatus, StaleText, StaleUpload,
    UnchangedWrite, Unversioned, Versions,
};
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::Arc;

const ORIGIN: &str = "http://sandbox.example.net";

/// Sandboxes of each dialect.
const SANDBOXES: u64 = 20;

/// A sandbox in this process, and the time.
struct Target {
    sandbox: Sandbox,
    now: i64,
    token: String,
    /// What consent was asked for.
    announced: Vec<Announcement>,
}

impl Target {
    fn new(options: Options, seed: u64) -> Self {
        let mut scenario = Scenario::served("calm", seed).unwrap();
        scenario.options = options;
        let now = 1_794_812_400_000;
        Self { sandbox: Sandbox::new(scenario, seed, now), now, token: String::new(), announced: Vec::new() }
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now).unwrap()
    }

    /// Runs a probe to its end, with consent to everything.
    fn probe(&mut self, dialect: Arc<dyn Dialect>, plan: Plan) -> Certificate {
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

    fn log_in(&mut self, mut request: Request) -> Told {
        let known = self.sandbox.credentials();
        let basic = format!("{}:{}", known.client_id, known.client_secret);
        let basic = base64::engine::general_purpose::STANDARD.encode(basic);
        request.headers.push(("authorization".to_owned(), format!("Basic {basic}")));
        request.signed = true;
        let Told::Answer { response, .. } = self.send(&request) else { panic!("no login") };
        self.token = response.json().unwrap()["access_token"].as_str().unwrap().to_owned();
        Told::Authorised
    }

    fn send(&mut self, request: &Request) -> Told {
        let sent = self.at();
        let mut headers = request.headers.clone();
        headers.push(("host".to_owned(), ORIGIN.trim_start_matches("http://").to_owned()));
        if !request.signed {
            headers.push(("authorization".to_owned(), format!("Bearer {}", self.token)));
        }
        let mut body = request.body.clone().into_bytes();
        if request.header("content-encoding") == Some("gzip") {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&body).unwrap();
            body = gzip.finish().unwrap();
        }
        let path = request.path.strip_prefix(ORIGIN).unwrap_or(&request.path).to_owned();
        let request = ifmatch_sandbox::Request { method: request.method.as_str().to_owned(), path, headers, body };
        match self.sandbox.handle(self.now, &request) {
            Delivery::Answer { response, after_ms } => {
                self.pass(self.now + after_ms);
                let body = String::from_utf8(response.body).unwrap();
                let response = Response { status: response.status, headers: response.headers, body };
                Told::Answer { response, sent, came: self.at() }
            }
            other => panic!("{other:?}"),
        }
    }

    fn record(&self, path: &str) -> Value {
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
struct Draw(u64);

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

    fn options(&mut self) -> Options {
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

fn plan(records: &[(&str, String)]) -> Plan {
    let org = OrgName::from("acme");
    Plan {
        target: ORIGIN.to_owned(),
        records: records.iter().map(|(kind, id)| Resource::by_id(&org, kind, id)).collect(),
        org,
        writes: Writes::Asked,
        exhaust_window: true,
    }
}

/// What a finding shows; panics where it is unknown.
#[track_caller]
fn value<'c>(certificate: &'c Certificate, name: &str, kind: Option<&str>, about: &str) -> &'c Value {
    let found = certificate.findings.iter().find(|one| one.name == name && one.kind.as_deref() == kind);
    let found = found.unwrap_or_else(|| panic!("{about}: no {name} of {kind:?}"));
    assert!(found.unknown.is_none(), "{about}: {name} of {kind:?} is unknown: {:?}", found.unknown);
    found.value.as_ref().unwrap()
}

/// What both APIs tell alike, for a kind whose writes are answered at once.
fn check_kind(certificate: &Certificate, kind: &str, options: &Options, about: &str) {
    let kind = Some(kind);
    let value = |name: &str| value(certificate, name, kind, about);
    assert_eq!(value("version_step")["most"].as_u64() > Some(1), options.version_step_max > 1, "{about}");
    assert!(value("version_step")["most"].as_u64() <= Some(options.version_step_max), "{about}");
    assert_eq!(*value("monotonic"), json!(true), "{about}");
    let ignored = options.versions == Versions::Ignored;
    assert_eq!(*value("guard"), json!(if ignored { "ignored" } else { "checked" }), "{about}");
    let raises = options.unchanged_write == UnchangedWrite::RaisesVersion;
    assert_eq!(*value("unchanged_write"), json!(if raises { "raises_version" } else { "keeps_version" }), "{about}");
    check_lag(value("read_lag_ms"), options, about);
}

fn check_lag(span: &Value, options: &Options, about: &str) {
    let (least, most) = (span["at_least"].as_i64().unwrap(), span["at_most"].as_i64().unwrap());
    let lag = options.replica_lag_ms;
    assert!(least <= lag, "{about}: {span}");
    assert!(options.replica_lag_varies || lag <= most, "{about}: {span}");
    assert!(options.replica_lag_varies || (lag > 1_000) == (least > 0), "{about}: {span}");
}

fn check_window(certificate: &Certificate, options: &Options, about: &str) {
    let finding = |name: &str| certificate.findings.iter().find(|finding| finding.name == name).unwrap();
    match options.rate_limit_per_minute {
        None => assert!(finding("rate_window").unknown.is_some(), "{about}"),
        Some(limit) => {
            let window = value(certificate, "rate_window", None, about);
            assert_eq!((&window["allowed"], &window["seconds"]), (&json!(limit), &json!(60)), "{about}");
            assert_eq!((&window["exact"], &window["fixed"]), (&json!(true), &json!(true)), "{about}");
            let form = match options.retry_after {
                RetryAfter::Seconds => "seconds",
                RetryAfter::HttpDate => "date",
                RetryAfter::Absent => "absent",
            };
            // Three hundred reads of a fifth of a second, one after another, take longer than a window.
            if limit < 300 || options.latency_ms_max < 200 {
                assert_eq!(*value(certificate, "rate_refusal", None, about), json!(form), "{about}");
            }
        }
    }
}

/// Every form is one that the reader of the file takes.
fn check_file(certificate: &Certificate, dialect: &dyn Dialect, about: &str) {
    let text = serde_json::to_string(certificate).unwrap();
    let read: Certificate = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, certificate);
    read.check(&dialect.kinds()).unwrap_or_else(|error| panic!("{about}: {error}"));
    assert!(certificate.records.iter().all(|record| record.restored), "{about}: {:?}", certificate.records);
}

#[test]
fn a_certificate_of_wfm_v2_equals_the_options() {
    for seed in 1..=SANDBOXES {
        let options = Draw(seed).options();
        let about = format!("seed {seed}: {}", json!(options));
        let mut target = Target::new(options.clone(), seed);
        let world = target.sandbox.world();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let score = text(&world["quality_scores"][0]["id"]);
        let trade = world["shift_trades"].as_array().unwrap().iter().map(|trade| text(&trade["path"]));
        let trade = trade.into_iter().find(|path| target.sandbox.record(path).unwrap()["status"] == "pending").unwrap();
        let schedule = text(&world["schedules"][0]["id"]);
        let agent = |at: usize| format!("{schedule}/{}", text(&world["agents"][at]["id"]));
        let records = [
            ("quality-score", score.clone()),
            ("shift-trade", trade.rsplit('/').next().unwrap().to_owned()),
            ("schedule", schedule.clone()),
            ("agent-schedule", agent(0)),
            ("agent-schedule", agent(1)),
        ];
        let paths = [text(&world["quality_scores"][0]["path"]), trade, text(&world["schedules"][0]["path"])];
        let before: Vec<Value> = paths.iter().map(|path| target.record(path)).collect();
        let dialect: Arc<dyn Dialect> = Arc::new(WfmV2::new());
        let certificate = target.probe(dialect.clone(), plan(&records));
        let after: Vec<Value> = paths.iter().map(|path| target.record(path)).collect();
        assert_eq!(before, after, "{about}");
        check_file(&certificate, &*dialect, &about);
        check_window(&certificate, &options, &about);
        let events = if options.events == EventDelivery::NotOffered { "not_offered" } else { "offered" };
        assert_eq!(*value(&certificate, "events", None, &about), json!(events), "{about}");
        for kind in ["quality-score", "shift-trade", "schedule"] {
            check_kind(&certificate, kind, &options, &about);
            check_wfm_kind(&certificate, kind, &options, &about);
        }
        check_wfm_agents(&certificate, &options, &about);
    }
}

fn check_wfm_kind(certificate: &Certificate, kind: &str, options: &Options, about: &str) {
    let kind = Some(kind);
    let value = |name: &str| value(certificate, name, kind, about);
    let tag = match options.etag {
        EtagStyle::Strong => "strong",
        EtagStyle::Weak => "weak",
        EtagStyle::Missing => "none",
        EtagStyle::Opaque => "opaque",
    };
    assert_eq!(*value("version_tag"), json!(tag), "{about}");
    assert_eq!(value("version_place")[0], json!("/version"), "{about}");
    assert_eq!(*value("write_answer"), json!("record"), "{about}");
    let header = options.unversioned == Unversioned::HeaderRequired;
    assert_eq!(*value("named_in"), json!(if header { "header" } else { "body" }), "{about}");
    let missing = value("missing_version");
    match options.unversioned {
        Unversioned::Accepted => assert_eq!(missing["answer"], "accepted", "{about}"),
        Unversioned::Refused => assert_eq!(missing["status"], 409, "{about}"),
        Unversioned::HeaderRequired => assert_eq!(missing["status"], 428, "{about}"),
    }
    if kind != Some("schedule") {
        let kept = if options.old_versions == OldVersions::Kept { "kept" } else { "not_kept" };
        assert_eq!(*value("old_versions"), json!(kept), "{about}");
    }
    let by_tag = (options.etag != EtagStyle::Missing).then(|| (true, value("stale_answer_by_tag")));
    for (tagged, stale) in [Some((header, value("stale_answer"))), by_tag].into_iter().flatten() {
        check_stale(stale, tagged, options, about);
    }
}

fn check_stale(stale: &Value, by_tag: bool, options: &Options, about: &str) {
    if options.versions == Versions::Ignored {
        assert_eq!(stale["answer"], "accepted", "{about}");
        return;
    }
    let status = match options.stale {
        StaleStatus::BadRequest => 400,
        StaleStatus::PreconditionFailed if by_tag => 412,
        StaleStatus::Conflict | StaleStatus::PreconditionFailed => 409,
    };
    assert_eq!(stale["status"], status, "{about}: {stale}");
    // A refusal without a body tells nothing.
    let bare = options.envelopes == [Envelope::E9];
    let words = match (options.stale, options.stale_text) {
        _ if bare => "",
        (StaleStatus::BadRequest, _) => "does not match the current version",
        (_, StaleText::VersionMismatch) => "version mismatch",
        (_, StaleText::StaleResourceVersion) => "stale resource_version",
        (_, StaleText::EntityVersionMismatch) => "entity_version mismatch",
        (_, StaleText::ModifiedSinceRead) => "modified since last read",
    };
    assert!(stale["words"].as_str().unwrap().contains(words), "{about}: {stale}");
    let current = match options.current_in_refusal {
        _ if bare => "none",
        CurrentInRefusal::No => "none",
        CurrentInRefusal::Version => "version",
        CurrentInRefusal::Record => "record",
    };
    assert_eq!(stale["current"], current, "{about}: {stale}");
    let tag = options.etag_in_refusal && options.etag != EtagStyle::Missing;
    assert_eq!(stale["tag"], tag, "{about}: {stale}");
}

/// An agent's week is written in bulk where nothing else changes, and a bulk has no header of its own for each item.
fn check_wfm_agents(certificate: &Certificate, options: &Options, about: &str) {
    let value = |name: &str| value(certificate, name, Some("agent-schedule"), about);
    let raised = options.agent_write_raises == AgentWriteRaises::AgentAndDocument;
    assert_eq!(*value("document_raised"), json!(raised), "{about}");
    let whole = options.refused_agent == RefusedAgent::RefusesWhole;
    assert_eq!(*value("batch"), json!(if whole { "whole" } else { "one_by_one" }), "{about}");
    if options.unversioned != Unversioned::HeaderRequired {
        check_kind(certificate, "agent-schedule", options, about);
    }
}

#[test]
fn a_certificate_of_genesys_cloud_equals_the_options() {
    for seed in 101..=100 + SANDBOXES {
        let options = Draw(seed).options();
        let about = format!("seed {seed}: {}", json!(options));
        let mut target = Target::new(options.clone(), seed);
        let world = target.sandbox.world();
        let documents: Vec<String> =
            world["documents"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap().to_owned()).collect();
        let find = |part: &str| documents.iter().find(|path| path.contains(part)).unwrap().clone();
        let id = |path: &str, places: &[usize]| {
            let segments: Vec<&str> = path.split('/').collect();
            places.iter().map(|at| segments[*at]).collect::<Vec<_>>().join("/")
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let schedule = text(&world["schedules"][0]["id"]);
        let agent = |at: usize| format!("{schedule}/{}", text(&world["agents"][at]["id"]));
        let (plan_path, group) = (find("/workplans/"), find("/planninggroups/"));
        let records = [
            ("agent-schedule", agent(0)),
            ("agent-schedule", agent(1)),
            ("week-schedule", schedule.clone()),
            ("work-plan", id(&plan_path, &[5, 7])),
            ("planning-group", id(&group, &[5, 7])),
        ];
        let paths = [text(&world["schedules"][0]["path"]), plan_path, group];
        let before: Vec<Value> = paths.iter().map(|path| target.record(path)).collect();
        let dialect: Arc<dyn Dialect> = Arc::new(GenesysCloud::new());
        let certificate = target.probe(dialect.clone(), plan(&records));
        let after: Vec<Value> = paths.iter().map(|path| target.record(path)).collect();
        assert_eq!(before, after, "{about}");
        check_file(&certificate, &*dialect, &about);
        check_window(&certificate, &options, &about);
        check_cloud(&certificate, &options, &about);
        for kind in ["work-plan", "planning-group"] {
            check_kind(&certificate, kind, &options, &about);
            let value = |name: &str| value(&certificate, name, Some(kind), &about);
            assert_eq!(*value("version_place"), json!(["/metadata/version"]), "{about}");
            assert_eq!(*value("version_tag"), json!("none"), "{about}");
            assert_eq!(*value("write_answer"), json!("record"), "{about}");
            if options.versions == Versions::Checked {
                assert_eq!(value("stale_answer")["code"], "wfm.transaction.conflict", "{about}");
            }
            let code = match options.platform.missing_version {
                MissingVersion::Validation => "wfm.validation.failure",
                MissingVersion::BadRequest => "bad.request",
            };
            assert_eq!(
                (&value("missing_version")["status"], &value("missing_version")["code"]),
                (&json!(400), &json!(code)),
                "{about}"
            );
        }
    }
}

#[test]
fn a_lock_is_taken_for_no_answer() {
    let mut target = Target::new(Options::default(), 7);
    let world = target.sandbox.world();
    let schedule = world["schedules"][0]["id"].as_str().unwrap().to_owned();
    let agent = |at: usize| format!("{schedule}/{}", world["agents"][at]["id"].as_str().unwrap());
    let path = format!("{}/agents/{}", world["schedules"][0]["path"].as_str().unwrap(), world["agents"][1]["id"].as_str().unwrap());
    target.sandbox.lock(target.now, &path, 1_000_000).unwrap();
    let dialects: [Arc<dyn Dialect>; 2] = [Arc::new(WfmV2::new()), Arc::new(GenesysCloud::new())];
    for dialect in dialects {
        let about = dialect.name();
        // Beside a locked agent, one that is not locked is refused as a whole, whatever its version.
        let records = [("agent-schedule", agent(0)), ("agent-schedule", agent(1))];
        let certificate = target.probe(dialect.clone(), plan(&records));
        assert_eq!(*value(&certificate, "guard", Some("agent-schedule"), about), json!("checked"));
        assert_eq!(certificate.value("batch", Some("agent-schedule")), None, "{about}");
        check_file(&certificate, &*dialect, about);
        // And a locked one by itself is refused from any version.
        let certificate = target.probe(dialect.clone(), plan(&[("agent-schedule", agent(1))]));
        assert_eq!(certificate.value("guard", Some("agent-schedule")), None, "{about}");
        check_file(&certificate, &*dialect, about);
    }
}

/// What uploads tell, and the target as a whole.
fn check_cloud(certificate: &Certificate, options: &Options, about: &str) {
    assert_eq!(
        *value(certificate, "client_acts_as_user", None, about),
        json!(options.platform.client_acts_as_user),
        "{about}"
    );
    let jobs = value(certificate, "jobs", None, about);
    match options.platform.jobs {
        Jobs::Sync => assert_eq!(*jobs, json!("at_once"), "{about}"),
        Jobs::Async => assert_eq!(*jobs, json!("later"), "{about}"),
        Jobs::Mixed => {}
    }
    let ignored = options.versions == Versions::Ignored;
    for kind in ["agent-schedule", "week-schedule"] {
        let value = |name: &str| value(certificate, name, Some(kind), about);
        assert_eq!(*value("write_answer"), json!("later"), "{about}");
        assert_eq!(*value("guard"), json!(if ignored { "ignored" } else { "checked" }), "{about} {kind}");
        let when = match (ignored, options.platform.stale_upload) {
            (true, _) => "ignored",
            (false, StaleUpload::Refused) => "at_once",
            (false, StaleUpload::ErrorNotice) => "later",
        };
        assert_eq!(*value("stale_upload"), json!(when), "{about} {kind}");
        let span = value("processing_ms");
        let took = options.platform.upload_ms + options.replica_lag_ms;
        assert!(span["at_least"].as_i64().unwrap() <= took, "{about}: {span}");
        assert!(options.replica_lag_varies || took <= span["at_most"].as_i64().unwrap(), "{about}: {span}");
        assert!(options.platform.upload_ms <= span["at_most"].as_i64().unwrap(), "{about}: {span}");
    }
    let value = |name: &str| value(certificate, name, Some("agent-schedule"), about);
    let raised = options.agent_write_raises == AgentWriteRaises::AgentAndDocument;
    assert_eq!(*value("document_raised"), json!(raised), "{about}");
    let batch = match (ignored, options.platform.stale_agent) {
        (true, _) | (false, StaleAgent::SkipsAgent) => "one_by_one",
        (false, StaleAgent::FailsUpload) => "whole",
    };
    assert_eq!(*value("batch"), json!(batch), "{about}");
}
