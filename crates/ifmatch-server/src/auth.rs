//! Who sends a request: bearer tokens of sources, and the operator's.

use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::random;
use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Name of the file with the operator's token, inside the data folder.
pub const OPERATOR_TOKEN_FILE: &str = "operator-token";

impl FromRequestParts<App> for Principal {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let token = bearer(&parts.headers).ok_or(Fault::Unauthorised)?;
        if app.operator_token.is(token) {
            return Ok(Self::Operator);
        }
        let account = app.sessions.account(token, app.clock.now());
        account.map(Self::Source).ok_or(Fault::Unauthorised)
    }
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Id and secret by HTTP Basic, as they are (RFC 7617).
pub(crate) fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, text) = header.to_str().ok()?.split_once(' ')?;
    let text = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(text.trim()).ok())??;
    let text = String::from_utf8(text).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Reads the operator's token, or makes one that only the owner of the data folder can read.
///
/// # Errors
/// The file cannot be read or written.
pub(crate) fn operator_token(data_dir: &Path) -> io::Result<String> {
    let path = operator_token_path(data_dir);
    match std::fs::read_to_string(&path) {
        Ok(token) if !token.trim().is_empty() => return Ok(token.trim().to_owned()),
        Ok(_) => std::fs::remove_file(&path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let token = random::secret();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path)?;
    writeln!(file, "{token}")?;
    Ok(token)
}

/// Where the operator's token is.
#[must_use]
pub fn operator_token_path(data_dir: &Path) -> PathBuf {
    data_dir.join(OPERATOR_TOKEN_FILE)
}

#[cfg(test)]
mod tests {
    //! Behaviour of the operator's token.

    use super::*;

    #[test]
    fn the_token_is_made_once_and_for_the_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let token = operator_token(folder.path()).unwrap();
        assert_eq!(token.len(), 64);
        assert_eq!(operator_token(folder.path()).unwrap(), token);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(operator_token_path(folder.path())).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
