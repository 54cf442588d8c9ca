//! What has arrived on a connection, and the requests in it.

use std::mem::MaybeUninit;

use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Version};
use httparse::{Header, Status};

use crate::serve::exchange::Whole;
use crate::slice;

/// How much is read at once, at least.
const ROOM: usize = 8 << 10;

/// How much room is made at most for what is said to come, and is kept when it has come.
const TRUSTED: usize = 1 << 20;

/// More headers than the host sends.
const MAX_HEADERS: usize = 32;

/// What has arrived and is not yet taken.
pub(super) struct Arrived {
    bytes: BytesMut,
    /// How long a request may be.
    limit: usize,
    /// The headers that somebody will look at.
    wanted: &'static [HeaderName],
    awaited: Option<Awaited>,
    /// How long the last request was.
    last: usize,
}

/// What is awaited of a request whose head has arrived.
#[derive(Clone, Copy)]
enum Awaited {
    /// So many bytes, with the head.
    Length(usize),
    /// The chunk that begins there.
    Chunk(usize),
}

/// What has arrived.
pub(super) enum Taken {
    /// A request of the host's own: its body.
    Whole(Bytes),
    /// A part of one, or nothing.
    Part,
    /// Something else.
    Other,
}

/// How a body is framed.
enum Framing {
    Length(usize),
    Chunks,
}

/// Where a body ends.
enum End {
    At(usize),
    /// Not yet: it is to be looked for again from there.
    Awaited(Awaited),
}

/// What is no request of the host's own, or a malformed one.
struct Other;

impl Arrived {
    pub(super) fn new(whole: &Whole) -> Self {
        Self {
            bytes: BytesMut::new(),
            limit: usize::try_from(whole.limit).unwrap_or(usize::MAX),
            wanted: whole.headers,
            awaited: None,
            last: 0,
        }
    }

    pub(super) fn last(&self) -> usize {
        self.last
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where more is to be read to.
    pub(super) fn room(&mut self) -> &mut BytesMut {
        let awaited = match self.awaited {
            Some(Awaited::Length(length)) => length.saturating_sub(self.bytes.len()).min(TRUSTED),
            Some(Awaited::Chunk(_)) | None => 0,
        };
        self.bytes.reserve(awaited.max(ROOM));
        &mut self.bytes
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.freeze()
    }

    /// Takes the next request; what stands before its body is put in the place of the last one's.
    pub(super) fn take(&mut self, head: &mut http::Request<()>) -> Taken {
        if self.bytes.is_empty() {
            return Taken::Part;
        }
        let end = match self.awaited {
            None => None,
            Some(Awaited::Length(length)) => Some(of_length(&self.bytes, length)),
            Some(Awaited::Chunk(at)) => match of_chunks(&self.bytes, at) {
                Ok(end) => Some(end),
                Err(Other) => return Taken::Other,
            },
        };
        if let Some(End::Awaited(awaited)) = end {
            return self.wait_for(awaited);
        }
        // Of shared bytes a request is made without a copy.
        let arrived = self.bytes.split().freeze();
        match self.request(&arrived, head) {
            Ok(Read::Whole(body, end)) => {
                self.awaited = None;
                self.last = end;
                if arrived.len() > TRUSTED {
                    self.bytes = BytesMut::new();
                }
                if let Some(rest @ [_, ..]) = arrived.get(end..) {
                    self.bytes = BytesMut::from(rest);
                }
                Taken::Whole(body)
            }
            Ok(Read::Part(awaited)) => {
                self.put_back(arrived, head);
                self.wait_for(awaited)
            }
            Err(Other) => {
                self.put_back(arrived, head);
                Taken::Other
            }
        }
    }

    fn wait_for(&mut self, awaited: Awaited) -> Taken {
        self.awaited = Some(awaited);
        if self.bytes.len() > self.limit {
            Taken::Other
        } else {
            Taken::Part
        }
    }

    /// Reads a request.
    fn request(&self, arrived: &Bytes, request: &mut http::Request<()>) -> Result<Read, Other> {
        let mut headers = [const { MaybeUninit::<Header<'_>>::uninit() }; MAX_HEADERS];
        let mut head = httparse::Request::new(&mut []);
        let parsed = head.parse_with_uninit_headers(arrived, &mut headers);
        let begin = match parsed {
            Ok(Status::Complete(length)) => length,
            // The host's comes at once.
            Ok(Status::Partial) | Err(_) => return Err(Other),
        };
        let (method, path, wanted) = match (head.method, head.path, head.version) {
            (Some("POST"), Some(path), Some(1)) => (Method::POST, path, Some(self.wanted)),
            // A ping: whether it is one is told by all of its headers.
            (Some("GET"), Some(path @ "/"), Some(1)) => (Method::GET, path, None),
            _ => return Err(Other),
        };
        request.headers_mut().clear();
        let framing = fields(arrived, head.headers, wanted, request.headers_mut())?;
        let (end, chunks) = match framing {
            Framing::Length(length) => (of_length(arrived, begin.saturating_add(length)), false),
            Framing::Chunks => (of_chunks(arrived, begin)?, true),
        };
        let end = match end {
            End::At(end) | End::Awaited(Awaited::Length(end)) if end > self.limit => {
                return Err(Other);
            }
            End::At(end) => end,
            End::Awaited(awaited) => return Ok(Read::Part(awaited)),
        };
        let body = if chunks {
            joined(arrived, begin)?
        } else {
            arrived.slice(begin..end)
        };
        *request.method_mut() = method;
        *request.version_mut() = Version::HTTP_11;
        // Of most connections all requests have one target.
        if request.uri() != path {
            *request.uri_mut() = path.parse().map_err(|_said_by_hyper| Other)?;
        }
        Ok(Read::Whole(body, end))
    }

    fn put_back(&mut self, arrived: Bytes, head: &mut http::Request<()>) {
        // Where nobody else holds them, the bytes need not be copied.
        head.headers_mut().clear();
        self.bytes = BytesMut::new();
        self.bytes = arrived.into();
    }
}

enum Read {
    /// A request's body, and where it ends.
    Whole(Bytes, usize),
    Part(Awaited),
}

/// Reads how the body is framed, and of a POST those headers that somebody will look at, else all. What asks for more
/// than an answer is something else.
fn fields(
    arrived: &Bytes,
    fields: &[Header<'_>],
    wanted: Option<&[HeaderName]>,
    headers: &mut HeaderMap,
) -> Result<Framing, Other> {
    let (mut framing, mut hosts) = (None, 0);
    for field in fields {
        let is = |name: &str| field.name.eq_ignore_ascii_case(name);
        let said = if is("content-length") {
            Framing::Length(length(field.value).ok_or(Other)?)
        } else if is("transfer-encoding") && field.value.eq_ignore_ascii_case(b"chunked") {
            Framing::Chunks
        } else if is("transfer-encoding") || is("connection") || is("expect") || is("upgrade") {
            return Err(Other);
        } else {
            hosts += u8::from(is("host"));
            let name = match wanted {
                Some(wanted) => wanted.iter().find(|name| is(name.as_str())).cloned(),
                None => HeaderName::from_bytes(field.name.as_bytes()).ok(),
            };
            if let Some(name) = name {
                let value = HeaderValue::from_maybe_shared(slice::bytes(arrived, field.value))
                    .map_err(|_no_value| Other)?;
                headers.try_append(name, value).map_err(|_too_many| Other)?;
            }
            continue;
        };
        if framing.replace(said).is_some() {
            return Err(Other);
        }
    }
    match (framing, wanted) {
        _ if hosts != 1 => Err(Other),
        (Some(framing), Some(_)) => Ok(framing),
        (None, None) => Ok(Framing::Length(0)),
        _ => Err(Other),
    }
}

/// Reads a length: digits, and nothing else.
fn length(value: &[u8]) -> Option<usize> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value)
        .ok()
        .filter(|_| is_number)?
        .parse()
        .ok()
}

fn of_length(arrived: &[u8], end: usize) -> End {
    if arrived.len() < end {
        End::Awaited(Awaited::Length(end))
    } else {
        End::At(end)
    }
}

/// Looks for the end of a body in chunks, from the chunk on that begins there.
fn of_chunks(arrived: &[u8], mut at: usize) -> Result<End, Other> {
    loop {
        let rest = arrived.get(at..).unwrap_or_default();
        let Some((start, length)) = chunk(rest)? else {
            return Ok(End::Awaited(Awaited::Chunk(at)));
        };
        // A chunk ends with a line's end, and the empty one, where no trailer follows, with an empty line.
        let end = at + start + length;
        match arrived.get(end..).unwrap_or_default() {
            [b'\r', b'\n', ..] if length == 0 => return Ok(End::At(end + 2)),
            [b'\r', b'\n', ..] => at = end + 2,
            [] | [b'\r'] => return Ok(End::Awaited(Awaited::Chunk(at))),
            _ => return Err(Other),
        }
    }
}

/// Joins the chunks of a body that is whole. One alone is not copied.
fn joined(arrived: &Bytes, begin: usize) -> Result<Bytes, Other> {
    let mut at = begin;
    let mut next = || {
        let (start, length) = chunk(arrived.get(at..)?).ok()??;
        let begin = at + start;
        at = begin + length + 2;
        (length > 0).then_some(begin..begin + length)
    };
    let Some(first) = next() else {
        return Ok(Bytes::new());
    };
    let Some(second) = next() else {
        return Ok(arrived.slice(first));
    };
    let mut all = BytesMut::with_capacity(arrived.len() - begin);
    for range in [first, second].into_iter().chain(std::iter::from_fn(next)) {
        all.extend_from_slice(arrived.get(range).ok_or(Other)?);
    }
    Ok(all.freeze())
}

/// Reads the line before a chunk: where the chunk starts, and its length. `None` while the line is not whole.
fn chunk(arrived: &[u8]) -> Result<Option<(usize, usize)>, Other> {
    match httparse::parse_chunk_size(arrived) {
        Ok(Status::Complete((start, length))) => {
            let length = usize::try_from(length).map_err(|_too_long| Other)?;
            // What is added to it must not overflow.
            let is_short = length <= usize::MAX / 4;
            is_short.then_some(Some((start, length))).ok_or(Other)
        }
        Ok(Status::Partial) => Ok(None),
        Err(_said_by_hyper) => Err(Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEAD: &str = "POST /orders HTTP/1.1\r\nHost: a\r\nX-Own: 1, 2\r\n";

    fn sized(body: &[u8]) -> Vec<u8> {
        let head = format!("{HEAD}Content-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    fn chunked(body: &[u8], chunk: usize) -> Vec<u8> {
        let mut all = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
        for chunk in body.chunks(chunk) {
            all.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
            all.extend_from_slice(chunk);
            all.extend_from_slice(b"\r\n");
        }
        all.extend_from_slice(b"0\r\n\r\n");
        all
    }

    static WANTED: [HeaderName; 1] = [HeaderName::from_static("x-own")];

    fn arriving(limit: u64) -> (Arrived, http::Request<()>) {
        let headers = &WANTED;
        let arrived = Arrived::new(&Whole { limit, headers });
        (arrived, http::Request::default())
    }

    fn body(taken: Taken) -> Option<Bytes> {
        match taken {
            Taken::Whole(body) => Some(body),
            Taken::Part => None,
            Taken::Other => panic!("something else"),
        }
    }

    proptest! {
        #[test]
        fn a_body_is_taken_when_it_is_whole_however_it_comes(
            sent in proptest::collection::vec(any::<u8>(), 0..5000),
            chunk in 1_usize..3000,
            read in 1_usize..3000,
            is_chunked: bool,
        ) {
            let wire = if is_chunked { chunked(&sent, chunk) } else { sized(&sent) };
            let head_end = wire.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            let (first, rest) = wire.split_at(head_end);
            let (mut arrived, mut head) = arriving(1 << 20);
            for _ in 0..2 {
                arrived.room().extend_from_slice(first);
                let mut taken = arrived.take(&mut head);
                for piece in rest.chunks(read) {
                    prop_assert!(body(taken).is_none());
                    arrived.room().extend_from_slice(piece);
                    taken = arrived.take(&mut head);
                }
                prop_assert_eq!(body(taken).unwrap(), &sent);
                prop_assert_eq!(head.uri(), "/orders");
                prop_assert_eq!(&head.headers()["x-own"], "1, 2");
                prop_assert_eq!(head.headers().len(), 1);
                prop_assert!(arrived.is_empty());
            }
        }
    }

    #[test]
    fn what_comes_behind_a_request_waits() {
        let (mut arrived, mut head) = arriving(1000);
        let both = [sized(b"first"), chunked(b"second", 4), sized(b"")].concat();
        arrived.room().extend_from_slice(&both);
        for wanted in ["first", "second", ""] {
            assert_eq!(body(arrived.take(&mut head)).unwrap(), wanted);
        }
        assert!(body(arrived.take(&mut head)).is_none());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_taken_or_left_to_others_as_it_came(
            sent in proptest::collection::vec(any::<u8>(), 0..300),
            wrong in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            chunk in 1_usize..100,
            read in 1_usize..400,
            is_chunked: bool,
        ) {
            let mut wire = if is_chunked { chunked(&sent, chunk) } else { sized(&sent) };
            for (place, byte) in wrong {
                *place.get_mut(&mut wire) = byte;
            }
            let (mut arrived, mut head) = arriving(1000);
            let mut left = &wire[..];
            for piece in wire.chunks(read) {
                arrived.room().extend_from_slice(piece);
                left = &left[piece.len()..];
                match arrived.take(&mut head) {
                    Taken::Part => {}
                    Taken::Whole(body) => {
                        prop_assert!(body.len() <= wire.len());
                        return Ok(());
                    }
                    Taken::Other => break,
                }
            }
            let came = wire.len() - left.len();
            prop_assert_eq!(arrived.into_bytes(), &wire[..came]);
        }
    }

    #[test]
    fn what_asks_for_more_than_an_answer_is_left_to_others_as_it_came() {
        let with = |line: &str| format!("{HEAD}{line}\r\n\r\n");
        let mut others = vec![
            "GET /x HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            "POST /orders HTTP/1.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "POST /orders HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_owned(),
            "POST /orders HTTP/1.1\r\nHost: a\r\nHo".to_owned(),
            "nonsense\r\n\r\n".to_owned(),
            format!("{HEAD}Content-Length: 0\r\n{}\r\n", "X: 1\r\n".repeat(40)),
        ];
        others.extend(
            [
                "X: no body",
                "Content-Length: 0\r\nHost: b",
                "Content-Length: 0\r\nContent-Length: 0",
                "Content-Length: 0\r\nTransfer-Encoding: chunked",
                "Content-Length: +1",
                "Content-Length: 99999999999999999999",
                "Content-Length: 1001",
                "Content-Length: 0\r\nConnection: close",
                "Content-Length: 0\r\nConnection: upgrade\r\nUpgrade: x",
                "Content-Length: 5\r\nExpect: 100-continue",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\n\r\nnonsense",
                "Transfer-Encoding: chunked\r\n\r\n2\r\nabc",
                "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                "Transfer-Encoding: chunked\r\n\r\n0\r\nX: a trailer",
            ]
            .map(with),
        );
        for wire in others {
            let (mut arrived, mut head) = arriving(1000);
            arrived.room().extend_from_slice(wire.as_bytes());
            let taken = arrived.take(&mut head);
            assert!(matches!(taken, Taken::Other), "{wire:?}");
            assert_eq!(arrived.into_bytes(), wire, "what arrived is changed");
        }
    }

    #[test]
    fn a_ping_is_taken_with_all_of_its_headers() {
        let (mut arrived, mut head) = arriving(1000);
        let wire = "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\n\r\n";
        arrived.room().extend_from_slice(wire.as_bytes());
        assert_eq!(body(arrived.take(&mut head)).unwrap(), "");
        assert_eq!((head.method(), head.uri().path()), (&Method::GET, "/"));
        assert_eq!(head.headers()["user-agent"], "b");
    }

    #[test]
    fn of_a_body_without_end_no_more_is_kept_than_the_limit() {
        let (mut arrived, mut head) = arriving(10_000);
        let mut wire = chunked(&b"x".repeat(20_000), 1000);
        let rest = wire.split_off(HEAD.len() + 40);
        arrived.room().extend_from_slice(&wire);
        assert!(matches!(arrived.take(&mut head), Taken::Part));
        let mut kept = wire;
        for piece in rest.chunks(700) {
            arrived.room().extend_from_slice(piece);
            kept.extend_from_slice(piece);
            if matches!(arrived.take(&mut head), Taken::Other) {
                assert!(kept.len() < 10_701, "{} bytes are kept", kept.len());
                assert_eq!(arrived.into_bytes(), kept);
                return;
            }
        }
        panic!("all of it was taken");
    }

    #[test]
    fn one_over_the_limit_is_left_to_others_though_it_is_whole() {
        for wire in [sized(&[b'x'; 1000]), chunked(&[b'x'; 1000], 300)] {
            let (mut arrived, mut head) = arriving(1000);
            arrived.room().extend_from_slice(&wire);
            assert!(matches!(arrived.take(&mut head), Taken::Other));
            assert_eq!(arrived.into_bytes(), wire);
        }
    }

    #[test]
    fn the_room_of_a_long_body_is_not_kept() {
        let (mut arrived, mut head) = arriving(1 << 24);
        arrived
            .room()
            .extend_from_slice(&sized(&vec![b'x'; 4 << 20]));
        let taken = body(arrived.take(&mut head)).unwrap();
        assert_eq!(taken.len(), 4 << 20);
        drop(taken);
        head.headers_mut().clear();
        assert!(arrived.room().capacity() <= TRUSTED);
    }
}
