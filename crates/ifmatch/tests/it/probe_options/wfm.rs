//! What the certificate says of `wfm-v2`.

use super::rig::{Draw, SANDBOXES, Target};
use super::{check_file, check_kind, check_window, plan, value};
use ifmatch_core::Dialect;
use ifmatch_dialects::WfmV2;
use ifmatch_dialects::probe::Certificate;
use ifmatch_sandbox::{
    AgentWriteRaises, CurrentInRefusal, Envelope, EtagStyle, EventDelivery, OldVersions, Options, RefusedAgent,
    StaleStatus, StaleText, Unversioned, Versions,
};
use serde_json::{Value, json};
use std::sync::Arc;

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
