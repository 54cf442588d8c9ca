use axum::Json;
use bytes::Bytes;
use serde::Serialize;

use super::Outputs;
use crate::{DecodeError, Error};

/// What an event handler gives back to the host, beside success.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    result: Option<Bytes>,
    outputs: Outputs,
}

impl Reply {
    /// Returns the result as JSON: what a direct invoke answers. `None` where there is none.
    pub fn result(&self) -> Option<&Bytes> {
        self.result.as_ref()
    }

    /// Returns true if it says nothing but success, as that of a handler which returns `()`.
    pub(super) fn is_empty(&self) -> bool {
        self.result.is_none() && self.outputs.is_empty()
    }

    /// Returns the values for named output bindings.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }
}

/// What an event handler may return: `()`, `Json<T>`, [`Outputs`], both, or a `Result` of one
/// with any error.
#[diagnostic::on_unimplemented(
    message = "an event handler cannot return `{Self}`",
    label = "not what an event handler returns",
    note = "return `()`, `Json<T>`, `isobar::Outputs`, `(Json<T>, Outputs)`, or a `Result` of one with any error that `?` takes"
)]
pub trait IntoReply {
    /// Makes the reply.
    ///
    /// # Errors
    ///
    /// When the handler failed; the event is then not acknowledged.
    fn into_reply(self) -> Result<Reply, Error>;
}

impl IntoReply for () {
    fn into_reply(self) -> Result<Reply, Error> {
        Ok(Reply::default())
    }
}

impl<T: Serialize> IntoReply for Json<T> {
    fn into_reply(self) -> Result<Reply, Error> {
        let json = serde_json::to_vec(&self.0)
            .map_err(|e| DecodeError::new("what the handler returned", e))?;
        Ok(Reply {
            result: Some(json.into()),
            outputs: Outputs::default(),
        })
    }
}

impl IntoReply for Outputs {
    fn into_reply(self) -> Result<Reply, Error> {
        Ok(Reply {
            result: None,
            outputs: self,
        })
    }
}

impl<T: Serialize> IntoReply for (Json<T>, Outputs) {
    fn into_reply(self) -> Result<Reply, Error> {
        let (result, outputs) = self;
        Ok(Reply {
            outputs,
            ..result.into_reply()?
        })
    }
}

impl<T: IntoReply, E: Into<Error>> IntoReply for Result<T, E> {
    fn into_reply(self) -> Result<Reply, Error> {
        self.map_err(Into::into)?.into_reply()
    }
}
