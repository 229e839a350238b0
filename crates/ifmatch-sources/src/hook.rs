//! A hook: form and maps of one source, from a message to its verdicts.

#[cfg(test)]
mod tests;

use crate::form::{Event, Events, Form, Message};
use crate::mapping::Mapping;
use ifmatch_core::{Intent, IntentError, OrgName, Sends};
use serde_json::{Value, json};

/// How the messages of one source become intents.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The org of the source.
    pub org: OrgName,
    /// What its bodies mean.
    pub sends: Sends,
    /// Its envelope.
    pub form: Form,
    /// Its maps, the first that is for an event counts. Without any, events are intents of ours.
    pub maps: Vec<Mapping>,
}

/// What becomes of one event.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// This is wanted.
    Intent(Box<Intent>),
    /// No map is for it.
    Ignored {
        /// Why, for the sender.
        reason: &'static str,
    },
    /// It cannot be translated.
    Refused(IntentError),
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Translation {
    /// The message is one event.
    One(Verdict),
    /// The message is a list of events.
    Many(Vec<Verdict>),
}

impl Translation {
    /// The verdicts, in the order of the events.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        match self {
            Self::One(verdict) => std::slice::from_ref(verdict),
            Self::Many(verdicts) => verdicts,
        }
    }
}

impl Hook {
    /// Translates a message whose sender is known.
    #[must_use]
    pub fn translate(&self, message: Message<'_>) -> Translation {
        let verdict = |event: Result<Event, IntentError>| match event {
            Ok(event) => self.verdict(&event),
            Err(error) => Verdict::Refused(error),
        };
        match self.form.read(message) {
            Ok(Events::Many(events)) => Translation::Many(events.into_iter().map(verdict).collect()),
            Ok(Events::One(event)) => Translation::One(verdict(Ok(event))),
            Err(error) => Translation::One(Verdict::Refused(error)),
        }
    }

    fn verdict(&self, event: &Event) -> Verdict {
        let intent = match self.maps.iter().find(|map| map.is_for(&event.value)) {
            Some(map) => map.intent(&self.org, self.sends, event),
            None if self.maps.is_empty() => self.own(event),
            None => return Verdict::Ignored { reason: "no map of this source is for such an event" },
        };
        intent.map_or_else(Verdict::Refused, |intent| Verdict::Intent(Box::new(intent)))
    }

    /// An event that is an intent of ours. Its org may be left out, and the key where the message has one.
    fn own(&self, event: &Event) -> Result<Intent, IntentError> {
        let missing = || IntentError::new("missing_field", event.payload, "an intent is needed here");
        let mut value = event.value.pointer(event.payload).cloned().ok_or_else(missing)?;
        if let Some(Value::Object(resource)) = value.get_mut("resource") {
            resource.entry("org").or_insert_with(|| json!(self.org));
        }
        let read = serde_path_to_error::deserialize::<_, Intent>(value);
        let mut intent = read.map_err(|error| {
            let place = error.path().to_string();
            let place = if place == "." { String::new() } else { format!("/{}", place.replace('.', "/")) };
            IntentError::new("invalid_intent", format!("{}{place}", event.payload), error.into_inner().to_string())
        })?;
        intent.idempotency_key.get_or_insert_with(|| event.key.clone());
        Ok(intent)
    }
}
