//! The headers that the host itself adds.

use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use isobar_core::Text;

/// The host's id of the invocation, in every way.
pub(super) const INVOCATION_ID: HeaderName =
    HeaderName::from_static("x-azure-functions-invocationid");
pub(super) const HOST_VERSION: HeaderName =
    HeaderName::from_static("x-azure-functions-hostversion");
/// The host's id of a proxied invocation.
pub(super) const PROXY_ID: HeaderName = HeaderName::from_static("x-ms-invocation-id");

/// What is read of the headers of an invocation.
pub(crate) static WANTED: [HeaderName; 3] = [
    INVOCATION_ID,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// Returns the host's id: the last, since what stands before it a client may have sent.
pub(super) fn id(headers: &HeaderMap, name: &HeaderName) -> Option<Text> {
    let id = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    (!id.is_empty()).then(|| Text::from(id))
}

/// Returns the host's id of the invocation.
pub(crate) fn invocation_id(headers: &HeaderMap) -> Option<Text> {
    id(headers, &INVOCATION_ID)
}

/// Takes the last value off, which the host has added to a client's own.
pub(super) fn take_last(headers: &mut HeaderMap, name: &HeaderName) {
    let values = headers.get_all(name).iter();
    let mut own: Vec<HeaderValue> = values.cloned().collect();
    let _the_hosts = own.pop();
    headers.remove(name);
    for value in own {
        headers.append(name, value);
    }
}

/// Takes the host's product off the end of the client's own `User-Agent`.
pub(super) fn take_product(headers: &mut HeaderMap) {
    const PRODUCT: &str = "Azure-Functions-Host/";
    let last = headers.get_all(USER_AGENT).iter().next_back();
    let Some(text) = last.and_then(|value| value.to_str().ok()) else {
        return;
    };
    let Some((before, product)) = text.rsplit_once(PRODUCT) else {
        return;
    };
    let client = before.trim_end();
    if product.contains(' ') || (client.len() == before.len() && !client.is_empty()) {
        return;
    }
    let client = (!client.is_empty()).then(|| HeaderValue::from_str(client));
    take_last(headers, &USER_AGENT);
    if let Some(Ok(client)) = client {
        headers.append(USER_AGENT, client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    fn left(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
        let values = headers.get_all(name).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn the_hosts_id_is_the_last() {
        // correction 14
        let mut headers = of(&INVOCATION_ID, &["forged", "real"]);
        assert_eq!(id(&headers, &INVOCATION_ID).as_deref(), Some("real"));
        take_last(&mut headers, &INVOCATION_ID);
        assert_eq!(left(&headers, &INVOCATION_ID), ["forged"]);
    }

    #[test]
    fn the_clients_user_agent_is_its_own_again() {
        let product = "Azure-Functions-Host/4.1042.100.1";
        for (sent, wanted) in [
            (vec![format!("curl/8.4.0 {product}")], vec!["curl/8.4.0"]),
            (
                vec!["curl/8.4.0".to_owned(), product.to_owned()],
                vec!["curl/8.4.0"],
            ),
            (vec![product.to_owned()], vec![]),
            (vec!["curl/8.4.0".to_owned()], vec!["curl/8.4.0"]),
            (
                vec![format!("not{product}")],
                vec!["notAzure-Functions-Host/4.1042.100.1"],
            ),
        ] {
            let sent: Vec<_> = sent.iter().map(String::as_str).collect();
            let mut headers = of(&USER_AGENT, &sent);
            take_product(&mut headers);
            assert_eq!(left(&headers, &USER_AGENT), wanted, "{sent:?}");
        }
    }
}
