//! Refused as a conflict: would it have merged, or was it a person's matter?

use super::Observer;
use super::judge;
use crate::dialect::{Dialect, KindSpec};
use crate::intent::Resource;
use jiff::Timestamp;

/// Decides what was refused about a record, where a newer representation has gone by.
pub(super) fn decide(
    observer: &mut Observer,
    dialect: &dyn Dialect,
    spec: &KindSpec,
    resource: &Resource,
    at: Timestamp,
) {
    let Some(watched) = observer.records.get_mut(resource) else { return };
    let mut decided = Vec::new();
    let clients: Vec<_> = watched.clients.keys().cloned().collect();
    for client in clients {
        let open: Vec<usize> = watched.clients[&client]
            .wishes
            .iter()
            .enumerate()
            .filter(|(_, wish)| wish.undecided > 0)
            .map(|(place, _)| place)
            .collect();
        for place in open {
            let wish = &watched.clients[&client].wishes[place];
            let Some(newest) = watched.newest().filter(|newest| newest.snapshot.version > wish.named) else { continue };
            let merges = judge::merges(dialect, spec, watched, (&client, wish), newest);
            let count = wish.undecided;
            let knows = watched.clients.get_mut(&client).map(|knows| &mut knows.wishes[place]);
            knows.into_iter().for_each(|wish| wish.undecided = 0);
            decided.push((client.clone(), merges, count));
        }
    }
    for (client, merges, count) in decided {
        let sums = observer.book.sums(&client, at);
        match merges {
            Some(true) => sums.conflicts_merge += count,
            Some(false) => sums.conflicts_person += count,
            None => {}
        }
    }
}
