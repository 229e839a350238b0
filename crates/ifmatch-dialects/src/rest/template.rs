//! Paths with places in them: built from values, and matched.

use crate::paths::{segment, unescape};

/// A path in which the id of a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    before: String,
    after: String,
}

impl Place {
    /// `None` where the text is no absolute path with `{id}` in it exactly once.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (before, after) = text.split_once("{id}")?;
        let sound = before.starts_with('/') && !after.contains('{') && !before.contains('{') && !text.contains('?');
        sound.then(|| Self { before: escaped(before), after: escaped(after) })
    }

    pub(super) fn of(&self, id: &str) -> String {
        format!("{}{}{}", self.before, segment(id), self.after)
    }

    /// The id in a path; `None` for a path of another form.
    pub(super) fn id(&self, path: &str) -> Option<String> {
        let id = path.strip_prefix(&self.before)?.strip_suffix(self.after.as_str())?;
        (!id.is_empty() && !id.contains('/')).then(|| unescape(id))
    }
}

/// A text with the values of fields in it, as for a look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    /// Each text with the field whose value follows it.
    parts: Vec<(String, String)>,
    rest: String,
}

impl Filled {
    /// `None` where the text is no absolute path, or has a brace that is not closed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, more)) = rest.split_once('{') {
            let (field, after) = more.split_once('}')?;
            parts.push((escaped(before), field.to_owned()));
            rest = after;
        }
        text.starts_with('/').then(|| Self { parts, rest: escaped(rest) })
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|(_, field)| field.as_str())
    }

    /// The path with these values; a field without one is left empty.
    pub(super) fn with(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let part = |(text, field): &(String, String)| format!("{text}{}", segment(&value(field).unwrap_or_default()));
        let mut path: String = self.parts.iter().map(part).collect();
        path.push_str(&self.rest);
        path
    }
}

/// What may not stand in an address as it is, escaped; what is escaped stays so.
pub(super) fn escaped(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(letter);
    let one = |letter: char| if plain(letter) { letter.to_string() } else { segment(&letter.to_string()) };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_in_its_place() {
        let ticket = Place::parse("/api/v2/tickets/{id}.json").unwrap();
        assert_eq!(ticket.of("a b"), "/api/v2/tickets/a%20b.json");
        assert_eq!(ticket.id("/api/v2/tickets/a%20b.json").as_deref(), Some("a b"));
        assert_eq!(ticket.id("/api/v2/tickets/1/tags.json"), None);
        assert_eq!(ticket.id("/api/v2/tickets/.json"), None);
        assert!(Place::parse("tickets/{id}").is_none() && Place::parse("/tickets").is_none());
        assert!(Place::parse("/tickets/{id}/{id}").is_none());
    }

    #[test]
    fn values_are_escaped_and_texts_stay() {
        let query = Filled::parse("/t?sysparm_query=mail={mail}^form={form}&sysparm_limit=10").unwrap();
        assert_eq!(query.fields().collect::<Vec<_>>(), ["mail", "form"]);
        let value = |field: &str| (field == "mail").then(|| "a^b=c".to_owned());
        assert_eq!(query.with(value), "/t?sysparm_query=mail=a%5Eb%3Dc%5Eform=&sysparm_limit=10");
        assert!(Filled::parse("/t?{open").is_none());
    }
}
