//! Scenarios: names, TOML, the worlds of the incidents, determinism.

use serde_json::{Value, json};

use super::rig::{Rig, SCHEDULES, SCORES, START, text};
use crate::{Constraint, EtagStyle, Sandbox, Scenario, ScenarioError, WorldSpec, samples};

fn world(name: &str) -> (Sandbox, Value) {
    let scenario = Scenario::named(name, 3).unwrap();
    let start = scenario.start().unwrap_or(START);
    let sandbox = Sandbox::new(scenario, 3, start);
    let world = sandbox.world();
    (sandbox, world)
}

fn count(world: &Value, kind: &str) -> usize {
    world[kind].as_array().unwrap().len()
}

#[test]
fn every_name_builds_and_runs() {
    for name in Scenario::names() {
        let (mut sandbox, _) = world(name);
        let start = sandbox.next_event().unwrap_or(START);
        sandbox.advance(start + 600_000);
        assert_eq!(sandbox.scenario_name(), *name);
    }
    assert!(Scenario::named("i99", 0).is_none());
}

#[test]
fn the_default_world_is_small() {
    let (_, world) = world("calm");
    assert_eq!((count(&world, "quality_scores"), count(&world, "shift_trades")), (100, 40));
    assert_eq!((count(&world, "schedules"), count(&world, "agents")), (2, 60));
}

#[test]
fn toml_differs_from_a_base() {
    let text = r#"
        name = "mine"
        base = "i05"
        [options]
        etag = "opaque"
        publish_ms = 1000
        [faults]
        lost_response = 0.5
        [[editors]]
        name = "Eva"
        edits = "shifts"
        mean_ms = 1000
    "#;
    let scenario = Scenario::from_toml(text).unwrap();
    assert_eq!(
        (scenario.name.as_str(), scenario.options.etag, scenario.options.publish_ms),
        ("mine", EtagStyle::Opaque, 1000)
    );
    assert_eq!((scenario.world.draft_revision, scenario.editors.len()), (7, 1));
    let error = |text: &str| Scenario::from_toml(text).unwrap_err();
    assert!(matches!(error("= 1"), ScenarioError::Syntax(_)));
    assert!(matches!(error("colour = 1"), ScenarioError::Field(_)));
    assert!(matches!(error("base = 'none'"), ScenarioError::UnknownBase(_)));
    assert!(matches!(error("[options]\nenvelopes = []"), ScenarioError::Range(_)));
}

#[test]
fn i01_has_the_agents_and_no_scores() {
    let (sandbox, world) = world("i01");
    assert_eq!((count(&world, "agents"), count(&world, "quality_scores")), (47, 0));
    let id = samples::agent_id("Noe.Moreau@example.com");
    assert!(world["agents"].as_array().unwrap().contains(&json!({"id": id, "email": "noe.moreau@example.com"})));
    assert_eq!(sandbox.options().envelopes.len(), 5);
}

#[test]
fn i02_holds_every_shift_with_its_owner() {
    let (sandbox, world) = world("i02");
    assert_eq!((count(&world, "agents"), count(&world, "schedules"), count(&world, "shift_trades")), (120, 3, 0));
    let mut shifts = 0;
    for schedule in world["schedules"].as_array().unwrap() {
        let document = sandbox.record(schedule["path"].as_str().unwrap()).unwrap();
        shifts +=
            document["agents"].as_array().unwrap().iter().map(|a| a["shifts"].as_array().unwrap().len()).sum::<usize>();
    }
    assert_eq!(shifts, 839, "840 shifts, one of an agent that does not exist");
    let agent = samples::agent_id("camille.bertrand@example.com");
    let first = world["schedules"].as_array().unwrap().iter().find(|s| s["week"] == "2026-10-19").unwrap();
    let record = sandbox.record(&format!("{}/agents/{agent}", first["path"].as_str().unwrap())).unwrap();
    let shift = record["shifts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["id"] == "ea254160-4db3-4756-8d94-fcb50208e3f8")
        .unwrap();
    assert_eq!((&shift["start"], &shift["length_minutes"]), (&json!("2026-10-25T02:30:00+01:00"), &json!(480)));
    assert!(sandbox.next_event().is_some(), "agents are locked");
}

#[test]
fn i03_locks_fifty_of_five_hundred_agents() {
    let (mut sandbox, world) = world("i03");
    assert_eq!((count(&world, "agents"), count(&world, "schedules")), (500, 1));
    let path = world["schedules"][0]["path"].as_str().unwrap().to_owned();
    let start = Scenario::named("i03", 3).unwrap().start().unwrap();
    let mut locked = 0;
    for agent in world["agents"].as_array().unwrap() {
        let own = format!("{path}/agents/{}", agent["id"].as_str().unwrap());
        locked +=
            usize::from(sandbox.edit(start, &own, &json!({"availability": {"status": "training"}}), "x").is_err());
    }
    assert_eq!(locked, 50);
    sandbox.advance(start + 120_000);
    let edits = sandbox.ledger().iter().filter(|entry| entry.actor == "Rosa Delgado").count();
    assert!(edits > 3, "{edits}");
    let before = sandbox.ledger().len();
    sandbox.advance(start + 900_000);
    assert_eq!(sandbox.ledger().len(), before, "supervisors stop after two minutes");
}

#[test]
fn i04_holds_the_schedulers_week() {
    let (sandbox, world) = world("i04");
    let document = sandbox.record(world["schedules"][0]["path"].as_str().unwrap()).unwrap();
    assert_eq!(
        (count(&world, "agents"), &document["week"], &document["time_zone"]),
        (300, &json!("2026-11-23"), &json!("Asia/Singapore"))
    );
    let line: Value = serde_json::from_str(samples::SCHEDULER_WEEK_NDJSON.lines().next().unwrap()).unwrap();
    let own =
        document["agents"].as_array().unwrap().iter().find(|agent| agent["agent_id"] == line["agent_id"]).unwrap();
    assert_eq!(own["shifts"], line["shifts"]);
}

#[test]
fn i05_has_a_draft_ahead_of_the_published_revision() {
    let (sandbox, world) = world("i05");
    let document = sandbox.record(world["schedules"][0]["path"].as_str().unwrap()).unwrap();
    assert_eq!((&document["draft_revision"], &document["published_revision"]), (&json!(7), &json!(4)));
    assert_eq!((document["agents"].as_array().unwrap().len(), sandbox.options().publish_ms), (60, 1_200_000));
}

/// Everything that one busy run showed.
fn run(name: &str, seed: u64) -> String {
    let mut rig = Rig::of(Scenario::named(name, seed).unwrap(), seed);
    let mut seen = String::new();
    let (id, document, agent) = rig.schedule();
    for step in 0..200_u64 {
        rig.now = START + i64::try_from(step).unwrap() * 700;
        let (score, _) = rig.nth("quality_scores", step as usize % 5);
        let delivery = match step % 4 {
            0 => rig.deliver("GET", &score, &[], &Value::Null),
            1 => rig.deliver("PATCH", &score, &[], &json!({"version": step / 10, "score": step % 100})),
            2 => rig.deliver("GET", &format!("{SCHEDULES}/{id}?agent_id={agent}"), &[], &Value::Null),
            _ => rig.deliver("POST", &format!("{SCORES}/bulk"), &[], &json!({"items": [document["agents"][0]]})),
        };
        seen.push_str(&format!("{delivery:?}\n"));
    }
    let ledger: Vec<Value> = rig.sandbox.ledger().iter().map(|entry| entry.to_json()).collect();
    format!("{seen}{}{:?}", json!(ledger), rig.sandbox.stats())
}

#[test]
fn one_seed_gives_one_run() {
    for seed in 0..12 {
        assert_eq!(run("hostile", seed), run("hostile", seed), "seed {seed}");
    }
    assert_ne!(run("hostile", 1), run("hostile", 2));
}

#[test]
fn ledger_versions_chain_in_hostile_worlds() {
    for seed in 0..20 {
        let mut sandbox = Sandbox::new(Scenario::named("hostile", seed).unwrap(), seed, START);
        sandbox.advance(START + 3_600_000);
        let mut versions = std::collections::BTreeMap::new();
        for (place, entry) in sandbox.ledger().iter().enumerate() {
            assert_eq!(entry.seq, place as u64 + 1);
            let known = versions.insert(entry.path.clone(), entry.to_version);
            assert_eq!(entry.from_version, Some(known.unwrap_or(1)), "seed {seed} {}", entry.path);
            assert!(entry.from_version < Some(entry.to_version));
        }
    }
}

#[test]
fn calming_down_stops_faults_and_actors() {
    for seed in 0..10 {
        let mut sandbox = Sandbox::new(Scenario::named("hostile", seed).unwrap(), seed, START);
        sandbox.advance(START + 60_000);
        sandbox.calm_down();
        let edits = sandbox.ledger().len();
        sandbox.advance(START + 3_600_000);
        assert_eq!(sandbox.ledger().len(), edits);
        assert_eq!(sandbox.next_event(), None, "locks have ended");
    }
}

#[test]
fn a_sandbox_may_move_between_threads() {
    fn movable<T: Send>() {}
    movable::<Sandbox>();
}

#[test]
fn a_trade_across_the_week_edge_moves_both_weeks() {
    let scenario = Scenario { lockers: vec![], ..Scenario::named("i02", 1).unwrap() };
    let mut rig = Rig::of(scenario, 1);
    let side = |email: &str, shift: &str| json!({"agent_id": samples::agent_id(email), "shift_id": shift});
    let first = side("anna.bertrand@example.com", "e5c06595-b859-4282-a9f6-b24a28aacdf6");
    let second = side("anna.fournier@example.com", "ea5ca0f0-7528-45fa-a9f2-82ea2c0dbfbd");
    let body =
        json!({"swap_request_id": "SWP-202610-0003", "status": "approved", "initiating": first, "receiving": second});
    assert_eq!(rig.post("/api/v2/wfm/scheduling/shifts", &body).status, 201);
    rig.sandbox.advance(START + 5_000);
    for (week, shift, owner) in [("2026-10-26", &first, &second), ("2026-11-02", &second, &first)] {
        let id = samples::schedule_id("Europe/Paris", week);
        let agent = rig.agent(&id, owner["agent_id"].as_str().unwrap());
        let shifts = agent["shifts"].as_array().unwrap();
        assert!(shifts.iter().any(|own| own["id"] == shift["shift_id"]), "{week}");
        assert_eq!(rig.sandbox.record(&format!("{SCHEDULES}/{id}")).unwrap()["draft_revision"], 2);
    }
    let again = rig.post("/api/v2/wfm/scheduling/shifts", &body);
    assert_eq!(again.refusal().0, 409, "the shifts were given away");
    assert_eq!(again.body["code"], "SCHEDULE_CONFLICT");
}

#[test]
fn a_constraint_refuses_what_it_names_until_it_ends() {
    let probe = Rig::calm();
    let (schedule, document, _) = probe.schedule();
    let agents: Vec<String> = (0..2).map(|place| text(&document["agents"][place]["agent_id"])).collect();
    let path = |agent: &str| format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}");
    let constraint = Constraint {
        path: path(&agents[0]),
        body: None,
        while_trade: None,
        records_min: 0,
        status: 409,
        code: "SCHEDULE_PUBLISH_CONFLICT".to_owned(),
        message: "The staffing floor would be undercut".to_owned(),
        names: true,
        from_ms: 0,
        until_ms: Some(60_000),
    };
    let world = WorldSpec { agents: 12, ..WorldSpec::default() };
    let scenario = Scenario { world, constraints: vec![constraint], ..Scenario::named("calm", 1).unwrap() };
    let mut rig = Rig::of(scenario, 1);
    let week = document["week"].as_str().unwrap();
    let at = |agent: &str| format!("/api/v2/wfm/schedules/agents/{agent}?week={week}");
    let put = |rig: &mut Rig, agent: &str| {
        let version = rig.get(&at(agent)).body["version"].clone();
        rig.put(&at(agent), &json!({"version": version, "availability": {"status": "training"}}))
    };
    let same = rig.get(&at(&agents[0])).body;
    assert_eq!(rig.put(&at(&agents[0]), &same).status, 200, "nothing changes");
    let refused = put(&mut rig, &agents[0]);
    assert_eq!(refused.refusal(), (409, "SCHEDULE_PUBLISH_CONFLICT"));
    assert_eq!(refused.body["errors"][0]["agent_id"], json!(agents[0]));
    assert_eq!(put(&mut rig, &agents[1]).status, 200, "another agent is free");
    rig.now += 60_000;
    assert_eq!(put(&mut rig, &agents[0]).status, 200, "it has ended");
}
