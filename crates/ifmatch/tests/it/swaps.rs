//! A swap that names a shift that is not there ends, whichever half names it.

use crate::rig::Gateway;
use serde_json::{Value, json};

/// The agents of the first schedule, in the order in which the halves of a swap are written, each with the id of a shift.
fn agents(gateway: &Gateway) -> (String, Vec<(String, String)>) {
    let world = gateway.control("GET", "world", &Value::Null);
    let schedule = world["schedules"][0]["id"].as_str().unwrap().to_owned();
    let mut agents: Vec<&str> =
        world["agents"].as_array().unwrap().iter().filter_map(|agent| agent["id"].as_str()).collect();
    agents.sort_unstable();
    let with_shift = |agent: &str| {
        let path = format!("record?path=/api/v2/wfm/schedules/{schedule}/agents/{agent}");
        let record = gateway.control("GET", &path, &Value::Null);
        let shifts = record.pointer("/body/shifts").or_else(|| record.get("shifts"))?.clone();
        Some((agent.to_owned(), shifts[0]["id"].as_str()?.to_owned()))
    };
    let agents = agents.into_iter().filter_map(with_shift).take(2).collect();
    (schedule, agents)
}

#[test]
fn it_ends_rejected_with_its_partner_and_nothing_is_written() {
    let gateway = Gateway::start();
    let (schedule, agents) = agents(&gateway);
    let [(first, mine), (second, other)] = agents.as_slice() else { panic!("two agents with shifts: {agents:?}") };
    for (mine, other, code) in
        [("no-such-shift", other.as_str(), "rejected/missing"), (mine.as_str(), "no-such-shift", "rejected/pair")]
    {
        let args = json!({"shift_id": mine, "with_agent_id": second, "with_shift_id": other});
        let swap = json!({
            "resource": {"org": "sandbox", "kind": "agent-schedule", "id": format!("{schedule}/{first}")},
            "change": {"verb": {"name": "swap", "args": args}},
        });
        let told = gateway.submit(&swap.to_string(), &["--wait", "20"]).expect(2).json();
        assert_eq!((&told["state"], &told["code"]), (&json!("rejected"), &json!(code)), "{told}");
    }
    let all = gateway.run(&["intents", "list", "--json"]).expect(0).out;
    let codes = |code: &str| all.lines().filter(|line| line.contains(&format!("\"code\":\"{code}\""))).count();
    assert_eq!((all.lines().count(), codes("rejected/missing"), codes("rejected/pair")), (4, 2, 2), "{all}");
    assert_eq!(gateway.control("GET", "ledger", &Value::Null), json!([]));
}
