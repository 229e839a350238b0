//! Applies a plan: its rows as intents, and what became of them into its journal. It can be killed at any byte: the next start goes on.

use super::{ImportRecord, ImportsDoor, Trouble, surveyed};
use crate::answer::{self, Answer};
use crate::driver::submission;
use crate::journal::JournalFile;
use crate::problem::Fault;
use crate::random;
use crate::routes::told;
use ifmatch_core::{Accepted, IntentId, SourceName, State};
use ifmatch_sources::migration::{Answered, Checked, Leaving, NoAnswer, Plan, Run, Survey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// From one look at open rows to the next, wall time.
const TURN: Duration = Duration::from_millis(250);

impl From<NoAnswer> for Trouble {
    fn from(error: NoAnswer) -> Self {
        Self::Gateway(error.to_string())
    }
}

/// Applies the plan of an import, from wherever it stopped.
pub(super) async fn carry(door: &ImportsDoor, mut record: ImportRecord) -> Result<(), Trouble> {
    let (folder, id) = (door.folder.clone(), record.id.clone());
    let read = tokio::task::spawn_blocking(move || folder.read(&id)).await;
    let (plan, digest) = read.map_err(|error| Trouble::Gateway(error.to_string()))??;
    let mut journal = door.folder.journal(&record.id, &digest)?;
    let moved = moved(door, &record.source, &plan, &journal).await;
    let mut run = Run::of(&plan, &journal.state, &moved);
    if record.goes_on {
        run = run.all_at_once();
    }
    while run.left() > 0 {
        if let Some(refusal) = run.refusal() {
            tracing::warn!(org = %door.org.org, id = record.id, file = record.file, %refusal, "an import is stopped");
            record.stop(door.org.clock.now(), format!("{refusal}: {}", refusal.reason));
            return Ok(door.keep(&record, None).await?);
        }
        if run.has_room() {
            submit(door, &record.source, &mut run, &mut journal).await?;
        } else {
            look(door, &mut run, &mut journal).await?;
        }
    }
    record.end(door.org.clock.now());
    door.keep(&record, None).await?;
    tracing::info!(org = %door.org.org, id = record.id, file = record.file, "an import is done");
    Ok(())
}

/// Rows whose record is not what the plan saw. The engine merges them; here they are only named.
async fn moved(door: &ImportsDoor, source: &SourceName, plan: &Plan, journal: &JournalFile) -> BTreeMap<u64, u64> {
    let fresh = plan.applied().any(|row| !journal.state.rows.contains_key(&row.row));
    if plan.target == Checked::Unchecked || !fresh {
        return BTreeMap::new();
    }
    match surveyed(&door.org, source, Survey::again(plan)).await {
        Ok(survey) => survey.moved(plan),
        Err(fault) => {
            let why = fault.problem().detail;
            tracing::warn!(org = %door.org.org, why, "what moved since a plan was made is not known");
            BTreeMap::new()
        }
    }
}

/// The next window: written down, handed in, the answers written down.
async fn submit(
    door: &ImportsDoor,
    source: &SourceName,
    run: &mut Run,
    journal: &mut JournalFile,
) -> Result<(), Trouble> {
    let window = run.window();
    journal.write(Run::unwritten(&window, &journal.state))?;
    let mut handed = Vec::with_capacity(window.len());
    for row in &window {
        let submission = submission(random::intent_id(&door.org.clock), source.clone(), row.intent.clone());
        handed.push(door.org.submit_patiently(submission).await);
    }
    let (mut written, mut put_off) = (Vec::new(), false);
    for (row, handed) in window.into_iter().zip(handed) {
        let taken = match handed {
            Ok(submitting) => submitting.taken().await,
            Err(fault) => Err(fault),
        };
        let answer = answer(door, source, &row, taken).await;
        match run.answered(row, &answer::line(&answer))? {
            Answered::Written(row) => written.push(row),
            Answered::PutOff => put_off = true,
        }
    }
    journal.write(written)?;
    if put_off {
        tokio::time::sleep(super::PAUSE).await;
    }
    Ok(())
}

async fn answer(
    door: &ImportsDoor,
    source: &SourceName,
    row: &Leaving,
    taken: Result<Accepted, Fault>,
) -> Result<Answer, Fault> {
    let taken = taken?;
    if !taken.duplicate {
        return Ok(Answer::accepted(taken, row.intent.resource.clone(), source.clone()));
    }
    standing(door, taken.id).await
}

/// How an intent stands.
pub(crate) async fn standing(door: &ImportsDoor, id: IntentId) -> Result<Answer, Fault> {
    let gone = || Fault::Internal { cause: format!("intent {id} was taken and is not stored") };
    let record = door.org.intent(id).await?.ok_or_else(gone)?;
    Ok(match record.status.state {
        State::Review => told(&door.org, record).await,
        _ => Answer::of(record),
    })
}

/// Looks once at every row that was submitted; those that have settled are written down.
async fn look(door: &ImportsDoor, run: &mut Run, journal: &mut JournalFile) -> Result<(), Trouble> {
    let mut settled = Vec::new();
    for _ in 0..run.open() {
        let Some((row, id)) = run.oldest() else { break };
        let shown: Value = standing(door, id).await?.to_json();
        settled.extend(run.looked_at(row, id, &shown)?);
    }
    if settled.is_empty() {
        tokio::time::sleep(TURN).await;
    }
    Ok(journal.write(settled)?)
}
