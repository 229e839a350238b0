//! The page of every stable code: what it means and what to do. `ifmatch explain` prints them, and
//! the `type` of every problem leads to one.

/// A code and its page. The file of `review/true_conflict` is `review-true_conflict.md`.
type Page = (&'static str, &'static str);

macro_rules! pages {
    ($($code:literal)*) => {
        &[$(($code, include_str!(concat!("../../../docs/errors/", $code, ".md")))),*]
    };
}

/// Ordered by code, with `-` where a code of an intent has `/`.
const PAGES: &[Page] = pages! {
    "internal"
};

/// The page of a code, in Markdown; `None` for an unknown one.
///
/// Shape of a code: `idempotency_mismatch`, `review/true_conflict`.
#[must_use]
pub fn page(code: &str) -> Option<&'static str> {
    let name = code.replace('/', "-");
    PAGES.iter().find(|(known, _)| *known == name).map(|(_, page)| *page)
}

/// Every code that has a page, in order.
pub fn codes() -> impl Iterator<Item = String> {
    PAGES.iter().map(|(name, _)| name.replacen('-', "/", 1))
}

#[cfg(test)]
mod tests;
