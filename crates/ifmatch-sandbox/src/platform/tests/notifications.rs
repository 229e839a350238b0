//! Who may listen to what, and what reaches whom.

use serde_json::{Value, json};

use super::{
    rig::Cloud,
    week::{Week, open, shortened},
};
use crate::{Notices, tests::rig::Rig};

const CHANNELS: &str = "/api/v2/notifications/channels";

fn channel(cloud: &mut Cloud) -> Value {
    cloud.post(CHANNELS, &Value::Null).body
}

fn subscriptions(channel: &Value) -> String {
    format!("{CHANNELS}/{}/subscriptions", channel["id"].as_str().unwrap())
}

/// A client that may see schedules and nothing else.
fn viewer() -> Cloud {
    let mut rig = Rig::calm();
    rig.sandbox.add_client_with_permissions("viewer", "s", "Viewer", &["wfm:schedule:view"]);
    let token = rig.login("viewer", "s");
    rig.use_token(&token);
    Cloud::of(rig)
}

#[test]
pub(super) fn one_missing_permission_refuses_all_unless_errors_are_ignored() {
    let mut cloud = viewer();
    let path = subscriptions(&channel(&mut cloud));
    let id = |name: &str| json!({"id": format!("v2.workforcemanagement.businessunits.{}.{name}", cloud.business_unit)});
    let topics = json!([id("schedules"), id("scheduling.runs")]);
    let refused = cloud.post(&path, &topics);
    assert_eq!(refused.refusal(), (403, "missing.any.permissions"));
    assert_eq!(cloud.get(&path).body["entities"], json!([]));
    let answer = cloud.post(&format!("{path}?ignoreErrors=true"), &topics).body;
    let states: Vec<&Value> = answer["entities"].as_array().unwrap().iter().map(|topic| &topic["state"]).collect();
    assert_eq!(states, ["Permitted", "Rejected"]);
    assert_eq!(answer["entities"][1]["missingPermissions"], json!(["wfm:schedule:generate", "wfm:schedule:edit"]));
    assert_eq!(cloud.get(&path).body["entities"].as_array().unwrap().len(), 1);
}

#[test]
pub(super) fn topics_exist_or_not_and_some_are_one_users() {
    let mut cloud = Cloud::calm();
    let path = subscriptions(&channel(&mut cloud));
    assert_eq!(cloud.post(&path, &json!([{"id": "v2.weather.today"}])).refusal(), (400, "bad.request"));
    assert_eq!(cloud.post(&path, &json!({"id": "v2"})).refusal(), (400, "bad.request"));
    let other = json!([{"id": "v2.users.somebody.workforcemanagement.schedules"}]);
    assert_eq!(cloud.post(&path, &other).refusal(), (403, "not.authorized"));
    let me = cloud.get("/api/v2/users/me").body["id"].as_str().unwrap().to_owned();
    let own = json!([{"id": format!("v2.users.{me}.workforcemanagement.schedules")}]);
    assert_eq!(cloud.post(&path, &own).status, 200);
    let seen = |cloud: &mut Cloud| cloud.get(&path).body["entities"].as_array().unwrap().len();
    assert_eq!((cloud.put(&path, &own).status, seen(&mut cloud)), (200, 1));
    assert_eq!((cloud.delete(&path).status, seen(&mut cloud)), (200, 0));
    assert!(cloud.get("/api/v2/notifications/availabletopics").body["entities"].as_array().unwrap().len() > 20);
}

#[test]
pub(super) fn a_channel_is_its_clients_own() {
    let mut cloud = Cloud::calm();
    let own = channel(&mut cloud);
    assert_eq!(cloud.send("HEAD", &format!("{CHANNELS}/{}", own["id"].as_str().unwrap()), &Value::Null).status, 200);
    cloud.rig.sandbox.add_client("other", "s", "Other");
    let token = cloud.rig.login("other", "s");
    cloud.rig.use_token(&token);
    assert_eq!(cloud.get(&subscriptions(&own)).refusal(), (404, "not.found"));
    assert_eq!(cloud.get(CHANNELS).body["entities"], json!([]));
}

#[test]
pub(super) fn an_unknown_channel_has_no_socket() {
    let mut cloud = Cloud::calm();
    assert_eq!(open(&mut cloud, &json!("ws://sandbox/channels/unknown")), None);
    assert_eq!(open(&mut cloud, &json!("ws://sandbox/api/v2/users/me")), None);
}

#[test]
pub(super) fn a_lossy_sandbox_loses_some() {
    let mut week = Week::with(|options| options.platform.notices = Notices::Lossy);
    let mut heard = 0;
    for _ in 0..40 {
        let (version, agent) = (week.schedule()["metadata"]["version"].clone(), week.agents()[0].clone());
        let content = json!({"metadata": {"version": version}, "agentSchedules": [{
            "userId": agent["user"]["id"], "metadata": agent["metadata"], "shifts": [],
        }]});
        let key = week.uploaded(&content);
        assert_eq!(week.update(&key).status, 202);
        heard += week.heard().len();
    }
    assert!((15..40).contains(&heard), "{heard}");
}

#[test]
pub(super) fn connections_that_break_end_the_sockets() {
    let mut week = Week::calm();
    let agent = week.agents()[0].clone();
    assert_eq!(week.land(json!([shortened(&agent)]))["status"], "Complete");
    let mut cloud = week.cloud;
    let own = channel(&mut cloud);
    let socket = open(&mut cloud, &own["connectUri"]).unwrap();
    let now = cloud.rig.now;
    assert_eq!(cloud.rig.sandbox.take_notices(now, &socket), Some(Vec::new()));
    cloud.rig.sandbox.hang_up(now);
    assert_eq!(cloud.rig.sandbox.take_notices(now, &socket), None);
}
