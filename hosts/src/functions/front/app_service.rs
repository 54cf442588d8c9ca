//! App Service before the host: its front end, and Easy Auth.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::request::Parts;
use serde_json::json;

use super::{Principal, target};
use crate::headers::{append_to_list, set};
use crate::{Error, ids};

/// Decodes `%2F` in the path, and tells the client's own target in headers of its own.
pub(super) fn arrive(parts: &mut Parts, client: IpAddr) -> Result<(), Error> {
    let sent = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    let path = parts.uri.path().replace("%2F", "/").replace("%2f", "/");
    parts.uri = target(&path, parts.uri.query())?;
    let with_port = match client {
        IpAddr::V4(v4) => format!("{v4}:52371"),
        IpAddr::V6(v6) => format!("[{v6}]:52371"),
    };
    let host = parts
        .headers
        .get("host")
        .and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default().to_owned();
    set(&mut parts.headers, "x-waws-unencoded-url", &sent);
    set(&mut parts.headers, "x-original-url", &sent);
    append_to_list(&mut parts.headers, "x-forwarded-for", &with_port);
    set(&mut parts.headers, "x-forwarded-proto", "https");
    set(&mut parts.headers, "client-ip", &with_port);
    set(&mut parts.headers, "disguised-host", &host);
    set(
        &mut parts.headers,
        "was-default-hostname",
        "app.azurewebsites.net",
    );
    set(&mut parts.headers, "x-arr-log-id", &ids::uuid());
    set(
        &mut parts.headers,
        "x-arr-ssl",
        "2048|256|CN=Microsoft|CN=*.azurewebsites.net",
    );
    set(&mut parts.headers, "max-forwards", "10");
    Ok(())
}

/// Sets the principal's headers, over a client's own.
pub(super) fn sign_in(headers: &mut HeaderMap, principal: &Principal) {
    let claims = principal.claims.iter();
    let claims = claims.map(|(kind, value)| json!({"typ": kind, "val": value}));
    let whole = json!({
        "auth_typ": principal.provider,
        "claims": claims.collect::<Vec<_>>(),
        "name_typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "role_typ": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    });
    set(
        headers,
        "x-ms-client-principal",
        &STANDARD.encode(whole.to_string()),
    );
    set(headers, "x-ms-client-principal-id", &principal.id);
    set(headers, "x-ms-client-principal-name", &principal.name);
    set(headers, "x-ms-client-principal-idp", &principal.provider);
}
