//! The headers of a message, as far as signatures and forms look at them.

use std::collections::BTreeMap;
use std::fmt;

/// Names and values; names in small letters, the first of a name counts. Only names are shown by `Debug`: a value may be a key.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(BTreeMap<String, String>);

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Headers {
    /// The value of a header, by its name in small letters.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The headers whose names begin so, without that beginning.
    pub fn beginning<'h>(&'h self, prefix: &'h str) -> impl Iterator<Item = (&'h str, &'h str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// The media type of the body in small letters, without parameters; empty where none is named.
    #[must_use]
    pub fn media_type(&self) -> String {
        let value = self.value("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = BTreeMap::new();
        for (name, value) in pairs {
            headers.entry(name.as_ref().to_ascii_lowercase()).or_insert_with(|| value.into());
        }
        Self(headers)
    }
}
