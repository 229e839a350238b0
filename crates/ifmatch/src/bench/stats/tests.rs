//! Behaviour of quantiles and intervals.

use super::*;

fn check_quantile(values: Vec<f64>, q: f64, value: f64, ci95: Option<[f64; 2]>) {
    assert_eq!(Samples::new(values).quantile(q), Estimate { value, ci95 });
}

#[test]
fn a_quantile_is_a_sample_and_so_are_its_ends() {
    let hundred: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    // 50 ± 1.96 × 5 ranks, the upper one up by one.
    check_quantile(hundred.clone(), 0.5, 50.0, Some([41.0, 61.0]));
    check_quantile(hundred, 0.99, 99.0, Some([98.0, 100.0]));
    check_quantile(vec![7.0], 0.99, 7.0, None);
    check_quantile(vec![], 0.5, 0.0, None);
}

#[test]
fn turns_make_ratios() {
    let (measured, bound) = in_turns(&[20.0, 40.0], &[10.0, 20.0]);
    assert_eq!((measured.value, bound, measured.ci95), (30.0, 15.0, Some([30.0, 30.0])));
    assert!(in_turns(&[20.0], &[f64::NAN]).0.value.is_nan(), "without a peer there is no ratio");
}

#[test]
fn few_samples_give_a_wide_interval() {
    let Estimate { value, ci95 } = mean(&[1.0, 3.0]);
    let [low, high] = ci95.unwrap();
    assert!((value - 2.0).abs() < 1e-12);
    assert!((low + 10.706).abs() < 1e-9 && (high - 14.706).abs() < 1e-9, "{low} {high}");
    assert_eq!(mean(&[4.0]), Estimate { value: 4.0, ci95: None });
    let many: Vec<f64> = (0..400).map(|n| f64::from(n % 2)).collect();
    let [low, high] = mean(&many).ci95.unwrap();
    assert!((high - low - 2.0 * 1.96 * (0.250_626_566 / 400.0_f64).sqrt()).abs() < 1e-6, "{low} {high}");
}
