use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::*;
use crate::body;

async fn sent(sender: &Sender, attempt: u32) -> (HeaderMap, bytes::Bytes) {
    let (head, data) = sender.request(attempt).unwrap().into_parts();
    assert_eq!(head.method, "POST");
    (head.headers, body::collect(data).await.unwrap())
}

const SUBSCRIPTION: &str = "projects/p/subscriptions/orders";

#[tokio::test]
async fn a_push_is_an_envelope_and_an_unwrapped_one_headers() {
    let message = Message::new("17", "hi")
        .attribute("k", "v")
        .ordering_key("o1");
    let push = Sender::push(SUBSCRIPTION, message.clone()).token("a.b.c");
    let (headers, data) = sent(&push, 1).await;
    assert_eq!(headers["authorization"], "Bearer a.b.c");
    let envelope: Value = serde_json::from_slice(&data).unwrap();
    assert_eq!(envelope["deliveryAttempt"], 2);
    assert_eq!(envelope["message"]["data"], "aGk=");
    assert_eq!(
        envelope["message"]["messageId"],
        envelope["message"]["message_id"]
    );
    assert_eq!(envelope["subscription"], SUBSCRIPTION);
    let (headers, data) = sent(&Sender::unwrapped(SUBSCRIPTION, message), 0).await;
    assert_eq!(
        (&data[..], &headers["k"]),
        (&b"hi"[..], &"v".parse().unwrap())
    );
    assert_eq!(headers["x-goog-pubsub-ordering-key"], "o1");
}

#[tokio::test]
async fn the_others_say_themselves_in_headers() {
    let (headers, _) = sent(&Sender::job("nightly", "2026-10-09T00:00:00Z"), 0).await;
    assert_eq!(headers["x-cloudscheduler"], "true");
    let (headers, data) = sent(&Sender::task("q", "t", "body"), 3).await;
    assert_eq!(headers["x-cloudtasks-taskretrycount"], "3");
    assert_eq!(
        (&data[..], headers.get("content-type")),
        (&b"body"[..], None)
    );
    let attributes = [("id", "1"), ("datacontenttype", "application/json")];
    let (headers, _) = sent(&Sender::broker(&attributes, "{}"), 0).await;
    assert_eq!(
        (&headers["ce-id"], &headers["prefer"]),
        (&"1".parse().unwrap(), &"reply".parse().unwrap())
    );
    assert_eq!(headers["content-type"], "application/json");
}

#[test]
fn each_reads_answers_in_its_own_way() {
    for (status, pubsub, any, knative) in [
        (204, (true, true), (true, true), (true, false)),
        (206, (false, true), (true, true), (true, false)),
        (400, (false, true), (false, true), (false, false)),
        (404, (false, true), (false, true), (false, true)),
        (503, (false, true), (false, true), (false, true)),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        for (retry, wanted) in [
            (Retry::PubSub, pubsub),
            (Retry::Any, any),
            (Retry::Knative, knative),
        ] {
            let got = (retry.acknowledges(status), retry.tries_again(status));
            assert_eq!(got, wanted, "{retry:?} {status}");
        }
    }
}
