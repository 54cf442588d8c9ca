//! The floor of AWS Lambda: a blocking loop by hand over one kept connection, which reads no event
//! and answers hello. Whatever it does not cost is work on the invocation.

use std::io::{Error, Read as _, Result, Write as _};
use std::net::TcpStream;

const ANSWER: &str = r#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{\"message\":\"Hello, world!\"}","isBase64Encoded":false,"cookies":[]}"#;

/// Reads one answer of the Runtime API into `buffer`, and returns the length of its head.
fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    buffer.clear();
    let mut chunk = [0; 16 * 1024];
    let mut wanted = None;
    loop {
        if let Some((head, length)) = wanted
            && buffer.len() >= head + length
        {
            return Ok(head);
        }
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Err(Error::other("the Runtime API went away"));
        }
        buffer.extend_from_slice(chunk.get(..read).unwrap_or_default());
        if wanted.is_none() {
            wanted = buffer
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
                .map(|at| (at + 4, length_of(buffer.get(..at).unwrap_or_default())));
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
    let mut buffer = Vec::new();
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
