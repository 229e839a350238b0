//! The incidents as a page for people, `docs/INCIDENTS.md`.

use super::{Incident, all, more};

/// The page.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(
        "# The forty incidents\n\n\
         What goes wrong in the field, what a loop does that reads the version, writes and tries again, and what ifmatch does. Each\n\
         is a scenario of the simulator with demands of its own; it is played under every option of the target that it is about\n\
         (`crates/ifmatch-sim/src/incidents`). `ifmatch sim incident I06` plays one and prints what happened and what was decided,\n\
         line by line; `ifmatch sim incident` lists them.\n",
    );
    page.extend(all().iter().map(part));
    page.push_str("\n# More trouble\n\nWhat no report tells in so many words, played in the same way.\n");
    page.extend(more().iter().map(part));
    page
}

fn part(incident: &Incident) -> String {
    format!(
        "\n## {} {}\n\n{}\n\n- **A loop**: {}\n- **ifmatch**: {}\n- **Replay**: `ifmatch sim incident {}`\n",
        incident.id, incident.title, incident.happens, incident.a_loop, incident.answer, incident.id
    )
}
