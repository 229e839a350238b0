//! A document that changed while it was printed anew is named.

use super::*;

fn check(before: Option<&str>, after: Option<&str>, expected: &[&str]) {
    let text = |text: Option<&str>| vec![text.map(str::to_owned)];
    assert_eq!(stale(&text(before), &text(after)), expected, "{before:?} {after:?}");
}

#[test]
fn only_a_document_that_differs_is_stale() {
    check(Some("a"), Some("a"), &[]);
    check(Some("a"), Some("b"), &["docs/STATES.md"]);
    check(None, Some("b"), &["docs/STATES.md"]);
}

#[test]
fn every_generator_names_a_package_and_a_document_of_ours() {
    for generator in GENERATORS {
        assert!(generator.document.starts_with("docs/"), "{}", generator.document);
        assert!(run::root().join("crates").join(generator.package).is_dir(), "{}", generator.package);
        assert!(!generator.filter.is_empty());
    }
}
