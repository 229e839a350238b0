//! The kinds of documents: what each is called, where it lives, where its version is, and the five calls that most share.

pub(crate) mod activity_codes;
pub(crate) mod adherence;
pub(crate) mod agents;
pub(crate) mod alternative_shifts;
pub(crate) mod business_units;
pub(crate) mod calls;
pub(crate) mod capacity_plans;
pub(crate) mod management_units;
pub(crate) mod opportunities;
pub(crate) mod planning_groups;
pub(crate) mod rotations;
pub(crate) mod scheduler_settings;
pub(crate) mod service_goals;
pub(crate) mod staffing_groups;
pub(crate) mod time_off_balances;
pub(crate) mod time_off_limits;
pub(crate) mod time_off_plans;
pub(crate) mod time_off_requests;
pub(crate) mod work_plans;

use serde_json::{Map, Value, json};

pub(crate) use self::calls::{
    as_listed, change, check_guard, create, list, list_view, must_exist, present, read, referred_in, remove, take,
};
use crate::{
    platform::{
        call::{Call, Share},
        document::{Document, id_of},
        guard::METADATA,
        models,
        world::Home,
    },
    refusal::Checked,
    target::Target,
};

/// What the kinds carry out.
pub(crate) const SHARES: &[Share] = &[
    activity_codes::SHARE,
    adherence::SHARE,
    agents::SHARE,
    alternative_shifts::SHARE,
    business_units::SHARE,
    capacity_plans::SHARE,
    management_units::SHARE,
    opportunities::SHARE,
    planning_groups::SHARE,
    rotations::SHARE,
    scheduler_settings::SHARE,
    service_goals::SHARE,
    staffing_groups::SHARE,
    time_off_balances::SHARE,
    time_off_limits::SHARE,
    time_off_plans::SHARE,
    time_off_requests::SHARE,
    work_plans::SHARE,
];

const ALL: &[&Kind] = &[
    &business_units::KIND,
    &management_units::KIND,
    &work_plans::KIND,
    &rotations::KIND,
    &planning_groups::KIND,
    &service_goals::KIND,
    &staffing_groups::KIND,
    &scheduler_settings::KIND,
    &alternative_shifts::SETTINGS,
    &alternative_shifts::TRADES,
    &capacity_plans::KIND,
    &opportunities::KIND,
    &time_off_plans::BUSINESS_UNIT,
    &time_off_plans::MANAGEMENT_UNIT,
    &time_off_limits::BUSINESS_UNIT,
    &time_off_limits::MANAGEMENT_UNIT,
    &time_off_requests::KIND,
    &agents::KIND,
    &adherence::KIND,
];

/// What exists at the start.
pub(crate) const SEEDS: &[fn(&mut Target, &Home)] = &[
    activity_codes::seed,
    work_plans::seed,
    service_goals::seed,
    planning_groups::seed,
    scheduler_settings::seed,
    alternative_shifts::seed,
    time_off_limits::seed,
    time_off_plans::seed,
    time_off_requests::seed,
];

/// One kind of document.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What the vendor's refusals call it.
    pub(crate) name: &'static str,
    /// The path of its collection, as the table of operations spells it.
    pub(crate) collection: &'static str,
    /// The model of one record.
    pub(crate) model: &'static str,
    /// One record at the path of the collection itself.
    pub(crate) single: bool,
    /// Where a body names its version; empty where it has none.
    pub(crate) version_at: &'static str,
    /// Whether a write may leave the part with the version out, and then is not guarded.
    pub(crate) version_optional: bool,
    /// Fields of the record that no body sets.
    pub(crate) managed: &'static [&'static str],
    /// Fields without which nothing is created.
    pub(crate) required: &'static [&'static str],
    /// What a new record holds where the body is silent.
    pub(crate) defaults: fn() -> Value,
    /// Looks at the fields before they are committed, and completes them.
    pub(crate) settle: fn(&mut Target, &Call, &mut Map<String, Value>) -> Checked<()>,
    /// Whether something refers to the record, so that it cannot be deleted.
    pub(crate) in_use: fn(&Target, &str) -> bool,
    /// Adds what is not kept but shown.
    pub(crate) show: fn(&Target, &str, &Document, &mut Map<String, Value>),
}

impl Kind {
    /// What most kinds are like.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        collection: "",
        model: "",
        single: false,
        version_at: METADATA,
        version_optional: false,
        managed: &[],
        required: &["name"],
        defaults: || json!({}),
        settle: |_, _, _| Ok(()),
        in_use: |_, _| false,
        show: |_, _, _, _| {},
    };

    /// The record as the API shows it.
    pub(crate) fn show(&self, target: &Target, path: &str, document: &Document) -> Value {
        let mut map = document.fields.clone();
        map.insert("id".to_owned(), json!(id_of(path)));
        map.insert("selfUri".to_owned(), json!(path));
        match self.version_at {
            "" => {}
            "/settings/metadata/version" => {
                let settings = map.entry("settings").or_insert_with(|| json!({}));
                settings["metadata"] = document.metadata();
            }
            _ => drop(map.insert("metadata".to_owned(), document.metadata())),
        }
        (self.show)(target, path, document, &mut map);
        models::retain(self.model, &mut map);
        Value::Object(map)
    }
}

/// The kind whose collection has this path, with parameters in braces or in their place.
pub(crate) fn of_collection(path: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| {
        let (mut own, mut given) = (kind.collection.split('/'), path.split('/'));
        let same = own.by_ref().zip(given.by_ref()).all(|(own, given)| own == given || own.starts_with('{'));
        same && kind.collection.split('/').count() == path.split('/').count()
    })
}

/// The record at a path as the API shows it.
pub(crate) fn record(target: &Target, path: &str) -> Option<Value> {
    if let Some((list, id)) = activity_codes::part_of(path) {
        return activity_codes::show(&*target.document(list)?, list, id);
    }
    let document = target.document(path)?;
    let single = of_collection(path).filter(|kind| kind.single);
    let kind = single.or_else(|| of_collection(path.rsplit_once('/')?.0));
    Some(kind.map_or_else(|| Value::Object(document.fields.clone()), |kind| kind.show(target, path, &document)))
}

/// The path of the document that holds a record: its own but for activity codes, which share one.
pub(crate) fn holder(path: &str) -> &str {
    activity_codes::part_of(path).map_or(path, |(list, _)| list)
}

impl Target {
    /// An id for a new document.
    pub(crate) fn platform_id(&mut self) -> String {
        self.platform.rng.uuid()
    }
}
