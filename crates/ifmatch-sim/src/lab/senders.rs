//! What senders have in mind: what they saw of each record, what they said since, and so what each
//! item asks for. The same for every strategy, in virtual time and over HTTP.

use super::course::Told;
use super::strategy::Wanted;
use super::workload::{Item, Workload, spoken};
use crate::records::patched;
use crate::script::{Op, intent_of};
use crate::truth::Truth;
use crate::world::ORG;
use ifmatch_core::{Intent, OrgName};
use serde_json::Value;
use std::sync::Arc;

/// The senders of a workload, whose items are spoken in their order.
#[derive(Debug)]
pub struct Senders<'a> {
    items: &'a [Item],
    truth: Truth,
    told: Vec<Told>,
}

impl<'a> Senders<'a> {
    /// Senders who have seen nothing.
    #[must_use]
    pub fn new(workload: &'a Workload) -> Self {
        Self { items: &workload.items, truth: Truth::default(), told: Vec::new() }
    }

    /// How many items were spoken.
    #[must_use]
    pub fn spoken(&self) -> usize {
        self.told.len()
    }

    /// A source looks at a record.
    pub fn sees(&mut self, source: &str, path: &str, record: Value) {
        self.truth.sees(source.to_owned(), path.to_owned(), record);
    }

    /// The next item, as a loop carries it out.
    pub(super) fn wanted(&mut self) -> (usize, Wanted) {
        let (number, mind) = self.speaks();
        let item = &self.items[number];
        let is_new = item.is_new();
        let mine = if is_new { item.set.clone() } else { patched(&item.kind, &mind, &item.set) };
        (number, Wanted { kind: item.kind.clone(), mine, set: item.set.clone(), is_new })
    }

    /// The next item, as an intent that shows the values that its source started from.
    ///
    /// # Panics
    /// When all items were spoken: there are as many as the workload has wishes and submissions.
    #[must_use]
    pub fn intent(&mut self, org: &OrgName) -> (usize, Intent) {
        let (number, mind) = self.speaks();
        let mut intent = match spoken(&self.items[number]) {
            Op::Wish(wish) => {
                let doc = patched(&wish.kind, &mind, &wish.set);
                let base = if mind.is_null() { crate::script::Spoken::Blind } else { wish.spoken };
                intent_of(&OrgName::from(ORG), &wish, base, &mind, &doc)
            }
            Op::Submit { intent, .. } => *intent,
            _ => unreachable!("an item is a wish or a submission"),
        };
        intent.resource = intent.resource.in_org(org);
        (number, intent)
    }

    /// What the source of each item that was spoken truly saw.
    #[must_use]
    pub fn told(self) -> Vec<Told> {
        self.told
    }

    /// The next item and what its source has in mind of the record, which from here on has its change.
    fn speaks(&mut self) -> (usize, Value) {
        let number = self.told.len();
        let item = &self.items[number];
        let key = (item.source.clone(), item.path.clone());
        let known = |record: Option<&Arc<Value>>| record.map_or(Value::Null, |record| Value::clone(record));
        let mind = known(self.truth.minds.get(&key));
        let saw = known(self.truth.seen.get(&key));
        self.told.push(Told { saw, believed: mind.clone() });
        if !item.is_new() && !item.is_publish() {
            self.truth.minds.insert(key, Arc::new(patched(&item.kind, &mind, &item.set)));
        }
        (number, mind)
    }
}
