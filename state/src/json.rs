//! A record as JSON, for stores that keep bytes or text.

use std::sync::Arc;

use base64_simd::STANDARD;
use isobar_core::{Bytes, HeaderMap, HeaderName, HeaderValue, Output, Outputs, StatusCode};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Fingerprint, Kept, Owner, Record, State, StoreError, Time};

/// Writes a record.
pub(crate) fn write(record: &Record) -> Result<String, StoreError> {
    let written = Written {
        about: record.about.to_string(),
        owner: format!("{:016x}", record.owner.as_u64()),
        expires: record.expires.as_millis(),
        fingerprint: record.fingerprint.as_ref().map(|it| it.as_str().to_owned()),
        state: match &record.state {
            State::Running { until } => Stage::Running {
                until: until.as_millis(),
            },
            State::Free => Stage::Free,
            State::Done(kept) => Stage::Done(Success::of(kept)?),
        },
    };
    serde_json::to_string(&written)
        .map_err(|e| StoreError::new("a record cannot be written as JSON").with_source(e))
}

/// Reads what [`write`] wrote.
pub(crate) fn read(json: &[u8]) -> Result<Record, StoreError> {
    let failed = |e| StoreError::new("what is there is no record").with_source(e);
    let written: Written = serde_json::from_slice(json).map_err(failed)?;
    let owner = u64::from_str_radix(&written.owner, 16).map_err(serde_json::Error::custom);
    Ok(Record {
        about: written.about.into(),
        owner: Owner::from_u64(owner.map_err(failed)?),
        expires: Time::from_millis(written.expires),
        fingerprint: written
            .fingerprint
            .map(|it| Arc::new(Fingerprint::from_text(it))),
        state: match written.state {
            Stage::Running { until } => State::Running {
                until: Time::from_millis(until),
            },
            Stage::Free => State::Free,
            Stage::Done(success) => State::Done(Arc::new(success.kept().map_err(failed)?)),
        },
    })
}

#[derive(Serialize, Deserialize)]
struct Written {
    about: String,
    owner: String,
    expires: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    state: Stage,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Running { until: u64 },
    Free,
    Done(Success),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Success {
    Nothing,
    Reply {
        result: Option<Base64>,
        outputs: Vec<(String, Value)>,
    },
    Response {
        status: u16,
        headers: Vec<(String, String)>,
        body: Base64,
    },
    TooLarge,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Value {
    Bytes(Base64),
    Json(Base64),
    List(Vec<Self>),
}

impl Success {
    fn of(kept: &Kept) -> Result<Self, StoreError> {
        Ok(match kept {
            Kept::Nothing => Self::Nothing,
            Kept::Reply { result, outputs } => Self::Reply {
                result: result.clone().map(Base64),
                outputs: outputs
                    .iter()
                    .map(|(name, value)| Ok((name.to_owned(), Value::of(value)?)))
                    .collect::<Result<_, StoreError>>()?,
            },
            Kept::Response {
                status,
                headers,
                body,
            } => Self::Response {
                status: status.as_u16(),
                headers: headers
                    .iter()
                    .map(|(name, value)| (name.to_string(), latin1(value)))
                    .collect(),
                body: Base64(body.clone()),
            },
            Kept::TooLarge => Self::TooLarge,
        })
    }

    fn kept(self) -> Result<Kept, serde_json::Error> {
        Ok(match self {
            Self::Nothing => Kept::Nothing,
            Self::Reply { result, outputs } => Kept::Reply {
                result: result.map(|it| it.0),
                outputs: outputs
                    .into_iter()
                    .fold(Outputs::new(), |all, (name, value)| {
                        all.output(name, value.output())
                    }),
            },
            Self::Response {
                status,
                headers,
                body,
            } => Kept::Response {
                status: StatusCode::from_u16(status).map_err(serde_json::Error::custom)?,
                headers: header_map(&headers)?,
                body: body.0,
            },
            Self::TooLarge => Kept::TooLarge,
        })
    }
}

impl Value {
    fn of(output: &Output) -> Result<Self, StoreError> {
        Ok(match output {
            Output::Bytes(bytes) => Self::Bytes(Base64(bytes.clone())),
            Output::Json(json) => Self::Json(Base64(json.clone())),
            Output::List(list) => Self::List(list.iter().map(Self::of).collect::<Result<_, _>>()?),
            _ => return Err(StoreError::new("an output is of a form that is not known")),
        })
    }

    fn output(self) -> Output {
        match self {
            Self::Bytes(bytes) => Output::Bytes(bytes.0),
            Self::Json(json) => Output::Json(json.0),
            Self::List(list) => Output::List(list.into_iter().map(Self::output).collect()),
        }
    }
}

/// A header's bytes, each as the character of its number: any value, and legible.
fn latin1(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, serde_json::Error> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(serde_json::Error::custom)?;
        let bytes = value.chars().map(u8::try_from);
        let bytes: Vec<_> = bytes
            .collect::<Result<_, _>>()
            .map_err(serde_json::Error::custom)?;
        let value = HeaderValue::try_from(bytes).map_err(serde_json::Error::custom)?;
        map.append(name, value);
    }
    Ok(map)
}

struct Base64(Bytes);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode_to_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode_to_vec(text).map_err(D::Error::custom)?;
        Ok(Self(bytes.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response() -> Kept {
        let mut headers = HeaderMap::new();
        headers.append("set-cookie", HeaderValue::from_static("a=1"));
        headers.append("set-cookie", HeaderValue::from_bytes(b"b=\xff").unwrap());
        Kept::Response {
            status: StatusCode::CREATED,
            headers,
            body: Bytes::from_static(b"\0\xffbody"),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let outputs = Outputs::new()
            .set("queue", &b"\xff"[..])
            .list("more", [Output::json(&17).unwrap(), "text".into()]);
        let until = Time::from_millis(1_700_000_000_000);
        for state in [
            State::Running { until },
            State::Free,
            State::Done(Arc::new(Kept::Nothing)),
            State::Done(Arc::new(Kept::TooLarge)),
            State::Done(Arc::new(response())),
            State::Done(Arc::new(Kept::Reply {
                result: Some(Bytes::from_static(b"{}")),
                outputs,
            })),
        ] {
            let record = Record {
                about: "message \"orders\" 17".into(),
                owner: Owner::from_u64(u64::MAX),
                state,
                fingerprint: Some(Arc::new(Fingerprint::of([&b"body"[..]]))),
                expires: Time::now(),
            };
            let json = write(&record).unwrap();
            assert_eq!(read(json.as_bytes()).unwrap(), record, "{json}");
        }
    }

    #[test]
    fn what_is_no_record_is_an_error() {
        for json in [
            "",
            "{}",
            "null",
            r#"{"about":"","owner":"x","expires":1,"state":"free"}"#,
        ] {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
    }
}
