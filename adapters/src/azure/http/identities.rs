//! The identities of invocation JSON: whom the host itself has let in.

use std::sync::OnceLock;

use isobar_core::{Bytes, Identity, Text};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::azure::text::Str;
use crate::json::{Malformed, Reader};

/// Claims that name a caller, the best first.
const SUBJECTS: [&str; 4] = [
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier",
    "sub",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    "oid",
];

/// .NET's `ClaimsIdentity`, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClaimsIdentity<'a> {
    #[serde(borrow)]
    authentication_type: Option<Str<'a>>,
    #[serde(default)]
    is_authenticated: bool,
    claims: Option<Vec<Claim<'a>>>,
    name: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Claim<'a> {
    #[serde(borrow)]
    r#type: Option<Str<'a>>,
    value: Option<Str<'a>>,
}

/// The first list of identities that told of nobody: most are like it, since the host writes them.
#[derive(Debug, Default)]
pub(crate) struct Nobody(pub(super) OnceLock<Box<str>>);

impl Nobody {
    /// How long a list may be that is kept.
    const KEPT: usize = 2 << 10;

    /// Passes over a list of identities, and returns it where it may tell of somebody.
    pub(super) fn identities<'p>(
        &self,
        value: &mut Reader<'p>,
    ) -> Result<Option<&'p str>, Malformed> {
        if self.0.get().is_some_and(|list| value.pass_same(list)) {
            return Ok(None);
        }
        let before = value.truths();
        let list = value.raw()?;
        // Hosts before late 2020 wrote the list into a string.
        let may_tell = value.truths() > before || list.starts_with('"');
        if !may_tell && list.ends_with(']') && list.len() <= Self::KEPT {
            self.0.get_or_init(|| list.into());
        }
        Ok(may_tell.then_some(list))
    }
}

/// Returns the first that is authenticated and names somebody.
pub(super) fn identity(identities: &str) -> Option<Identity> {
    // Hosts before late 2020 wrote the list into a string.
    if let Ok(text) = serde_json::from_str::<String>(identities) {
        return first(&text);
    }
    first(identities)
}

fn first(list: &str) -> Option<Identity> {
    let identities: Vec<&RawValue> = serde_json::from_str(list).ok()?;
    identities.into_iter().find_map(read)
}

fn read(json: &RawValue) -> Option<Identity> {
    let identity: ClaimsIdentity<'_> = serde_json::from_str(json.get()).ok()?;
    let kind = identity
        .authentication_type
        .as_ref()
        .map_or("", |kind| &kind.0);
    // A function key says which key it is, and nothing of who has it.
    if !identity.is_authenticated || kind == "WebJobsAuthLevel" {
        return None;
    }
    let claims = identity.claims.unwrap_or_default();
    let claimed = |wanted: &&str| {
        let is_wanted = |claim: &&Claim<'_>| claim.r#type.as_ref().is_some_and(|t| t.0 == **wanted);
        claims.iter().find(is_wanted)?.value.as_ref()
    };
    let subject = SUBJECTS
        .iter()
        .find_map(claimed)
        .or(identity.name.as_ref())?;
    let identity = Identity::new(Text::from(&*subject.0)).with_issuer(Text::from(kind));
    Some(identity.with_claims(Bytes::copy_from_slice(json.get().as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Option<(String, String)> {
        let identity = identity(json)?;
        Some((identity.subject().to_owned(), identity.issuer()?.to_owned()))
    }

    const USER: &str = r#"{"AuthenticationType":"aad","IsAuthenticated":true,"Actor":null,"Name":"U","Claims":[
        {"Type":"name","Value":"U"},{"Type":"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier","Value":"u-1"}]}"#;

    #[test]
    fn only_who_is_authenticated_is_somebody() {
        let wanted = Some(("u-1".to_owned(), "aad".to_owned()));
        assert_eq!(of(&format!("[{USER}]")), wanted);
        let nobody = USER.replace("\"IsAuthenticated\":true", "\"IsAuthenticated\":false");
        assert_eq!(of(&format!("[{nobody}]")), None);
        assert_eq!(of(&format!("[{nobody},{USER}]")), wanted);
        let in_a_string = serde_json::to_string(&format!("[{USER}]")).unwrap();
        assert_eq!(of(&in_a_string), wanted);
    }

    #[test]
    fn a_function_key_is_nobody() {
        let key = USER.replace("aad", "WebJobsAuthLevel");
        assert_eq!(of(&format!("[{key}]")), None);
    }

    #[test]
    fn what_is_of_another_form_is_nobody() {
        for json in ["[]", "null", "\"true\"", "true", "[true]", "{\"true\":1}"] {
            assert_eq!(of(json), None, "{json}");
        }
    }
}
