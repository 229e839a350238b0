//! Query parameters: known names only, each error with its name.

use crate::problem::Fault;

/// The parameters of a request, in order.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of a URI; a parameter that the endpoint does not know is refused, so that a
    /// filter with a typing error does not silently show everything.
    pub(crate) fn read(uri: &http::Uri, known: &[&str]) -> Result<Self, Fault> {
        let query = uri.query().unwrap_or_default();
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                let reason = format!("there is no such parameter; use one of {}", known.join(", "));
                Err(Fault::parameter(name.as_str(), reason))
            }
            None => Ok(Self(pairs)),
        }
    }

    /// The last value of a parameter.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().rev();
        values.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter is true; false where it is not given.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, Fault> {
        match self.last(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Fault::parameter(name, "must be true or false")),
        }
    }

    /// The value of a parameter that names a record.
    pub(crate) fn named(&self, name: &'static str) -> Result<&str, Fault> {
        let value = self.last(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| Fault::parameter(name, "must name the record"))
    }

    /// Every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
