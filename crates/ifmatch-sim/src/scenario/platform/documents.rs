//! Documents of the platform API: a work plan, a planning group, activity codes under the one version of their list, requests
//! for time off, and the week's schedule by its description; or the settings of units. Sources change a field or say a whole
//! document, as clients of the proxy do; people change the same fields.

use crate::rng::Rng;
use crate::scenario::{fate, text, whole};
use crate::script::{Op, Setup, SourceSpec, Spoken, Wish};
use crate::spelling::Api;
use ifmatch_core::{AnswerPolicy, Timestamp};
use ifmatch_sandbox::{Edits, Locks, Sandbox, Scenario};
use serde_json::{Value, json};

const START: &str = "2026-10-20T08:00:00Z";
const PEOPLE: [&str; 3] = ["Ada Lehmann", "Bruno Petit", "Carla Nunes"];
const PLATFORM: &str = "/api/v2/workforcemanagement/";
/// Codes that sources speak of. People change any.
const CODES: [&str; 3] = ["break", "meeting", "training"];

/// One document.
#[derive(Debug, Clone)]
struct Document {
    kind: &'static str,
    id: String,
    path: String,
}

/// The documents that a seed draws.
pub(super) fn draw(seed: u64, play: &str) -> Setup {
    let mut rng = Rng::named(seed, &format!("platform documents{play}"));
    let name = if rng.percent(15) { "calm-unlimited" } else { "hostile" };
    let mut scenario = Scenario::named(name, seed).expect("the scenario has a name");
    scenario.world.agents = usize::try_from(rng.between(2, 24)).unwrap_or(2);
    scenario.world.weeks = 1;
    scenario.world.scores = 0;
    scenario.world.trades = 0;
    scenario.editors.retain(|editor| editor.edits == Edits::Documents);
    scenario.lockers.retain(|locker| locker.locks == Locks::Documents);
    let calm_at = 600_000;
    let mut found = documents(&scenario, seed);
    let settings = Rng::named(seed, &format!("platform settings{play}")).percent(20);
    found.retain(|document| document.kind.ends_with("-settings") == settings);
    let mut ops = plan(&mut rng, &found, calm_at);
    ops.sort_by_key(|(at, _)| *at);
    let answer = if rng.percent(50) { AnswerPolicy::Hold } else { AnswerPolicy::Refuse };
    Setup {
        api: if settings { Api::GenesysSettings } else { Api::GenesysDocuments },
        events: fate::events(&mut rng),
        sources: vec![SourceSpec::edits("north"), SourceSpec { answer, ..SourceSpec::edits("east") }],
        ops,
        calm_at,
        end_at: calm_at + 3 * 3_600_000,
        ..Setup::new(format!("seed {seed}"), seed, START, scenario)
    }
}

/// What there is at the start.
fn documents(scenario: &Scenario, seed: u64) -> Vec<Document> {
    let start: Timestamp = START.parse().expect("an instant");
    let world = Sandbox::new(scenario.clone(), seed, start.as_millisecond()).world();
    let listed = |name: &str| world[name].as_array().into_iter().flatten();
    let paths: Vec<String> = listed("documents").map(|document| text(&document["path"])).collect();
    let mut found: Vec<Document> = paths.iter().flat_map(|path| of(path)).collect();
    let week = |schedule: &Value| {
        let (id, path) = (text(&schedule["id"]), text(&schedule["path"]));
        Document { kind: "week-schedule", id, path }
    };
    found.extend(listed("schedules").map(week));
    found
}

/// The documents at a path that these worlds are about.
fn of(path: &str) -> Vec<Document> {
    let parts: Vec<&str> = path.strip_prefix(PLATFORM).unwrap_or_default().split('/').collect();
    let one = |kind, id: String| vec![Document { kind, id, path: path.to_owned() }];
    match parts.as_slice() {
        ["managementunits", unit, "workplans", id] => one("work-plan", format!("{unit}/{id}")),
        ["managementunits", unit] => one("management-unit-settings", (*unit).to_owned()),
        ["businessunits", unit] => one("business-unit-settings", (*unit).to_owned()),
        ["businessunits", unit, "planninggroups", id] => one("planning-group", format!("{unit}/{id}")),
        ["managementunits", unit, "users", user, "timeoffrequests", id] => {
            one("time-off-request", format!("{unit}/{user}/{id}"))
        }
        ["businessunits", unit, "activitycodes"] => {
            let code = |code: &&str| Document {
                kind: "activity-code",
                id: format!("{unit}/{code}"),
                path: format!("{path}/{code}"),
            };
            CODES.iter().map(code).collect()
        }
        _ => Vec::new(),
    }
}

fn plan(rng: &mut Rng, documents: &[Document], until: i64) -> Vec<(i64, Op)> {
    let mut ops = Vec::new();
    for _ in 0..rng.between(8, 40) {
        let at = rng.between(0, until - 60_000);
        let document = rng.pick(documents).clone();
        if rng.percent(60) { edits(rng, &mut ops, at, document) } else { states(rng, &mut ops, at, document) }
    }
    for _ in 0..rng.between(0, 25) {
        let document = rng.pick(documents).clone();
        let patch = fields(rng, document.kind);
        let by = (*rng.pick(&PEOPLE)).to_owned();
        ops.push((rng.between(0, until), Op::Edit { path: document.path, patch, by }));
    }
    ops.extend(fate::process(rng, until));
    for _ in 0..rng.between(0, 4) {
        let path = rng.pick(documents).path.clone();
        ops.push((rng.between(0, until), Op::Lock { path, seconds: rng.between(5, 120).unsigned_abs() }));
    }
    if rng.percent(40) {
        let how = *rng.pick(&["local", "remote", "drop"]);
        ops.push((rng.between(until / 2, until), Op::Decide(how.to_owned())));
    }
    ops
}

/// `north` looks in the target or through the gateway, or does not, and changes fields; now and then it says so twice.
fn edits(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, document: Document) {
    let (source, Document { kind, id, path }) = ("north".to_owned(), document);
    let spoken = *rng.pick(&[Spoken::Blind, Spoken::Versioned, Spoken::Versioned, Spoken::Valued]);
    let set = fields(rng, kind);
    let kind = kind.to_owned();
    if spoken != Spoken::Blind {
        let shown = kind != "week-schedule" && rng.percent(50);
        let look = Op::Look { source: source.clone(), path: path.clone() };
        let show = Op::Show { source: source.clone(), kind: kind.clone(), id: id.clone(), path: path.clone() };
        ops.push((at, if shown { show } else { look }));
    }
    let when = at + rng.between(0, 20_000);
    let wish = Wish { source: source.clone(), kind, id, path, set, spoken, on_conflict: None, pair: None };
    ops.push((when, Op::Wish(wish)));
    if rng.percent(15) {
        ops.push((when + rng.between(100, 120_000), Op::Again { source }));
    }
}

/// `east` asks to be shown the document, or does not, and says all of it. A schedule is not said as a whole: that is an upload.
fn states(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, document: Document) {
    if document.kind == "week-schedule" {
        return edits(rng, ops, at, document);
    }
    let (source, Document { kind, id, path }) = ("east".to_owned(), document);
    let wish = Wish {
        source,
        kind: kind.to_owned(),
        id,
        path,
        set: json!({}),
        spoken: Spoken::Whole,
        on_conflict: None,
        pair: None,
    };
    whole::says(rng, ops, at, wish, |rng| fields(rng, kind));
}

/// One or two fields of a document.
fn fields(rng: &mut Rng, kind: &str) -> Value {
    let note = |rng: &mut Rng| json!(format!("note {}", rng.below(1_000)));
    let minutes = |rng: &mut Rng| json!(15 * rng.between(1, 16));
    if kind.ends_with("-settings") {
        return settings(rng, kind);
    }
    let (first, second) = match kind {
        "work-plan" => (("name", note(rng)), ("weeklyExactPaidMinutes", json!(60 * rng.between(10, 40)))),
        "activity-code" => (("name", note(rng)), ("lengthInMinutes", minutes(rng))),
        "time-off-request" => (("notes", note(rng)), ("status", json!(*rng.pick(&["PENDING", "APPROVED", "DENIED"])))),
        "week-schedule" => (("description", note(rng)), ("description", note(rng))),
        _ => (("name", note(rng)), ("name", note(rng))),
    };
    let mut patch = json!({});
    let either = rng.below(3);
    if either != 0 {
        patch[first.0] = first.1;
    }
    if either != 1 {
        patch[second.0] = second.1;
    }
    patch
}

/// Some settings of a unit.
fn settings(rng: &mut Rng, kind: &str) -> Value {
    let weeks = json!({"shortTermForecasting": {"defaultHistoryWeeks": rng.between(1, 26)}});
    let other = json!({"adherence": {"adherenceTargetPercent": rng.between(50, 99)}});
    let both = rng.percent(30);
    let mut settings = if kind == "business-unit-settings" || rng.percent(50) { weeks.clone() } else { other };
    if both {
        settings["shortTermForecasting"] = weeks["shortTermForecasting"].clone();
    }
    json!({ "settings": settings })
}
