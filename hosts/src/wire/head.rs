//! The head of a message: its first line and its header lines.

use crate::Error;

/// A message's head, names and values as they were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// The request line or status line.
    pub(crate) first: String,
    /// Every header line, in order.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
}

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After this many bytes.
    Sized(u64),
    /// By a last chunk.
    Chunked,
    /// By the end of the connection.
    Close,
}

impl Head {
    /// Parses all lines of a head, without the empty one that ends it.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut lines = bytes.split(|b| *b == b'\n').map(without_return);
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let headers = lines.filter(|line| !line.is_empty()).map(header);
        Ok(Self {
            first,
            headers: headers.collect::<Result<_, _>>()?,
        })
    }

    /// The first value of a header, as text.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let mut of = self
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        of.next()
            .map(|(_, v)| String::from_utf8_lossy(v).into_owned())
    }

    /// The words of the first line.
    pub(crate) fn words(&self) -> [&str; 3] {
        let mut words = self.first.splitn(3, ' ');
        [(); 3].map(|()| words.next().unwrap_or_default())
    }

    /// How the body is framed; `fallback` where neither length nor coding is given.
    pub(crate) fn framing(&self, fallback: Framing) -> Result<Framing, Error> {
        if self
            .get("transfer-encoding")
            .is_some_and(|v| v.to_ascii_lowercase().contains("chunked"))
        {
            return Ok(Framing::Chunked);
        }
        let Some(length) = self.get("content-length") else {
            return Ok(fallback);
        };
        let length = length.parse();
        length
            .map(Framing::Sized)
            .map_err(|_bad| Error::malformed("HTTP head", "content-length"))
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn header(line: &[u8]) -> Result<(String, Vec<u8>), Error> {
    let mut parts = line.splitn(2, |b| *b == b':');
    let name = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let value = parts
        .next()
        .ok_or_else(|| Error::malformed("HTTP head", name.clone()))?;
    Ok((name, value.trim_ascii().to_vec()))
}
