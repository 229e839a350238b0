//! The comparison as JSON, with the shares and ratios that the table shows.

use super::shown::Shown;
use ifmatch_sim::lab::{Comparison, Figures, Inference, inference};
use serde_json::{Value, json};

/// The strategy whose conflicts are those of the reports.
const NAIVE: &str = "naive-refresh";

pub(super) fn value(shown: &Shown) -> Value {
    let compared = &shown.compared;
    let mut strategies: Vec<Value> = compared.strategies.iter().map(strategy).collect();
    if shown.live_speed.is_some() {
        // The simulator's own checkers look into its world; over HTTP they have none to look into.
        for strategy in strategies.iter_mut().filter_map(Value::as_object_mut) {
            strategy.insert("needless_reviews".to_owned(), Value::Null);
            strategy.insert("violations".to_owned(), Value::Null);
        }
    }
    json!({
        "version": env!("CARGO_PKG_VERSION"), "command": shown.command, "live_speed": shown.live_speed,
        "scenario": compared.scenario, "title": compared.title, "numbers": compared.numbers,
        "first_seed": compared.first_seed, "seeds": compared.seeds, "strategies": strategies,
        "bound": bound(compared), "inference": inferred(compared),
    })
}

fn strategy(figures: &Figures) -> Value {
    let mut value = serde_json::to_value(figures).unwrap_or_default();
    let object = value.as_object_mut();
    if let Some(object) = object {
        object.remove("bound");
        object.insert("conflict_percent".to_owned(), json!(figures.conflict_percent()));
        object.insert("visible_percent".to_owned(), json!(figures.visible_percent()));
        object.insert("requests_per_landed".to_owned(), json!(figures.requests_per_landed()));
        object.insert("ratio_to_bound".to_owned(), json!(ratio(figures)));
    }
    value
}

fn bound(compared: &Comparison) -> Value {
    let bound = compared.strategies.first().map(|figures| &figures.bound);
    bound.map_or(Value::Null, |bound| {
        json!({ "requests_per_landed": bound.per_change(), "least_per_landed": bound.least_per_change(), "people_per_second": bound.people_per_second,
            "window_ms": bound.window_ms })
    })
}

/// Requests per landed change, in units of the bound.
pub(super) fn ratio(figures: &Figures) -> Option<f64> {
    let bound = figures.bound.per_change();
    figures.requests_per_landed().filter(|_| bound > 0.0).map(|requests| requests / bound)
}

/// What the conflicts of the naive loop say of who causes them.
pub(super) fn inferred(compared: &Comparison) -> Option<Inference> {
    let naive = compared.strategies.iter().find(|figures| figures.name == NAIVE)?;
    // A lock or a publish refuses first tries too, and says nothing of who edits.
    (naive.first_conflicts > 0 && !compared.is_busy).then(|| inference(naive.conflict_percent() / 100.0, &naive.bound))
}
