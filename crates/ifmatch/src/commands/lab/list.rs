//! `ifmatch lab list`: the scenarios and the strategies.

use crate::cli::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::table;
use ifmatch_sim::lab::{BUILT_IN, STRATEGIES, Scenario};
use serde_json::{Value, json};

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let scenarios: Vec<Scenario> = BUILT_IN.iter().filter_map(|(name, _)| Scenario::named(name)).collect();
    context.out.data(&value(&scenarios), || {
        let rows = scenarios.iter().map(|one| vec![one.name.clone(), one.title.clone(), one.numbers.clone()]);
        let loops = STRATEGIES.iter().map(|one| vec![one.name.to_owned(), one.does.to_owned(), one.source.to_owned()]);
        let scenarios = table(&["SCENARIO", "WHAT", "STANDS FOR"], rows.collect());
        format!("{scenarios}\n\n{}", table(&["STRATEGY", "WHAT IT DOES", "FOUND IN"], loops.collect()))
    });
    Ok(Exit::Done)
}

fn value(scenarios: &[Scenario]) -> Value {
    let scenarios: Vec<Value> =
        scenarios.iter().map(|one| json!({ "name": one.name, "title": one.title, "numbers": one.numbers })).collect();
    let strategies: Vec<Value> =
        STRATEGIES.iter().map(|one| json!({ "name": one.name, "does": one.does, "source": one.source })).collect();
    json!({ "scenarios": scenarios, "strategies": strategies })
}
