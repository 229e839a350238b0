//! Pages and codes: none without the other.

use super::*;
use crate::problem::CODES;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn every_code_of_a_problem_has_a_page() {
    for code in CODES {
        assert!(page(code).is_some(), "{code} has no page");
    }
}

#[test]
fn every_page_on_disk_is_built_in_and_short() {
    let files = std::fs::read_dir(folder("../../docs/errors")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let on_disk: BTreeSet<String> = names.map(|name| name.strip_suffix(".md").unwrap().to_owned()).collect();
    let built_in: BTreeSet<String> = PAGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(on_disk, built_in);
    for code in codes() {
        let text = page(&code).unwrap();
        assert!(text.starts_with(&format!("# {code}: ")), "the title of {code}");
        assert!(text.lines().count() <= 12, "{code} is long");
    }
}

#[test]
fn a_code_of_an_intent_is_found_by_its_slash() {
    assert!(page("review/true_conflict").unwrap().contains("Decide"));
    assert!(page("review/nonsense").is_none());
    assert!(codes().any(|code| code == "review/true_conflict"));
}

/// The codes of intents are literals in the engine: each must have a page.
#[test]
fn every_code_of_an_intent_has_a_page() {
    let states = ["queued", "parked", "deferred", "tracking", "ambiguous", "review", "landed", "satisfied"];
    let ends = ["superseded", "rejected", "expired", "cancelled", "discarded"];
    let mut missing = BTreeSet::new();
    let sources = ["../ifmatch-core/src", "../ifmatch-dialects/src"].map(folder);
    for text in sources.iter().flat_map(|folder| rust_files(folder)) {
        for literal in text.split('"') {
            let Some((state, case)) = literal.split_once('/') else { continue };
            let is_case = !case.is_empty() && case.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if is_case && (states.contains(&state) || ends.contains(&state)) && page(literal).is_none() {
                missing.insert(literal.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "no pages for {missing:?}");
}

fn rust_files(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
    texts
}
