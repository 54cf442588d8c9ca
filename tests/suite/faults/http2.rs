//! Clients of HTTP/2 that send more than they may: floods of frames that cost them next to nothing.

use bytes::Bytes;
use isobar_hosts::client::raw;

use super::{SOON, faulty, served, still_serves};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const HEADERS: u8 = 1;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GO_AWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113, section 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The pseudo-headers of a GET of this path (RFC 7541).
fn get(path: &str) -> Vec<u8> {
    let length = u8::try_from(path.len()).unwrap();
    let mut block = vec![0x82, 0x86, 0x04, length];
    block.extend(path.as_bytes());
    block.extend([0x01, 1, b'a']);
    block
}

/// Reads a frame: its kind, and what it carries.
async fn next(connection: &mut raw::Connection) -> (u8, Bytes) {
    let head = connection.exactly(9).await.unwrap();
    let length = usize::from(head[1]) << 8 | usize::from(head[2]);
    (head[3], connection.exactly(length).await.unwrap())
}

/// Sends a beginning, and then the same again and again until it is refused, or so much was sent.
async fn flood(begin: &[u8], mut again: impl FnMut(u32) -> Vec<u8>, most: usize) -> usize {
    let (address, program) = served(faulty()).await;
    let mut connection = raw::Connection::open(address).await.unwrap();
    connection.send(PREFACE).await.unwrap();
    connection.send(frame(SETTINGS, 0, 0, &[])).await.unwrap();
    connection.send(begin).await.unwrap();
    let (mut sent, mut turn) = (0, 0);
    while sent < most {
        let more: Vec<u8> = (0..256).flat_map(|n| again(turn * 256 + n)).collect();
        // what is not read any more is refused, too
        let sending = tokio::time::timeout(SOON / 4, connection.send(&more));
        if !matches!(sending.await, Ok(Ok(()))) {
            break;
        }
        sent += more.len();
        turn += 1;
    }
    still_serves(address, &program).await;
    let peak = program.memory_kib().unwrap().peak;
    assert!(peak < 96 << 10, "{peak} KiB");
    drop(connection);
    still_serves(address, &program).await;
    sent
}

#[tokio::test]
async fn a_head_that_is_continued_without_end_is_refused() {
    let begin = frame(HEADERS, 0, 1, &get("/x"));
    // a header of its own in each: literal, not indexed
    let header = [&[0x00, 1, b'x', 100][..], &[b'y'; 100]].concat();
    let more = frame(CONTINUATION, 0, 1, &header);
    let sent = flood(&begin, |_| more.clone(), 256 << 20).await;
    assert!(sent < 64 << 20, "{sent} bytes of one head were read");
}

#[tokio::test]
async fn empty_continuations_without_end_are_refused() {
    let begin = frame(HEADERS, 0, 1, &get("/x"));
    let more = frame(CONTINUATION, 0, 1, &[]);
    let sent = flood(&begin, |_| more.clone(), 64 << 20).await;
    assert!(sent < 32 << 20, "{sent} bytes of one head were read");
}

#[tokio::test]
async fn requests_that_are_taken_back_at_once_are_refused() {
    let request = move |n: u32| {
        let stream = n * 2 + 1;
        let begun = frame(HEADERS, END_STREAM | END_HEADERS, stream, &get("/never"));
        [begun, frame(RESET, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    let sent = flood(&[], request, 64 << 20).await;
    assert!(sent < 32 << 20, "{sent} bytes of resets were read");
}

#[tokio::test]
async fn pings_and_settings_without_end_exhaust_nothing() {
    for more in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[])] {
        flood(&[], |_| more.clone(), 32 << 20).await;
    }
}

/// A header that is indexed once, and then asked for by one byte each time.
#[tokio::test]
async fn a_head_that_unpacks_to_megabytes_is_refused() {
    let value = [b'y'; 3000];
    let mut block = get("/x");
    // literal, to be indexed: a name of one byte, and a value whose length takes two more
    block.extend([0x40, 1, b'x', 0x7f, 0xb9, 0x16]);
    block.extend(value);
    block.extend([0xbe; 10_000]);
    let (address, program) = served(faulty()).await;
    let mut connection = raw::Connection::open(address).await.unwrap();
    let request = frame(HEADERS, END_STREAM | END_HEADERS, 1, &block);
    let begun = [PREFACE, &frame(SETTINGS, 0, 0, &[]), &request].concat();
    connection.send(begun).await.unwrap();
    // its own settings stand before what it makes of the request
    let refused = loop {
        let (kind, payload) = next(&mut connection).await;
        match kind {
            // 200 is one byte (RFC 7541, appendix A)
            HEADERS => break payload[0] != 0x88,
            RESET | GO_AWAY => break true,
            _ => {}
        }
    };
    assert!(refused, "it was taken");
    still_serves(address, &program).await;
    let peak = program.memory_kib().unwrap().peak;
    assert!(peak < 64 << 10, "{peak} KiB");
}

/// Who gives no room for the answer holds no more than its own stream.
#[tokio::test]
async fn a_stream_without_room_is_cut_off_with_its_connection() {
    let (address, program) = served(faulty()).await;
    let mut connection = raw::Connection::open(address).await.unwrap();
    // INITIAL_WINDOW_SIZE is 0
    let settings = frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let requests: Vec<u8> = (0..50)
        .flat_map(|n| frame(HEADERS, END_STREAM | END_HEADERS, n * 2 + 1, &get("/flood")))
        .collect();
    let begun = [PREFACE, &settings, &requests].concat();
    connection.send(begun).await.unwrap();
    // the answers have begun, their bodies cannot
    while next(&mut connection).await.0 != HEADERS {}
    still_serves(address, &program).await;
    let peak = program.memory_kib().unwrap().peak;
    assert!(peak < 64 << 10, "{peak} KiB");
    drop(connection);
    program
        .wait_line("the flood was cut off", SOON)
        .await
        .unwrap();
    still_serves(address, &program).await;
}
