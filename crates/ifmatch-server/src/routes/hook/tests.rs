//! How many results become one status.

use super::*;
use http::StatusCode;

fn check(results: Vec<Result<Told, Fault>>, status: StatusCode) {
    let response = answer::many(&results);
    assert_eq!(response.status(), status);
    assert_eq!(response.headers().contains_key("retry-after"), status == StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn a_list_is_sent_again_only_where_that_helps() {
    let ignored = || Ok(Told::Ignored { reason: "not wanted" });
    let refused = || Err(Fault::Intent(IntentError::new("missing_field", "/a", "nothing stands here")));
    check(vec![], StatusCode::ACCEPTED);
    check(vec![refused(), ignored()], StatusCode::ACCEPTED);
    check(vec![refused(), refused()], StatusCode::UNPROCESSABLE_ENTITY);
    check(vec![ignored(), Err(Fault::Overloaded), refused()], StatusCode::SERVICE_UNAVAILABLE);
}
