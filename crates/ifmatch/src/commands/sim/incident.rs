//! `ifmatch sim incident`: one of the forty incidents, as a table that people read.

use crate::cli::Context;
use crate::error::Failure;
use crate::exit::Exit;
use ifmatch_sim::incidents::{Incident, Played, all, more, named, variants};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Its number, for example `I06`; without one all are listed.
    id: Option<String>,
    /// The seed of ids and chances.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One option of the target set otherwise, for example `stale=bad-request`; `list` says which there are.
    #[arg(long, value_name = "OPTION=SETTING")]
    with: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let Some(id) = &args.id else {
        for incident in all().into_iter().chain(more()) {
            let value = json!({ "id": incident.id, "title": incident.title });
            context.out.data(&value, || format!("{}  {}", incident.id, incident.title));
        }
        return Ok(Exit::Done);
    };
    let incident = named(id).ok_or_else(|| {
        Failure::user(format!("no incident has the number {id:?}")).hint("`ifmatch sim incident` lists them")
    })?;
    let plain = incident.setup(args.seed);
    let variants = variants(&plain);
    let setup = match args.with.as_deref() {
        None => plain,
        Some("list") => {
            for (name, _) in variants.iter().filter(|(name, _)| incident.is_tried_with(name)) {
                context.out.data(&json!({ "with": name }), || name.clone());
            }
            return Ok(Exit::Done);
        }
        Some(wanted) => {
            variants.into_iter().find(|(name, _)| name == wanted).map(|(_, setup)| setup).ok_or_else(|| {
                Failure::user(format!("no option is {wanted:?}")).hint("`--with list` says which there are")
            })?
        }
    };
    let played = incident.play(setup);
    tell(&incident, &played, context);
    Ok(if played.holds() { Exit::Done } else { Exit::Broken })
}

fn tell(incident: &Incident, played: &Played, context: &Context) {
    let demands: Vec<_> = played.demands.iter().map(|d| json!({ "what": d.what, "holds": d.holds })).collect();
    let violations: Vec<_> =
        played.violations.iter().map(|v| json!({ "promise": v.promise, "what": v.what })).collect();
    let value = json!({
        "id": incident.id, "title": incident.title, "happens": incident.happens, "loop": incident.a_loop,
        "answer": incident.answer, "course": played.course.lines().collect::<Vec<_>>(), "demands": demands,
        "violations": violations, "holds": played.holds(),
    });
    context.out.data(&value, || {
        let mut text = format!("{} {}\n\n{}\n\n", incident.id, incident.title, incident.happens);
        text.push_str(&format!("A loop {}\nifmatch {}\n\n{}\n", incident.a_loop, incident.answer, played.course));
        for demand in &played.demands {
            text.push_str(&format!("{}  {}\n", if demand.holds { "holds " } else { "BROKEN" }, demand.what));
        }
        for violation in &played.violations {
            text.push_str(&format!("BROKEN  {}: {}\n", violation.promise, violation.what));
        }
        text.trim_end().to_owned()
    });
}
