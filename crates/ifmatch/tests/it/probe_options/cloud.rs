//! What the certificate says of `genesys-cloud`.

use super::rig::{Draw, SANDBOXES, Target};
use super::{check_file, check_kind, check_window, plan, value};
use ifmatch_core::Dialect;
use ifmatch_dialects::GenesysCloud;
use ifmatch_dialects::probe::Certificate;
use ifmatch_sandbox::{AgentWriteRaises, Jobs, MissingVersion, Options, StaleAgent, StaleUpload, Versions};
use serde_json::{Value, json};
use std::sync::Arc;

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
