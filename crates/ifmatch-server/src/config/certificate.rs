//! The certificate of an org's target: a file of `ifmatch probe --out`.

use super::ConfigError;
use super::secret::Resolver;
use ifmatch_core::Dialect;
use ifmatch_dialects::probe::Certificate;
use std::path::Path;

/// What to do about one that is wrong.
const HINT: &str = "make it anew with `ifmatch probe --out FILE`";

/// Reads the certificate that a section such as `org.0` names. A relative path is meant from the folder of the configuration.
pub(super) fn read(
    resolver: &Resolver<'_>,
    section: &str,
    path: &Path,
    dialect: &dyn Dialect,
) -> Result<Certificate, ConfigError> {
    let path = match resolver.layers.folder() {
        Some(folder) if path.is_relative() => folder.join(path),
        _ => path.to_owned(),
    };
    let place = path.display().to_string();
    let wrong = |reason: String| resolver.layers.error(format!("{section}.certificate"), format!("{place}: {reason}"));
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let mut reader = serde_json::Deserializer::from_str(&text);
    let certificate: Certificate = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string().replace('[', ".").replace(']', "");
        wrong(format!("{field}: {}", error.into_inner())).hint(HINT)
    })?;
    if certificate.dialect != dialect.name() {
        let reason = format!("dialect: it is about {:?}, and the org speaks {:?}", certificate.dialect, dialect.name());
        return Err(wrong(reason).hint(HINT));
    }
    certificate.check(&dialect.kinds()).map_err(|error| wrong(error.to_string()).hint(HINT))?;
    Ok(certificate)
}
