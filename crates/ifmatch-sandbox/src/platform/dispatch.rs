//! From an operation to the function that carries it out.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Handler, Share},
        document::id_of,
        errors, kinds, notifications, schedules, users,
    },
    refusal::{Checked, Refusal},
    target::Target,
};

/// The shares of the areas besides the kinds of documents.
const SHARES: &[Share] = &[notifications::SHARE, users::SHARE];

static HANDLERS: LazyLock<BTreeMap<&'static str, Handler>> = LazyLock::new(|| {
    let all = SHARES.iter().chain(kinds::SHARES).chain(schedules::SHARES);
    all.flat_map(|share| share.iter().copied()).collect()
});

/// The operations that something carries out, by their ids.
pub(crate) fn live() -> impl Iterator<Item = &'static str> {
    HANDLERS.keys().copied()
}

impl Target {
    /// Carries out an admitted call.
    pub(crate) fn platform_call(&mut self, call: &mut Call) -> Checked<Reply> {
        let Some(handler) = HANDLERS.get(call.operation.operation_id.as_str()) else {
            return Err(errors::not_emulated(call.operation));
        };
        if call.operation.needs_user() {
            call.user()?;
        }
        self.find_unit(call, "businessUnitId", "businessunits", "wfm.business.unit.not.found")?;
        self.find_unit(call, "managementUnitId", "managementunits", "wfm.management.unit.not.found")?;
        handler(self, call)
    }

    /// The unit that a path names must exist; "mine" is the one of the user.
    fn find_unit(&self, call: &mut Call, name: &'static str, collection: &str, code: &'static str) -> Checked<()> {
        let Some(id) = call.params.get(name) else {
            return Ok(());
        };
        let collection = format!("{W}/{collection}");
        if id == "mine" {
            call.user()?;
            // The units of the world are the first ones; what clients add has no agents.
            let units = self.documents_under(&collection, i64::MAX);
            let home = units.iter().min_by_key(|(_, unit)| unit.created.0);
            let id = home.map(|(path, _)| id_of(path).to_owned()).unwrap_or_default();
            call.params.insert(name, id);
            return Ok(());
        }
        if self.document(&format!("{collection}/{id}")).is_some() {
            return Ok(());
        }
        let mut refusal = Refusal::new(404, code, format!("There is no unit with the id {id}"));
        refusal.entity = Some(id.clone());
        Err(refusal)
    }
}
