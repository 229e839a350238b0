//! From an operation to the function that carries it out.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Handler, Share},
        errors, kinds, notifications, operations, quality, queues, schedules, trades, users,
    },
    refusal::{Checked, Refusal},
    target::Target,
};

/// The shares of the areas besides the kinds of documents.
const SHARES: &[Share] = &[notifications::SHARE, queues::SHARE, users::SHARE];

static HANDLERS: LazyLock<BTreeMap<&'static str, Handler>> = LazyLock::new(|| {
    let shares =
        SHARES.iter().chain(kinds::SHARES).chain(schedules::SHARES).chain(trades::SHARES).chain(quality::SHARES);
    let all = shares.flat_map(|share| share.iter().copied());
    all.inspect(|(id, _)| debug_assert!(operations::by_id(id).is_some(), "{id} is documented")).collect()
});

/// Whether something carries out the operation of that id.
pub(crate) fn is_live(id: &str) -> bool {
    HANDLERS.contains_key(id)
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
        let silences = self.silences.len();
        let reply = handler(self, call).map_err(|refusal| errors::as_documented(call.operation, refusal));
        reply.map(|mut reply| {
            self.documents_as_sent(silences, &mut reply.body);
            reply
        })
    }

    /// The unit that a path names must exist; "mine" is the one of the user.
    fn find_unit(&self, call: &mut Call, name: &'static str, collection: &str, code: &'static str) -> Checked<()> {
        let Some(id) = call.params.get(name) else {
            return Ok(());
        };
        if id == "mine" {
            call.user()?;
            let (business_unit, management_unit) = self.home_units();
            let own = if name == "businessUnitId" { business_unit } else { management_unit };
            call.params.insert(name, own);
            return Ok(());
        }
        if self.document(&format!("{W}/{collection}/{id}")).is_some() {
            return Ok(());
        }
        let mut refusal = Refusal::new(404, code, format!("There is no unit with the id {id}"));
        refusal.entity = Some(id.clone());
        Err(refusal)
    }
}
