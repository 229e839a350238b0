//! Scenarios by name and by file.

use super::*;

fn args(scenario: &str) -> ScenarioArgs {
    ScenarioArgs { scenario: Some(scenario.to_owned()), seed: None, speed: None }
}

#[test]
fn the_names_of_the_contract_are_known() {
    for name in ["calm", "calm-unlimited", "hostile", "i01"] {
        assert!(args(name).scenario().is_ok(), "{name}");
    }
}

#[test]
fn a_file_is_read_and_its_faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    let file = args(path.to_str().unwrap());
    std::fs::write(&path, "name = \"own\"\n").unwrap();
    assert_eq!(file.scenario().unwrap().name, "own");
    std::fs::write(&path, "nme = \"own\"\n").unwrap();
    let failure = file.scenario().unwrap_err();
    assert!(failure.error.to_string().ends_with("own.toml cannot be used"), "{}", failure.error);
    assert!(failure.causes()[0].contains("nme"), "{:?}", failure.causes());
}

#[test]
fn an_unknown_one_names_those_there_are() {
    let failure = args("clam").scenario().unwrap_err();
    assert_eq!(failure.error.to_string(), "\"clam\" is neither a scenario nor a file");
    assert!(failure.hint.unwrap().contains("calm"));
}

#[test]
fn a_speed_is_above_0() {
    assert_eq!(speed("60"), Ok(60.0));
    for text in ["0", "-1", "inf", "NaN", "fast"] {
        assert!(speed(text).is_err(), "{text}");
    }
}
