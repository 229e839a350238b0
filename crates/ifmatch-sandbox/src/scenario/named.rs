//! The scenarios with a name: calm ones, the hostile one, the five founding incidents.

use crate::{
    faults::FaultRates,
    options::{
        AgentWriteRaises, CurrentInRefusal, Envelope, EtagStyle, EventDelivery, IdempotencyKeys, Instants,
        KeyedScorePost, LockText, Options, RefusedAgent, RetryAfter, SameScoreAgain, StaleStatus, StaleText,
        UnchangedWrite, UnknownFields, Unversioned,
    },
    platform::options::{Jobs, MissingVersion, Notices, PlatformOptions, ShiftTradingCounts, StaleAgent, StaleUpload},
    rng::Rng,
    scenario::{Editor, Edits, Locker, Locks, Sample, Scenario, WorldSpec},
    time::{MINUTE, SECOND},
};

/// Monday of the first week that a calm sandbox serves, and of its trades.
const SERVED_WEEK: &str = "2026-11-16";

const NAMES: &[&str] = &["calm", "calm-unlimited", "hostile", "i01", "i02", "i03", "i04", "i05"];

impl Scenario {
    /// The names that `named` knows.
    #[must_use]
    pub fn names() -> &'static [&'static str] {
        NAMES
    }

    /// A scenario by its name; the seed decides the drawn ones. `None` for an unknown name.
    #[must_use]
    pub fn named(name: &str, seed: u64) -> Option<Self> {
        let mut scenario = match name {
            "calm" => Self::default(),
            "calm-unlimited" => {
                let mut unlimited = Self::default();
                unlimited.options.rate_limit_per_minute = None;
                unlimited.options.platform.shift_trading_per_minute = None;
                unlimited
            }
            "hostile" => hostile(seed),
            "i01" => quality_scores(),
            "i02" => shift_trades(),
            "i03" => weekly_publish(),
            "i04" => bulk_push(),
            "i05" => auto_publish(),
            _ => return None,
        };
        name.clone_into(&mut scenario.name);
        Some(scenario)
    }

    /// The scenario of that name as a sandbox serves it: the calm ones begin with a week that everybody can name.
    #[must_use]
    pub fn served(name: &str, seed: u64) -> Option<Self> {
        let mut scenario = Self::named(name, seed)?;
        if name.starts_with("calm") {
            scenario.world.first_week = Some(SERVED_WEEK.to_owned());
            scenario.world.trades_week = Some(SERVED_WEEK.to_owned());
        }
        Some(scenario)
    }
}

fn editor(name: &str, edits: Edits, mean_ms: i64) -> Editor {
    Editor { name: name.to_owned(), edits, mean_ms, from_ms: 0, until_ms: None, among: None }
}

fn locker(locks: Locks, hold_ms_min: i64, hold_ms_max: i64) -> Locker {
    Locker { locks, share: 0.0, count: None, mean_ms: None, from_ms: 0, until_ms: None, hold_ms_min, hold_ms_max }
}

/// Everything drawn from the seed.
fn hostile(seed: u64) -> Scenario {
    let mut rng = Rng::named(seed, "hostile");
    let options = Options { platform: hostile_platform(seed), ..hostile_options(&mut rng) };
    let mut rate = |most: f64| {
        if rng.chance(0.5) { rng.unit() * most } else { 0.0 }
    };
    let faults = FaultRates {
        lost_response: rate(0.05),
        late_commit: rate(0.03),
        reset_before_body: rate(0.03),
        reset_after_body: rate(0.03),
        server_error: rate(0.05),
        forbidden_hides_pending_trade: rate(0.03),
        not_found_hides_throttling: rate(0.2),
        unprocessable_hides_lag: rate(0.2),
        token_expiry: rate(0.01),
        ..hostile_network(seed)
    };
    let (mut editors, mut lockers) = hostile_actors(&mut rng);
    let (editor, locker) = hostile_documents(seed);
    editors.extend(editor);
    lockers.extend(locker);
    Scenario { options, faults, editors, lockers, ..Scenario::default() }
}

/// What the way to the target does.
fn hostile_network(seed: u64) -> FaultRates {
    let mut rng = Rng::named(seed, "hostile network");
    let mut rate = |most: f64| {
        if rng.chance(0.4) { rng.unit() * most } else { 0.0 }
    };
    FaultRates { lost_request: rate(0.05), duplicate_delivery: rate(0.1), ..FaultRates::default() }
}

fn hostile_actors(rng: &mut Rng) -> (Vec<Editor>, Vec<Locker>) {
    let mut editors = Vec::new();
    for (name, edits) in [
        ("Ada Lehmann", Edits::Scores),
        ("Bruno Petit", Edits::Trades),
        ("Carla Nunes", Edits::Shifts),
        ("Dan Okafor", Edits::Availability),
    ] {
        if rng.chance(0.7) {
            editors.push(editor(name, edits, rng.between(2 * SECOND, 2 * MINUTE)));
        }
    }
    let mut lockers = Vec::new();
    for locks in [Locks::Agents, Locks::Scores, Locks::Trades] {
        if rng.chance(0.6) {
            let longest = rng.between(SECOND, if locks == Locks::Agents { 15 * MINUTE } else { MINUTE });
            let shortest = if locks == Locks::Agents { 20 * SECOND } else { 5 * SECOND };
            let mean_ms = Some(rng.between(shortest, 4 * MINUTE));
            lockers.push(Locker { share: rng.unit() * 0.2, mean_ms, ..locker(locks, 0, longest) });
        }
    }
    (editors, lockers)
}

/// Who edits and what locks the documents of the platform API.
fn hostile_documents(seed: u64) -> (Option<Editor>, Option<Locker>) {
    let mut rng = Rng::named(seed, "hostile documents");
    let mean_ms = rng.between(2 * SECOND, 2 * MINUTE);
    let editor = rng.chance(0.7).then(|| editor("Edda Brandt", Edits::Documents, mean_ms));
    let (longest, mean_ms) = (rng.between(SECOND, MINUTE), rng.between(5 * SECOND, 4 * MINUTE));
    let share = rng.unit() * 0.2;
    let locker = Locker { share, mean_ms: Some(mean_ms), ..locker(Locks::Documents, 0, longest) };
    (editor, rng.chance(0.6).then_some(locker))
}

fn one<T: Copy>(rng: &mut Rng, all: &[T], first: T) -> T {
    rng.pick(all).copied().unwrap_or(first)
}

/// What the vendor leaves undocumented, from a stream of its own.
fn hostile_platform(seed: u64) -> PlatformOptions {
    let mut rng = Rng::named(seed, "hostile platform");
    PlatformOptions {
        stale_upload: one(&mut rng, StaleUpload::ALL, StaleUpload::ErrorNotice),
        stale_agent: one(&mut rng, StaleAgent::ALL, StaleAgent::FailsUpload),
        client_acts_as_user: rng.chance(0.5),
        upload_ms: rng.between(0, 30 * SECOND),
        jobs: one(&mut rng, Jobs::ALL, Jobs::Sync),
        job_ms: rng.between(0, 30 * SECOND),
        download_above: rng.chance(0.5).then(|| usize::try_from(rng.between(0, 60)).unwrap_or(0)),
        notices: one(&mut rng, Notices::ALL, Notices::Delivered),
        missing_version: one(&mut rng, MissingVersion::ALL, MissingVersion::Validation),
        shift_trading_counts: one(&mut rng, ShiftTradingCounts::ALL, ShiftTradingCounts::EveryRoute),
        ..PlatformOptions::default()
    }
}

fn hostile_options(rng: &mut Rng) -> Options {
    let mut options = Options {
        rate_limit_per_minute: Some(u32::try_from(rng.between(60, 600)).unwrap_or(300)),
        retry_after: one(rng, RetryAfter::ALL, RetryAfter::Seconds),
        token_seconds: u32::try_from(rng.between(60, 3600)).unwrap_or(3600),
        version_step_max: rng.between(1, 5).unsigned_abs(),
        etag: one(rng, EtagStyle::ALL, EtagStyle::Strong),
        unversioned: one(rng, &[Unversioned::Refused, Unversioned::Accepted], Unversioned::Refused),
        stale: one(rng, StaleStatus::ALL, StaleStatus::Conflict),
        stale_text: one(rng, StaleText::ALL, StaleText::VersionMismatch),
        current_in_refusal: one(rng, CurrentInRefusal::ALL, CurrentInRefusal::No),
        etag_in_refusal: rng.chance(0.5),
        keyed_score_post: one(rng, KeyedScorePost::ALL, KeyedScorePost::Create),
        same_score_again: one(rng, SameScoreAgain::ALL, SameScoreAgain::Record),
        exchange_ms: rng.between(0, 30 * SECOND),
        agent_write_raises: one(rng, AgentWriteRaises::ALL, AgentWriteRaises::AgentAndDocument),
        availability_raises_draft: rng.chance(0.5),
        refused_agent: one(rng, RefusedAgent::ALL, RefusedAgent::RefusesWhole),
        rest_minutes_min: rng.between(0, 11) * 60,
        lock_text: one(rng, LockText::ALL, LockText::ModifiedSinceRead),
        lock_names_agent: rng.chance(0.5),
        ..Options::default()
    };
    options.replica_lag_ms = if rng.chance(0.5) { rng.between(0, 60 * SECOND) } else { 0 };
    options.replica_lag_varies = rng.chance(0.5);
    options.reads_may_go_back = rng.chance(0.3);
    options.idempotency_key = one(rng, IdempotencyKeys::ALL, IdempotencyKeys::Ignored);
    options.publish_ms = rng.between(0, 20 * MINUTE);
    options.publish_raises_version = rng.chance(0.5);
    options.envelopes = match rng.below(11) {
        10 => Envelope::ALL.to_vec(),
        one => vec![Envelope::ALL[one]],
    };
    options.unchanged_write = one(rng, UnchangedWrite::ALL, UnchangedWrite::KeepsVersion);
    options.events = one(rng, EventDelivery::ALL, EventDelivery::Delivered);
    options.recording_metadata_wrong_ms = rng.between(0, 10 * MINUTE);
    options.unknown_fields = one(rng, UnknownFields::ALL, UnknownFields::Ignored);
    options.instants = one(rng, Instants::ALL, Instants::AsSent);
    options.latency_ms_min = rng.between(10, 80);
    options.latency_ms_max = options.latency_ms_min + rng.between(0, 400);
    for family in ["scores", "shifts", "schedules", "publish", "recordings"] {
        if rng.chance(0.2) {
            options.family_limits.insert(family.to_owned(), u32::try_from(rng.between(20, 200)).unwrap_or(60));
        }
    }
    options
}

/// I01: quality reviews from ServiceNow while three reviewers correct scores.
fn quality_scores() -> Scenario {
    Scenario {
        start: Some("2026-10-25T06:30:00Z".to_owned()),
        options: Options {
            envelopes: Envelope::ALL[..5].to_vec(),
            stale_text: StaleText::StaleResourceVersion,
            lock_text: LockText::BeingModified,
            ..Options::default()
        },
        faults: FaultRates { lost_response: 0.02, ..FaultRates::default() },
        world: WorldSpec { sample: Some(Sample::QualityReviews), ..WorldSpec::default() },
        editors: vec![
            editor("Anna Vogel", Edits::Scores, 12 * SECOND),
            editor("Ben Aubry", Edits::Scores, 12 * SECOND),
            editor("Lea Marchetti", Edits::Scores, 12 * SECOND),
        ],
        lockers: vec![Locker { mean_ms: Some(10 * SECOND), ..locker(Locks::Scores, 2 * SECOND, 20 * SECOND) }],
        ..Scenario::default()
    }
}

/// I02: a migration of shift trades through the end of summer time.
fn shift_trades() -> Scenario {
    Scenario {
        start: Some("2026-10-25T00:30:00Z".to_owned()),
        options: Options {
            replica_lag_ms: 30 * SECOND,
            replica_lag_varies: true,
            exchange_ms: 5 * SECOND,
            envelopes: vec![Envelope::E4, Envelope::E6],
            stale_text: StaleText::EntityVersionMismatch,
            lock_text: LockText::BeingModified,
            lock_names_agent: false,
            ..Options::default()
        },
        world: WorldSpec { sample: Some(Sample::ShiftTrades), ..WorldSpec::default() },
        lockers: vec![
            Locker { share: 0.3, ..locker(Locks::Agents, MINUTE, 10 * MINUTE) },
            Locker { share: 0.4, from_ms: 25 * MINUTE, ..locker(Locks::Agents, 5 * MINUTE, 15 * MINUTE) },
        ],
        ..Scenario::default()
    }
}

/// I03: the weekly publish of 500 seats against open script sessions.
fn weekly_publish() -> Scenario {
    let supervisor = |name: &str| Editor { until_ms: Some(2 * MINUTE), ..editor(name, Edits::Shifts, 10 * SECOND) };
    Scenario {
        start: Some("2026-03-02T11:30:00Z".to_owned()),
        options: Options {
            stale_text: StaleText::ModifiedSinceRead,
            lock_text: LockText::ModifiedSinceRead,
            lock_names_agent: false,
            ..Options::default()
        },
        world: WorldSpec {
            agents: 500,
            scores: 0,
            trades: 0,
            weeks: 1,
            time_zone: "America/Chicago".to_owned(),
            ..WorldSpec::default()
        },
        editors: vec![supervisor("Sam Whitfield"), supervisor("Rosa Delgado")],
        lockers: vec![Locker { count: Some(50), ..locker(Locks::Agents, MINUTE, 15 * MINUTE) }],
        ..Scenario::default()
    }
}

/// I04: fifteen sites push parts of one versioned week.
fn bulk_push() -> Scenario {
    Scenario {
        start: Some("2026-11-20T02:00:00Z".to_owned()),
        world: WorldSpec { sample: Some(Sample::SchedulerWeek), ..WorldSpec::default() },
        editors: vec![
            editor("Wei Ling Tan", Edits::Shifts, 20 * SECOND),
            editor("Arun Nair", Edits::Shifts, 30 * SECOND),
        ],
        ..Scenario::default()
    }
}

/// I05: a timer and a webhook publish one schedule over and over.
fn auto_publish() -> Scenario {
    Scenario {
        start: Some("2026-06-01T08:00:00Z".to_owned()),
        options: Options { publish_ms: 20 * MINUTE, ..Options::default() },
        world: WorldSpec {
            scores: 0,
            trades: 0,
            weeks: 1,
            draft_revision: 7,
            published_revision: 4,
            ..WorldSpec::default()
        },
        editors: vec![editor("Julie Perrin", Edits::Shifts, 10 * MINUTE)],
        ..Scenario::default()
    }
}
