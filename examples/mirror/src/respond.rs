//! The response that a request's body describes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt;
use isobar::{Body, Error, HeaderName, HeaderValue, Request, Response, Result, StatusCode};
use serde::Deserialize;

#[derive(Deserialize)]
struct Wanted {
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
}

pub(crate) async fn respond(request: Request) -> Result<Response> {
    let body = request.into_body().collect().await?.to_bytes();
    let wanted: Wanted = serde_json::from_slice(&body).map_err(refused)?;
    let body = BASE64_STANDARD.decode(wanted.body).map_err(refused)?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(wanted.status).map_err(refused)?;
    for (name, value) in wanted.headers {
        let name: HeaderName = name.parse().map_err(refused)?;
        response
            .headers_mut()
            .append(name, HeaderValue::from_str(&value).map_err(refused)?);
    }
    Ok(response)
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(
        StatusCode::BAD_REQUEST,
        format!("this describes no response: {error}"),
    )
}
