//! HTTP/1.1 as bytes: what a library would tidy up is seen here as it came.

mod head;
mod reader;

pub(crate) use head::{Framing, Head};
pub(crate) use reader::{Piece, Reader};
