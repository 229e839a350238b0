//! Section `[source.files]`: files of a source, from a folder or by `ifmatch sources send`.

use super::super::ConfigError;
use super::super::secret::Resolver;
use super::SourceKind;
use super::hook::{HookSettings, Maps, check_maps};
use ifmatch_core::merge::Pointer;
use ifmatch_core::{OrgName, Sends};
use ifmatch_sources::files::{Format, Guard, Meaning, ScheduleOf};
use ifmatch_sources::form::Form;
use ifmatch_sources::hook::Hook;
use ifmatch_sources::mapping::{ChangeKind, Mapping};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files of a source, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct FilesSection {
    /// The folder that is watched; without it files come by `ifmatch sources send` alone.
    watch: Option<PathBuf>,
    /// How they are written.
    format: Format,
    /// What they say.
    #[serde(default)]
    mode: FilesMode,
    /// The envelope of a row; default that of the hook, else by the kind of the source.
    form: Option<Form>,
    /// What parts the columns of CSV.
    delimiter: Option<char>,
    /// The target's schedule, for the formats of schedulers: one, or one for each week.
    schedule: Option<Schedule>,
    /// The places in a row that say which part of the whole it belongs to.
    scope: Option<Vec<Pointer>>,
    /// What a record without a row means.
    #[serde(default)]
    missing: MissingSection,
    /// How long a file must rest before it is taken, in seconds of wall time.
    #[serde(default = "two_seconds")]
    settle_s: u32,
    /// When a whole state is too much to believe.
    #[serde(default)]
    guard: Guard,
    /// What rows become; default the maps of the hook.
    #[serde(default)]
    map: Maps,
}

fn two_seconds() -> u32 {
    2
}

/// What files say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilesMode {
    /// What happened, a row each.
    #[default]
    Events,
    /// The whole state: it is compared with what the source said before.
    State,
}

impl FilesMode {
    /// The name in configurations and accounts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::State => "state",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Schedule {
    One(String),
    ByWeek(BTreeMap<String, String>),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum MissingSection {
    Word(MissingWord),
    Fields(BTreeMap<Pointer, Value>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MissingWord {
    Keep,
    Delete,
}

impl Default for MissingSection {
    fn default() -> Self {
        Self::Word(MissingWord::Keep)
    }
}

/// What a record without a row in a whole state means.
#[derive(Debug, Clone, PartialEq)]
pub enum Missing {
    /// Nothing.
    Keep,
    /// It shall be gone.
    Delete,
    /// These fields of it shall have these values.
    Set(Value),
}

/// Files of a source.
#[derive(Debug, Clone)]
pub struct FilesSettings {
    /// The folder that is watched.
    pub watch: Option<PathBuf>,
    /// How they are written.
    pub format: Format,
    /// What they say.
    pub mode: FilesMode,
    /// What rows become.
    pub meaning: Meaning,
    /// What parts the columns of CSV.
    pub delimiter: u8,
    /// The places in a row that say which part of the whole it belongs to; none where the file is all of it.
    pub scope: Vec<Pointer>,
    /// What a record without a row means.
    pub missing: Missing,
    /// How long a file must rest before it is taken, in seconds of wall time.
    pub settle_s: u32,
    /// When a whole state is too much to believe.
    pub guard: Guard,
}

/// What else of the source the section goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) org: &'a str,
    pub(super) kind: SourceKind,
    pub(super) sends: Sends,
    pub(super) hook: Option<&'a HookSettings>,
}

impl FilesSection {
    /// Checks the section `source.N.files`.
    pub(super) fn resolve(
        self,
        section: &str,
        around: Around<'_>,
        resolver: &Resolver<'_>,
    ) -> Result<FilesSettings, ConfigError> {
        let section = format!("{section}.files");
        let error = |name: &str, reason: &str| resolver.layers.error(format!("{section}.{name}"), reason);
        if self.mode == FilesMode::State && self.format == Format::SchedulerChanges {
            return Err(error("mode", "small changes are no state").hint("use mode = \"events\""));
        }
        if self.mode == FilesMode::State && around.sends == Sends::State {
            let reason = "whole states are compared here, and once more by sends = \"state\"";
            return Err(error("mode", reason).hint("leave sends out of the source"));
        }
        let delimiter = u8::try_from(self.delimiter.unwrap_or(',')).ok().filter(u8::is_ascii);
        let Some(delimiter) = delimiter else { return Err(error("delimiter", "must be one character of ASCII")) };
        if !(1..=100).contains(&self.guard.share_percent_max) {
            return Err(error("guard.share_percent_max", "must be from 1 to 100"));
        }
        let missing = missing(self.missing).map_err(|reason| error("missing", reason))?;
        let weeks = self.format == Format::SchedulerWeek;
        let scope = self.scope.unwrap_or_else(|| match (weeks, Pointer::parse("/week")) {
            (true, Ok(week)) => vec![week],
            _ => Vec::new(),
        });
        let org = OrgName::from(around.org);
        let meaning = match (self.format, self.schedule) {
            (Format::SchedulerWeek, Some(Schedule::One(id))) => Meaning::Weeks(org, ScheduleOf::All(id)),
            (Format::SchedulerWeek, Some(Schedule::ByWeek(ids))) => Meaning::Weeks(org, ScheduleOf::Week(ids)),
            (Format::SchedulerChanges, Some(Schedule::One(id))) => Meaning::Changes(org, id),
            (Format::SchedulerWeek | Format::SchedulerChanges, _) => {
                return Err(error("schedule", "these files do not say it").hint("name the target's schedule"));
            }
            (_, Some(_)) => return Err(error("schedule", "is for scheduler-week and scheduler-changes")),
            (_, None) => {
                let form = self.form.or(around.hook.map(|hook| hook.form)).unwrap_or(around.kind.form());
                let own = self.map.into_inner();
                let maps = match around.hook {
                    Some(hook) if own.is_empty() => hook.maps.clone(),
                    _ => own,
                };
                check_maps(&section, form, &maps, resolver)?;
                let state = self.mode == FilesMode::State;
                if state && !maps.iter().all(is_whole) {
                    let reason = "a map of a whole state says records: change = \"desired\" or \"create\", with fields";
                    return Err(error("map", reason));
                }
                let sends = if state { Sends::State } else { around.sends };
                Meaning::Mapped(Box::new(Hook { org, sends, form, maps }))
            }
        };
        Ok(FilesSettings {
            watch: self.watch,
            format: self.format,
            mode: self.mode,
            meaning,
            delimiter,
            scope,
            missing,
            settle_s: self.settle_s,
            guard: self.guard,
        })
    }
}

/// Whether a map says whole records.
fn is_whole(map: &Mapping) -> bool {
    let whole = matches!(map.change, None | Some(ChangeKind::Desired | ChangeKind::Create));
    whole && map.verb.is_none() && map.operation.is_none()
}

fn missing(section: MissingSection) -> Result<Missing, &'static str> {
    let fields = match section {
        MissingSection::Word(MissingWord::Keep) => return Ok(Missing::Keep),
        MissingSection::Word(MissingWord::Delete) => return Ok(Missing::Delete),
        MissingSection::Fields(fields) if fields.is_empty() => return Err("names no fields"),
        MissingSection::Fields(fields) => fields,
    };
    let mut members = Map::new();
    for (at, value) in fields {
        let mut segments = at.segments();
        let (Some(name), None) = (segments.next(), segments.next()) else {
            return Err("names fields of the record, such as \"/shifts\"");
        };
        members.insert(name.into_owned(), value);
    }
    Ok(Missing::Set(Value::Object(members)))
}
