//! The client's address and identity, as the host and App Service vouch for them.

use base64_simd::STANDARD;
use isobar_core::{Bytes, HeaderMap, HeaderName, Identity, Text};

use crate::RunError;
use crate::config::Environment;

const PRINCIPAL: HeaderName = HeaderName::from_static("x-ms-client-principal");
const PRINCIPAL_ID: HeaderName = HeaderName::from_static("x-ms-client-principal-id");
const PRINCIPAL_IDP: HeaderName = HeaderName::from_static("x-ms-client-principal-idp");
const PRINCIPAL_NAME: HeaderName = HeaderName::from_static("x-ms-client-principal-name");
const ALL: [HeaderName; 4] = [PRINCIPAL, PRINCIPAL_ID, PRINCIPAL_IDP, PRINCIPAL_NAME];

/// Whose word counts.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// How many stand before the front end, whose own entry of `X-Forwarded-For` is the last, and has a port.
    pub(super) proxies: usize,
    easy_auth: bool,
}

impl Rules {
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        let wanted = "a number of proxies is wanted, such as 1 behind Front Door";
        // App Service says it itself; the host reads it as .NET reads a bool.
        let by_platform = environment.text("WEBSITE_AUTH_ENABLED");
        let by_platform = by_platform.is_some_and(|text| text.trim().eq_ignore_ascii_case("true"));
        Ok(Self {
            proxies: environment.value("ISOBAR_PROXIES", wanted)?.unwrap_or(0),
            easy_auth: by_platform || environment.is_on("ISOBAR_EASY_AUTH"),
        })
    }

    /// Reads the headers of App Service authentication. Where it is off only a client can have sent
    /// them, so they are taken off: nothing behind can believe them by mistake.
    ///
    /// Source: <https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities>.
    pub(super) fn identity(&self, headers: &mut HeaderMap) -> Option<Identity> {
        if !self.easy_auth {
            // One look at each name costs less than to ask for four that are not there.
            let is_one = |name: &HeaderName| name.as_str().starts_with(PRINCIPAL.as_str());
            if headers.keys().any(is_one) {
                for name in ALL {
                    headers.remove(name);
                }
            }
            return None;
        }
        let subject = last(headers, &PRINCIPAL_ID)?;
        let mut identity = Identity::new(Text::from(subject));
        if let Some(provider) = last(headers, &PRINCIPAL_IDP) {
            identity = identity.with_issuer(Text::from(provider));
        }
        let claims = last(headers, &PRINCIPAL);
        Some(match claims.map(|text| STANDARD.decode_to_vec(text)) {
            Some(Ok(json)) => identity.with_claims(Bytes::from(json)),
            _ => identity,
        })
    }
}

fn last<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    Some(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forwarded::tell_client_ip;
    use isobar_core::{Context, Function};
    use serde_json::{Value, json};

    /// The identity, and how many of the headers are left.
    fn identity<const N: usize>(variables: [(&str, &str); N]) -> (Option<Identity>, usize) {
        let mut headers = HeaderMap::new();
        headers.insert("x-ms-client-principal-id", "u-1".parse().unwrap());
        headers.insert("x-ms-client-principal-idp", "aad".parse().unwrap());
        let claims = STANDARD.encode_to_string(r#"{"claims":[]}"#);
        headers.insert("x-ms-client-principal", claims.parse().unwrap());
        let rules = Rules::new(&Environment::of(variables)).unwrap();
        (rules.identity(&mut headers), headers.len())
    }

    #[test]
    fn a_principal_counts_only_where_app_service_authentication_is_on() {
        // trap 16
        assert_eq!(identity([]), (None, 0));
        assert_eq!(identity([("WEBSITE_AUTH_ENABLED", "False")]), (None, 0));
        for on in [("ISOBAR_EASY_AUTH", "1"), ("WEBSITE_AUTH_ENABLED", "True")] {
            let (identity, left) = identity([on]);
            let identity = identity.unwrap();
            assert_eq!(left, 3);
            assert_eq!(
                (identity.subject(), identity.issuer()),
                ("u-1", Some("aad"))
            );
            assert_eq!(identity.claims::<Value>().unwrap(), json!({"claims": []}));
        }
    }

    #[test]
    fn the_clients_address_has_a_port() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            "192.0.2.1, [2001:db8::7]:52371".parse().unwrap(),
        );
        let context = Context::builder(Function::default());
        let context = tell_client_ip(context, &headers, Rules::default().proxies).build();
        let ip = context.client_ip().unwrap();
        assert_eq!(ip.to_string(), "2001:db8::7");
    }
}
