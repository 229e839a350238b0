//! OAuth clients and their tokens (section 1).

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    http::{Request, Response},
    rng::Rng,
    time::SECOND,
};

/// Every scope of the API.
pub const SCOPES: [&str; 6] = [
    "wfm:schedule:read",
    "wfm:schedule:write",
    "wfm:schedule:publish",
    "quality:score:read",
    "quality:score:write",
    "recording:read",
];

/// What a client logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The OAuth client id.
    pub client_id: String,
    /// The OAuth client secret.
    pub client_secret: String,
}

#[derive(Debug, Clone)]
struct Client {
    secret: String,
    user_name: String,
    scopes: Vec<String>,
    /// Its permissions in the platform API; absent for all.
    permissions: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
struct Token {
    client_id: String,
    scopes: Arc<[String]>,
    expires_at: i64,
}

/// Who a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) client_id: String,
    pub(crate) scopes: Arc<[String]>,
    /// Whether the token still counts.
    pub(crate) valid: bool,
}

/// The clients and the tokens given out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    clients: BTreeMap<String, Client>,
    tokens: BTreeMap<String, Token>,
}

impl Access {
    pub(crate) fn add(&mut self, client_id: &str, secret: &str, user_name: &str, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let client = Client { secret: secret.to_owned(), user_name: user_name.to_owned(), scopes, permissions: None };
        self.clients.insert(client_id.to_owned(), client);
    }

    /// Credentials that no client has yet.
    pub(crate) fn another(&self, seed: u64) -> Credentials {
        let mut number = self.clients.len();
        let name = |number: usize| format!("sandbox-client-{number}");
        while self.clients.contains_key(&name(number)) {
            number += 1;
        }
        let mut secret = Rng::named(seed, &format!("credentials/{number}"));
        let client_secret = format!("{:016x}{:016x}", secret.next(), secret.next());
        Credentials { client_id: name(number), client_secret }
    }

    /// Leaves a client these permissions in the platform API.
    pub(crate) fn permit(&mut self, client_id: &str, permissions: &[&str]) {
        if let Some(client) = self.clients.get_mut(client_id) {
            client.permissions = Some(permissions.iter().map(|permission| (*permission).to_owned()).collect());
        }
    }

    /// The client's permissions in the platform API; `None` for all.
    pub(crate) fn permissions(&self, client_id: &str) -> Option<&[String]> {
        self.clients.get(client_id)?.permissions.as_deref()
    }

    /// Whether the client has a permission in the platform API.
    pub(crate) fn may(&self, client_id: &str, permission: &str) -> bool {
        let own = self.clients.get(client_id).and_then(|client| client.permissions.as_ref());
        own.is_none_or(|own| own.iter().any(|own| own == permission))
    }

    pub(crate) fn user_name(&self, client_id: &str) -> &str {
        self.clients.get(client_id).map_or("", |client| client.user_name.as_str())
    }

    /// Forgets all tokens, keeps the clients.
    pub(crate) fn drop_tokens(&mut self) {
        self.tokens.clear();
    }

    /// The bearer of the request's token, also of one that has expired; `None` for a token never given out.
    pub(crate) fn bearer(&self, now: i64, request: &Request) -> Option<Bearer> {
        let token = self.tokens.get(bearer_token(request)?)?;
        Some(Bearer {
            client_id: token.client_id.clone(),
            scopes: Arc::clone(&token.scopes),
            valid: now < token.expires_at,
        })
    }

    /// Ends the request's token at once.
    pub(crate) fn expire(&mut self, request: &Request) {
        if let Some(token) = bearer_token(request).and_then(|token| self.tokens.get_mut(token)) {
            token.expires_at = i64::MIN;
        }
    }

    /// `POST /oauth/token`.
    pub(crate) fn token(&mut self, now: i64, seconds: u32, request: &Request, rng: &mut Rng) -> Response {
        if request.method != "POST" {
            return oauth_error(405, "invalid_request", "the token endpoint takes POST");
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(&request.body).into_owned().collect();
        let Some((client_id, secret)) = basic(request) else {
            return oauth_error(401, "invalid_client", "the client must authenticate with HTTP Basic");
        };
        let client = self.clients.get(&client_id).filter(|client| client.secret == secret);
        let Some(client) = client else {
            return oauth_error(401, "invalid_client", "unknown client or wrong secret");
        };
        match form.get("grant_type").map(String::as_str) {
            Some("client_credentials") => {}
            Some(_) => {
                return oauth_error(400, "unsupported_grant_type", "only client_credentials is supported");
            }
            None => return oauth_error(400, "invalid_request", "grant_type is missing"),
        }
        let wanted: Vec<&str> = form.get("scope").map(|scope| scope.split_whitespace().collect()).unwrap_or_default();
        if wanted.iter().any(|scope| !client.scopes.iter().any(|own| own == scope)) {
            return oauth_error(400, "invalid_scope", "the client does not have this scope");
        }
        let scopes = client.scopes.iter().filter(|own| wanted.is_empty() || wanted.contains(&own.as_str()));
        let scopes: Arc<[String]> = scopes.cloned().collect();
        let token = format!("{:016x}{:016x}", rng.next(), rng.next());
        let scope = scopes.join(" ");
        let expires_at = now + i64::from(seconds) * SECOND;
        self.tokens.retain(|_, token| token.expires_at > now - 86_400 * SECOND);
        self.tokens.insert(token.clone(), Token { client_id, scopes, expires_at });
        let mut body = json!({"access_token": token, "token_type": "bearer", "expires_in": seconds});
        // A client of the platform API has permissions, and its token tells no scopes.
        if !scope.is_empty() {
            body["scope"] = json!(scope);
        }
        json_response(200, &body)
    }
}

fn bearer_token(request: &Request) -> Option<&str> {
    let value = request.header("authorization")?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn basic(request: &Request) -> Option<(String, String)> {
    let (scheme, text) = request.header("authorization")?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), decode(secret)))
}

/// RFC 6749 §2.3.1 lets clients send both parts form-encoded.
fn decode(text: &str) -> String {
    let pair = format!("v={text}");
    form_urlencoded::parse(pair.replace('+', "%2B").as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn oauth_error(status: u16, error: &str, description: &str) -> Response {
    json_response(status, &json!({"error": error, "description": description, "error_description": description}))
}

/// A JSON response.
pub(crate) fn json_response(status: u16, body: &serde_json::Value) -> Response {
    Response {
        status,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: serde_json::to_vec(body).unwrap_or_default(),
    }
}
