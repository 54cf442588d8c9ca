//! What is left of HTTP once both sides have switched to another protocol.

use http::Response;
use hyper_util::rt::TokioIo;

use crate::{Body, Error};

/// A connection that speaks another protocol by now: tokio reads and writes it.
pub type Upgraded = TokioIo<hyper::upgrade::Upgraded>;

/// Takes over the connection of an answer with status 101.
///
/// # Errors
///
/// When the answer switched nothing.
pub async fn upgrade(response: Response<Body>) -> Result<Upgraded, Error> {
    Ok(TokioIo::new(hyper::upgrade::on(response).await?))
}
