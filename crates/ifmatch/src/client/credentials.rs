//! Who is asking: a source by its client id, or the operator by the token in the data folder.

use super::Connect;
use crate::error::{Failure, Kind};
use anyhow::{Context as _, anyhow};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ifmatch_server::config::Environment;
use ifmatch_server::operator_token_path;
use std::path::Path;

/// The data folder when nobody says.
const DATA: &str = "ifmatch-data";

/// Who is asking.
#[derive(PartialEq, Eq)]
pub(super) enum Credentials {
    /// A source, by its client credentials.
    Source { client_id: String, client_secret: String },
    /// The operator.
    Operator { token: String },
}

/// Secrets are never shown.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Source { client_id, .. } => write!(f, "source {client_id}"),
            Self::Operator { .. } => f.write_str("operator"),
        }
    }
}

impl Credentials {
    /// Flags, then the environment, then the operator's token. A data folder that is named is
    /// meant: it goes before the environment.
    pub(super) fn find(connect: &Connect, environment: &Environment) -> Result<Self, Failure> {
        if let (Some(id), Some(file)) = (&connect.client_id, &connect.client_secret_file) {
            return Ok(Self::Source { client_id: id.clone(), client_secret: read(file)? });
        }
        if let Some(id) = &connect.client_id {
            let secret = environment.value("IFMATCH_CLIENT_SECRET").ok_or_else(|| {
                half("--client-id", "IFMATCH_CLIENT_SECRET")
                    .hint("or name a file with the secret with --client-secret-file")
            })?;
            return Ok(Self::Source { client_id: id.clone(), client_secret: secret.to_owned() });
        }
        if connect.data.is_none() {
            match (environment.value("IFMATCH_CLIENT_ID"), environment.value("IFMATCH_CLIENT_SECRET")) {
                (Some(id), Some(secret)) => {
                    return Ok(Self::Source { client_id: id.to_owned(), client_secret: secret.to_owned() });
                }
                (Some(_), None) => return Err(half("IFMATCH_CLIENT_ID", "IFMATCH_CLIENT_SECRET")),
                (None, Some(_)) => return Err(half("IFMATCH_CLIENT_SECRET", "IFMATCH_CLIENT_ID")),
                (None, None) => {}
            }
        }
        let file = operator_token_path(connect.data.as_deref().unwrap_or(Path::new(DATA)));
        match read(&file) {
            Ok(token) => Ok(Self::Operator { token }),
            Err(failure) => Err(failure.hint(
                "give --client-id and --client-secret-file, or IFMATCH_CLIENT_ID and IFMATCH_CLIENT_SECRET, \
                 or name the gateway's data folder with --data",
            )),
        }
    }
}

fn half(given: &str, missing: &str) -> Failure {
    Failure::new(Kind::Config, anyhow!("{given} is set and {missing} is not"))
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("no credentials: {} cannot be read", file.display()))
        .map_err(|error| Failure::new(Kind::Config, error))?;
    match text.trim() {
        "" => Err(Failure::new(Kind::Config, anyhow!("no credentials: {} is empty", file.display()))),
        secret => Ok(secret.to_owned()),
    }
}

/// `Authorization` by client id and secret (RFC 6749 §2.3.1: each form-encoded first). A space is
/// written `%20`, which every decoder takes; not every one takes `+`.
pub(super) fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}
