//! One GET, by TLS to Google or in plain text to this machine.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use isobar_core::BoxError;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::RunError;
use crate::config::Environment;

const HOST: &str = "www.googleapis.com";
const PATH: &str = "/oauth2/v3/certs";
const VARIABLE: &str = "ISOBAR_EVENTS_KEYS";

const PATIENCE: Duration = Duration::from_secs(10);
const LIMIT: usize = 256 << 10;
/// What Google's own libraries take where the answer does not say.
const FRESH: Duration = Duration::from_secs(3600);

/// Where the keys are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// At Google.
    Google,
    /// On this machine, for tests: nobody else can put keys there.
    Here(SocketAddr, String),
}

/// The keys as they came, and how long they may be kept.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) body: Bytes,
    pub(super) fresh: Duration,
}

impl Place {
    /// Google's own, unless `ISOBAR_EVENTS_KEYS` says an address of this machine; that is a line in
    /// the log of every start.
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        let Some(text) = environment.text(VARIABLE) else {
            return Ok(Self::Google);
        };
        let place = here(text).ok_or_else(|| {
            let wanted = "an address of this machine is wanted, such as http://127.0.0.1:8090/keys; \
                          without it Google's own keys are used";
            environment.wrong(VARIABLE, wanted)
        })?;
        tracing::warn!(
            "{VARIABLE} is set: senders are verified by the keys of {place}, not Google's"
        );
        Ok(place)
    }

    /// Fetches the keys.
    ///
    /// # Errors
    ///
    /// When they do not arrive in time.
    pub(super) async fn fetch(&self) -> Result<Fetched, BoxError> {
        tokio::time::timeout(PATIENCE, self.get()).await?
    }

    async fn get(&self) -> Result<Fetched, BoxError> {
        match self {
            Self::Here(address, path) => {
                let stream = TcpStream::connect(address).await?;
                exchange(stream, &address.to_string(), path).await
            }
            Self::Google => {
                let stream = TcpStream::connect((HOST, 443)).await?;
                let name = ServerName::try_from(HOST)?;
                let stream = connector()?.connect(name, stream).await?;
                exchange(stream, HOST, PATH).await
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Google => write!(f, "https://{HOST}{PATH}"),
            Self::Here(address, path) => write!(f, "http://{address}{path}"),
        }
    }
}

fn here(text: &str) -> Option<Place> {
    let uri: Uri = text.parse().ok()?;
    let host = uri.host()?.trim_matches(['[', ']']);
    let host: IpAddr = host.parse().ok()?;
    let is_here = uri.scheme_str() == Some("http") && host.is_loopback();
    let address = SocketAddr::new(host, uri.port_u16().unwrap_or(80));
    is_here.then(|| Place::Here(address, uri.path().to_owned()))
}

/// Trusts the authorities that Mozilla does, whose list is compiled in: a container may have none.
fn connector() -> Result<TlsConnector, BoxError> {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn exchange<S>(stream: S, host: &str, path: &str) -> Result<Fetched, BoxError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::get(path)
        .header(header::HOST, host)
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    if !response.status().is_success() {
        return Err(format!("the answer is {}", response.status()).into());
    }
    let fresh = max_age(response.headers()).unwrap_or(FRESH);
    let body = Limited::new(response.into_body(), LIMIT).collect().await?;
    connection.abort();
    Ok(Fetched {
        body: body.to_bytes(),
        fresh,
    })
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let control = headers.get(header::CACHE_CONTROL)?.to_str().ok()?;
    let mut parts = control.split(',').map(str::trim);
    let seconds = parts.find_map(|part| part.strip_prefix("max-age="))?;
    seconds.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_keys_than_googles_can_only_be_on_this_machine() {
        for (text, wanted) in [
            ("http://127.0.0.1:8090/keys", true),
            ("http://[::1]:8090/keys", true),
            ("http://localhost:8090/keys", false),
            ("https://127.0.0.1:8090/keys", false),
            ("http://10.0.0.1/keys", false),
            ("http://evil.example/127.0.0.1", false),
            ("keys", false),
        ] {
            let place = Place::new(&Environment::of([(VARIABLE, text)]));
            assert_eq!(place.is_ok(), wanted, "{text}");
        }
        let place = Place::new(&Environment::of([])).unwrap();
        assert_eq!(
            place.to_string(),
            "https://www.googleapis.com/oauth2/v3/certs"
        );
    }

    #[test]
    fn tls_is_set_up() {
        assert!(connector().is_ok());
    }
}
