//! Where the Runtime API is.

use crate::RunError;
use crate::config::Environment;

/// The Runtime API's address: `host:port` on AWS, a URL with a path from some emulators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Endpoint {
    /// Host and port.
    pub(super) authority: String,
    /// What stands before every path; empty on AWS.
    pub(super) prefix: String,
}

impl Endpoint {
    pub(in crate::aws) fn new(environment: &Environment) -> Result<Self, RunError> {
        const NAME: &str = "AWS_LAMBDA_RUNTIME_API";
        let text = environment.text(NAME).unwrap_or_default();
        let wanted = "the Runtime API's host:port is wanted, which AWS Lambda sets; without Lambda \
                      run the program as it is, or under an emulator";
        Self::parse(text).ok_or_else(|| environment.wrong(NAME, wanted))
    }

    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("http://").unwrap_or(text);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let legal = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if authority.is_empty() || authority.contains('@') || !legal(rest) {
            return None;
        }
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let port = if has_port { "" } else { ":80" };
        Some(Self {
            authority: format!("{authority}{port}"),
            prefix: path.trim_end_matches('/').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_host_and_port_or_a_url_with_a_path() {
        for (text, authority, prefix) in [
            ("127.0.0.1:9001", "127.0.0.1:9001", ""),
            (
                "http://127.0.0.1:9000/.rt/hello",
                "127.0.0.1:9000",
                "/.rt/hello",
            ),
            ("http://[::1]:9000/.rt/", "[::1]:9000", "/.rt"),
            ("localhost", "localhost:80", ""),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!(
                (&*endpoint.authority, &*endpoint.prefix),
                (authority, prefix)
            );
        }
        for wrong in ["", "http://", "/x", "a b:1", "a\r\nb:1", "user@host:1"] {
            assert_eq!(Endpoint::parse(wrong), None, "{wrong:?}");
        }
    }
}
