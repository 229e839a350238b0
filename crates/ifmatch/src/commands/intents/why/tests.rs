//! The paragraph is the gateway's; the page of its code is named.

use super::*;
use serde_json::json;

#[test]
fn a_code_with_a_page_is_named() {
    let said = json!({"id": "int_1", "state": "parked", "code": "parked/lock", "why": "int_1 is parked."});
    assert_eq!(text(&said), "int_1 is parked. `ifmatch explain parked/lock` says more.");
    let plain = json!({"id": "int_1", "state": "planned", "code": null, "why": "int_1 is planned."});
    assert_eq!(text(&plain), "int_1 is planned.");
}
