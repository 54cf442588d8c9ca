//! The metadata server: which project and region this is.
//!
//! It is asked once, beside a request and never in its way; on a laptop and on Knative it is not
//! there, and nothing is missed. Source: <https://cloud.google.com/run/docs/container-contract>.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::Environment;

const PATIENCE: Duration = Duration::from_secs(2);

/// Where the metadata server is.
#[derive(Clone, Debug)]
pub(super) struct Server(String);

impl Server {
    pub(super) fn new(environment: &Environment) -> Self {
        let host = environment
            .text("GCE_METADATA_HOST")
            .unwrap_or("metadata.google.internal");
        Self(host.to_owned())
    }

    /// Returns the region and the project.
    pub(super) async fn ask(&self) -> (Option<String>, Option<String>) {
        let region = self.get("instance/region").await;
        // projects/NUMBER/regions/REGION
        let region = region.and_then(|path| path.rsplit('/').next().map(str::to_owned));
        (region, self.get("project/project-id").await)
    }

    async fn get(&self, path: &str) -> Option<String> {
        timeout(PATIENCE, self.fetch(path)).await.ok()?
    }

    async fn fetch(&self, path: &str) -> Option<String> {
        let address = if self.0.contains(':') {
            self.0.clone()
        } else {
            format!("{}:80", self.0)
        };
        let mut stream = TcpStream::connect(address).await.ok()?;
        // HTTP/1.0: the answer ends where the connection does, and is never chunked.
        let request = format!(
            "GET /computeMetadata/v1/{path} HTTP/1.0\r\nHost: {}\r\nMetadata-Flavor: Google\r\n\r\n",
            self.0
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.take(64 << 10).read_to_end(&mut answer).await.ok()?;
        value(std::str::from_utf8(&answer).ok()?)
    }
}

/// Reads the value from an answer; the flavor shows that it is Google's server that answers.
fn value(answer: &str) -> Option<String> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let is_ok = lines.next()?.split(' ').nth(1)? == "200";
    let is_google = lines.any(|line| line.eq_ignore_ascii_case("metadata-flavor: google"));
    let value = body.trim();
    (is_ok && is_google && !value.is_empty() && !value.contains(char::is_whitespace))
        .then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn only_googles_own_server_is_believed() {
        let good = "HTTP/1.0 200 OK\r\nMetadata-Flavor: Google\r\n\r\nmy-project\n";
        assert_eq!(value(good).as_deref(), Some("my-project"));
        assert_eq!(value("HTTP/1.0 200 OK\r\n\r\nmy-project"), None);
        assert_eq!(
            value("HTTP/1.0 404 Not Found\r\nMetadata-Flavor: Google\r\n\r\nno"),
            None
        );
    }
}
