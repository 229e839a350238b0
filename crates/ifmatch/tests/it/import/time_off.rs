//! Requests for time off out of Zendesk WFM, into the vendor's own API.

use crate::apart::{Served, Target};
use crate::run::{Ran, finish};
use serde_json::{Value, json};

/// A file with the addresses of two agents of the world.
fn export(ada: &str, ben: &str) -> String {
    format!(
        "time_off_request_id,agent_email,start,end,status,reason_id,note\r\n\
         t1,{ada},2026-12-24 00:00,2026-12-27 00:00,approved,r1,home\r\n\
         t2,{ben},2026-12-22 08:00,2026-12-22 12:00,pending,r1,\r\n\
         t3,{ben},2026-12-23 08:00,2026-12-23 07:00,pending,r1,\r\n"
    )
}

#[test]
fn time_off_lands_once_and_the_account_has_every_row() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (world, folder) = (target.world(), target.folder.path());
    let documents = world["documents"].as_array().unwrap().iter().filter_map(|one| one["path"].as_str());
    let unit = documents.clone().find_map(|path| path.split_once("/managementunits/")).unwrap().1;
    let unit = unit.split('/').next().unwrap();
    let [ada, ben] = [0, 1].map(|at: usize| ["email", "id"].map(|name| world["agents"][at][name].as_str().unwrap()));
    std::fs::write(folder.join("off.csv"), export(ada[0], ben[0])).unwrap();
    std::fs::write(folder.join("agents.csv"), format!("email,id\n{},{}\n{},{}\n", ada[0], ada[1], ben[0], ben[1]))
        .unwrap();
    std::fs::write(folder.join("codes.csv"), "reason,code\nr1,time-off\n").unwrap();
    let run = |args: &[&str]| -> Ran {
        let mut command = crate::run::command(folder, args);
        target.tell_secrets(&mut command);
        let secret = command.get_envs().find(|(name, _)| *name == "SCRIPT_SECRET").unwrap().1.unwrap().to_owned();
        command.env("IFMATCH_URL", &served.url).env("IFMATCH_CLIENT_ID", "script").env("IFMATCH_CLIENT_SECRET", secret);
        finish(&mut command)
    };
    let import = ["import", "zendesk-time-off", "off.csv", "--plan", "p.json", "--agents", "agents.csv", "--json"];
    assert!(run(&import).expect(2).err.contains("--management-unit ID"));
    let more = ["--codes", "codes.csv", "--management-unit", unit, "--time-zone", "Europe/Paris"];
    let plan = run(&[&import[..], &more].concat()).expect(0).json();
    assert_eq!((&plan["totals"]["create"], &plan["totals"]["reject"]), (&json!(2), &json!(1)));
    let landed = |report: Value| {
        assert_eq!((&report["totals"]["landed"], &report["totals"]["rejected"]), (&json!(2), &json!(1)), "{report}");
        assert_eq!(report["rows"], 3);
    };
    landed(run(&["apply", "p.json", "--json"]).expect(0).json());
    std::fs::remove_file(folder.join("p.json.journal")).unwrap();
    landed(run(&["apply", "p.json", "--json"]).expect(0).json());

    let created = |entry: &Value| {
        entry["path"].as_str().unwrap().contains("/timeoffrequests/") && entry["from_version"].is_null()
    };
    let made: Vec<Value> = target.ledger().into_iter().filter(created).collect();
    assert_eq!(made.len(), 2, "{made:?}");
    let record = |entry: &Value| {
        let path = entry["path"].as_str().unwrap();
        let mut record = target.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json();
        record.get_mut("body").map(Value::take).unwrap_or(record)
    };
    let days = made.iter().map(record).find(|record| record["notes"] == "home").unwrap();
    assert_eq!(days["fullDayManagementUnitDates"], json!(["2026-12-24", "2026-12-25", "2026-12-26"]));
}
