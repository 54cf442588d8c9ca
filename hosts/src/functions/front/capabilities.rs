//! What each mode can do, and why not.

use super::Mode;
use crate::{Able, Capabilities, Limit};

const REQUEST: Limit = Limit::bytes(
    100 * 1000 * 1000,
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is 100 MB",
);

pub(super) fn of(mode: Mode, app_service: bool) -> Capabilities {
    let mut can = Capabilities {
        request_limit: REQUEST,
        websocket: Able::No("the host takes an upgrade off"),
        http2: Able::No("the host speaks HTTP/1.1 with the handler"),
        ..Capabilities::PLAIN
    };
    match mode {
        Mode::Json => json(&mut can),
        Mode::Forwarding => forwarding(&mut can),
        Mode::Proxying => {
            can.traceparent = Able::No("the host puts its own trace, if any, in its place");
        }
    }
    if app_service && can.raw_path == Able::Yes {
        can.raw_path =
            Able::No("App Service decodes %2F; X-WAWS-Unencoded-URL has the client's own");
    }
    can
}

fn json(can: &mut Capabilities) {
    can.streams_requests = Able::No("a chunked body does not arrive in invocation JSON");
    can.streams_responses = Able::No("the answer is one JSON document");
    can.binary_requests =
        Able::No("only octet-stream and multipart bodies arrive as bytes, all else as text");
    can.binary_responses = Able::No("the answer's body is a string");
    can.repeated_response_headers = Able::No("the answer's headers are a map of single values");
    can.several_cookies = Able::No("the answer's headers are a map of single values");
    can.raw_path = Able::No("the host decodes the path and encodes it again");
    can.passes_errors = Able::Yes;
    can.traceparent = Able::Yes;
}

fn forwarding(can: &mut Capabilities) {
    can.streams_requests = Able::No("a chunked request fails: the host drops its body");
    can.streams_responses = Able::No("the host buffers the answer");
    can.request_content_headers = Able::No("the host loses Content-Encoding and its kin");
    can.raw_query = Able::No("the host joins repeated names by a comma and encodes anew");
    can.raw_path = Able::No("the host decodes the path and encodes it again, and cuts it at %3F");
}
