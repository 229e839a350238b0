//! Paths: what is escaped comes back.

use super::*;

#[test]
fn ids_survive_the_path() {
    let check = |id: &str, path: &str| {
        assert_eq!(below(TRADES, id), path);
        assert_eq!(under(path, TRADES), Some(vec![id.to_owned()]));
    };
    check("t-1", "/api/v2/wfm/scheduling/shifts/t-1");
    check("a b/c", "/api/v2/wfm/scheduling/shifts/a%20b%2Fc");
    check("é%", "/api/v2/wfm/scheduling/shifts/%C3%A9%25");
}

#[test]
fn queries_are_escaped_and_read() {
    let path = with_query(SCORES, &[("agent_email", "a+b@example.com"), ("page", "1")]);
    assert_eq!(path, "/api/v2/wfm/v2/quality/scores?agent_email=a%2Bb%40example.com&page=1");
    let (_, query) = split(&path);
    assert_eq!(parameter(query, "agent_email").as_deref(), Some("a+b@example.com"));
    assert_eq!(parameter(query, "none"), None);
}

#[test]
fn a_path_lies_below_its_own_collection_only() {
    let check = |path: &str, wanted: Option<&[&str]>| {
        let wanted = wanted.map(|parts| parts.iter().map(|p| (*p).to_owned()).collect());
        assert_eq!(under(path, SCHEDULES), wanted, "{path}");
    };
    check("/api/v2/wfm/schedules", Some(&[]));
    check("/api/v2/wfm/schedules/", Some(&[]));
    check("/v2/wfm/schedules/s1", Some(&["s1"]));
    check("/api/v2/wfm/schedules/agents/a1", Some(&["agents", "a1"]));
    check("/api/v2/wfm/schedulesque", None);
    check("/api/v2/other", None);
    check("/api/v2/wfm/schedules/%zz", Some(&["%zz"]));
}
