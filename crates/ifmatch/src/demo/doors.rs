//! The doors: each incident as it comes in the field, in place of intents over the gateway's own API.
//!
//! | incident | door |
//! |---|---|
//! | I01 | a business rule of ServiceNow calls a hook, signed; a nightly job calls another one with a password |
//! | I02 | an export in CSV, `ifmatch import` and `ifmatch apply` |
//! | I03 | a script that pulled the week and sends whole entries, through the proxy |
//! | I04 | a file in NDJSON from each site, `ifmatch sources send` |
//! | I05 | a timer starts a script that publishes through the proxy and sends the week as it once was; a case screen calls a hook |
//!
//! The gateway is configured as a customer would do it: the files beside this one. The judge is the same; where a door can say
//! less than an intent, what the sender truly wanted is told as that ([`Site::feed`]).

mod csv;
mod hook;
mod ndjson;
mod proxy;
mod shell;
mod site;

use super::strategy::gateway::{Entrance, Handed};
use super::wish::{Door, End, Way, Wish};
pub(super) use site::{Keys, Site};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

/// A wish with its number.
type Numbered = (u64, Wish);

/// What came of it at the door.
type Answered = (u64, Wish, Handed);

/// Senders that stand at their doors.
pub(super) struct Doors {
    site: Arc<Site>,
    /// Each worker of a sender does one thing after the other.
    workers: BTreeMap<usize, UnboundedSender<Numbered>>,
    tasks: JoinSet<()>,
    tell: UnboundedSender<Answered>,
    told: UnboundedReceiver<Answered>,
}

impl Doors {
    pub(super) fn of(site: Site) -> Self {
        let (tell, told) = unbounded_channel();
        Self { site: Arc::new(site), workers: BTreeMap::new(), tasks: JoinSet::new(), tell, told }
    }

    fn worker(&mut self, number: usize) -> &UnboundedSender<Numbered> {
        let (site, tell, tasks) = (&self.site, &self.tell, &mut self.tasks);
        self.workers.entry(number).or_insert_with(|| {
            let (hand, mut queue) = unbounded_channel::<Numbered>();
            let (site, tell) = (Arc::clone(site), tell.clone());
            tasks.spawn(async move {
                while let Some((number, mut wish)) = queue.recv().await {
                    // Whoever waits behind another one of its sender has not arrived yet.
                    wish.at_ms = wish.at_ms.max(site.stage.now_ms());
                    let handed = carry(&site, &wish).await;
                    drop(tell.send((number, wish, handed)));
                }
            });
            hand
        })
    }

    /// A file with many wishes: what came of each row.
    fn file(&mut self, wishes: Vec<Numbered>, carried: impl Future<Output = Rows> + Send + 'static) {
        let tell = self.tell.clone();
        self.tasks.spawn(async move {
            let rows = carried.await;
            let fault = rows.as_ref().err().map(|fault| Handed::Ended(End::Discarded, format!("{fault:#}")));
            let mut rows = rows.unwrap_or_default().into_iter();
            let none = || Handed::Ended(End::Discarded, "the account has no such row".to_owned());
            for (number, wish) in wishes {
                let handed = fault.clone().or_else(|| rows.next()).unwrap_or_else(none);
                drop(tell.send((number, wish, handed)));
            }
        });
    }
}

/// What came of the rows of a file, in their order.
type Rows = anyhow::Result<Vec<Handed>>;

async fn carry(site: &Site, wish: &Wish) -> Handed {
    match &wish.door {
        Door::SignedHook(body) => hook::signed(site, body).await,
        Door::OpenHook(body) => hook::open(site, body).await,
        Door::Timer => proxy::timer(site, wish).await,
        Door::Proxy | Door::Csv(_) | Door::Ndjson(_) => proxy::script(site, wish).await,
    }
}

impl Entrance for Doors {
    async fn hand_in(&mut self, wishes: Vec<Numbered>) {
        let (mut export, mut files) = (Vec::new(), BTreeMap::<String, Vec<Numbered>>::new());
        for (number, wish) in wishes {
            match (&wish.door, &wish.way) {
                (Door::Csv(_), _) => export.push((number, wish)),
                (Door::Ndjson(_), Way::Submit { source, .. }) => {
                    files.entry(source.clone()).or_default().push((number, wish));
                }
                _ => drop(self.worker(wish.worker).send((number, wish))),
            }
        }
        if !export.is_empty() {
            let numbers = export.iter().filter_map(|(_, wish)| match wish.door {
                Door::Csv(row) => Some(row),
                _ => None,
            });
            let carried = csv::carry(Arc::clone(&self.site), numbers.collect());
            self.file(export, carried);
        }
        for (source, lines) in files {
            let text = lines.iter().filter_map(|(_, wish)| match &wish.door {
                Door::Ndjson(line) => Some(format!("{line}\n")),
                _ => None,
            });
            let carried = ndjson::carry(Arc::clone(&self.site), source, text.collect());
            self.file(lines, carried);
        }
    }

    fn answers(&mut self) -> Vec<Answered> {
        std::iter::from_fn(|| self.told.try_recv().ok()).collect()
    }
}
