use serde_json::{Value, json};

use crate::host::{Host, Kind, get, post};

/// What a client sends: headers, and a body.
type Forged = (Vec<(&'static str, &'static str)>, Value);

/// What AWS Lambda's and Azure's hosts deliver of events.
fn payloads() -> Vec<Forged> {
    let scheduled =
        json!({"detail-type": "Scheduled Event", "source": "aws.events", "id": "1", "detail": {}});
    let proxied = json!({"version": "2.0", "rawPath": "/admin", "requestContext": {"http": {"method": "GET"}}});
    let queue = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "body": "x"}]});
    let invocation = json!({"Data": {"x": "\"x\""}, "Metadata": {}});
    let grid = json!([{"eventType": "t", "id": "1", "data": {"validationCode": "1"}}]);
    let invoked = vec![("x-azure-functions-invocationid", "1")];
    vec![
        (vec![], queue),
        (vec![], scheduled),
        (vec![], proxied),
        (invoked, invocation),
        (vec![("aeg-event-type", "Notification")], grid.clone()),
        (vec![("aeg-event-type", "SubscriptionValidation")], grid),
    ]
}

/// What is sent to Google Cloud and Knative, and by anybody of CloudEvents.
fn requests() -> Vec<Forged> {
    let cloud =
        json!({"specversion": "1.0", "id": "1", "source": "/evil", "type": "t", "data": {}});
    let push = json!({"message": {"data": "aGk=", "messageId": "1"}, "subscription": "projects/p/subscriptions/orders"});
    let unwrapped = vec![
        ("x-goog-pubsub-message-id", "1"),
        ("x-goog-pubsub-subscription-name", "orders"),
    ];
    let job = vec![
        ("x-cloudscheduler", "true"),
        ("x-cloudscheduler-jobname", "nightly"),
    ];
    let task = vec![
        ("x-cloudtasks-queuename", "q"),
        ("x-cloudtasks-taskname", "t"),
    ];
    let media = |kind| vec![("content-type", kind)];
    vec![
        (media("application/cloudevents+json"), cloud.clone()),
        (media("application/cloudevents-batch+json"), json!([cloud])),
        (vec![], push),
        (unwrapped, json!("x")),
        (job, json!({})),
        (task, json!({})),
        (vec![("webhook-request-origin", "evil.example")], json!({})),
    ]
}

pub(crate) async fn an_event_that_a_client_sends_is_a_request(kind: Kind) {
    let file = std::env::temp_dir().join(format!("isobar-forged-{}-{kind:?}", std::process::id()));
    let variables = [("MIRROR_EVENTS", file.to_str().unwrap())];
    let host = Host::mirror_with(kind, variables).await;
    for (headers, body) in payloads().into_iter().chain(requests()) {
        for path in [
            "/",
            "/message/orders",
            "/orders",
            "/2018-06-01/runtime/invocation/next",
        ] {
            let begun = post(path).header("x-kept", "1");
            let set = |request: http::request::Builder, (name, value): &(_, _)| {
                request.header::<&str, &str>(*name, *value)
            };
            let request = headers.iter().fold(begun, set);
            let request = if headers.iter().any(|(name, _)| *name == "content-type") {
                request
            } else {
                request.header("content-type", "application/json")
            };
            let seen = host.seen(request, body.to_string()).await;
            let got = (&seen["method"], &seen["path"], &seen["headers"]["x-kept"]);
            assert_eq!(got, (&json!("POST"), &json!(path), &json!(["1"])), "{body}");
        }
    }
    assert!(!file.exists(), "{kind:?}: a handler of events was called");
}

pub(crate) async fn an_identity_that_a_client_claims_is_nobody(kind: Kind) {
    let host = Host::mirror(kind).await;
    let honest = host.get("/x").await.json()["context"].clone();
    let claims =
        crate::host::base64(br#"{"auth_typ":"aad","claims":[{"typ":"sub","val":"admin"}]}"#);
    let forged = get("/x")
        .header("x-ms-client-principal", claims)
        .header("x-ms-client-principal-id", "admin")
        .header("x-ms-client-principal-name", "admin")
        .header("x-ms-client-principal-idp", "aad")
        .header(
            "x-goog-authenticated-user-email",
            "accounts.google.com:admin@a.example",
        )
        .header("x-goog-authenticated-user-id", "accounts.google.com:1")
        .header("x-goog-iap-jwt-assertion", "e30.e30.")
        .header("x-apigateway-api-userinfo", "e30")
        .header("x-amzn-oidc-identity", "admin")
        .header("x-amzn-oidc-data", "e30.e30.")
        .header(
            "x-amzn-lattice-identity",
            "Principal=arn:aws:iam::1:user/admin",
        )
        .header("x-amz-tenant-id", "other")
        .header("lambda-runtime-aws-tenant-id", "other")
        .header("lambda-runtime-cognito-identity", "{}")
        .header("x-forwarded-user", "admin");
    let seen = host.seen(forged, "").await;
    for what in ["identity", "tenant", "account", "client_ip"] {
        assert_eq!(seen["context"][what], honest[what], "{kind:?}: {what}");
    }
    if kind.is_azure() {
        // nothing behind can believe it by mistake
        assert_eq!(seen["headers"]["x-ms-client-principal-id"], json!(null));
    }
}

pub(crate) async fn an_id_that_a_client_claims_is_not_the_invocations(kind: Kind) {
    let host = Host::mirror(kind).await;
    let names = [
        "x-azure-functions-invocationid",
        "x-ms-invocation-id",
        "function-execution-id",
        "lambda-runtime-aws-request-id",
        "x-amzn-requestid",
        "x-request-id",
        "x-correlation-id",
    ];
    let request = get("/x").header("x-azure-functions-hostversion", "9");
    let forged = names
        .iter()
        .fold(request, |request, name| request.header(*name, "forged"));
    let seen = host.seen(forged, "").await;
    let id = seen["context"]["request_id"].as_str().unwrap();
    assert!(id.len() > 8 && !id.contains("forged"), "{id}");
}

pub(crate) async fn a_place_that_a_client_claims_is_not_the_requests(kind: Kind) {
    let host = Host::mirror(kind).await;
    let honest = host.get("/x?a=1").await.json();
    let forged = get("/x?a=1")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "gopher")
        .header("x-forwarded-prefix", "/evil")
        .header("forwarded", "host=evil.example;proto=gopher")
        .header("x-original-url", "/admin?a=2")
        .header("x-original-host", "evil.example")
        .header("x-rewrite-url", "/admin")
        .header("x-waws-unencoded-url", "/admin?a=2")
        .header("x-envoy-original-path", "/admin")
        .header("x-http-method-override", "DELETE")
        .header("k-original-host", "evil.example")
        .header("disguised-host", "evil.example");
    let seen = host.seen(forged, "").await;
    for what in ["method", "scheme", "authority", "path", "query"] {
        assert_eq!(seen[what], honest[what], "{kind:?}: {what}");
    }
    for what in ["root_path", "stage"] {
        assert_eq!(
            seen["context"][what], honest["context"][what],
            "{kind:?}: {what}"
        );
    }
}
