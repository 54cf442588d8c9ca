//! The route prefix, which is deployment.

use std::borrow::Cow;

use isobar_core::Text;

/// host.json's route prefix as it stands before each path: empty, or `/api`.
#[derive(Debug, Default)]
pub(crate) struct Prefix(Text);

impl Prefix {
    pub(crate) fn new(route_prefix: &str) -> Self {
        if route_prefix.is_empty() {
            return Self::default();
        }
        Self(Text::from(format!("/{route_prefix}")))
    }

    /// Takes it off the front of a path and query, at the border of a segment; the case is the
    /// client's own, since the host's routes have none. `None` if it is not there.
    pub(super) fn strip<'t>(&self, target: &'t str) -> Option<(Text, Cow<'t, str>)> {
        let (front, rest) = target.split_at_checked(self.0.len())?;
        if !front.eq_ignore_ascii_case(&self.0) {
            return None;
        }
        let root = if front == &*self.0 {
            self.0.clone()
        } else {
            Text::from(front)
        };
        match rest.bytes().next() {
            Some(b'/') => Some((root, rest.into())),
            None | Some(b'?') => Some((root, format!("/{rest}").into())),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_off_at_a_segments_border_and_once() {
        // trap 11
        for (prefix, target, wanted) in [
            ("api", "/api/hello?x=/api", Some(("/api", "/hello?x=/api"))),
            ("api", "/api/api/x", Some(("/api", "/api/x"))),
            ("api", "/api", Some(("/api", "/"))),
            ("api", "/api?x", Some(("/api", "/?x"))),
            ("api", "/API/x", Some(("/API", "/x"))),
            ("api", "/apis/x", None),
            ("api", "/", None),
            ("é", "/x", None),
            ("v1/x", "/v1/x/y", Some(("/v1/x", "/y"))),
            ("", "/x?y", Some(("", "/x?y"))),
            ("", "//x", Some(("", "//x"))),
        ] {
            let stripped = Prefix::new(prefix).strip(target);
            let stripped = stripped.as_ref().map(|(root, rest)| (&**root, &**rest));
            assert_eq!(stripped, wanted, "{prefix} {target}");
        }
    }
}
