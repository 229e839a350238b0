//! A loop over HTTP: the steps of its crew, carried out side by side.

use super::Run;
use super::script::{Cue, Script};
use crate::live::{self, Http, Played, Stage};
use ifmatch_sandbox::{Request, Response};
use ifmatch_server::RunningSandbox;
use ifmatch_sim::lab::{Crew, Heard, PATIENCE_MS, Step, Strategy, TOKEN_MS, Traces, Wanted, Workload, heard};
use std::time::Instant;
use tokio::task::JoinSet;

/// Runs a loop over a workload, against a sandbox of its own.
pub(super) async fn run(
    workload: &Workload,
    name: &str,
    make: fn(Wanted) -> Box<dyn Strategy>,
    played: Played,
    until: Instant,
) -> anyhow::Result<Run> {
    let sandbox = live::sandbox(played).await?;
    let stage = Stage::new(sandbox.clock(), None, until);
    let _pulse = sandbox.pulse();
    let mut crew = Crew::new(workload, name, make);
    let mut floor = Floor { sandbox: &sandbox, stage: stage.clone(), session: None, under_way: JoinSet::new() };
    let mut script = Script::new(workload, &sandbox, &stage)?;
    let is_broken_off = play(workload, &mut crew, &mut script, &mut floor).await?;
    floor.under_way.shutdown().await;
    let (edits, start_ms) = (script.edits, stage.start_ms());
    let traces = sandbox.with(|sandbox| {
        // What goes on by itself, such as a publish, is seen to its end.
        sandbox.advance(start_ms + workload.setup.end_at);
        Traces::of(sandbox, start_ms, edits)
    });
    sandbox.shutdown().await;
    Ok(Run { course: crew.course(traces), is_broken_off })
}

/// Plays to the end; says whether it was broken off before.
async fn play(
    workload: &Workload,
    crew: &mut Crew<'_>,
    script: &mut Script<'_>,
    floor: &mut Floor<'_>,
) -> anyhow::Result<bool> {
    loop {
        while let Some(cue) = script.cue() {
            match cue {
                Cue::Sees { source, path, record } => crew.sees(source, path, record),
                Cue::Speaks => {
                    let step = crew.speaks(floor.stage.now_ms());
                    floor.carry_out(step).await?;
                }
            }
        }
        if (script.is_over() && crew.ended() == workload.items.len()) || script.is_late() {
            return Ok(false);
        }
        if Instant::now() >= floor.stage.until {
            return Ok(true);
        }
        let came = tokio::select! {
            Some(came) = floor.under_way.join_next() => Some(came?),
            () = floor.stage.pause(script.until_next_ms()) => None,
            () = tokio::time::sleep_until(floor.stage.until.into()) => None,
        };
        if let Some(came) = came {
            if matches!(&came.what, Answer::Response { response, .. } if response.status == 401) {
                floor.session = None;
            }
            let heard = came.means(workload);
            let step = crew.hears(came.item, heard, floor.stage.now_ms());
            floor.carry_out(step).await?;
        }
    }
}

/// What came of a step.
struct Came {
    item: usize,
    what: Answer,
}

enum Answer {
    Woken,
    Response { is_write: bool, response: Response },
    Nothing,
}

impl Came {
    fn means(&self, workload: &Workload) -> Heard {
        match &self.what {
            Answer::Woken => Heard::Woken,
            Answer::Response { is_write, response } => heard(&workload.items[self.item], *is_write, response),
            Answer::Nothing => Heard::Nothing,
        }
    }
}

/// Where steps are carried out.
struct Floor<'a> {
    sandbox: &'a RunningSandbox,
    stage: Stage,
    /// A client with a token, and since when.
    session: Option<(Http, i64)>,
    under_way: JoinSet<Came>,
}

impl Floor<'_> {
    async fn carry_out(&mut self, step: Option<Step>) -> anyhow::Result<()> {
        match step {
            Some(Step::Send { item, request, is_write }) => {
                let (http, stage) = (self.session().await?, self.stage.clone());
                self.under_way.spawn(async move { Came { item, what: send(&http, &stage, &request, is_write).await } });
            }
            Some(Step::Sleep { item, ms }) => {
                let stage = self.stage.clone();
                self.under_way.spawn(async move {
                    stage.pause(ms).await;
                    Came { item, what: Answer::Woken }
                });
            }
            None => {}
        }
        Ok(())
    }

    /// A client whose token holds.
    async fn session(&mut self) -> anyhow::Result<Http> {
        let now = self.stage.now_ms();
        if let Some((http, _)) = self.session.as_ref().filter(|(_, since)| now - since <= TOKEN_MS) {
            return Ok(http.clone());
        }
        let credentials = &self.sandbox.credentials;
        let http = match &self.session {
            Some((http, _)) => http.clone(),
            None => Http::new(&self.sandbox.url),
        };
        let http = http.log_in(&credentials.client_id, &credentials.client_secret).await?;
        self.session = Some((http.clone(), now));
        Ok(http)
    }
}

async fn send(http: &Http, stage: &Stage, request: &Request, is_write: bool) -> Answer {
    match stage.within(PATIENCE_MS, http.exchange(request)).await {
        Some(Ok(response)) => Answer::Response { is_write, response },
        Some(Err(_)) | None => Answer::Nothing,
    }
}
