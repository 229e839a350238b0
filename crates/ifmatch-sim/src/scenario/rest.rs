//! Worlds whose target is known by a description alone: in half of them rows of a table that counts changes and guards nothing,
//! in the others plain records that `ETag` and `If-Match` guard.

use super::unguarded;
use crate::rng::Rng;
use crate::script::{Op, Setup};
use crate::spelling::Api;
use ifmatch_sandbox::{EtagStyle, OldVersions, Scenario, UnchangedWrite, Unversioned, Versions};

/// The source of worlds of scores that has local times.
const CLOCK: &str = "gamma";

/// A world of scores whose target is described.
pub(super) fn described(setup: Setup) -> Setup {
    let mut rng = Rng::named(setup.seed, "described");
    let mut setup = by_offsets(setup);
    setup.neighbour = setup.neighbour.map(|neighbour| Box::new(by_offsets(*neighbour)));
    if rng.percent(50) { table(unguarded(setup)) } else { tagged(setup, &mut rng) }
}

/// Of a described target no zone is known, so that nobody speaks by a clock on a wall there.
fn by_offsets(mut setup: Setup) -> Setup {
    setup.ops.retain(|(_, op)| !matches!(op, Op::Wish(wish) if wish.source == CLOCK));
    setup.sources.retain(|source| source.name != CLOCK);
    setup
}

/// A table keeps no older versions, counts one by one, and does not count a change of nothing.
fn table(mut setup: Setup) -> Setup {
    each(&mut setup, &|scenario| {
        scenario.options.old_versions = OldVersions::NotKept;
        scenario.options.unchanged_write = UnchangedWrite::KeepsVersion;
    });
    setup.api = Api::Table;
    setup.neighbour = setup.neighbour.map(|neighbour| Box::new(Setup { api: Api::Table, ..*neighbour }));
    setup
}

/// Tags tell the count, strong or weak, and a write has to name one.
fn tagged(mut setup: Setup, rng: &mut Rng) -> Setup {
    let etag = *rng.pick(&[EtagStyle::Strong, EtagStyle::Weak]);
    let unversioned = *rng.pick(&[Unversioned::Refused, Unversioned::HeaderRequired]);
    each(&mut setup, &|scenario| {
        scenario.options.etag = etag;
        scenario.options.unversioned = unversioned;
        scenario.options.versions = Versions::Checked;
    });
    setup.api = Api::Tagged;
    setup.neighbour = setup.neighbour.map(|neighbour| Box::new(Setup { api: Api::Tagged, ..*neighbour }));
    setup
}

fn each(setup: &mut Setup, change: &dyn Fn(&mut Scenario)) {
    change(&mut setup.scenario);
    if let Some(neighbour) = &mut setup.neighbour {
        change(&mut neighbour.scenario);
    }
}
