//! What the reports recommend: GET, copy the version onto the old payload, send; when that is
//! refused, GET again, copy the new version, send the same payload, three times, 500 ms apart.
//!
//! It reads no header, merges nothing, waits for nothing and nobody. Each worker does one thing
//! after the other; workers know nothing of each other.

mod writes;

use crate::demo::drive::Strategy;
use crate::demo::wish::{End, Ended, Payload, Wish};
use crate::live::Stage;
use crate::live::{Http, Reply};
use ifmatch_server::RunningSandbox;
use std::collections::BTreeMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use writes::Sent;

/// The name in reports.
pub(in crate::demo) const NAME: &str = "naive-refresh";

/// How often a refused write is tried again.
const TRIES: u32 = 3;

/// The pause before each, milliseconds of scenario time.
const PAUSE_MS: i64 = 500;

/// How long an answer is waited for, milliseconds of scenario time.
const PATIENCE_MS: i64 = 15_000;

/// Workers that carry wishes out one by one.
pub(in crate::demo) struct NaiveRefresh {
    http: Http,
    stage: Stage,
    workers: BTreeMap<usize, UnboundedSender<(u64, Wish)>>,
    tell: UnboundedSender<(u64, Ended)>,
    told: UnboundedReceiver<(u64, Ended)>,
    /// Taken and not ended, by number.
    open: BTreeMap<u64, Wish>,
    taken: u64,
}

impl NaiveRefresh {
    /// Logs in at the target.
    pub(in crate::demo) async fn open(sandbox: &RunningSandbox, stage: &Stage) -> anyhow::Result<Self> {
        let credentials = &sandbox.credentials;
        Self::at(&sandbox.url, (&credentials.client_id, &credentials.client_secret), stage).await
    }

    /// Logs in at any server that speaks as the target does.
    pub(in crate::demo) async fn at(url: &str, (id, secret): (&str, &str), stage: &Stage) -> anyhow::Result<Self> {
        let http = Http::new(url).log_in(id, secret).await?;
        let (tell, told) = unbounded_channel();
        Ok(Self { http, stage: stage.clone(), workers: BTreeMap::new(), tell, told, open: BTreeMap::new(), taken: 0 })
    }

    fn hire(&self) -> UnboundedSender<(u64, Wish)> {
        let (hand, mut queue) = unbounded_channel::<(u64, Wish)>();
        let (http, stage, tell) = (self.http.clone(), self.stage.clone(), self.tell.clone());
        tokio::spawn(async move {
            while let Some((number, wish)) = queue.recv().await {
                let done = carry_out(&http, &stage, &wish.payload, PATIENCE_MS).await;
                let (end, said) = done.map_or_else(|ended| ended, |_| (End::Landed, String::new()));
                let ended = Ended { wish, end, at_ms: stage.now_ms(), said, asked: Vec::new() };
                if tell.send((number, ended)).is_err() {
                    return;
                }
            }
        });
        hand
    }
}

/// One wish from its first try to its last: the answer that says that it is done, or how it ended otherwise.
pub(in crate::demo) async fn carry_out(
    http: &Http,
    stage: &Stage,
    payload: &Payload,
    patience_ms: i64,
) -> Result<Reply, (End, String)> {
    let mut last = String::new();
    for attempt in 0..=TRIES {
        if attempt > 0 {
            stage.pause(PAUSE_MS).await;
        }
        match stage.within(patience_ms, writes::once(http, payload)).await {
            Some(Sent::Done(reply)) => return Ok(reply),
            Some(Sent::Wrong(why)) => return Err((End::Rejected, why)),
            Some(Sent::Refused(why)) => last = why,
            None => "no answer".clone_into(&mut last),
        }
    }
    Err((End::Discarded, format!("failed after {TRIES} retries: {last}")))
}

impl Strategy for NaiveRefresh {
    async fn take(&mut self, wishes: Vec<Wish>) {
        for wish in wishes {
            self.taken += 1;
            let worker = wish.worker;
            if !self.workers.contains_key(&worker) {
                self.workers.insert(worker, self.hire());
            }
            // A worker ends only with its queue.
            self.open.insert(self.taken, wish.clone());
            drop(self.workers[&worker].send((self.taken, wish)));
        }
    }

    async fn ended(&mut self) -> Vec<Ended> {
        let mut ended = Vec::new();
        while let Ok((number, one)) = self.told.try_recv() {
            self.open.remove(&number);
            ended.push(one);
        }
        ended
    }

    fn open(&self) -> usize {
        self.open.len()
    }

    async fn finish(&mut self) -> Vec<Ended> {
        self.workers.clear();
        let mut ended = self.ended().await;
        let at_ms = self.stage.now_ms();
        let left = std::mem::take(&mut self.open).into_values();
        ended.extend(left.map(|wish| Ended { wish, end: End::Pending, at_ms, said: String::new(), asked: Vec::new() }));
        ended
    }
}
