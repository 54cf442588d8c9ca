//! The floor of AWS Lambda: a blocking loop by hand over one kept connection, which reads no event
//! and answers hello. Whatever it does not cost is work on the invocation.

use std::io::{Error, Read as _, Result, Write as _};
use std::net::TcpStream;

const ANSWER: &str = r#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Hello, world!\"}","isBase64Encoded":false,"cookies":[]}"#;

/// Reads one answer of the Runtime API, and returns the length of its head. Events here are small.
fn receive(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    loop {
        let read = stream.read(buffer.get_mut(filled..).unwrap_or_default())?;
        if read == 0 {
            return Err(Error::other("the Runtime API went away"));
        }
        filled += read;
        let received = buffer.get(..filled).unwrap_or_default();
        let end = received.windows(4).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else { continue };
        let head = received.get(..end).unwrap_or_default();
        if filled >= end + 4 + length_of(head) {
            return Ok(end);
        }
    }
}

/// A header's value, of a head.
fn header<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim())
}

fn length_of(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).unwrap_or_default();
    header(head, "content-length")
        .and_then(|value| value.parse().ok())
        .unwrap_or(0)
}

fn main() -> Result<()> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").map_err(Error::other)?;
    let mut stream = TcpStream::connect(&api)?;
    stream.set_nodelay(true)?;
    let next = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {api}\r\n\r\n");
    let mut buffer = vec![0; 64 * 1024];
    loop {
        stream.write_all(next.as_bytes())?;
        let head = receive(&mut stream, &mut buffer)?;
        let head =
            std::str::from_utf8(buffer.get(..head).unwrap_or_default()).map_err(Error::other)?;
        let id = header(head, "lambda-runtime-aws-request-id").unwrap_or_default();
        let answer = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: {api}\r\n\
             content-length: {}\r\n\r\n{ANSWER}",
            ANSWER.len()
        );
        stream.write_all(answer.as_bytes())?;
        let _head = receive(&mut stream, &mut buffer)?;
    }
}
