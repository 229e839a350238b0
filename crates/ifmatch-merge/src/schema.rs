//! Which strategy holds at which place of a document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pointer::Pointer;
use crate::timeline::IntervalNames;

#[cfg(test)]
mod tests;

/// How the two sides of one place combine when both changed it.
///
/// When only one side changed it, or both did alike, that value is taken whatever the strategy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The value is one unit: two different changes are a conflict.
    Atomic,
    /// An array of objects that are told apart by these members, merged element by element.
    ///
    /// The result has the remote's order, then the local side's new elements in local order. A list in which an element
    /// lacks a key (a string, number or boolean), or two elements share one, is atomic.
    KeyedList {
        /// The members that together name an element, for example `["id"]`.
        keys: Vec<String>,
    },
    /// An object that is a span of time with parts in it, merged instant by instant: each side keeps the stretches, and
    /// the ends of the span, that it alone changed.
    ///
    /// It is one unit for [`diff`](crate::diff) and for conflicts, which name the stretches in question. Where a side is
    /// no interval set ([`IntervalNames::reads`]), or the result has no whole minutes, it merges member by member, and
    /// the list of its parts is atomic.
    IntervalSet(IntervalNames),
    /// Both sides' additions to a string or an array are kept; removals are not.
    Append,
    /// The larger of two numbers or strings.
    Max,
    /// The smaller of two numbers or strings.
    Min,
    /// A counter: the remote number plus what the local side added to the base (an absent base counts as 0).
    Sum,
}

/// The strategies of one kind of document, by place.
///
/// What no rule names: objects merge per member, scalars and arrays are atomic.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    rules: Vec<Rule>,
    root: Option<Node>,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: Vec<Segment>,
    strategy: Strategy,
}

/// A literal sorts above the wildcard, so that the larger pattern is the more specific one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Any,
    Literal(String),
}

/// One place in the compiled rules; a walk holds one of these per level and never looks at patterns.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    strategy: Option<Strategy>,
    literal: BTreeMap<String, Self>,
    any: Option<Box<Self>>,
}

impl Schema {
    /// A schema without rules.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule; the builder's only step.
    ///
    /// `pattern` is a JSON Pointer in which the segment `*` matches any one segment, for example
    /// `/shifts/*/activities`; `""` is the document. Where several patterns match, the one whose first differing segment
    /// is literal wins; of two equal patterns the later one wins.
    pub fn rule(mut self, pattern: &str, strategy: Strategy) -> Self {
        let pattern = parse_pattern(pattern);
        self.rules.retain(|rule| rule.pattern != pattern);
        self.rules.push(Rule { pattern, strategy });
        let all: Vec<&Rule> = self.rules.iter().collect();
        self.root = compile(&all, 0);
        self
    }

    /// The strategy that a rule gives this place, if any.
    pub fn strategy_at(&self, path: &Pointer) -> Option<&Strategy> {
        let mut at = self.root();
        for segment in path.segments() {
            at = child(at, &segment);
        }
        strategy(at)
    }

    /// The interval set that a place is, or lies in, with its address.
    pub fn interval_set_around(&self, path: &Pointer) -> Option<(Pointer, &IntervalNames)> {
        let mut at = self.root();
        let mut here = Pointer::root();
        let mut segments = path.segments();
        // Where no rule reaches there is none further down.
        while let Some(node) = at {
            if let Some(Strategy::IntervalSet(names)) = &node.strategy {
                return Some((here, names));
            }
            let segment = segments.next()?;
            at = child(at, &segment);
            here.push(&segment);
        }
        None
    }

    pub(crate) fn root(&self) -> Option<&Node> {
        self.root.as_ref()
    }
}

/// The place one segment further down; `None` where no rule reaches.
pub(crate) fn child<'s>(at: Option<&'s Node>, segment: &str) -> Option<&'s Node> {
    let node = at?;
    match node.literal.get(segment) {
        Some(below) => Some(below),
        None => node.any.as_deref(),
    }
}

/// The strategy at a place of a walk.
pub(crate) fn strategy(at: Option<&Node>) -> Option<&Strategy> {
    at?.strategy.as_ref()
}

fn parse_pattern(pattern: &str) -> Vec<Segment> {
    // A missing first slash can only mean one thing; a stray '~' stands for itself.
    let rooted = pattern.strip_prefix('/').unwrap_or(pattern);
    if pattern.is_empty() {
        return Vec::new();
    }
    rooted
        .split('/')
        .map(|segment| match segment {
            "*" => Segment::Any,
            literal => Segment::Literal(literal.replace("~1", "/").replace("~0", "~")),
        })
        .collect()
}

/// Turns the rules that still match at this depth into a tree in which every literal branch also carries the
/// wildcard rules, so that a lookup follows one branch only.
fn compile(rules: &[&Rule], depth: usize) -> Option<Node> {
    if rules.is_empty() {
        return None;
    }
    let strategy = rules
        .iter()
        .filter(|rule| rule.pattern.len() == depth)
        .max_by(|a, b| a.pattern.cmp(&b.pattern))
        .map(|rule| rule.strategy.clone());
    let deeper: Vec<&Rule> = rules.iter().copied().filter(|rule| rule.pattern.len() > depth).collect();
    let matching = |name: Option<&str>| -> Vec<&Rule> {
        deeper
            .iter()
            .copied()
            .filter(|rule| match &rule.pattern[depth] {
                Segment::Any => true,
                Segment::Literal(literal) => Some(literal.as_str()) == name,
            })
            .collect()
    };
    let mut literal = BTreeMap::new();
    for rule in &deeper {
        if let Segment::Literal(name) = &rule.pattern[depth]
            && let Some(below) = compile(&matching(Some(name)), depth + 1)
        {
            literal.insert(name.clone(), below);
        }
    }
    let any = compile(&matching(None), depth + 1).map(Box::new);
    Some(Node { strategy, literal, any })
}
