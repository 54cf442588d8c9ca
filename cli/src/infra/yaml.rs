//! JSON values as YAML that people read: blocks, plain words, comments.
//!
//! The key `#x` of a map is the comment above its key `x`, and `#` the one above the whole map.
//! Functions of `CloudFormation` have their short form.

use std::fmt::Write;

use serde_json::{Map, Value};

/// What stands first in a map; the rest is in the order of letters.
const FIRST: [&str; 2] = ["Type", "Effect"];

/// A value as lines, each with its end.
pub(super) fn block(value: &Value) -> String {
    let mut text = lines(value).join("\n");
    text.push('\n');
    text
}

/// A comment as lines of at most 100 characters.
pub(super) fn comment(text: &str) -> Vec<String> {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        let long = lines
            .last()
            .is_some_and(|line| line.len() + word.len() > 99);
        if long {
            lines.push(String::from("#"));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}

fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) if tag(map).is_none() && !map.is_empty() => of_map(map),
        Value::Array(list) if !list.is_empty() => list.iter().flat_map(item).collect(),
        _ => vec![inline(value)],
    }
}

fn of_map(map: &Map<String, Value>) -> Vec<String> {
    let mut lines = said(map, "");
    let first = FIRST.iter().filter_map(|key| map.get_key_value(*key));
    let rest = map.iter().filter(|(key, _)| !FIRST.contains(&key.as_str()));
    let entries = first.chain(rest).filter(|(key, _)| !key.starts_with('#'));
    for (key, value) in entries {
        lines.extend(said(map, key));
        let key = word(key);
        if is_inline(value) {
            lines.push(format!("{key}: {}", inline(value)));
        } else {
            lines.push(format!("{key}:"));
            lines.extend(self::lines(value).iter().map(|line| format!("  {line}")));
        }
    }
    lines
}

fn said(map: &Map<String, Value>, key: &str) -> Vec<String> {
    let text = map.get(&format!("#{key}")).and_then(Value::as_str);
    text.map(comment).unwrap_or_default()
}

/// An item of a list; what is said above it stays above.
fn item(value: &Value) -> Vec<String> {
    let mut begun = false;
    let mark = |line: String| {
        if begun {
            format!("  {line}")
        } else if line.starts_with('#') {
            line
        } else {
            begun = true;
            format!("- {line}")
        }
    };
    lines(value).into_iter().map(mark).collect()
}

fn is_inline(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty() || tag(map).is_some(),
        Value::Array(list) => list.is_empty(),
        _ => true,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => word(text),
        Value::Object(map) => match tag(map) {
            Some((tag, text)) => format!("!{tag} {}", word(text)),
            None => "{}".to_owned(),
        },
        other => other.to_string(),
    }
}

/// A function of `CloudFormation` that takes a text.
fn tag(map: &Map<String, Value>) -> Option<(&str, &str)> {
    let mut entries = map.iter();
    let ((key, value), None) = (entries.next()?, entries.next()) else {
        return None;
    };
    let tag = match key.as_str() {
        "Ref" => "Ref",
        key => key.strip_prefix("Fn::")?,
    };
    Some((tag, value.as_str()?))
}

/// A text: as it is where nothing can take it for something else, and else in quotes.
fn word(text: &str) -> String {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let plain = |c: char| c.is_ascii_alphanumeric() || " _./:-$()".contains(c);
    let other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let safe = begins
        && text.chars().all(plain)
        && !text.contains(": ")
        && !text.ends_with([':', ' '])
        && !other.contains(&text.to_ascii_lowercase().as_str());
    if safe { text.to_owned() } else { quoted(text) }
}

/// In double quotes, as YAML has them: JSON's, and nothing in it that ends a line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _written = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_map_is_a_block_with_its_type_first_and_its_comments_above() {
        let value = json!({
            "#": "why it is here",
            "Properties": {
                "#Time": "six times", "Time": 180, "Empty": {}, "On": true,
                "Arn": {"Fn::GetAtt": "Queue.Arn"}, "Of": {"Ref": "Queue"},
                "List": [{"#": "one", "B": 1, "A": "x: y"}, "plain"],
            },
            "Type": "AWS::SQS::Queue",
        });
        let wanted = "\
# why it is here
Type: AWS::SQS::Queue
Properties:
  Arn: !GetAtt Queue.Arn
  Empty: {}
  List:
    # one
    - A: \"x: y\"
      B: 1
    - plain
  Of: !Ref Queue
  \"On\": true
  # six times
  Time: 180
";
        assert_eq!(block(&value), wanted);
    }

    #[test]
    fn a_text_stays_a_text() {
        for (text, wanted) in [
            ("bootstrap", "bootstrap"),
            ("arn:aws:s3:::a-b/*", "\"arn:aws:s3:::a-b/*\""),
            ("cron(0 3 ? * MON *)", "\"cron(0 3 ? * MON *)\""),
            ("No", "\"No\""),
            ("2012-10-17", "\"2012-10-17\""),
            ("", "\"\""),
            ("1", "\"1\""),
            ("a #b", "\"a #b\""),
            ("a:", "\"a:\""),
            ("a\"\\\n\u{85}", "\"a\\\"\\\\\\n\\u0085\""),
        ] {
            assert_eq!(word(text), wanted);
        }
    }

    #[test]
    fn comments_are_wrapped() {
        let lines = comment(&"word ".repeat(40));
        assert!(
            lines.len() > 1 && lines.iter().all(|line| line.len() <= 100),
            "{lines:?}"
        );
    }
}
