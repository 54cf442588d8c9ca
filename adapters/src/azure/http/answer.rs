//! The answer to invocation JSON: always 200, always an object.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use isobar_core::{Content, Context, Error, Interrupted, IntoResponse, StatusCode, add_request_id};

use super::dates::is_date;
use crate::azure::error::NotCarried;
use crate::json::escape;
use crate::serve::{Answer, whole};

/// Makes the host's answer of a handler's: what the way cannot carry becomes a problem that says
/// so, since the host would make something else of it.
///
/// An empty answer or `null` would hang until functionTimeout and then kill the process; any other
/// status than 2xx would be a bare 500 to the client.
pub(crate) async fn encode(output: &str, context: &Context, response: Answer) -> Answer {
    let (parts, body) = response.into_parts();
    let body = match body {
        Content::Whole(bytes) => Ok(bytes),
        Content::Goes(body) => whole(body).await,
    };
    let error = match body {
        Ok(body) => match write(output, parts.status, &parts.headers, &body) {
            Ok(json) => return answer(parts.headers, json),
            Err(what) => not_carried(what, context),
        },
        Err(error) => broken_off(&error),
    };
    let mut problem = error.into_response();
    add_request_id(&mut problem, context.request_id());
    let (parts, body) = problem.into_parts();
    let body = whole(body).await.unwrap_or_default();
    let json = write(output, parts.status, &parts.headers, &body).unwrap_or_default();
    answer(parts.headers, json)
}

/// Makes the host's answer, in the room of the headers that stand in it now.
fn answer(mut headers: HeaderMap, json: Vec<u8>) -> Answer {
    headers.clear();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = http::Response::new(Content::Whole(json.into()));
    *response.headers_mut() = headers;
    response
}

fn not_carried(what: NotCarried, context: &Context) -> Error {
    let error = what.error();
    tracing::error!(parent: context.span(), "{error}");
    error
}

/// The body ended before its end, and nothing is sent yet: the client can still be told.
fn broken_off(error: &(dyn std::error::Error + 'static)) -> Error {
    match Interrupted::of(error) {
        Some(Interrupted::Deadline) => {
            Error::new(StatusCode::GATEWAY_TIMEOUT, "the function took too long")
        }
        _ => Error::from_status(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Writes the whole answer into one buffer.
fn write(
    output: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<u8>, NotCarried> {
    let text = std::str::from_utf8(body).map_err(|_bytes| NotCarried::Body)?;
    let mut out = Vec::with_capacity(body.len() + body.len() / 8 + 512);
    // `$return` must be an object: of a string the host would try to decode base64.
    let is_return = output == "$return";
    if is_return {
        out.extend_from_slice(br#"{"Outputs":{},"Logs":[],"ReturnValue":"#);
    } else {
        out.extend_from_slice(br#"{"Outputs":{""#);
        escape(&mut out, output);
        out.extend_from_slice(br#"":"#);
    }
    out.extend_from_slice(br#"{"statusCode":""#);
    out.extend_from_slice(status.as_str().as_bytes());
    out.extend_from_slice(br#"","headers":{"#);
    write_headers(&mut out, headers)?;
    out.push(b'}');
    if !text.is_empty() {
        out.extend_from_slice(br#","body":""#);
        escape(&mut out, text);
        out.extend_from_slice(if is_date(text) { br#"\n""# } else { br#"""# });
    }
    out.extend_from_slice(if is_return {
        b"}}"
    } else {
        br#"}},"Logs":[],"ReturnValue":null}"#
    });
    Ok(out)
}

/// Writes each name once: the host takes one value a name. Values of one name stand beside each
/// other in a `HeaderMap`.
fn write_headers(out: &mut Vec<u8>, headers: &HeaderMap) -> Result<(), NotCarried> {
    let mut last: Option<&HeaderName> = None;
    // The host counts for itself.
    for (name, value) in headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        let text = value.to_str().map_err(|_not_ascii| NotCarried::Header)?;
        match last {
            Some(same) if same == name && *name == SET_COOKIE => return Err(NotCarried::Cookies),
            Some(same) if same == name => out.extend_from_slice(b", "),
            _ => {
                out.extend_from_slice(if last.is_some() { br#"",""# } else { br#"""# });
                out.extend_from_slice(name.as_str().as_bytes());
                out.extend_from_slice(br#"":""#);
            }
        }
        escape(out, text);
        // White space around a value is none of the value.
        if is_date(text) {
            out.push(b' ');
        }
        last = Some(name);
    }
    if last.is_some() {
        out.push(b'"');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use isobar_core::{Body, Function, Response};
    use serde_json::{Value, json};

    fn answer(headers: &[(&'static str, &str)], body: &[u8]) -> Value {
        answer_of("res", headers, body)["Outputs"]["res"].clone()
    }

    fn answer_of(output: &str, headers: &[(&'static str, &str)], body: &[u8]) -> Value {
        let mut response = Response::new(Body::from(body.to_vec()));
        *response.status_mut() = StatusCode::CREATED;
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            response.headers_mut().append(*name, value);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(json_of(output, response))
    }

    async fn json_of(output: &str, response: Response) -> Value {
        let context = Context::builder(Function::default())
            .request_id("17")
            .build();
        let answer = encode(output, &context, response.map(Into::into)).await;
        assert_eq!(
            (answer.status(), &answer.headers()[CONTENT_TYPE]),
            (
                StatusCode::OK,
                &HeaderValue::from_static("application/json")
            )
        );
        let body = Body::from(answer.into_body())
            .collect()
            .await
            .unwrap()
            .to_bytes();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn an_answer_is_never_empty() {
        // trap 32, corrections 10 and 16
        let wanted = json!({"Outputs": {"res": {"statusCode": "201", "headers": {}}}, "Logs": [], "ReturnValue": null});
        assert_eq!(answer_of("res", &[], b""), wanted);
        let wanted = json!({"Outputs": {}, "Logs": [], "ReturnValue": {"statusCode": "201", "headers": {}, "body": "made"}});
        assert_eq!(answer_of("$return", &[], b"made"), wanted);
        assert_eq!(answer_of("a\"b", &[], b"x")["Outputs"]["a\"b"]["body"], "x");
    }

    #[test]
    fn text_arrives_as_it_is() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        assert_eq!(answer(&[], all.as_bytes())["body"], all);
        assert_eq!(answer(&[], b"\\\"\n")["body"], "\\\"\n");
    }

    #[test]
    fn repeated_headers_are_joined_and_a_length_is_the_hosts_to_say() {
        // traps 23 and 26
        let headers = [
            ("x-a", "1"),
            ("content-length", "9"),
            ("x-b", "\"b\""),
            ("x-a", "2"),
        ];
        assert_eq!(
            answer(&headers, b"")["headers"],
            json!({"x-a": "1, 2", "x-b": "\"b\""})
        );
        assert_eq!(
            answer(&[("set-cookie", "a=1")], b"")["headers"]["set-cookie"],
            "a=1"
        );
    }

    #[test]
    fn what_the_way_can_not_carry_is_a_problem_that_names_the_remedy() {
        // traps 19, 21 and 28
        let cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")];
        let umlaut = [("x-a", "\u{e9}")];
        for answer in [
            answer(&[], b"\xff\0"),
            answer(&cookies, b""),
            answer(&umlaut, b""),
        ] {
            assert_eq!(answer["statusCode"], "500");
            assert_eq!(
                answer["headers"]["content-type"],
                "application/problem+json"
            );
            let body = answer["body"].as_str().unwrap();
            assert!(body.contains("enableProxyingHttpRequest"), "{body}");
            assert!(body.ends_with(r#""request_id":"17"}"#), "{body}");
        }
    }

    #[test]
    fn what_is_exactly_a_date_is_kept_from_the_hosts_date_parser() {
        // correction 16
        let date = "2024-01-02T03:04:05Z";
        let dated = answer(&[("x-at", date)], date.as_bytes());
        assert_eq!(dated["body"], format!("{date}\n"));
        assert_eq!(dated["headers"]["x-at"], format!("{date} "));
        let json = format!("\"{date}\"");
        assert_eq!(answer(&[], json.as_bytes())["body"], json);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_an_error_that_the_client_sees() {
        let status = async |error: isobar_core::BoxError| {
            let frames = futures_util::stream::iter([Ok("begun"), Err(error)]);
            let json = json_of("res", Response::new(Body::from_stream(frames))).await;
            json["Outputs"]["res"]["statusCode"].clone()
        };
        assert_eq!(status(Box::new(Interrupted::Deadline)).await, "504");
        assert_eq!(status("gone".into()).await, "500");
    }
}
