//! Reading a body by its models: what is written where, which wrappers are opened, what is refused.

use serde_json::{Map, Value, json};

use super::{Fields, Type, fields};
use crate::{
    platform::{
        errors,
        wrappers::{Said, value, values},
    },
    refusal::Checked,
    rng::Rng,
    time::{format_instant, parse_date, parse_instant},
};

/// Puts the fields of a body where the model of the record has them. Absent and `null` fields are left alone.
///
/// A field whose type is a wrapper in the request and none in the record is opened; `xId` becomes the reference `x`, `xIds` the
/// references `xs`. Lists whose items can be deleted are edited item by item; items that the request does not name get an id.
pub(crate) fn take(
    body: &Map<String, Value>,
    request: &str,
    record: &str,
    held: &mut Map<String, Value>,
    rng: &mut Rng,
) -> Checked<()> {
    let (Some(request), Some(record)) = (fields(request), fields(record)) else {
        return Ok(());
    };
    Taking { rng }.object(body, request, record, held, "")
}

struct Taking<'r> {
    rng: &'r mut Rng,
}

impl Taking<'_> {
    fn object(
        &mut self,
        body: &Map<String, Value>,
        request: &Fields,
        record: &Fields,
        held: &mut Map<String, Value>,
        at: &str,
    ) -> Checked<()> {
        for (name, given) in body {
            let Some(asked) = request.get(name).filter(|_| !given.is_null() && name != "metadata") else {
                continue;
            };
            let place = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            self.field(name, given, asked, record, held, &place)?;
        }
        Ok(())
    }

    fn field(
        &mut self,
        name: &str,
        given: &Value,
        asked: &Type,
        record: &Fields,
        held: &mut Map<String, Value>,
        place: &str,
    ) -> Checked<()> {
        let shown = record.get(name);
        if let Type::Model(model) = asked
            && let Some(member) = wrapper(model)
        {
            let inside = fields(model).and_then(|fields| fields.get(member)).unwrap_or(&Type::Anything);
            let said = if member == "value" { value(Some(given)) } else { values(Some(given)) };
            let given = match said.ok_or_else(|| wrong(place, "a wrapper"))? {
                Said::Nothing => return Ok(()),
                Said::Clear => {
                    held.remove(name);
                    held.remove(&referred(name).unwrap_or_default());
                    return Ok(());
                }
                Said::Set(given) => given,
            };
            if shown == Some(asked) {
                held.insert(name.to_owned(), json!({member: check(given, inside, place)?}));
                return Ok(());
            }
            return self.plain(name, given, inside, record, held, place);
        }
        self.plain(name, given, asked, record, held, place)
    }

    fn plain(
        &mut self,
        name: &str,
        given: &Value,
        asked: &Type,
        record: &Fields,
        held: &mut Map<String, Value>,
        place: &str,
    ) -> Checked<()> {
        match (asked, record.get(name)) {
            (_, None) => {
                let given = check(given, asked, place)?;
                let base = referred(name).unwrap_or_default();
                let reference = match record.get(&base) {
                    Some(Type::Model(model)) if super::has(model, "ids") => json!({"ids": given}),
                    Some(Type::Model(_)) => json!({"id": given}),
                    Some(Type::List(_)) => {
                        let ids = given.as_array().into_iter().flatten();
                        ids.map(|id| json!({"id": id})).collect()
                    }
                    _ => return Ok(()),
                };
                held.insert(base, reference);
            }
            (Type::Model(asked), Some(Type::Model(shown))) => {
                let given = given.as_object().ok_or_else(|| wrong(place, "an object"))?;
                let mut inner = held.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
                if let (Some(asked), Some(shown)) = (fields(asked), fields(shown)) {
                    self.object(given, asked, shown, &mut inner, place)?;
                }
                held.insert(name.to_owned(), Value::Object(inner));
            }
            (Type::List(asked), Some(Type::List(shown))) => {
                let given = given.as_array().ok_or_else(|| wrong(place, "a list"))?;
                let list = match (&**asked, &**shown) {
                    (Type::Model(asked), Type::Model(shown)) => {
                        let old = held.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
                        self.items(given, asked, shown, old, place)?
                    }
                    (asked, _) => {
                        given.iter().map(|item| check(item, asked, place)).collect::<Checked<Vec<Value>>>()?
                    }
                };
                held.insert(name.to_owned(), Value::Array(list));
            }
            (asked, Some(_)) => {
                held.insert(name.to_owned(), check(given, asked, place)?);
            }
        }
        Ok(())
    }

    /// The items of a list of objects after a write.
    fn items(
        &mut self,
        given: &[Value],
        asked: &str,
        shown: &str,
        mut list: Vec<Value>,
        place: &str,
    ) -> Checked<Vec<Value>> {
        let (Some(asked), Some(shown)) = (fields(asked), fields(shown)) else {
            return Ok(given.to_vec());
        };
        let by_item = asked.contains_key("delete");
        if !by_item {
            list.clear();
        }
        for item in given {
            let item = item.as_object().ok_or_else(|| wrong(place, "a list of objects"))?;
            let id = item.get("id").or(item.get("userId")).and_then(Value::as_str);
            let own = |held: &Value| held["id"].as_str().or(held["user"]["id"].as_str()).map(str::to_owned);
            let old = list.iter().position(|held| id.is_some() && own(held).as_deref() == id);
            if by_item && item.get("delete") == Some(&Value::Bool(true)) {
                if let Some(old) = old {
                    list.remove(old);
                }
                continue;
            }
            let mut held = old.and_then(|old| list[old].as_object().cloned()).unwrap_or_default();
            self.object(item, asked, shown, &mut held, place)?;
            held.remove("delete");
            if shown.contains_key("id") && !held.contains_key("id") && shown.contains_key("delete") {
                held.insert("id".to_owned(), json!(self.rng.uuid()));
            }
            match old {
                Some(old) => list[old] = Value::Object(held),
                None => list.push(Value::Object(held)),
            }
        }
        Ok(list)
    }
}

/// The member that a wrapper wraps.
fn wrapper(model: &str) -> Option<&'static str> {
    match model {
        _ if model.starts_with("ValueWrapper") => Some("value"),
        _ if model.starts_with("ListWrapper") || model.starts_with("SetWrapper") => Some("values"),
        _ => None,
    }
}

/// The reference that a field with an id or with ids stands for.
fn referred(name: &str) -> Option<String> {
    let one = name.strip_suffix("Id").map(str::to_owned);
    one.or_else(|| name.strip_suffix("Ids").map(|base| format!("{base}s")))
}

/// A value of the type, instants in UTC.
pub(crate) fn check(given: &Value, asked: &Type, place: &str) -> Checked<Value> {
    let fits = |fits: bool, what: &str| if fits { Ok(given.clone()) } else { Err(wrong(place, what)) };
    match asked {
        Type::Text => fits(given.is_string(), "a text"),
        Type::Whole => fits(given.is_i64() || given.is_u64(), "a whole number"),
        Type::Number => fits(given.is_number(), "a number"),
        Type::Flag => fits(given.is_boolean(), "true or false"),
        Type::Anything | Type::Map => Ok(given.clone()),
        Type::Time => {
            let at = given.as_str().and_then(instant).ok_or_else(|| wrong(place, "an instant"))?;
            Ok(json!(format_instant(at)))
        }
        Type::Date => fits(given.as_str().and_then(parse_date).is_some(), "a date"),
        Type::OneOf(all) => {
            let known = given.as_str().is_some_and(|text| all.iter().any(|one| one == text));
            fits(known, &format!("one of {}", all.join(", ")))
        }
        Type::List(inner) => {
            let list = given.as_array().ok_or_else(|| wrong(place, "a list"))?;
            let items: Checked<Vec<Value>> = list.iter().map(|item| check(item, inner, place)).collect();
            items.map(Value::Array)
        }
        Type::Model(model) => {
            let map = given.as_object().ok_or_else(|| wrong(place, "an object"))?;
            let Some(known) = fields(model) else { return Ok(given.clone()) };
            let mut checked = Map::new();
            for (name, given) in map.iter().filter(|(_, given)| !given.is_null()) {
                if let Some(asked) = known.get(name) {
                    checked.insert(name.clone(), check(given, asked, &format!("{place}.{name}"))?);
                }
            }
            Ok(Value::Object(checked))
        }
    }
}

/// An instant as any of the SDKs writes it: `Z`, an offset, microseconds, or none of these, which is UTC.
pub(crate) fn instant(text: &str) -> Option<i64> {
    parse_instant(text).or_else(|| parse_instant(&format!("{text}Z")))
}

fn wrong(place: &str, what: &str) -> Box<crate::refusal::Refusal> {
    errors::validation(place, format!("{place} must be {what}"))
}
