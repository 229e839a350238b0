//! What of a write counts as applied, by what the target shows.

use super::target::Notes;
use crate::dialect::{Dialect, Guard};
use crate::silent::dropped;
use serde_json::{Value, json};

#[test]
fn a_path_is_dropped_where_it_was_written_and_holds_something_else() {
    let from = json!({"score": 80, "comments": "old"});
    let dialect = Notes::guarded_by(Guard::Monotonic);
    let spec = dialect.kind("note").expect("there are notes");
    let check = |to: &Value, shown: Value, expected: &[&str]| {
        let dropped = dropped(&dialect, spec, &from, to, &shown);
        let paths: Vec<String> = dropped.iter().map(|dropped| dropped.path.to_string()).collect();
        assert_eq!(paths, expected, "{to} {shown}");
    };
    let scored = json!({"score": 95, "comments": "old"});
    check(&scored, json!({"score": 95, "comments": "old"}), &[]);
    check(&scored, json!({"score": 90, "comments": "old"}), &["/score"]);
    check(&scored, json!({"comments": "old"}), &["/score"]);
    // What the write says nothing of is no matter of it.
    check(&scored, json!({"score": 95, "comments": "by a rule", "version": 3}), &[]);
    // A field that is cleared holds whatever means nothing there.
    check(&json!({"score": 80}), json!({"score": 80, "comments": ""}), &[]);
    check(&json!({"score": 80}), json!({"score": 80, "comments": "old"}), &["/comments"]);
    check(&json!({"score": 85, "comments": "new"}), json!({"score": 80, "comments": "old"}), &["/comments", "/score"]);
    // An element of a list by its key, with members that the target adds.
    let items = |items: Value| json!({"score": 80, "comments": "old", "items": items});
    check(&items(json!([{"id": "a", "n": 1}])), items(json!([{"id": "a", "n": 1, "by": "it"}])), &[]);
    check(&items(json!([{"id": "a", "n": 1}])), items(json!([{"id": "a", "n": 2}])), &["/items/a"]);
    check(&items(json!([{"id": "a", "n": 1}])), items(json!([])), &["/items/a"]);
}
