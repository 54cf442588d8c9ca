//! What the hosts deliver: events and requests in their own forms.

use std::fmt::Write as _;

use serde_json::{Value, json};

const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700";

/// The head of what the Functions host posts, but for how the body is framed.
const POSTED: &str = "POST /http HTTP/1.1\r\nhost: 127.0.0.1\r\n\
    content-type: application/json; charset=utf-8\r\n\
    x-azure-functions-invocationid: 6b6b2f0e-0000-0000-0000-000000000001\r\n\
    x-azure-functions-hostversion: 4.1042.100.1\r\nuser-agent: Azure-Functions-Host/4.1042.100.1\r\n";

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";

fn headers() -> Value {
    json!({
        "accept": "text/html,application/json;q=0.9,*/*;q=0.8",
        "accept-encoding": "gzip, deflate, br",
        "accept-language": "en-GB,en;q=0.9",
        "content-type": "application/json",
        "host": "abcdef1234.execute-api.eu-west-1.amazonaws.com",
        "user-agent": AGENT,
        "x-amzn-trace-id": TRACE,
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    })
}

/// An HTTP API's event, payload 2.0.
pub(crate) fn http_api(
    method: &str,
    path: &str,
    query: &str,
    body: Option<(&str, bool)>,
) -> Vec<u8> {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdef1234",
            "domainName": "abcdef1234.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abcdef1234",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": AGENT,
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1_583_348_638_390_i64,
        },
        "isBase64Encoded": false,
    });
    let mut set = |name: &str, value: Value| event.as_object_mut()?.insert(name.to_owned(), value);
    if !query.is_empty() {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.into()));
        set("queryStringParameters", Value::Object(pairs.collect()));
    }
    if let Some((body, encoded)) = body {
        set("body", body.into());
        set("isBase64Encoded", encoded.into());
    }
    event.to_string().into_bytes()
}

/// A function URL's event: the one front door that takes a stream.
pub(crate) fn function_url(path: &str, query: &str) -> Vec<u8> {
    let event = http_api("GET", path, query, None);
    let event = String::from_utf8_lossy(&event);
    let own = event.replace(
        "execute-api.eu-west-1.amazonaws.com",
        "lambda-url.eu-west-1.on.aws",
    );
    own.into_bytes()
}

/// An HTTP API's event with a body that is no text, in base64.
pub(crate) fn bytes(path: &str, body: &str) -> Vec<u8> {
    let event = http_api("POST", path, "", Some((body, true)));
    let event = String::from_utf8_lossy(&event);
    let (text, other) = (
        r#""content-type":"application/json""#,
        r#""content-type":"application/octet-stream""#,
    );
    event.replacen(text, other, 1).into_bytes()
}

/// A REST API's event, payload 1.0.
pub(crate) fn rest_api(path: &str) -> Vec<u8> {
    let headers = headers();
    let lists: serde_json::Map<_, _> = headers
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), json!([value])))
        .collect();
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": lists,
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": {"proxy": path.trim_start_matches('/')},
        "stageVariables": null,
        "requestContext": {
            "resourceId": "roq9wj",
            "resourcePath": "/{proxy+}",
            "httpMethod": "GET",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "requestTime": "12/Mar/2020:19:03:58 +0000",
            "path": format!("/prod{path}"),
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": "prod",
            "domainPrefix": "abcdef1234",
            "requestTimeEpoch": 1_583_348_638_390_i64,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "identity": {
                "cognitoIdentityPoolId": null,
                "accountId": null,
                "cognitoIdentityId": null,
                "caller": null,
                "sourceIp": "203.0.113.7",
                "principalOrgId": null,
                "accessKey": null,
                "cognitoAuthenticationType": null,
                "cognitoAuthenticationProvider": null,
                "userArn": null,
                "userAgent": AGENT,
                "user": null,
            },
            "domainName": "abcdef1234.execute-api.eu-west-1.amazonaws.com",
            "apiId": "abcdef1234",
        },
        "body": null,
        "isBase64Encoded": false,
    })
    .to_string()
    .into_bytes()
}

/// A load balancer's event.
pub(crate) fn load_balancer(path: &str) -> Vec<u8> {
    json!({
        "requestContext": {
            "elb": {
                "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/hello/6d0ecf831eec9f09",
            },
        },
        "httpMethod": "GET",
        "path": path,
        "queryStringParameters": {},
        "headers": headers(),
        "body": "",
        "isBase64Encoded": false,
    })
    .to_string()
    .into_bytes()
}

/// Messages of a queue, of some 100 bytes each.
pub(crate) fn queue(messages: usize) -> Vec<u8> {
    let records: Vec<_> = (0..messages)
        .map(|nth| {
            let body = json!({"id": format!("order-{nth}"), "customer": "Ada Lovelace", "total": 4200, "currency": "EUR", "lines": [1, 2, 3]});
            json!({
                "messageId": format!("059f36b4-87a3-44ab-83d2-{nth:012}"),
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
                "body": body.to_string(),
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1545082649183",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1545082649185",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
                "awsRegion": "eu-west-1",
            })
        })
        .collect();
    json!({"Records": records}).to_string().into_bytes()
}

/// A JSON document of about so many bytes, as text.
pub(crate) fn document(bytes: usize) -> String {
    let mut text = String::new();
    for nth in 0.. {
        if text.len() + 80 >= bytes {
            break;
        }
        // a String takes all that is written
        let _written = write!(text, "{nth} of what is said at some length ");
    }
    json!({"title": "a note", "text": text, "tags": ["one", "two"]}).to_string()
}

/// Bytes that are no text, in base64.
pub(crate) fn binary(bytes: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // a whole number of groups, so that no filling is needed; the first byte is no UTF-8
    let letters = bytes.div_ceil(3) * 4;
    let mut state = 1_u32;
    let mut text = String::from("/w");
    while text.len() < letters {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let letter = ALPHABET
            .get((state >> 26) as usize)
            .copied()
            .unwrap_or(b'A');
        text.push(char::from(letter));
    }
    text
}

/// The Functions host's invocation, as a request over its connection.
pub(crate) fn invocation(method: &str, path: &str, body: Option<&str>) -> Vec<u8> {
    let mut request = json!({
        "Url": format!("https://hello.azurewebsites.net/api{path}"),
        "Method": method,
        "Query": {},
        "Headers": {
            "Accept": ["text/html,application/json;q=0.9,*/*;q=0.8"],
            "Accept-Encoding": ["gzip, deflate, br"],
            "Content-Type": ["application/json"],
            "Host": ["hello.azurewebsites.net"],
            "User-Agent": [AGENT],
            "X-Forwarded-For": ["203.0.113.7:52371"],
            "X-Forwarded-Proto": ["https"],
        },
        "Params": {},
        "Identities": [{
            "AuthenticationType": null,
            "IsAuthenticated": false,
            "Actor": null,
            "BootstrapContext": null,
            "Claims": [],
            "Label": null,
            "Name": null,
            "NameClaimType": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
            "RoleClaimType": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
        }],
    });
    if let (Some(body), Some(members)) = (body, request.as_object_mut()) {
        members.insert("Body".to_owned(), body.into());
    }
    let invocation = json!({
        "Data": {"req": request},
        "Metadata": {"sys": {
            "MethodName": "http",
            "UtcNow": "2026-10-09T17:58:32.2205399Z",
            "RandGuid": "24ad4c06-24ad-4e5b-8294-3da9714877e9",
        }},
    })
    .to_string();
    let length = invocation.len();
    format!("{POSTED}content-length: {length}\r\n\r\n{invocation}").into_bytes()
}

/// The same invocation as the host in the cloud sends it, which does not know its length: in chunks, one each time that
/// .NET's `StreamWriter` is full.
pub(crate) fn in_chunks(invocation: &[u8]) -> Vec<u8> {
    let document = invocation.iter().position(|byte| *byte == b'{');
    let mut all = format!("{POSTED}transfer-encoding: chunked\r\n\r\n").into_bytes();
    for chunk in invocation
        .get(document.unwrap_or_default()..)
        .unwrap_or_default()
        .chunks(1024)
    {
        all.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
        all.extend_from_slice(chunk);
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(b"0\r\n\r\n");
    all
}

/// A client's request as Cloud Run passes it on.
pub(crate) fn plain(path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nhost: hello-abc-ew.a.run.app\r\nuser-agent: {AGENT}\r\n\
         accept: text/html,application/json;q=0.9,*/*;q=0.8\r\naccept-encoding: gzip, deflate, br\r\n\
         x-forwarded-for: 203.0.113.7\r\nx-forwarded-proto: https\r\n\
         traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\n\
         x-cloud-trace-context: 0af7651916cd43dd8448eb211c80319c/13235353014750950193\r\n\r\n"
    )
    .into_bytes()
}
