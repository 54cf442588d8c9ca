//! Lines without what differs from run to run.

/// Puts a word in place of each time, id, duration, port and line of a source file.
pub(super) fn masked(line: &str) -> String {
    let mut line = line.to_owned();
    for marker in [
        "_ms\":",
        "_ms=",
        "latency\":\"",
        "\"line\":\"",
        "lineNumber\":",
        ".rs:",
        "127.0.0.1:",
        "0.0.0.0:",
    ] {
        line = without_numbers(&line, marker);
    }
    line = without(&line, "2000-00-00T00:00:00.000000Z", "TIME");
    line = without(&line, "2000-00-00T00:00:00.000Z", "TIME");
    line = without(&line, "ffffffff-ffff-ffff-ffff-ffffffffffff", "ID");
    line = without(&line, "1-ffffffff-ffffffffffffffffffffffff", "XRAY");
    line = without(&line, "ffffffffffffffffffffffffffffffff", "TRACE");
    without(&line, "\"ffffffffffffffff\"", "\"SPAN\"")
}

/// Takes out the number that stands after each of these, also a column after a line.
fn without_numbers(line: &str, marker: &str) -> String {
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ':';
    let mut parts = line.split(marker);
    let mut masked = parts.next().unwrap().to_owned();
    for part in parts {
        masked.push_str(marker);
        let rest = part.trim_start_matches(is_number);
        if rest.len() < part.len() {
            let has_colon = part[..part.len() - rest.len()].ends_with(':');
            masked.push_str(if has_colon { "N:" } else { "N" });
        }
        masked.push_str(rest);
    }
    masked
}

/// Takes out what has a form: `0` stands for a digit, `f` for a hexadecimal one.
fn without(line: &str, form: &str, word: &str) -> String {
    let fits = |text: &str| {
        text.len() == form.len()
            && text
                .chars()
                .zip(form.chars())
                .all(|(letter, form)| match form {
                    '0' | '2' => letter.is_ascii_digit(),
                    'f' => letter.is_ascii_hexdigit(),
                    _ => letter == form,
                })
    };
    let mut masked = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        if rest.get(..form.len()).is_some_and(fits) {
            masked.push_str(word);
            rest = &rest[form.len()..];
        } else {
            masked.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    masked
}

#[test]
fn what_differs_is_masked_and_nothing_else() {
    let line = r#"{"t":"2026-05-09T16:28:08.123Z","id":"0f2b1c3d-0000-4000-8000-0123456789ab","duration_ms":1.25,"at":"src/a.rs:7:9: boom"}"#;
    let wanted = r#"{"t":"TIME","id":"ID","duration_ms":N,"at":"src/a.rs:N: boom"}"#;
    assert_eq!(masked(line), wanted);
}
