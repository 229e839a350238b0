//! `serve --observe` and the report on it, as an operator uses them.

use crate::http::Caller;
use crate::rig::Gateway;
use serde_json::json;

const SCORES: &str = "/api/v2/wfm/v2/quality/scores";

/// What the naive loop does once: an old document under a fresh version, over what a person wrote in between.
fn paste(gateway: &Gateway) -> String {
    let score = gateway.score(0);
    let path = score["path"].as_str().unwrap();
    let client = Caller::new(gateway.said("url")).log_in(gateway.said("client_id"), gateway.said("client_secret"));
    let mut old = client.get(path).expect(200).json();
    old.as_object_mut()
        .unwrap()
        .retain(|name, _| !["modified_by", "date_modified", "resource_version"].contains(&name.as_str()));
    gateway.edit(&score, json!({"comments": "what the reviewer wrote"}));
    old["score"] = json!(17);
    let refused = client.post(SCORES, &old);
    assert!((400..500).contains(&refused.status), "{refused:?}");
    old["version"] = client.get(path).expect(200).json()["version"].clone();
    client.post(SCORES, &old).expect(200);
    score["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_week_is_reported_in_words_as_data_and_as_a_page() {
    let gateway = Gateway::start_with(&["--scenario", "calm-unlimited", "--observe"]);
    let empty = gateway.run_as_operator(&["observe", "report"]).expect(0);
    assert!(empty.out.starts_with("Nothing was observed in week 20"), "{}", empty.out);

    let id = paste(&gateway);
    let text = gateway.run_as_operator(&["observe", "report"]).expect(0).out;
    assert!(text.starts_with("This week sandbox erased 1 edit of somebody else; here it is."), "{text}");
    for word in [&id, "/comments", "what the reviewer wrote", "Mara Lind"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(text.contains("1 write met a conflict: 1 would have merged without loss"), "{text}");

    let data = gateway.run_as_operator(&["observe", "report", "--json"]).expect(0).json();
    assert_eq!(data["sheets"][0]["findings"][0]["before"], "what the reviewer wrote");
    assert_eq!(data["sheets"][0]["sums"]["repeats_after_conflict"], 1);

    gateway.run_as_operator(&["observe", "report", "--html", "page.html"]).expect(0);
    let page = std::fs::read_to_string(gateway.folder.path().join("page.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("what the reviewer wrote"), "{page}");

    let other = gateway.run_as_operator(&["observe", "report", "--week", "2020-W01"]).expect(0);
    assert_eq!(other.out.trim(), "Nothing was observed in week 2020-W01.");
}

#[test]
fn a_gateway_that_watches_nobody_says_so() {
    let gateway = Gateway::start_with(&["--scenario", "calm-unlimited"]);
    let ran = gateway.run_as_operator(&["observe", "report"]).expect(0);
    assert!(ran.err.contains("--observe"), "{}", ran.err);
}
