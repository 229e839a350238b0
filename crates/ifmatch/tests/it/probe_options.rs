//! Probes of sandboxes with drawn options, in virtual time: what the certificate says is what the options are.

mod cloud;
mod rig;
mod wfm;

use crate::wire::ORIGIN;
use ifmatch_core::{Dialect, OrgName, Resource};
use ifmatch_dialects::probe::{Certificate, Plan, Writes};
use ifmatch_dialects::{GenesysCloud, WfmV2};
use ifmatch_sandbox::{Options, RetryAfter, UnchangedWrite, Versions};
use rig::Target;
use serde_json::{Value, json};
use std::sync::Arc;

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
fn a_lock_is_taken_for_no_answer() {
    let mut target = Target::new(Options::default(), 7);
    let world = target.sandbox.world();
    let schedule = world["schedules"][0]["id"].as_str().unwrap().to_owned();
    let agent = |at: usize| format!("{schedule}/{}", world["agents"][at]["id"].as_str().unwrap());
    let path = format!(
        "{}/agents/{}",
        world["schedules"][0]["path"].as_str().unwrap(),
        world["agents"][1]["id"].as_str().unwrap()
    );
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
