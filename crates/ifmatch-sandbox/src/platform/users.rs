//! Users: the agents of the directory, and who a client is.

use serde_json::{Value, json};

use crate::{
    api::Reply,
    platform::{
        call::{Call, Share, listing},
        world::management_unit_of,
    },
    refusal::{Checked, Refusal},
    target::Target,
};

pub(crate) const SHARE: Share = &[("getUsers", list), ("getUsersMe", me), ("getUser", read)];

impl Target {
    /// The agents of a management unit.
    pub(crate) fn agents_of(&self, management_unit: &str) -> Vec<String> {
        let homes = self.documents_under(super::kinds::business_units::KIND.collection, i64::MAX);
        let within =
            |id: &str| homes.iter().any(|(path, _)| self.unit_of(super::document::id_of(path), id) == management_unit);
        self.agents.iter().map(|(id, _)| id).filter(|id| within(id)).map(str::to_owned).collect()
    }

    /// The business unit that a management unit lies in; `""` for one that does not exist.
    pub(crate) fn business_unit_of(&self, management_unit: &str) -> String {
        let path = format!("{}/{management_unit}", super::kinds::management_units::KIND.collection);
        let unit = self.document(&path);
        unit.and_then(|unit| unit.get("businessUnit")["id"].as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The business unit and the management unit that every agent is in: what clients add has no agents.
    pub(crate) fn home_units(&self) -> (String, String) {
        let units = self.documents_under(super::kinds::management_units::KIND.collection, i64::MAX);
        let first = units.into_iter().find(|(path, unit)| {
            let home = unit.get("businessUnit")["id"].as_str().unwrap_or_default();
            management_unit_of(home) == super::document::id_of(path)
        });
        first.map_or_else(Default::default, |(path, unit)| {
            let home = unit.get("businessUnit")["id"].as_str().unwrap_or_default();
            (home.to_owned(), super::document::id_of(&path).to_owned())
        })
    }

    /// A user as the directory shows it.
    pub(crate) fn user_json(&self, id: &str) -> Option<Value> {
        let email = self.agents.email(id)?;
        Some(user(id, &name_of(email), email))
    }
}

fn user(id: &str, name: &str, email: &str) -> Value {
    let division = super::kinds::business_units::home_division();
    json!({
        "id": id, "name": name, "email": email, "username": email, "state": "active", "version": 1,
        "division": {"id": division, "name": "Home", "selfUri": format!("/api/v2/authorization/divisions/{division}")},
        "selfUri": format!("/api/v2/users/{id}"),
    })
}

/// The name that an address tells: `alma.adler@…` is Alma Adler.
pub(crate) fn name_of(email: &str) -> String {
    let words = email.split('@').next().unwrap_or_default().split('.').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    });
    words.collect::<Vec<String>>().join(" ")
}

fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let wanted = call.query_list("id");
    let ids = target.agents.iter().map(|(id, _)| id).filter(|id| wanted.is_empty() || wanted.contains(id));
    let users = ids.filter_map(|id| target.user_json(id)).collect();
    Ok(call.reply(listing(call, users)?))
}

fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let id = call.param("userId");
    let known = target.user_json(id);
    let own = || (id == call.writer.id).then(|| user(id, &call.writer.name, "integration@example.com"));
    let missing = || {
        let mut refusal = Refusal::new(404, "not.found", "There is no user with this id");
        refusal.entity = Some(id.to_owned());
        refusal
    };
    let user = known.or_else(own).ok_or_else(missing)?;
    Ok(call.reply(user))
}

fn me(target: &mut Target, call: &Call) -> Checked<Reply> {
    let id = call.user()?;
    let known = target.user_json(id);
    Ok(call.reply(known.unwrap_or_else(|| user(id, &call.writer.name, "integration@example.com"))))
}
