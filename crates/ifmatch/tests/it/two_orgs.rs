//! Two orgs behind one gateway, each with a target of its own: neither target ever sees the other one's token.

use crate::apart::{Served, Target};
use crate::http::Caller;
use serde_json::{Value, json};
use std::fs;

/// A second org in the gateway's configuration, with a source of its own.
fn add_org(gateway: &Target, name: &str, target: &Target) {
    let [url, client_id, _] = target.credentials();
    let path = gateway.folder.path().join("ifmatch.toml");
    let config = fs::read_to_string(&path).unwrap();
    let more = format!(
        r#"
        [[org]]
        name = "{name}"
        dialect = "wfm-v2"
        api_url = "{url}"
        client_id = "{client_id}"
        client_secret_env = "OTHER_SECRET"
        allow_private = true
        [[source]]
        name = "{name}-script"
        org = "{name}"
        client_id = "{name}-script"
        client_secret_env = "SCRIPT_SECRET"
        "#
    );
    fs::write(&path, config + &more).unwrap();
}

/// A wish of a source, waited for.
fn wishes(script: &Caller, org: &str, id: &Value, patch: &Value) -> Value {
    let resource = json!({"org": org, "kind": "quality-score", "id": id});
    let wish = json!({"resource": resource, "change": {"merge_patch": patch}});
    script.post("/v1/intents?wait=60", &wish).expect(200).json()
}

/// How often the target gave out a token, and how often it refused one; by its own client, and nobody else came.
fn tokens(target: &Target) -> (u64, u64) {
    let stats = target.control().get("/__sandbox/stats").expect(200).json();
    let clients = stats["clients"].as_object().unwrap();
    let [_, client_id, _] = target.credentials();
    // A token that was never given out there is counted under no name.
    assert_eq!(clients.keys().collect::<Vec<_>>(), [client_id], "{stats}");
    let count = |name: &str| clients[client_id][name].as_u64().unwrap();
    (count("tokens"), count("unauthorized"))
}

#[test]
fn each_target_sees_its_own_token_only_also_when_one_expires_in_mid_conflict() {
    let (acme, globex) = (Target::start("", ""), Target::of_seed(8, "wfm-v2", "", ""));
    assert_ne!(acme.credentials()[2], globex.credentials()[2], "secrets that differ");
    add_org(&acme, "globex", &globex);
    let mut serve = acme.serve();
    serve.env("OTHER_SECRET", globex.credentials()[2]);
    let served = Served::start(&mut serve, acme.folder.path());
    let (script, other) = (served.script(), served.source("globex-script"));
    let (score, theirs) = (acme.world()["quality_scores"][0].clone(), globex.world()["quality_scores"][0].clone());

    assert_eq!(wishes(&script, "acme", &score["id"], &json!({"score": 41}))["state"], "landed");
    assert_eq!(wishes(&other, "globex", &theirs["id"], &json!({"score": 51}))["state"], "landed");
    assert_eq!((tokens(&acme), tokens(&globex)), ((1, 0), (1, 0)));

    // A person edits between our read and our write, and the token ends at the write; the other org goes on meanwhile.
    let edit = json!({"path": score["path"], "merge_patch": {"comments": "in between"}, "by": "Anna Vogel"});
    acme.control().post("/__sandbox/edit", &edit).expect(200);
    let fault = json!({"fault": "token_expiry", "method": "PATCH", "times": 1});
    acme.control().post("/__sandbox/faults", &fault).expect(200);
    let (mine, its) = std::thread::scope(|scope| {
        let mine = scope.spawn(|| wishes(&script, "acme", &score["id"], &json!({"score": 42})));
        let its: Vec<Value> =
            (0..10).map(|value| wishes(&other, "globex", &theirs["id"], &json!({"score": 60 + value}))).collect();
        (mine.join().unwrap(), its)
    });
    assert_eq!(mine["state"], "landed", "{mine}");
    assert!(its.iter().all(|answer| answer["state"] == "landed"), "{its:?}");
    let path = score["path"].as_str().unwrap();
    let record = acme.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json();
    assert_eq!((&record["score"], &record["comments"]), (&json!(42), &json!("in between")));
    assert_eq!((tokens(&acme), tokens(&globex)), ((2, 1), (1, 0)));

    // A source of one org has no way to the other.
    let astray = json!({"resource": {"org": "globex", "kind": "quality-score", "id": theirs["id"]},
        "change": {"merge_patch": {"score": 1}}});
    script.post("/v1/intents", &astray).expect(403);
    assert_eq!(tokens(&globex), (1, 0));
}
