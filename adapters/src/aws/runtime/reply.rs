//! The head of a reply, and how its body is framed (RFC 9112, section 6).

use std::io::{Error, ErrorKind};

use httparse::{EMPTY_HEADER, Header, Response, Status};

/// More than the Runtime API sends.
const MOST: usize = 64;

/// A longer head is no answer of the Runtime API's: a client context may fill most of it.
const LONGEST: usize = 256 << 10;

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Framing {
    /// After so many bytes.
    Length(usize),
    /// After an empty chunk.
    Chunked,
    /// With the connection.
    Rest,
}

/// What a head says of the connection.
#[derive(Clone, Copy, Debug)]
pub(in crate::aws) struct Outline {
    /// The head's own length, in bytes.
    pub(in crate::aws) length: usize,
    pub(in crate::aws) framing: Framing,
    /// True if another head follows, the reply's.
    pub(in crate::aws) is_interim: bool,
    /// True if the connection stays open.
    pub(in crate::aws) keeps: bool,
}

/// A reply's head, borrowed from what has arrived.
#[derive(Debug)]
pub(in crate::aws) struct Head<'h, 'b> {
    pub(in crate::aws) status: u16,
    pub(in crate::aws) outline: Outline,
    fields: &'h [Header<'b>],
}

impl<'b> Head<'_, 'b> {
    /// Reads the head and hands it to `take`; `None` while it is not whole.
    pub(in crate::aws) fn read<T>(
        arrived: &'b [u8],
        take: impl FnOnce(&Head<'_, 'b>) -> T,
    ) -> Result<Option<T>, Error> {
        let mut fields = [EMPTY_HEADER; MOST];
        let mut response = Response::new(&mut fields);
        let malformed = |error| Error::new(ErrorKind::InvalidData, error);
        let Status::Complete(length) = response.parse(arrived).map_err(malformed)? else {
            let too_long = arrived.len() > LONGEST;
            return if too_long {
                Err(malformed(httparse::Error::TooManyHeaders))
            } else {
                Ok(None)
            };
        };
        let (status, version) = (response.code.unwrap_or(0), response.version);
        let fields = &*response.headers;
        let framing = framing(status, fields)?;
        let says = |word: &[u8]| {
            let mut values = named(fields, "connection");
            values.any(|value| value.trim_ascii().eq_ignore_ascii_case(word))
        };
        let keeps = if version == Some(0) {
            says(b"keep-alive")
        } else {
            !says(b"close")
        };
        Ok(Some(take(&Head {
            status,
            outline: Outline {
                length,
                framing,
                is_interim: matches!(status, 100..=199),
                keeps: keeps && framing != Framing::Rest,
            },
            fields,
        })))
    }

    /// Returns the fields: names in the case in which they were sent.
    pub(in crate::aws) fn fields(&self) -> impl Iterator<Item = (&'b str, &'b [u8])> + Clone {
        self.fields.iter().map(|field| (field.name, field.value))
    }
}

fn named<'b>(fields: &[Header<'b>], name: &str) -> impl Iterator<Item = &'b [u8]> {
    fields
        .iter()
        .filter(move |field| field.name.eq_ignore_ascii_case(name))
        .map(|field| field.value)
}

fn framing(status: u16, fields: &[Header<'_>]) -> Result<Framing, Error> {
    if matches!(status, 100..=199 | 204 | 304) {
        return Ok(Framing::Length(0));
    }
    if let Some(coding) = named(fields, "transfer-encoding").last() {
        let last = coding
            .rsplit(|byte| *byte == b',')
            .next()
            .unwrap_or_default();
        let chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
        return Ok(if chunked {
            Framing::Chunked
        } else {
            Framing::Rest
        });
    }
    let Some(length) = named(fields, "content-length").next() else {
        return Ok(Framing::Rest);
    };
    let length = std::str::from_utf8(length)
        .ok()
        .and_then(|text| text.trim().parse().ok());
    let wrong = || {
        Error::new(
            ErrorKind::InvalidData,
            "the reply's content-length is no number",
        )
    };
    length.map(Framing::Length).ok_or_else(wrong)
}

/// Reads the line before a chunk: where the chunk starts, and its length. `None` while the line is
/// not whole.
pub(in crate::aws) fn chunk(arrived: &[u8]) -> Result<Option<(usize, usize)>, Error> {
    let wrong = |_| Error::new(ErrorKind::InvalidData, "the reply's chunk has no length");
    match httparse::parse_chunk_size(arrived).map_err(wrong)? {
        Status::Partial => Ok(None),
        Status::Complete((start, length)) => {
            let long = |_| Error::new(ErrorKind::InvalidData, "the reply's chunk is too long");
            Ok(Some((start, usize::try_from(length).map_err(long)?)))
        }
    }
}

/// Returns where what follows the last chunk ends: after an empty line. `None` while it is not
/// whole.
pub(in crate::aws) fn trailers_end(arrived: &[u8]) -> Option<usize> {
    if arrived.starts_with(b"\r\n") {
        return Some(2);
    }
    let at = arrived.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(at + 4)
}
