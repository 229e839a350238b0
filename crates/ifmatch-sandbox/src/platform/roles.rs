//! Roles: what a client may do, by the names that people give such sets of permissions.
//!
//! The vendor lets an organisation make roles of its own; these are the ones that somebody who tries an integration needs, and
//! each permission can be named by itself as well. `*` stands for any part: `wfm:*:view`.

use std::collections::BTreeSet;

use super::{notifications::topics, operations};

/// The roles by name.
const ROLES: &[(&str, &[&str])] = &[
    ("admin", &["*:*:*"]),
    ("planner", &["wfm:*:*", "routing:queue:view"]),
    (
        "supervisor",
        &[
            "wfm:*:view",
            "wfm:shiftTradeRequest:edit",
            "wfm:timeOffRequest:add",
            "wfm:timeOffRequest:edit",
            "wfm:adherenceExplanation:edit",
            "quality:evaluation:*",
        ],
    ),
    (
        "agent",
        &[
            "wfm:agentAdherenceExplanation:submit",
            "wfm:agentAlternativeShift:submit",
            "wfm:agentSchedule:view",
            "wfm:agentShiftTradeRequest:participate",
            "wfm:agentTimeOffRequest:submit",
            "wfm:agentUnavailableTimes:submit",
        ],
    ),
    ("evaluator", &["quality:*:*"]),
];

/// The names of the roles.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ROLES.iter().map(|(name, _)| *name)
}

/// What a role holds, as permissions with or without `*`; `None` where there is no such role.
pub(crate) fn held(role: &str) -> Option<&'static [&'static str]> {
    ROLES.iter().find(|(name, _)| *name == role).map(|(_, held)| *held)
}

/// The permissions that operations and topics ask for and that a pattern names; none where nothing asks for it.
pub(crate) fn named(pattern: &str) -> BTreeSet<&'static str> {
    let of_operations = operations::all().flat_map(|operation| operation.permissions.iter().map(String::as_str));
    let of_topics = topics::ALL.iter().flat_map(|topic| topic.permissions).copied();
    of_operations.chain(of_topics).filter(|name| fits(pattern, name)).collect()
}

fn fits(pattern: &str, name: &str) -> bool {
    let (mut wanted, mut parts) = (pattern.split(':'), name.split(':'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wanted == "*" || wanted == part => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_holds_something_and_every_pattern_names_something() {
        for role in names() {
            let held = held(role).unwrap();
            assert!(held.iter().all(|pattern| !named(pattern).is_empty()), "{role}: {held:?}");
        }
    }

    #[test]
    fn a_pattern_stands_for_whole_parts() {
        assert!(fits("wfm:*:view", "wfm:workPlan:view"));
        assert!(!fits("wfm:*:view", "wfm:workPlan:edit"));
        assert!(!fits("wfm:*", "wfm:workPlan:edit"));
        assert!(!fits("wfm:work*:edit", "wfm:workPlan:edit"));
    }
}
