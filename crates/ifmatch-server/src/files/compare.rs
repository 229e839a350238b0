//! An adopted state beside what the target holds: reads within the budget, nothing is written.

use super::Carrier;
use ifmatch_core::{Call, Fact, Notes, Resource, Response};
use serde_json::{Value, json};

/// What the target holds of a record.
pub(super) enum Compared {
    /// The same.
    Equal,
    /// Something else in these fields, or no such record.
    Differs(String),
    /// It could not be asked.
    Unknown(String),
}

impl Carrier {
    /// Compares records with the target, in their order.
    pub(super) async fn compare(&self, records: &[(Resource, Value)]) -> Vec<Compared> {
        let dialect = &self.org.dialect;
        let (mut found, mut rest) = (Vec::with_capacity(records.len()), records);
        while let Some((first, _)) = rest.first() {
            // What shares an envelope is read at once.
            let envelope = dialect.envelope(first);
            let together = rest.iter().take_while(|(resource, _)| dialect.envelope(resource) == envelope).count();
            let size = if envelope.is_some() { together.min(dialect.envelope_max()).max(1) } else { 1 };
            let (group, behind) = rest.split_at(size);
            rest = behind;
            let read = self.read_of(group.iter().map(|(resource, _)| resource.clone()).collect()).await;
            found.extend(group.iter().map(|(resource, value)| match &read {
                Err(reason) => Compared::Unknown(reason.clone()),
                Ok(facts) => self.compared(value, facts.iter().find(|(of, _)| of == resource).map(|(_, fact)| fact)),
            }));
        }
        found
    }

    fn compared(&self, said: &Value, fact: Option<&Fact>) -> Compared {
        let held = match fact {
            Some(Fact::Observed(snapshot)) => &snapshot.value,
            Some(Fact::Absent) => return Compared::Differs("the target has no such record".to_owned()),
            _ => return Compared::Unknown("the target did not show the record".to_owned()),
        };
        let differs = |(name, value): &(&String, &Value)| {
            let there = held.get(*name).unwrap_or(&Value::Null);
            !self.org.dialect.alike(&json!({ *name: there }), &json!({ *name: value }))
        };
        let fields = said.as_object().into_iter().flatten().filter(differs).map(|(name, _)| format!("/{name}"));
        let fields: Vec<String> = fields.collect();
        match fields.is_empty() {
            true => Compared::Equal,
            false => Compared::Differs(format!("the target differs at {}", fields.join(", "))),
        }
    }

    /// Reads records that share an envelope.
    async fn read_of(&self, resources: Vec<Resource>) -> Result<Vec<(Resource, Fact)>, String> {
        let dialect = &self.org.dialect;
        let call = Call::Read(resources);
        let mut notes = Notes::default();
        while let Some(errand) = dialect.errand(&call, &notes) {
            let response = self.ask(errand).await?;
            let told = dialect.note(&call, &mut notes, &response);
            told.map_err(|evidence| format!("the target answers {}", evidence.label))?;
        }
        let response = self.ask(dialect.request(&call, &notes)).await?;
        Ok(dialect.reply(self.clock.now(), &call, &response).facts)
    }

    async fn ask(&self, request: ifmatch_core::Request) -> Result<Response, String> {
        let passed = self.org.pass(self.door.source.clone(), request, None).await;
        passed.map_err(|fault| fault.problem().detail)
    }
}
