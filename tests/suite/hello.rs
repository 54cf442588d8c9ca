//! The same `hello` binary, whatever stands before it.

use crate::host::{Host, Kind};
use crate::programs::program;

#[tokio::test]
async fn one_binary_answers_every_host_the_same() {
    for kind in [
        Kind::Local,
        Kind::CloudRun,
        Kind::LambdaUrl,
        Kind::LambdaRest,
        Kind::AzureInvocation,
        Kind::AzureForwarded,
        Kind::AzureProxied,
    ] {
        let host = Host::start(kind, program("hello")).await;
        let answer = host.get("/hello").await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.text()),
            (200, r#"{"message":"Hello, world!"}"#),
            "{kind:?}"
        );
        let answer = host.get("/nowhere").await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.text()),
            (404, r#"{"error":"Not Found"}"#),
            "{kind:?}"
        );
    }
}
