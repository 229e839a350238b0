//! The scores as rows of a table.

use serde_json::json;

use super::rig::{Rig, text};

const ROWS: &str = "/api/now/table/quality_score";

#[test]
fn a_row_is_text_counts_and_takes_every_write() {
    let mut rig = Rig::calm();
    let (_, before) = rig.nth("quality_scores", 0);
    let id = text(&before["id"]);
    let version = before["version"].as_u64().unwrap();
    let row = rig.get(&format!("{ROWS}/{id}")).body["result"].clone();
    assert_eq!(row["score"], before["score"].to_string());
    assert_eq!(row["sys_mod_count"], version.to_string());
    assert!(row.as_object().unwrap().values().all(|value| value.is_string()), "{row}");
    let old = json!({ "score": "71", "sys_mod_count": "0", "u_unknown": "x" });
    let after = rig.patch(&format!("{ROWS}/{id}"), &old);
    assert_eq!((after.status, &after.body["result"]["score"]), (200, &json!("71")));
    assert_eq!(after.body["result"]["sys_mod_count"], (version + 1).to_string());
    let again = rig.patch(&format!("{ROWS}/{id}"), &json!({ "score": "71" }));
    assert_eq!(again.body["result"]["sys_mod_count"], (version + 1).to_string(), "a change of nothing is not counted");
    let entry = rig.sandbox.ledger().last().unwrap().clone();
    assert_eq!((entry.path.ends_with(&id), entry.changes[0].path.as_str()), (true, "/score"));
    assert_eq!(entry.changes[0].after, Some(json!(71)));
}

#[test]
fn a_query_leaves_out_what_it_does_not_understand() {
    let mut rig = Rig::calm();
    let (_, score) = rig.nth("quality_scores", 0);
    let id = text(&score["id"]);
    let (mail, form, date) =
        (text(&score["agent_email"]), text(&score["evaluation_form"]), text(&score["review_date"]));
    let query = format!("{ROWS}?sysparm_query=agent_email={mail}^evaluation_form={form}^review_date={date}^u_x=1");
    let found = rig.get(&query).body["result"].clone();
    assert_eq!(found.as_array().unwrap().iter().map(|row| text(&row["id"])).collect::<Vec<_>>(), [id]);
    let all = rig.get(&format!("{ROWS}?sysparm_query=u_x=1&sysparm_limit=3")).body["result"].clone();
    assert_eq!(all.as_array().unwrap().len(), 3);
    let missing = rig.get(&format!("{ROWS}/nothing"));
    assert_eq!((missing.status, &missing.body["error"]["message"]), (404, &json!("No Record found")));
}
