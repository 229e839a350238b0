//! The documented operations and how a request finds its own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;

use crate::platform::W;

/// The 462 operations of workforce management and quality.
const DOCUMENTED: &str = include_str!("../../data/genesys-endpoints.json");
/// What the SDKs call besides: notification channels, users, the signed address of an upload.
const BESIDES: &str = include_str!("../../data/more-endpoints.json");

/// The families of paths after `/api/v2/` that `wfm-v2` has; all others are the platform's.
const WFM: &[&str] = &["wfm", "recording", "recordings"];

/// Codes of status 400 that any operation may answer.
const COMMON_400: &[&str] = &[
    "bad.request",
    "constraint.validation",
    "invalid.date",
    "invalid.property",
    "invalid.query.param.value",
    "invalid.value",
    "not.a.user",
];

/// One documented operation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    pub(crate) method: String,
    /// With parameters in braces.
    pub(crate) path: String,
    pub(crate) operation_id: String,
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
    #[serde(default)]
    pub(crate) permissions_mode: Mode,
    /// Taken without a token: what a signed address allows.
    #[serde(default)]
    pub(crate) anonymous: bool,
    #[serde(default)]
    pub(crate) request_model: Option<String>,
    #[serde(default)]
    pub(crate) response_model: Option<String>,
    pub(crate) success_codes: Vec<u16>,
    /// Every documented status.
    #[serde(default)]
    pub(crate) codes: BTreeSet<u16>,
    /// Documented codes of status 400, each with its text.
    #[serde(default)]
    pub(crate) error_codes400: BTreeMap<String, String>,
    /// Documented codes of status 409, each with its text.
    #[serde(default)]
    pub(crate) error_codes409: BTreeMap<String, String>,
}

/// How many of an operation's permissions are needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Mode {
    Any,
    All,
    #[default]
    No,
}

impl Operation {
    /// Whether it changes nothing: a GET, or a query that is too long for one.
    pub(crate) fn is_read(&self) -> bool {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        self.method == "GET" || self.method == "HEAD" || matches!(last, "query" | "search" | "estimate" | "validate")
    }

    /// Whether it acts for the token's user: an agent's own data.
    pub(crate) fn needs_user(&self) -> bool {
        let own = |permission: &String| {
            permission.strip_prefix("wfm:agent").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        };
        let names_me = self.path.split('/').any(|part| part == "me" || part == "mine");
        names_me || (!self.permissions.is_empty() && self.permissions.iter().all(own))
    }

    /// Whether a code belongs to it. What is written down for a status binds; newer operations of workforce management have no
    /// lists of their own.
    pub(crate) fn documents(&self, status: u16, code: &str) -> bool {
        let own = match status {
            400 => &self.error_codes400,
            409 => &self.error_codes409,
            _ => return true,
        };
        let common = if status == 400 { COMMON_400 } else { &["request.conflict"] };
        self.lists_nothing() || common.contains(&code) || own.contains_key(code)
    }

    /// Whether it is one of the newer operations of workforce management, which have no lists of codes.
    pub(crate) fn lists_nothing(&self) -> bool {
        self.error_codes400.is_empty() && self.error_codes409.is_empty() && self.path.starts_with(W)
    }

    /// The family that a narrower limit counts.
    pub(crate) fn family(&self) -> Option<&'static str> {
        if self.path.contains("/shifttrading/") && self.path.contains("/jobs") {
            Some("shifttrading")
        } else if self.path.contains("/schedules") || self.path.contains("/agentschedules") {
            Some("schedules")
        } else {
            None
        }
    }

    /// Whether it asks how a job stands.
    pub(crate) fn is_poll(&self) -> bool {
        self.method == "GET" && self.path.ends_with("/jobs/{jobId}")
    }

    /// The path of the collection, where the last part names one of its records.
    pub(crate) fn collection(&self) -> &str {
        match self.path.rsplit_once('/') {
            Some((collection, last)) if last.starts_with('{') => collection,
            _ => &self.path,
        }
    }

    /// The status of an answer that went well: the specific one where the general 200 stands beside it.
    pub(crate) fn success(&self) -> u16 {
        self.success_codes.iter().copied().max().unwrap_or(200)
    }
}

/// What the table says about a request.
#[derive(Debug)]
pub(crate) enum Found {
    Operation(Matched),
    /// The path is known; these are its methods.
    OtherMethods(Vec<&'static str>),
    Nothing,
}

/// An operation with the parameters of its path.
#[derive(Debug, Clone)]
pub(crate) struct Matched {
    pub(crate) operation: &'static Operation,
    pub(crate) params: BTreeMap<&'static str, String>,
}

#[derive(Debug, Default)]
struct Node {
    literals: BTreeMap<&'static str, Self>,
    parameter: Option<Box<Self>>,
    by_method: BTreeMap<&'static str, &'static Operation>,
}

#[derive(Debug)]
struct Table {
    by_id: BTreeMap<&'static str, &'static Operation>,
    root: Node,
    /// First parts of the paths, after `/api/v2/` where they begin with that.
    roots: BTreeSet<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let read = |text| serde_json::from_str::<Vec<Operation>>(text).expect("the table is part of the program");
    let all: &'static [Operation] = Vec::leak(read(DOCUMENTED).into_iter().chain(read(BESIDES)).collect());
    let mut table = Table { by_id: BTreeMap::new(), root: Node::default(), roots: BTreeSet::new() };
    for operation in all {
        table.by_id.insert(&operation.operation_id, operation);
        let parts = rest(&operation.path);
        table.roots.extend(parts.split('/').next());
        let mut node = &mut table.root;
        for part in parts.split('/') {
            node = match part.starts_with('{') {
                true => node.parameter.get_or_insert_default(),
                false => node.literals.entry(part).or_default(),
            };
        }
        node.by_method.insert(&operation.method, operation);
    }
    table
});

/// The operation of that id.
pub(crate) fn by_id(id: &str) -> Option<&'static Operation> {
    TABLE.by_id.get(id).copied()
}

/// All operations, in the order of their ids.
pub(crate) fn all() -> impl Iterator<Item = &'static Operation> {
    TABLE.by_id.values().copied()
}

/// Whether a path belongs to this API, known to it or not.
pub(crate) fn owns(path: &str) -> bool {
    let root = rest(path).split('/').next().unwrap_or_default();
    TABLE.roots.contains(root) || (path.starts_with("/api/v2/") && !WFM.contains(&root))
}

/// The path from the part on that tells the API.
fn rest(path: &str) -> &str {
    path.strip_prefix("/api/v2/").or_else(|| path.strip_prefix('/')).unwrap_or(path)
}

/// What a method and a path without its query mean.
pub(crate) fn find(method: &str, path: &str) -> Found {
    let parts: Vec<&str> = rest(path).trim_end_matches('/').split('/').collect();
    let mut nodes = Vec::new();
    collect(&TABLE.root, &parts, &mut nodes);
    if let Some(operation) = nodes.iter().find_map(|node| node.by_method.get(method)) {
        return Found::Operation(Matched { operation, params: params(operation, &parts) });
    }
    let methods: BTreeSet<&'static str> = nodes.iter().flat_map(|node| node.by_method.keys().copied()).collect();
    match methods.is_empty() {
        true => Found::Nothing,
        false => Found::OtherMethods(methods.into_iter().collect()),
    }
}

/// The nodes at the end of the path, literal parts before parameters.
fn collect(node: &'static Node, parts: &[&str], ends: &mut Vec<&'static Node>) {
    let Some((part, rest)) = parts.split_first() else {
        ends.push(node);
        return;
    };
    if let Some(next) = node.literals.get::<str>(part) {
        collect(next, rest, ends);
    }
    if let Some(next) = node.parameter.as_ref().filter(|_| !part.is_empty()) {
        collect(next, rest, ends);
    }
}

fn params(operation: &'static Operation, parts: &[&str]) -> BTreeMap<&'static str, String> {
    let names = rest(&operation.path).split('/').zip(parts);
    let named = names.filter_map(|(name, part)| Some((name.strip_prefix('{')?.strip_suffix('}')?, decode(part))));
    named.collect()
}

/// A path part with its escapes resolved; a plus sign is one.
fn decode(part: &str) -> String {
    if !part.contains('%') {
        return part.to_owned();
    }
    let pair = format!("v={}", part.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(String::new, |(_, value)| value.into_owned())
}
