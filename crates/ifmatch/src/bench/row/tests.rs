//! Behaviour of a row: its ratio, its verdict, its shapes.

use super::*;

fn row(measured: f64, bound: f64, limit: f64, better: Better) -> Row {
    let measured = Estimate { value: measured, ci95: Some([measured - 1.0, measured + 1.0]) };
    Row { id: "a-row", method: "by hand".to_owned(), unit: "µs", measured, bound, limit, better, n: 3 }
}

fn check(measured: f64, bound: f64, limit: f64, better: Better, ok: bool) {
    assert_eq!(row(measured, bound, limit, better).is_ok(), ok, "{measured} / {bound} against {limit} {better:?}");
}

#[test]
fn the_limit_itself_is_enough_and_nonsense_is_not() {
    check(50.0, 50.0, 1.0, Better::Lower, true);
    check(51.0, 50.0, 1.0, Better::Lower, false);
    check(20.0, 50.0, 0.4, Better::Higher, true);
    check(19.0, 50.0, 0.4, Better::Higher, false);
    check(0.0, 0.0, 1.0, Better::Lower, false);
    check(0.0, 0.0, 1.0, Better::Higher, false);
}

#[test]
fn programs_get_the_fixed_members() {
    let shape = row(30.0, 50.0, 1.0, Better::Lower).to_json();
    let fixed = ["bound", "ci95", "id", "limit", "measured", "n", "ok", "ratio"];
    assert!(fixed.iter().all(|name| shape.get(name).is_some()), "{shape}");
    assert_eq!(shape["ratio"], 0.6);
    assert_eq!(shape["ci95"], json!([0.58, 0.62]));
    assert_eq!(shape["ok"], true);
}

#[test]
fn people_get_three_digits() {
    let cells = row(1234.5, 50.0, 1.0, Better::Lower).cells();
    assert_eq!(cells, ["a-row", "1234 µs", "50.0 µs", "24.7", "24.7 … 24.7", "≤ 1.00", "3", "short"]);
    assert_eq!(cells.len(), HEADINGS.len());
}
