//! A body as a whole.

use bytes::{Bytes, BytesMut};
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use isobar_core::Body;

/// Room that is made for a body because its client says that so much will come. It may say anything:
/// for more than this room is made as it comes.
const TRUSTED: usize = 8 << 20;

/// Reads a body to its end. One that comes in one piece is not copied.
pub(crate) async fn whole(mut body: Body) -> Result<Bytes, <Body as HttpBody>::Error> {
    let first = piece(&mut body).await?.unwrap_or_default();
    if body.is_end_stream() {
        return Ok(first);
    }
    let Some(second) = piece(&mut body).await? else {
        return Ok(first);
    };
    let rest = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut all = BytesMut::with_capacity(first.len() + second.len() + rest.min(TRUSTED));
    all.extend_from_slice(&first);
    all.extend_from_slice(&second);
    while let Some(more) = piece(&mut body).await? {
        all.extend_from_slice(&more);
    }
    Ok(all.freeze())
}

/// Returns the next piece of data, `None` at the end.
async fn piece(body: &mut Body) -> Result<Option<Bytes>, <Body as HttpBody>::Error> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
