//! Which header fields pass the proxy, in both directions.

use http::HeaderMap;

/// Fields of one connection (RFC 9110 §7.6.1), and those that HTTP itself writes anew.
const HOP: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Fields of a client's request that are for the gateway alone. Answers are read as text, so no
/// encoding is asked for.
const OURS: &[&str] = &["accept-encoding", "authorization", "cookie", "forwarded", "x-forwarded-for"];

/// The fields of a client's request that go on to the target; values that are no text are dropped.
pub(crate) fn forwarded_request(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    keep(text, &[HOP, OURS].concat(), headers.get("connection").and_then(|value| value.to_str().ok()))
}

/// The fields of the target's answer that go back to the client.
pub(crate) fn forwarded_response(headers: &[(String, String)]) -> Vec<(String, String)> {
    let fields = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("connection"));
    keep(fields, &[HOP, &["set-cookie"]].concat(), named.map(|(_, value)| value.as_str()))
}

/// Keeps what is neither in the list nor named by `Connection`.
fn keep<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
    dropped: &[&str],
    connection: Option<&str>,
) -> Vec<(String, String)> {
    let named: Vec<&str> = connection.unwrap_or_default().split(',').map(str::trim).collect();
    let passes = |name: &str| {
        let is = |other: &&str| other.eq_ignore_ascii_case(name);
        !dropped.iter().any(is) && !named.iter().any(is)
    };
    fields.filter(|(name, _)| passes(name)).map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    //! Behaviour of the header rules.

    use super::*;

    #[test]
    fn credentials_and_connection_fields_stay_behind() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer ours"),
            ("connection", "close, x-private"),
            ("x-private", "1"),
            ("host", "gateway"),
            ("if-match", "\"12\""),
            ("content-type", "application/json"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let mut kept = forwarded_request(&headers);
        kept.sort();
        let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["content-type", "if-match"]);
    }

    #[test]
    fn an_answer_keeps_tag_and_budget_but_not_its_framing() {
        let answer = [
            ("ETag", "\"13\""),
            ("Transfer-Encoding", "chunked"),
            ("Set-Cookie", "session=1"),
            ("X-Rate-Limit-Remaining", "7"),
        ];
        let answer: Vec<_> = answer.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        let kept = forwarded_response(&answer);
        let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["etag", "x-rate-limit-remaining"]);
    }
}
