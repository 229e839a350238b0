//! What is chosen becomes a decision that names what was seen.

use super::*;

fn args(action: &str, choose: &[&str]) -> Args {
    Args {
        id: "int_1".to_owned(),
        apply: action == "apply",
        discard: action == "discard",
        retry: action == "retry",
        choose: choose.iter().map(|text| choice(text).unwrap()).collect(),
        note: None,
        by: None,
        connect: Connect::default(),
    }
}

fn intent() -> Value {
    json!({"conflict": [{"path": "/score", "seen": "sha256:aa"}, {"path": "/status", "seen": "sha256:bb"}]})
}

#[test]
fn a_decision_names_what_was_seen_and_what_is_chosen() {
    let decision = args("apply", &["/score=local", "/status={\"a\": [1]}"]).decision(&intent()).unwrap();
    assert_eq!(
        decision,
        json!({"action": "apply", "choose": {"/score": "local", "/status": {"value": {"a": [1]}}},
               "seen": {"/score": "sha256:aa", "/status": "sha256:bb"}})
    );
    let plain = args("retry", &[]).decision(&json!({"conflict": []})).unwrap();
    assert_eq!(plain, json!({"action": "retry", "seen": {}}));
    assert_eq!(args("discard", &[]).decision(&intent()).unwrap()["action"], "discard");
}

#[test]
fn the_note_and_the_name_go_with_it() {
    let args = Args { note: Some("agreed".to_owned()), by: Some("Mara Lind".to_owned()), ..args("discard", &[]) };
    let decision = args.decision(&intent()).unwrap();
    assert_eq!((&decision["note"], &decision["by"]), (&json!("agreed"), &json!("Mara Lind")));
}

#[test]
fn a_path_without_a_conflict_is_refused_with_those_that_have_one() {
    let failure = args("apply", &["/scor=local"]).decision(&intent()).unwrap_err();
    assert_eq!(failure.error.to_string(), "there is no conflict at \"/scor\"");
    assert_eq!(failure.hint.unwrap(), "its conflicts are at /score, /status");
}

#[test]
fn sides_are_words_or_json() {
    let check =
        |text: &str, path: &str, side: Value| assert_eq!(choice(text).unwrap(), (path.to_owned(), side), "{text}");
    check("/a=local", "/a", json!("local"));
    check("=remote", "", json!("remote"));
    check("/reviewed_at=later", "/reviewed_at", json!("later"));
    check("/a=88", "/a", json!({"value": 88}));
    check("/a=\"x=y\"", "/a", json!({"value": "x=y"}));
    for (text, why) in [("/a", "write PATH"), ("a=local", "begins with /"), ("/a=text", "needs quotes")] {
        assert!(choice(text).unwrap_err().contains(why), "{text}");
    }
}
