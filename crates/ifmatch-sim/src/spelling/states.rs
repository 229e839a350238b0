//! The state of a trade: the ledger calls it `status`, and its words are lower-case, as those for the state of an intent are. A
//! text is a trade's only where it stands as the value of that field, or beside its address.

use super::Way;
use serde_json::Value;

/// The words of the ledger, and the vendor's for the same.
const STATES: [(&str, &str); 6] = [
    ("pending", "Unmatched"),
    ("matched", "Matched"),
    ("approved", "Approved"),
    ("denied", "Denied"),
    ("cancelled", "Canceled"),
    ("expired", "Expired"),
];

/// The field, and its address.
const FIELD: (&str, &str) = ("status", "state");
const ADDRESS: (&str, &str) = ("/status", "/state");

/// Members that hold the value at an address.
const SIDES: [&str; 6] = ["before", "after", "base", "local", "remote", "value"];

/// The address of the state in the other spelling; `None` for any other text.
pub(super) fn address(way: Way, text: &str) -> Option<&'static str> {
    let (from, to) = ends(way, ADDRESS);
    (text == from).then_some(to)
}

/// The name and the state of a member in the other spelling; `None` for one that holds no state.
pub(super) fn member<'n>(way: Way, name: &'n str, value: &Value) -> Option<(&'n str, &'static str)> {
    let text = value.as_str()?;
    let (_, state) = STATES.into_iter().map(|pair| ends(way, pair)).find(|(from, _)| *from == text)?;
    let (from, to) = ends(way, FIELD);
    match name {
        _ if name == from => Some((to, state)),
        _ if SIDES.contains(&name) || address(way, name).is_some() => Some((name, state)),
        _ => None,
    }
}

/// What something is called on this side of a way and on the other.
fn ends<'a>(way: Way, (ledger, vendor): (&'a str, &'a str)) -> (&'a str, &'a str) {
    match way {
        Way::ToLedger => (vendor, ledger),
        Way::ToVendor => (ledger, vendor),
    }
}
