//! The words and codes of a refusal, made comparable.

/// The longest text of a refusal that is kept, in characters.
const WORDS_MAX: usize = 300;

/// A text of at most 300 characters.
pub(crate) fn shortened(text: &str) -> String {
    match text.char_indices().nth(WORDS_MAX) {
        Some((at, _)) => text[..at].to_owned(),
        None => text.to_owned(),
    }
}

/// Whether a phrase occurs in a text where a word begins: what is blocked is not locked.
pub(crate) fn has(words: &str, phrase: &str) -> bool {
    words.match_indices(phrase).any(|(at, _)| !words[..at].ends_with(char::is_alphanumeric))
}

/// A code in small letters without punctuation: `SCHEDULE_OVERLAP` is `scheduleoverlap`.
pub(crate) fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
