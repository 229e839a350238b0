//! Tables from what a refusal shows to its class, read from the top: the first entry that fits.

use crate::words::has;
use ifmatch_core::Class;

/// One entry: every condition that is given must hold.
pub(crate) struct Entry<W: 'static> {
    /// Status codes; empty for any.
    pub(crate) status: &'static [u16],
    /// Machine codes in small letters without punctuation; empty for any.
    pub(crate) code: &'static [&'static str],
    /// Phrases in small letters, one of which occurs where a word begins; empty for any.
    pub(crate) phrase: &'static [&'static str],
    /// Which further condition holds, in the words of the API's own table.
    pub(crate) when: W,
    pub(crate) class: Class,
}

/// What a refusal shows, made comparable.
pub(crate) struct Shown<'t> {
    pub(crate) status: u16,
    /// Its codes, plain.
    pub(crate) codes: &'t [String],
    /// Its message, in small letters.
    pub(crate) words: &'t str,
}

/// The class that a table gives a refusal. `is` says whether a code is a known one, `holds` whether a further condition does.
pub(crate) fn class<W: Copy>(
    table: &[Entry<W>],
    shown: &Shown<'_>,
    is: impl Fn(&str, &str) -> bool,
    holds: impl Fn(W) -> bool,
) -> Class {
    let knows = |known: &&str| shown.codes.iter().any(|code| is(code, known));
    let fits = |entry: &&Entry<W>| {
        (entry.status.is_empty() || entry.status.contains(&shown.status))
            && (entry.code.is_empty() || entry.code.iter().any(knows))
            && (entry.phrase.is_empty() || entry.phrase.iter().any(|phrase| has(shown.words, phrase)))
            && holds(entry.when)
    };
    table.iter().find(fits).map_or(Class::Unclassified, |entry| entry.class)
}
