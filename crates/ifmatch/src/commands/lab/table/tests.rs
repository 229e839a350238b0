//! What is said about figures.

use super::*;

#[test]
fn who_collides_follows_from_what_people_explain() {
    let check = |explained, words: &str| assert!(colliding(explained).contains(words), "{explained}");
    check(0.15, "collide among themselves");
    check(0.6, "with people and among");
    check(0.97, "with people.");
    check(1.2, "with people.");
}

#[test]
fn ends_and_notes_name_what_occurs_only() {
    let mut figures = Figures::default();
    assert_eq!((others(&figures), notes(&figures)), ("-".to_owned(), String::new()));
    (figures.satisfied, figures.review, figures.unproven, figures.needless_reviews) = (42, 4, 1, 2);
    assert_eq!(others(&figures), "satisfied 42, review 4");
    assert_eq!(notes(&figures), "1 told as landed and not there, 2 needless reviews");
}
