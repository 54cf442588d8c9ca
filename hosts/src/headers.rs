//! Header names and values, as hosts write them.

use http::{HeaderMap, HeaderValue};

/// Sets a header over what is there, where the value can stand in one.
pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

/// Sets a header to the client's own values and one more at their end, as one list.
pub(crate) fn append_to_list(headers: &mut HeaderMap, name: &'static str, more: &str) {
    let sent = headers.get_all(name).into_iter();
    let sent = sent.filter_map(|value| value.to_str().ok());
    let all: Vec<&str> = sent.chain([more]).collect();
    let all = all.join(", ");
    set(headers, name, &all);
}

/// Spells a name as HTTP/1.1 clients do: `X-Forwarded-For`.
pub(crate) fn title(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
