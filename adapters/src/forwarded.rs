//! What proxies in front of us wrote: the client's address and the scheme.

use std::net::{IpAddr, SocketAddr};

use http::HeaderValue;
use http::uri::Scheme;
#[cfg(any(feature = "azure", feature = "gcp"))]
use isobar_core::ContextBuilder;
use isobar_core::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Returns the address that the outermost trusted proxy saw.
///
/// Each proxy appends to `X-Forwarded-For` on the right; what stands further left a client may have
/// written itself. `proxies` is how many trusted ones stand before the host's own.
pub(crate) fn client_ip(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    entries(headers).nth(proxies)?
}

/// Says that to a context. Of one line, which is what there is most, it is read when it is asked for.
#[cfg(any(feature = "azure", feature = "gcp"))]
pub(crate) fn tell_client_ip(
    context: ContextBuilder,
    headers: &HeaderMap,
    proxies: usize,
) -> ContextBuilder {
    let mut lines = headers.get_all(FORWARDED_FOR).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => context.client_ip_in(line.clone(), proxies, |line, nth| {
            entries_of(line).nth(nth)?
        }),
        _ => context.client_ip(client_ip(headers, proxies)),
    }
}

/// The entries of `X-Forwarded-For` from the right; `None` for what is no address.
pub(crate) fn entries(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    lines.flat_map(entries_of)
}

fn entries_of(line: &HeaderValue) -> impl Iterator<Item = Option<IpAddr>> {
    let entries = line.as_bytes().rsplit(|byte| *byte == b',');
    entries.map(|entry| parse_ip(std::str::from_utf8(entry.trim_ascii()).ok()?))
}

/// Reads an address with or without a port, an IPv6 one with or without brackets.
pub(crate) fn parse_ip(text: &str) -> Option<IpAddr> {
    let Some((before, port)) = text.rsplit_once(':') else {
        return text.parse().ok();
    };
    // An IPv4 address with its port, which is what stands here most: cheaper than as a `SocketAddr`.
    if !before.contains(':') {
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
        return before.parse().ok().filter(|_| is_port).map(IpAddr::V4);
    }
    if let Ok(ip) = text.parse() {
        return Some(ip);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Returns the scheme that the host's own proxy saw: the last word of `X-Forwarded-Proto`.
pub(crate) fn scheme(headers: &HeaderMap) -> Option<Scheme> {
    scheme_by(headers, &FORWARDED_PROTO)
}

/// The same, where the proxy has a name of its own for it.
pub(crate) fn scheme_by(headers: &HeaderMap, name: &HeaderName) -> Option<Scheme> {
    let value = headers.get_all(name).iter().next_back()?;
    let last = value.as_bytes().rsplit(|byte| *byte == b',').next()?;
    if last.trim_ascii().eq_ignore_ascii_case(b"https") {
        return Some(Scheme::HTTPS);
    }
    last.trim_ascii()
        .eq_ignore_ascii_case(b"http")
        .then_some(Scheme::HTTP)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str], proxies: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let ip = client_ip(&headers, proxies);
        #[cfg(any(feature = "azure", feature = "gcp"))]
        {
            let context = isobar_core::Context::builder(isobar_core::Function::default());
            let told = tell_client_ip(context, &headers, proxies).build();
            assert_eq!(told.client_ip(), ip);
        }
        ip.map(|ip| ip.to_string())
    }

    #[test]
    fn only_the_hosts_own_entry_counts() {
        // trap 15: the first entry is the client's own word
        assert_eq!(
            of(&["1.1.1.1, 203.0.113.7"], 0).as_deref(),
            Some("203.0.113.7")
        );
        assert_eq!(
            of(&["1.1.1.1", "203.0.113.7"], 0).as_deref(),
            Some("203.0.113.7")
        );
        assert_eq!(
            of(&["1.1.1.1,203.0.113.7, 10.0.0.1"], 1).as_deref(),
            Some("203.0.113.7")
        );
        assert_eq!(of(&["1.1.1.1, unknown"], 0), None);
        assert_eq!(of(&[], 0), None);
    }

    #[test]
    fn an_address_may_have_a_port() {
        for (text, wanted) in [
            ("203.0.113.7:52371", "203.0.113.7"),
            ("[2001:db8::7]:52371", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
        ] {
            assert_eq!(parse_ip(text).unwrap().to_string(), wanted);
        }
        for wrong in [
            "",
            ":",
            "203.0.113.7:",
            ":80",
            "203.0.113.7:x",
            "203.0.113.7:+80",
            "203.0.113.7:65536",
            "203.0.113:80",
            "2001:db8::7:x",
            "[2001:db8::7]:",
            "[2001:db8::7",
            "a:80",
        ] {
            assert_eq!(parse_ip(wrong), None, "{wrong}");
            assert_eq!(wrong.parse::<SocketAddr>().ok(), None, "{wrong}");
        }
        assert_eq!(parse_ip("203.0.113.7:00080"), Some([203, 0, 113, 7].into()));
    }
}
