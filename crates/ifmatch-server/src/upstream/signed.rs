//! Requests to addresses that the target has signed, such as those of its uploads: sent there as they are, without a token.

use crate::addresses;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Uri;
use http_body_util::Full;
use ifmatch_core::Request;
use std::io::Write as _;

/// Why a request could not be built. The address is not in the words: whoever reads it may write there.
#[derive(Debug, thiserror::Error)]
pub(super) enum BuildError {
    #[error("it is no HTTP request: {0}")]
    Http(#[from] http::Error),
    #[error("the signed address is none")]
    Address,
    #[error("the signed address has no TLS, and allow_private is not set")]
    Plain,
    #[error("the signed address is loopback or private, and allow_private is not set")]
    Private,
    #[error("its body could not be compressed: {0}")]
    Body(#[from] std::io::Error),
}

/// A request to a signed address.
pub(super) fn build(request: &Request, allow_plain: bool) -> Result<http::Request<Full<Bytes>>, BuildError> {
    let uri: Uri = request.path.parse().map_err(|_| BuildError::Address)?;
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => {}
        (Some("http"), Some(_)) if allow_plain => {}
        (Some("http"), Some(_)) => return Err(BuildError::Plain),
        _ => return Err(BuildError::Address),
    }
    // Names are looked at when they are resolved.
    if !allow_plain && addresses::literal(&uri).is_some_and(addresses::is_private) {
        return Err(BuildError::Private);
    }
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(uri);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let compressed = request.header("content-encoding").is_some_and(|value| value.eq_ignore_ascii_case("gzip"));
    let body = match compressed {
        true => gzip(&request.body)?,
        false => request.body.clone().into_bytes(),
    };
    Ok(builder.body(Full::new(Bytes::from(body)))?)
}

fn gzip(text: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use http_body_util::BodyExt as _;
    use ifmatch_core::Method;
    use serde_json::json;
    use std::io::Read as _;

    fn upload(address: &str) -> Request {
        let mut request = Request::json(Method::Put, address, &json!({"metadata": {"version": 7}}));
        request.headers.push(("Content-Encoding".to_owned(), "gzip".to_owned()));
        Request { signed: true, ..request }
    }

    #[tokio::test]
    async fn the_body_is_compressed_and_no_token_goes_with_it() {
        let built = build(&upload("https://bucket.example.net/k?sig=1"), false).unwrap();
        assert_eq!(built.uri().to_string(), "https://bucket.example.net/k?sig=1");
        assert!(built.headers().get("authorization").is_none());
        let bytes = built.into_body().collect().await.unwrap().to_bytes();
        let mut text = String::new();
        GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        assert_eq!(text, r#"{"metadata":{"version":7}}"#);
    }

    #[test]
    fn an_address_without_tls_is_for_sandboxes() {
        assert!(matches!(build(&upload("http://127.0.0.1:8410/upload/k"), false), Err(BuildError::Plain)));
        assert!(build(&upload("http://127.0.0.1:8410/upload/k"), true).is_ok());
        for address in ["https://127.0.0.1/upload/k", "https://[fd00::1]/k", "https://localhost/k"] {
            assert!(matches!(build(&upload(address), false), Err(BuildError::Private)), "{address}");
        }
        for address in ["/upload/k", "ftp://x/k", "not an address"] {
            assert!(matches!(build(&upload(address), true), Err(BuildError::Address)), "{address}");
        }
    }
}
