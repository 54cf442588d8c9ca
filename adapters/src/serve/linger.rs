//! The rest of a body that is refused, read and thrown away.
//!
//! A connection that is closed while the client still sends is reset, and the client loses the
//! answer with it; to some hosts a reset is a reason to send the request again. So the rest is read
//! for a while, as other servers linger before they close.

use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError};
use isobar_core::BoxError;
use tokio::time::timeout;

/// How long a client may take to notice that its body is refused.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a body to its end, beside the answer.
pub(super) fn linger<B>(body: B)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    drop(tokio::spawn(timeout(PATIENCE, drain(body))));
}

async fn drain<B>(mut body: B)
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    while let Some(frame) = body.frame().await {
        let failed = frame.err().map(Into::into);
        if failed.is_some_and(|error: BoxError| !error.is::<LengthLimitError>()) {
            return;
        }
    }
}
