//! An HTTP event in one form, whatever its shape.

use std::borrow::Cow;

use http::uri::Scheme;
use isobar_core::Identity;

use super::answer::Door;
use crate::aws::json::Long;

/// What every shape comes to: still borrowed from the payload.
pub(super) struct Wire<'a> {
    pub(super) door: Door,
    pub(super) method: Cow<'a, str>,
    /// The path as the client sent it, or decoded: the stage is off.
    pub(super) path: Cow<'a, str>,
    /// The query as it is to be; empty for none.
    pub(super) query: Cow<'a, str>,
    pub(super) fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// The cookies, where they do not stand among the fields alone.
    pub(super) cookies: Vec<Cow<'a, str>>,
    pub(super) body: Long<'a>,
    pub(super) is_base64: bool,
    /// The scheme where no proxy of the host's says it.
    pub(super) scheme: Scheme,
    /// The front door's own name, where it says it.
    pub(super) domain: Option<Cow<'a, str>>,
    pub(super) stage: Option<Cow<'a, str>>,
    pub(super) root_path: Cow<'a, str>,
    /// The client's address as the front door says it; without it `X-Forwarded-For`'s last one is
    /// the host's own word.
    pub(super) source_ip: Option<Cow<'a, str>>,
    pub(super) identity: Option<Identity>,
}

/// Takes a stage, or a base path, off a path's front, at a segment's border, once.
///
/// Returns the rest and what was taken off (trap 11: `/testing` is not the stage `test`).
pub(super) fn without_stage<'a>(
    path: Cow<'a, str>,
    stage: Option<&str>,
) -> (Cow<'a, str>, Cow<'a, str>) {
    let Some(stage) = stage else {
        return (path, Cow::Borrowed(""));
    };
    let rest = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(stage));
    match rest {
        Some("") => ("/".into(), format!("/{stage}").into()),
        Some(rest) if rest.starts_with('/') => (rest.to_owned().into(), format!("/{stage}").into()),
        _ => (path, "".into()),
    }
}

/// Returns a stage by its name; `$default` is no stage that a path could hold.
pub(super) fn named_stage(stage: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    stage.filter(|stage| !stage.is_empty() && stage != "$default")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_taken_off_once_and_at_a_segments_border() {
        for (path, rest, root) in [
            ("/test/hello", "/hello", "/test"),
            ("/test", "/", "/test"),
            ("/test/", "/", "/test"),
            ("/testing/hello", "/testing/hello", ""),
            ("/test/test/x", "/test/x", "/test"),
            ("/a/test/x", "/a/test/x", ""),
            ("//test/x", "//test/x", ""),
        ] {
            let (got, taken) = without_stage(path.into(), Some("test"));
            assert_eq!((&*got, &*taken), (rest, root), "{path}");
        }
    }
}
