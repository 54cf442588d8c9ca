//! Which blob: container and name, as URLs, subjects and path patterns have them.

use isobar_core::Text;
use percent_encoding::percent_decode_str;

/// Splits a blob's URL: `https://{account}.blob.core.windows.net/{container}/{name}`, each
/// percent-encoded. Blobs without a container are in `$root`. The storage emulator has the account
/// as the first segment of the path.
pub(super) fn of_uri(uri: &str) -> Option<(Text, Text)> {
    let (_scheme, rest) = uri.split_once("://")?;
    let (authority, path) = rest.split_once('/')?;
    let path = path.split(['?', '#']).next()?;
    let path = if is_emulator(authority) {
        path.split_once('/')?.1
    } else {
        path
    };
    let (container, name) = path.split_once('/').unwrap_or(("$root", path));
    let (container, name) = (decoded(container)?, decoded(name)?);
    (!container.is_empty() && !name.is_empty()).then_some((container, name))
}

/// An address or a name without dots stands where the account does elsewhere.
fn is_emulator(authority: &str) -> bool {
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    !host.contains('.') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

fn decoded(text: &str) -> Option<Text> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(Text::from(&*decoded))
}

/// Splits the subject of Event Grid, `/blobServices/default/containers/{container}/blobs/{name}`,
/// in which nothing is encoded.
pub(super) fn of_subject(subject: &Text) -> Option<(Text, Text)> {
    let rest = subject.strip_prefix("/blobServices/default/containers/")?;
    let (container, name) = rest.split_once("/blobs/")?;
    let is_named = !container.is_empty() && !name.is_empty();
    is_named.then(|| (subject.slice_ref(container), subject.slice_ref(name)))
}

/// Fills in the path pattern of a blob trigger, such as `uploads/{name}`; `None` where a part of it
/// is not known.
pub(super) fn of_pattern(
    pattern: &str,
    value: impl Fn(&str) -> Option<Text>,
) -> Option<(Text, Text)> {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        path.push_str(before);
        path.push_str(&value(name)?);
        rest = after;
    }
    path.push_str(rest);
    let (container, name) = path.split_once('/')?;
    // a setting's name stands for what is not known here
    let is_known = !container.is_empty() && !name.is_empty() && !path.contains('%');
    is_known.then(|| (container.into(), name.into()))
}

/// An entity tag without its quotes.
pub(super) fn unquoted(etag: &Text) -> Text {
    let inner = { etag.strip_prefix('"') }.and_then(|text| text.strip_suffix('"'));
    inner.map_or_else(|| etag.clone(), |inner| etag.slice_ref(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(pair: Option<(Text, Text)>) -> Option<(String, String)> {
        pair.map(|(a, b)| (a.to_string(), b.to_string()))
    }

    #[expect(clippy::unnecessary_wraps, reason = "others are none")]
    fn wanted(container: &str, name: &str) -> Option<(String, String)> {
        Some((container.to_owned(), name.to_owned()))
    }

    #[test]
    fn a_url_is_percent_decoded() {
        for (uri, right) in [
            (
                "https://a.blob.core.windows.net/c/a/b%20c.txt",
                wanted("c", "a/b c.txt"),
            ),
            (
                "https://a.blob.core.windows.net/c/a+b%2B?sig=x",
                wanted("c", "a+b+"),
            ),
            (
                "https://a.blob.core.windows.net/root.txt",
                wanted("$root", "root.txt"),
            ),
            (
                "http://127.0.0.1:10000/devstoreaccount1/c/a",
                wanted("c", "a"),
            ),
            (
                "http://azurite:10000/devstoreaccount1/c/a",
                wanted("c", "a"),
            ),
            ("https://a.blob.core.windows.net/c/%FF", None),
            ("https://a.blob.core.windows.net/", None),
            ("https://a.blob.core.windows.net/c/", None),
            ("c/a", None),
            ("", None),
        ] {
            assert_eq!(pair(of_uri(uri)), right, "{uri}");
        }
    }

    #[test]
    fn a_subject_is_as_it_stands() {
        let of = |subject: &str| pair(of_subject(&subject.into()));
        let subject = "/blobServices/default/containers/c/blobs/a/blobs/b%20+c";
        assert_eq!(of(subject), wanted("c", "a/blobs/b%20+c"));
        assert_eq!(of("/blobServices/default/containers/c/blobs/"), None);
        assert_eq!(of("x"), None);
    }

    #[test]
    fn a_pattern_is_filled_in_where_all_is_known() {
        let of = |pattern| {
            let value = |name: &str| (name == "name").then(|| Text::from("a/b c.txt"));
            pair(of_pattern(pattern, value))
        };
        assert_eq!(of("uploads/{name}"), wanted("uploads", "a/b c.txt"));
        assert_eq!(
            of("uploads/x/{name}.gz"),
            wanted("uploads", "x/a/b c.txt.gz")
        );
        for pattern in [
            "",
            "uploads",
            "uploads/{other}",
            "uploads/{name",
            "%CONTAINER%/{name}",
        ] {
            assert_eq!(of(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn an_entity_tag_has_no_quotes() {
        assert_eq!(unquoted(&"\"0x8\"".into()), "0x8");
        assert_eq!(unquoted(&"0x8".into()), "0x8");
    }
}
