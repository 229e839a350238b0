//! Plots and page from figures made by hand.

use super::*;
use ifmatch_sim::lab::Figures;

/// One strategy: requests per 100 landed changes, and lost edits.
fn strategy(name: &str, requests: u64, lost_edits: u64) -> Figures {
    let mut figures = Figures::default();
    figures.name = name.to_owned();
    (figures.intents, figures.landed, figures.review) = (102, 100, 2);
    (figures.requests, figures.lost_edits, figures.visible, figures.edits) = (requests, lost_edits, 2, 40);
    (figures.first_tries, figures.first_conflicts) = (100, 15);
    (figures.bound.requests, figures.bound.changes, figures.bound.window_ms) = (200.0, 100, 180.0);
    figures.landed_at = (1..=100).map(|place| f64::from(place) * 6.0).collect();
    figures
}

fn shown(strategies: Vec<Figures>) -> Shown {
    let compared = Comparison {
        scenario: "N2".to_owned(),
        title: "A title & more <than> that".to_owned(),
        numbers: String::new(),
        is_busy: false,
        first_seed: 4,
        seeds: 2,
        strategies,
    };
    Shown::new(compared, "N2", None)
}

fn usual() -> Shown {
    shown(vec![strategy("blind-retry", 9_000, 7), strategy("naive-refresh", 244, 141), strategy("ifmatch", 178, 0)])
}

/// Reads tags one after the other; each that opens must close, in order.
fn check_tags(text: &str) {
    let void = ["meta", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    for (place, _) in text.match_indices('<') {
        let inside = &text[place + 1..];
        let tag = &inside[..inside.find('>').unwrap_or_else(|| panic!("a tag without an end: {inside}"))];
        assert!(!tag.contains('<'), "{tag}");
        let name = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') && !void.contains(&name) {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

/// The x of the first text that is exactly this.
fn x_of(svg: &str, words: &str) -> i32 {
    let element = svg.split("<text ").find(|element| element.contains(&format!(">\n{words}\n</text>")));
    let element = element.unwrap_or_else(|| panic!("no text {words}: {svg}"));
    element.split('"').nth(1).unwrap().parse().unwrap()
}

fn plot(shown: &Shown, name: &str) -> Plot {
    plots(&shown.compared).unwrap().into_iter().find(|plot| plot.name == name).unwrap()
}

#[test]
fn the_folder_has_the_page_the_plots_and_the_figures_and_all_are_well_formed() {
    let folder = tempfile::tempdir().unwrap();
    let value = crate::commands::lab::summary::value(&usual());
    write(folder.path(), &usual(), &value).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    for name in ["lost-edits.svg", "landed.svg", "requests.svg", "index.html"] {
        check_tags(&read(name));
    }
    assert_eq!(serde_json::from_str::<Value>(&read("report.json")).unwrap(), value);
    let page = read("index.html");
    assert!(page.contains("A title &amp; more &lt;than&gt; that"));
    assert!(page.contains("ifmatch lab run N2 --strategy blind-retry,naive-refresh,ifmatch --seeds 2 --first-seed 4"));
    assert!(page.contains("seeds 4 to 5"));
    for elsewhere in [" src=", " href=", "url(", "@import"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn a_plot_that_is_a_file_of_its_own_has_a_margin() {
    let Plot { wide: Drawing { svg, size: (wide, high) }, .. } = plot(&usual(), "landed");
    let alone = canvas::standalone(&svg, (wide, high));
    assert!(alone.starts_with(&format!("<svg width=\"{}\" height=\"{}\" viewBox=\"-24 -24 ", wide + 48, high + 48)));
}

#[test]
fn titles_say_what_the_figures_say() {
    let check = |strategies: Vec<Figures>, titles: [&str; 3]| {
        let found = plots(&shown(strategies).compared).unwrap();
        assert_eq!(found.iter().map(|plot| plot.title.as_str()).collect::<Vec<_>>(), titles);
    };
    check(
        vec![strategy("blind-retry", 300, 7), strategy("naive-refresh", 244, 141), strategy("ifmatch", 178, 0)],
        [
            "ifmatch loses no edit, the loops 7 to 141",
            "ifmatch gets 100 changes done, the loops 100",
            "ifmatch needs 1.78 requests per landed change, the loops 2.44 to 3.00",
        ],
    );
    check(
        vec![strategy("kubernetes", 250, 5), strategy("ifmatch", 178, 1)],
        [
            "ifmatch loses 1 edit, kubernetes 5",
            "ifmatch gets 100 changes done, kubernetes 100",
            "ifmatch needs 1.78 requests per landed change, kubernetes 2.50",
        ],
    );
    check(
        vec![strategy("ifmatch", 178, 0)],
        ["ifmatch loses no edit", "ifmatch gets 100 changes done", "ifmatch needs 1.78 requests per landed change"],
    );
}

#[test]
fn no_value_is_struck_through_by_the_line_of_what_is_expected() {
    let alike = shown(vec![strategy("naive-refresh", 244, 141), strategy("ifmatch", 178, 0)]);
    let svg = plot(&alike, "requests").wide.svg;
    let line = x_of(&svg, "expected 2.00");
    assert!((line - 100..line).contains(&x_of(&svg, "1.78")), "inside of its bar: {svg}");
    let svg = plot(&usual(), "requests").wide.svg;
    assert!(x_of(&svg, "1.78") > x_of(&svg, "expected 2.00"), "behind the line: {svg}");
}

#[test]
fn a_bar_that_has_no_room_says_that_it_is_cut_short() {
    let few = vec![strategy("blind-retry", 9_000, 7), strategy("naive-refresh", 244, 1), strategy("ifmatch", 178, 0)];
    assert!(plot(&shown(few), "requests").wide.svg.contains("90.0, bar cut short"));
    assert!(!plot(&usual(), "lost-edits").wide.svg.contains("cut short"));
}

#[test]
fn nothing_that_landed_can_be_drawn_too() {
    let mut nothing = strategy("naive-refresh", 50, 0);
    (nothing.landed, nothing.pending, nothing.landed_at) = (0, 100, Vec::new());
    let shown = shown(vec![nothing]);
    assert!(plot(&shown, "requests").wide.svg.contains("nothing landed"));
    check_tags(&page::page(&shown, &plots(&shown.compared).unwrap()).into_string());
}

#[test]
fn who_collides_is_not_inferred_where_locks_or_publishes_refuse_as_well() {
    let mut locked = usual();
    let said = |shown: &Shown| page::page(shown, &[]).into_string().contains("Who collides");
    assert!(said(&locked));
    locked.compared.is_busy = true;
    assert!(!said(&locked));
}
