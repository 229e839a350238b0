//! The table of operations.

use crate::platform::operations::{self, Found};

fn id(method: &str, path: &str) -> Option<&'static str> {
    match operations::find(method, path) {
        Found::Operation(matched) => Some(&matched.operation.operation_id),
        _ => None,
    }
}

#[test]
fn every_documented_operation_is_found_under_its_path() {
    let mut count = 0;
    for operation in operations::all() {
        let path: Vec<String> = (operation.path.split('/'))
            .map(|part| if part.starts_with('{') { "0f0e".to_owned() } else { part.to_owned() })
            .collect();
        assert_eq!(id(&operation.method, &path.join("/")), Some(operation.operation_id.as_str()));
        count += 1;
    }
    assert!(count >= 462, "{count}");
}

#[test]
fn literal_parts_go_before_parameters() {
    let root = "/api/v2/workforcemanagement";
    assert_eq!(
        id("GET", &format!("{root}/businessunits/divisionviews")),
        Some("getWorkforcemanagementBusinessunitsDivisionviews")
    );
    assert_eq!(id("GET", &format!("{root}/businessunits/b1/")), Some("getWorkforcemanagementBusinessunit"));
    assert_eq!(id("GET", &format!("{root}/nothing")), None);
    assert!(
        matches!(operations::find("PUT", &format!("{root}/businessunits/b1")), Found::OtherMethods(all) if all.contains(&"PATCH"))
    );
    let Found::Operation(matched) = operations::find("GET", &format!("{root}/businessunits/a%20b%2Bc")) else {
        panic!()
    };
    assert_eq!(matched.params["businessUnitId"], "a b+c");
}

#[test]
fn the_control_api_tells_what_is_carried_out() {
    let mut rig = crate::tests::rig::Rig::calm();
    let all = rig.get("/__sandbox/operations").body;
    let live = |id: &str| all.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap()["live"].clone();
    assert_eq!(live("patchWorkforcemanagementManagementunitWorkplan"), true);
    assert_eq!(live("getWorkforcemanagementBusinessunitWorkplanbids"), false);
}

#[test]
fn an_agents_own_data_needs_a_user() {
    let needs = |id: &str| operations::by_id(id).unwrap().needs_user();
    assert!(needs("postWorkforcemanagementShifttradingTradeJobs"));
    assert!(needs("patchWorkforcemanagementManagementunitWeekShifttrade"));
    assert!(!needs("patchWorkforcemanagementManagementunitAgents"));
    assert!(!needs("getWorkforcemanagementManagementunits"));
    assert!(!needs("postWorkforcemanagementManagementunitWeekShifttradesStateBulk"));
}
