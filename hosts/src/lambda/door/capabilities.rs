//! What each door can do, and why not.

use super::lattice::Version;
use super::{Door, Shape, alb};
use crate::lambda::api::{PAYLOAD_LIMIT, STREAM_LIMIT};
use crate::{Able, Capabilities, Limit};

const EVENT: &str = "the event holds the whole request, 6 MiB in all, base64 included";
const ANSWER: &str = "the answer is posted whole, 6 MiB in all, base64 included";
const STREAM: &str = "a streamed answer ends at 200 MiB";

const JOINED: Able = Able::No("payload 2.0 joins repeated headers by a comma");
const SINGLE: Able = Able::No("payload 2.0 has one value a header");

impl Door {
    /// What this door can do.
    pub fn capabilities(&self) -> Capabilities {
        let mut can = Capabilities {
            streams_requests: Able::No("an event is made of the whole request"),
            streams_responses: Able::No("the answer is posted whole"),
            request_limit: Limit::bytes(PAYLOAD_LIMIT as u64, EVENT),
            response_limit: Limit::bytes(PAYLOAD_LIMIT as u64, ANSWER),
            websocket: Able::No("an invocation has no connection"),
            http2: Able::No("the Runtime API is HTTP/1.1"),
            ..Capabilities::PLAIN
        };
        match &self.shape {
            Shape::Rest(rest) => of_rest(&mut can, rest.binary, rest.streams),
            Shape::HttpApi { .. } => of_http_api(&mut can),
            Shape::Url { streams } => of_url(&mut can, *streams),
            Shape::Alb { multi } => of_alb(&mut can, *multi),
            Shape::Lattice { version } => of_lattice(&mut can, *version),
        }
        can
    }
}

fn streaming(can: &mut Capabilities) {
    can.streams_responses = Able::Yes;
    can.response_limit = Limit::bytes(STREAM_LIMIT, STREAM);
}

fn of_rest(can: &mut Capabilities, binary: bool, streams: bool) {
    let text = Able::No("without binaryMediaTypes a REST API takes and gives text only");
    can.raw_query = Able::No("a REST API decodes the query and loses its order");
    if !binary {
        can.binary_requests = text;
        can.binary_responses = text;
    }
    if streams {
        streaming(can);
        can.binary_responses = Able::Yes;
    }
}

fn of_http_api(can: &mut Capabilities) {
    can.raw_path = Able::No("an HTTP API decodes the path");
    can.repeated_request_headers = JOINED;
    can.repeated_response_headers = SINGLE;
}

fn of_url(can: &mut Capabilities, streams: bool) {
    can.repeated_request_headers = JOINED;
    can.repeated_response_headers = SINGLE;
    if streams {
        streaming(can);
    }
}

fn of_alb(can: &mut Capabilities, multi: bool) {
    const WHY: &str = "a load balancer's Lambda target takes and gives 1 MiB";
    can.request_limit = Limit::bytes(alb::LIMIT, WHY);
    can.response_limit = Limit::bytes(alb::LIMIT, WHY);
    can.raw_query = Able::No("the query arrives as a map: the order of its names is lost");
    if !multi {
        let last = Able::No("without multi-value headers a load balancer keeps the last value");
        can.raw_query = last;
        can.repeated_request_headers = last;
        can.repeated_response_headers = last;
        can.several_cookies =
            Able::No("only names that differ in case pass: Set-Cookie, set-cookie");
    }
}

fn of_lattice(can: &mut Capabilities, version: Version) {
    can.raw_query = Able::No("the query arrives as a map: the order of its names is lost");
    if version == Version::One {
        can.repeated_request_headers = Able::No("structure 1.0 joins repeated headers by a comma");
    }
}
