//! A small metadata server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::{Body, Error, body};

/// A metadata server on loopback, as containers find it at `metadata.google.internal`.
///
/// It knows the project, the region and the instance, and answers 403 to who does not send
/// `Metadata-Flavor: Google`. It is gone when this is dropped.
#[derive(Debug)]
pub struct Metadata {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    project: String,
    region: String,
    asked: AtomicUsize,
    hangs: AtomicBool,
}

impl Metadata {
    /// Serves the metadata of an instance in this project and region.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn serve(project: &str, region: &str) -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(Error::io("no port for the metadata server"))?;
        let address = listener.local_addr().map_err(Error::io("no address"))?;
        let state = Arc::new(State {
            project: project.to_owned(),
            region: region.to_owned(),
            asked: AtomicUsize::new(0),
            hangs: AtomicBool::new(false),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// Where it listens: the value for `GCE_METADATA_HOST`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often it was asked, the refused and unanswered included.
    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::Relaxed)
    }

    /// Takes requests from here on and answers none, or answers again.
    pub fn hang(&self, hangs: bool) {
        self.state.hangs.store(hangs, Ordering::Relaxed);
    }
}

impl Drop for Metadata {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| answer(Arc::clone(&state), request));
        let server = hyper::server::conn::http1::Builder::new();
        tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Body>, http::Error> {
    state.asked.fetch_add(1, Ordering::Relaxed);
    if state.hangs.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    let flavour = request.headers().get("metadata-flavor");
    let (status, text) = if flavour.is_some_and(|value| value == "Google") {
        state.get(request.uri().path())
    } else {
        let missing = "Missing Metadata-Flavor:Google header.";
        (StatusCode::FORBIDDEN, missing.to_owned())
    };
    let response = Response::builder().status(status);
    let response = response.header("metadata-flavor", "Google");
    let response = response.header("content-type", "application/text");
    response.body(body::full(text))
}

impl State {
    fn get(&self, path: &str) -> (StatusCode, String) {
        let (project, region) = (&self.project, &self.region);
        let value = match path
            .strip_prefix("/computeMetadata/v1/")
            .unwrap_or_default()
        {
            "project/project-id" => project.clone(),
            "project/numeric-project-id" => NUMBER.to_owned(),
            "instance/region" => format!("projects/{NUMBER}/regions/{region}"),
            "instance/zone" => format!("projects/{NUMBER}/zones/{region}-1"),
            "instance/id" => "00f46b9285a7b2c1".to_owned(),
            "instance/service-accounts/default/email" => {
                format!("{NUMBER}-compute@developer.gserviceaccount.com")
            }
            "instance/service-accounts/default/token" => TOKEN.to_owned(),
            _ => return (StatusCode::NOT_FOUND, "404 page not found".to_owned()),
        };
        (StatusCode::OK, value)
    }
}

const NUMBER: &str = "123456789012";
const TOKEN: &str = r#"{"access_token":"ya29.none","expires_in":3599,"token_type":"Bearer"}"#;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Client;

    #[tokio::test]
    async fn the_flavour_is_demanded_and_requests_are_counted() {
        let metadata = Metadata::serve("p", "europe-west1").await.unwrap();
        let client = Client::connect(metadata.address()).await.unwrap();
        let get = |flavour: &str| {
            let request = Request::get("/computeMetadata/v1/instance/region");
            let request = request.header("metadata-flavor", flavour);
            client.send(request.body(body::empty()).unwrap())
        };
        assert_eq!(get("").await.unwrap().status(), 403);
        let response = get("Google").await.unwrap();
        let region = body::collect(response.into_body()).await.unwrap();
        assert_eq!(region, "projects/123456789012/regions/europe-west1");
        assert_eq!(metadata.asked(), 2);
        metadata.hang(true);
        let soon = Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, get("Google")).await.is_err());
    }
}
