//! One process that serves one org or two: worlds side by side, over one store, in one virtual time.
//!
//! Each org has a target, people and sources of its own. What they share is the store and the fate
//! of the process: when it ends, stands still or has its clock set back, that happens to both.

use crate::checkers::{self, Judged};
use crate::disk::Disk;
use crate::log::EventLog;
use crate::report::{Report, Tally};
use crate::script::Setup;
use crate::world::World;
use ifmatch_core::Timestamp;
use ifmatch_store::MemoryStore;
use std::cell::RefCell;
use std::rc::Rc;

/// The worlds of one process; the first is the one that the run is about.
pub(crate) struct Node {
    worlds: Vec<World>,
}

impl Node {
    pub(crate) fn new(setup: Setup) -> Self {
        Self::on(setup, Rc::new(RefCell::new(MemoryStore::new())))
    }

    /// A process with a store of the caller's.
    pub(crate) fn on(mut setup: Setup, store: Rc<RefCell<dyn Disk>>) -> Self {
        let neighbour = setup.neighbour.take();
        let setups = [Some(setup), neighbour.map(|setup| *setup)];
        Self { worlds: setups.into_iter().flatten().map(|setup| World::over(setup, Rc::clone(&store))).collect() }
    }

    /// Keeps no log of what happens.
    pub(crate) fn silence(&mut self) {
        for world in &mut self.worlds {
            world.log.silence();
        }
    }

    /// Runs every world to its end, whoever is due first.
    pub(crate) fn run(&mut self) {
        for world in &mut self.worlds {
            world.begin();
        }
        while let Some((due, next)) = self.first_due() {
            self.worlds[next].turn(due);
            let (process, now) = (self.worlds[next].process, self.worlds[next].now);
            for (_, other) in self.worlds.iter_mut().enumerate().filter(|(at, _)| *at != next) {
                other.share_fate(process, now);
            }
        }
        for world in &mut self.worlds {
            world.end();
        }
    }

    /// When which world does something next.
    fn first_due(&self) -> Option<(Timestamp, usize)> {
        self.worlds.iter().enumerate().filter_map(|(at, world)| Some((world.due()?, at))).min()
    }

    /// The worlds after their run.
    pub(crate) fn into_worlds(self) -> Vec<World> {
        self.worlds
    }

    /// What the run came to, judged.
    pub(crate) fn report(mut self) -> Report {
        let Judged { violations, reviews } = checkers::judge(&mut self.worlds);
        let mut tally = Tally { opened: reviews, ..Tally::default() };
        for world in &mut self.worlds {
            tally.add(&Tally::of(world));
        }
        let mut worlds = self.worlds.into_iter();
        let first = worlds.next().expect("a node serves at least one org");
        let (mut setup, mut log) = (first.setup, first.log);
        for neighbour in worlds {
            append(&mut log, &neighbour.setup.org, &neighbour.log);
            setup.neighbour = Some(Box::new(neighbour.setup));
        }
        Report { setup, log, violations, tally }
    }
}

/// The log of a neighbour follows, each line with its org.
fn append(log: &mut EventLog, org: &str, other: &EventLog) {
    log.lines.extend(other.lines.iter().map(|line| format!("{org}: {line}")));
}
