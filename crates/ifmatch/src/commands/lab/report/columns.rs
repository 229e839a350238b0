//! What the columns of the table mean.

/// A column's heading and its meaning.
pub(super) const COLUMNS: [(&str, &str); 14] = [
    ("strategy", "what senders do when a write is refused; below"),
    ("intents", "changes that the sources wanted; every one has exactly one end"),
    ("landed", "taken by the target"),
    ("lost edits", "values of other writers, overwritten unseen"),
    ("duplicates", "effects of one change that were applied again"),
    (
        "visible to callers",
        "share of the intents that did not get through by themselves: refused, given up, in review or pending",
    ),
    (
        "first tries refused",
        "share of the first writes that the target refused as stale or locked (409, 412, or 400 for the version)",
    ),
    ("requests", "HTTP requests that reached the target, tokens excluded"),
    ("per landed", "requests by landed change"),
    ("× expected", "the same, in units of what the formulas expect"),
    ("429", "answers that said too many requests"),
    ("early", "requests before a Retry-After had ended"),
    ("seconds", "from the start to the last end, scenario time, the mean over the worlds"),
    ("other ends", "how the intents ended that did not land"),
];
