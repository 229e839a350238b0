//! A gateway that speaks the vendor's own API, in front of a sandbox.

use crate::apart::{Served, Target};
use crate::http::Caller;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const W: &str = "/api/v2/workforcemanagement";

/// A document of the world whose path has this part.
fn document(target: &Target, part: &str) -> String {
    let world = target.world();
    let documents = world["documents"].as_array().unwrap();
    let found = documents.iter().find_map(|one| one["path"].as_str().filter(|path| path.contains(part)));
    found.unwrap().to_owned()
}

/// The unit and the id in a path such as `…/managementunits/mu/workplans/p1`.
fn id_of(path: &str) -> String {
    let parts: Vec<&str> = path.strip_prefix(W).unwrap().split('/').collect();
    format!("{}/{}", parts[2], parts[4])
}

/// A record as the target holds it.
fn record(target: &Target, path: &str) -> Value {
    target.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json()
}

fn edit(target: &Target, path: &str, patch: &Value) {
    let body = json!({"path": path, "merge_patch": patch, "by": "Mara Lind"});
    target
        .control()
        .send("POST", "/__sandbox/edit", &[("content-type", "application/json")], &body.to_string())
        .expect(200);
}

/// Submits an intent and waits until it has settled.
fn settled(script: &Caller, intent: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let told = script.send("POST", "/v1/intents?wait=20", &headers, &intent.to_string()).json();
    let until = Instant::now() + Duration::from_secs(40);
    let path = format!("/v1/intents/{}", told["id"].as_str().unwrap_or_else(|| panic!("{told}")));
    loop {
        let now = script.get(&path).json();
        if !now["settled_at"].is_null() || now["state"] == "review" || Instant::now() > until {
            return now;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_change_of_a_work_plan_lands_beside_a_persons_edit() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let path = document(&target, "/workplans/");
    let seen = script.get(&path).expect(200).json();
    edit(&target, &path, &json!({"maximumDays": 5}));

    // By an intent, and by a PATCH of a client that still has the version from before the edit.
    let resource = json!({"org": "acme", "kind": "work-plan", "id": id_of(&path)});
    let change = json!({"merge_patch": {"weeklyExactPaidMinutes": 2340}});
    let landed = settled(&script, &json!({"resource": resource, "change": change}));
    assert_eq!(landed["state"], "landed", "{landed}");
    let body = json!({"name": "Whole weeks", "metadata": {"version": seen["metadata"]["version"]}});
    let headers = [("content-type", "application/json")];
    let patched = script.send("PATCH", &path, &headers, &body.to_string()).expect(200).json();
    assert_eq!((&patched["name"], &patched["maximumDays"]), (&json!("Whole weeks"), &json!(5)));

    let stands = record(&target, &path);
    assert_eq!(stands["maximumDays"], 5, "{stands}");
    assert_eq!(stands["weeklyExactPaidMinutes"], 2340);
    assert_eq!(stands["name"], "Whole weeks");
}

#[test]
fn codes_of_one_list_land_one_after_another() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let list = document(&target, "/activitycodes");
    let unit = list.split('/').nth(5).unwrap();
    let change = |code: &str, minutes: u64| {
        let resource = json!({"org": "acme", "kind": "activity-code", "id": format!("{unit}/{code}")});
        json!({"resource": resource, "change": {"merge_patch": {"lengthInMinutes": minutes}}})
    };
    for (code, minutes) in [("break", 20), ("meal", 45)] {
        // Whoever wrote the list a moment ago may have written this code: what the source was shown tells.
        script.get(&format!("{list}/{code}")).expect(200);
        let landed = settled(&script, &change(code, minutes));
        assert_eq!(landed["state"], "landed", "{landed}");
        edit(&target, &format!("{list}/meeting"), &json!({"lengthInMinutes": minutes}));
    }
    let minutes = |code: &str| record(&target, &format!("{list}/{code}"))["lengthInMinutes"].clone();
    assert_eq!((minutes("break"), minutes("meal"), minutes("meeting")), (json!(20), json!(45), json!(45)));
}

#[test]
fn a_shift_is_moved_by_an_upload_while_a_person_edits_another_agent() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let world = target.world();
    let schedule = world["schedules"][0]["path"].as_str().unwrap();
    let document = record(&target, schedule);
    let agents: Vec<&Value> =
        document["agents"].as_array().unwrap().iter().filter(|agent| agent["shifts"][0]["id"].is_string()).collect();
    let [ours, theirs] = [agents[0], agents[1]];
    let (agent, shift) = (ours["agent_id"].as_str().unwrap(), ours["shifts"][0]["id"].as_str().unwrap());
    let other = format!("{schedule}/agents/{}", theirs["agent_id"].as_str().unwrap());
    edit(&target, &other, &json!({"availability": {"status": "training"}}));

    let id = format!("{}/{agent}", document["id"].as_str().unwrap());
    let resource = json!({"org": "acme", "kind": "agent-schedule", "id": id});
    let change = json!({"verb": {"name": "move-shift", "args": {"shift_id": shift, "minutes": 30}}});
    let landed = settled(&script, &json!({"resource": resource, "change": change}));

    assert_eq!(landed["state"], "landed", "{landed}");
    let stands = record(&target, schedule);
    let start = |document: &Value| {
        let agents = document["agents"].as_array().unwrap();
        let agent = agents.iter().find(|one| one["agent_id"] == agent).unwrap();
        agent["shifts"][0]["start"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap()
    };
    assert_eq!(start(&stands).duration_since(start(&document)), jiff::SignedDuration::from_mins(30));
    assert_eq!(record(&target, &other)["availability"]["status"], "training", "what the person wrote stands");
}

#[test]
fn a_trade_is_settled_by_the_supervisors_job() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let unit = id_of(&document(&target, "/workplans/")).split('/').next().unwrap().to_owned();
    let week = target.world()["schedules"][0]["week"].as_str().unwrap().to_owned();
    let list = format!("{W}/managementunits/{unit}/weeks/{week}/shifttrades");
    let trades = script.get(&list).expect(200).json();
    let mut matched = trades["entities"].as_array().unwrap().iter().filter(|one| one["trade"]["state"] == "Matched");
    let mut id = || matched.next().unwrap()["trade"]["id"].as_str().unwrap().to_owned();

    let denied = id();
    let resource = json!({"org": "acme", "kind": "shift-trade", "id": format!("{unit}/{week}/{denied}")});
    let landed = settled(&script, &json!({"resource": resource, "change": {"verb": {"name": "deny", "args": {}}}}));
    assert_eq!(landed["state"], "landed", "{landed}");

    // The older bulk of a client becomes a job as well, and is answered in its own model.
    let other = id();
    let entity = json!({"id": other, "state": "Denied", "metadata": {"version": 1}});
    let headers = [("content-type", "application/json")];
    let body = json!({"entities": [entity]}).to_string();
    let answer = script.send("POST", &format!("{list}/state/bulk"), &headers, &body).expect(200).json();
    assert_eq!(answer["result"]["entities"][0]["state"], "Denied", "{answer}");

    let now = script.get(&list).expect(200).json();
    for one in now["entities"].as_array().unwrap() {
        if [&denied, &other].iter().any(|id| one["trade"]["id"] == **id) {
            assert_eq!(one["trade"]["state"], "Denied");
        }
    }
}

#[test]
fn an_evaluation_has_no_version_and_lands() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let score = target.world()["quality_scores"][0]["path"].as_str().unwrap().to_owned();
    let agent = record(&target, &score)["agent_id"].as_str().unwrap().to_owned();
    let found = script.get(&format!("/api/v2/quality/evaluations/query?agentUserId={agent}")).expect(200).json();
    let one = &found["entities"][0];
    let (conversation, id) = (one["conversation"]["id"].as_str().unwrap(), one["id"].as_str().unwrap());
    let path = format!("/api/v2/quality/conversations/{conversation}/evaluations/{id}");
    let resource = json!({"org": "acme", "kind": "evaluation", "id": format!("{conversation}/{id}")});
    for points in [71, 72] {
        let change = json!({"merge_patch": {"answers": {"totalScore": points}}});
        let landed = settled(&script, &json!({"resource": resource, "change": change}));
        assert_eq!(landed["state"], "landed", "{landed}");
        assert!(landed["overwrote"].is_null(), "{landed}");
        assert_eq!(record(&target, &format!("/api/v2/wfm/v2/quality/scores/{id}"))["score"], points, "{landed}");
    }
    // As a client does it: what it read, with one value changed.
    let mut seen = script.get(&path).expect(200).json();
    seen["answers"]["totalScore"] = json!(73);
    let headers = [("content-type", "application/json")];
    let put = script.send("PUT", &path, &headers, &seen.to_string()).expect(200).json();
    assert_eq!(put["answers"]["totalScore"], 73, "{put}");
}

#[test]
fn what_a_client_has_just_created_it_may_change_at_once() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let plans = document(&target, "/workplans/");
    let list = plans.rsplit_once('/').unwrap().0;
    let headers = [("content-type", "application/json")];
    let made = script.send("POST", list, &headers, &json!({"name": "Nights", "enabled": true}).to_string()).json();
    let path = format!("{list}/{}", made["id"].as_str().unwrap_or_else(|| panic!("{made}")));
    let body = json!({"name": "Late nights", "metadata": {"version": made["metadata"]["version"]}});
    let patched = script.send("PATCH", &path, &headers, &body.to_string()).expect(200).json();
    assert_eq!(patched["name"], "Late nights", "{patched}");
}

#[test]
fn what_our_own_write_moved_is_nobody_elses_edit() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let headers = [("content-type", "application/json")];
    let list = document(&target, "/activitycodes");
    let unit = list.split('/').nth(5).unwrap();
    let minutes = |code: &str| record(&target, &format!("{list}/{code}"))["lengthInMinutes"].clone();

    // The version and the time of a code are those of its list, which the first change moves for all of them.
    for (code, length) in [("break", 20), ("meal", 45)] {
        let resource = json!({"org": "acme", "kind": "activity-code", "id": format!("{unit}/{code}")});
        let change = json!({"merge_patch": {"lengthInMinutes": length}});
        let landed = settled(&script, &json!({"resource": resource, "change": change}));
        assert_eq!(landed["state"], "landed", "{landed}");
    }
    let version = record(&target, &format!("{list}/meeting"))["metadata"]["version"].clone();
    let entity =
        |code: &str, length: u64| json!({"id": code, "lengthInMinutes": length, "metadata": {"version": version}});
    let body = json!({"entities": [entity("meeting", 50), entity("training", 70)]}).to_string();
    let bulk = script.send("PATCH", &format!("{list}/bulk"), &headers, &body).expect(200).json();
    assert_eq!(bulk["entities"].as_array().unwrap().len(), 2, "{bulk}");
    let found = ["break", "meal", "meeting", "training"].map(minutes);
    assert_eq!(found, [json!(20), json!(45), json!(50), json!(70)]);
}

#[test]
fn a_week_that_our_own_upload_and_publish_moved_takes_a_description() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let schedule = target.world()["schedules"][0]["path"].as_str().unwrap().to_owned();
    let before = record(&target, &schedule);
    let of_shift = before["agents"].as_array().unwrap().iter().find(|agent| agent["shifts"][0]["id"].is_string());
    let (agent, shift) = (&of_shift.unwrap()["agent_id"], &of_shift.unwrap()["shifts"][0]["id"]);
    let id = before["id"].as_str().unwrap();
    let week = json!({"org": "acme", "kind": "week-schedule", "id": id});
    let agent = json!({"org": "acme", "kind": "agent-schedule", "id": format!("{id}/{}", agent.as_str().unwrap())});
    let moved = json!({"verb": {"name": "move-shift", "args": {"shift_id": shift, "minutes": 30}}});
    let steps = [
        (&week, json!({"merge_patch": {"description": "Draft"}})),
        (&agent, moved),
        (&week, json!({"merge_patch": {"description": "With the late shift"}})),
        (&week, json!({"operation": {"name": "publish"}})),
        (&week, json!({"merge_patch": {"description": "As it was published"}})),
    ];
    // One after the other, without a pause: each is sent within the second in which the one before it wrote.
    for (resource, change) in steps {
        let landed = settled(&script, &json!({"resource": resource, "change": change}));
        assert_eq!(landed["state"], "landed", "{change}: {landed}");
    }
    assert_eq!(record(&target, &schedule)["description"], "As it was published");
}

#[test]
fn a_planning_group_is_sent_back_as_it_was_read() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let headers = [("content-type", "application/json")];
    let path = document(&target, "/planninggroups/");
    let mut seen = script.get(&path).expect(200).json();
    let before = record(&target, &path);
    assert!(before["routePaths"].as_array().is_some_and(|paths| !paths.is_empty()), "{before}");
    let same = script.send("PATCH", &path, &headers, &seen.to_string()).expect(200);
    assert_eq!(same.header("ifmatch-outcome"), "satisfied");
    assert_eq!(record(&target, &path), before, "nothing was written");

    // As a document with one change, beside a person's: the paths stay.
    edit(&target, &path, &json!({"name": "Voice and more"}));
    seen["serviceGoalTemplate"] = before["serviceGoalTemplate"].clone();
    seen["routePaths"][0]["mediaType"] = json!("Callback");
    let resource = json!({"org": "acme", "kind": "planning-group", "id": id_of(&path)});
    let landed = settled(&script, &json!({"resource": resource, "change": {"desired": seen}}));
    assert_eq!(landed["state"], "landed", "{landed}");
    let stands = record(&target, &path);
    assert_eq!(
        (&stands["name"], &stands["routePaths"][0]["mediaType"]),
        (&json!("Voice and more"), &json!("Callback"))
    );
    assert_eq!(stands["routePaths"][0]["queue"]["id"], before["routePaths"][0]["queue"]["id"]);
}

#[test]
fn many_trades_are_settled_by_one_job_of_a_client() {
    let target = Target::spoken("genesys-cloud", "", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let headers = [("content-type", "application/json")];
    let unit = id_of(&document(&target, "/workplans/")).split('/').next().unwrap().to_owned();
    let business = document(&target, "/activitycodes").split('/').nth(5).unwrap().to_owned();
    let week = target.world()["schedules"][0]["week"].as_str().unwrap().to_owned();
    let list = format!("{W}/managementunits/{unit}/weeks/{week}/shifttrades");
    let trades = script.get(&list).expect(200).json();
    let matched = trades["entities"].as_array().unwrap().iter().filter(|one| one["trade"]["state"] == "Matched");
    let entity = |one: &Value| json!({"id": one["trade"]["id"], "state": "Denied", "metadata": {"version": 1}});
    let entities: Vec<Value> = matched.take(3).map(entity).collect();
    let job = format!("{W}/businessunits/{business}/shifttrading/trades/state/bulk/jobs");
    let send = |units: Value| {
        let body = json!({"managementUnitIds": units, "weekDates": [week], "entities": entities});
        script.send("POST", &job, &headers, &body.to_string())
    };
    // Where a trade lies is not to be told: what to do instead is.
    let refused = send(json!([unit, unit])).expect(400).json();
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("invalid_field"), &json!("/managementUnitIds")),
        "{refused}"
    );
    let answer = send(json!([unit])).expect(200).json();
    assert_eq!((&answer["status"], &answer["type"]), (&json!("Complete"), &json!("BulkUpdateTradeStates")), "{answer}");
    let settled = answer["bulkUpdateTradeStatesResult"]["entities"].as_array().unwrap();
    assert_eq!(settled.len(), entities.len());
    assert!(settled.iter().all(|one| one["state"] == "Denied"), "{answer}");
}
