//! What every source must show.

use isobar::Provider;
use isobar::testing::{Delivery, Source};

use super::deployed::Deployed;
use super::items::{assert_seen, item, name, one};

pub(super) async fn a_handled_event_is_seen_whole_and_acknowledged(source: Source) {
    let delivery = one(source, "fine");
    let mut deployed = Deployed::start("mirror", &delivery).await;
    let told = deployed.deliver(&delivery).await;
    assert!(told.done, "{told:?}");
    let first = deployed.seen();
    let [seen] = first.as_slice() else {
        panic!("{first:?}")
    };
    assert_seen(source, "fine", seen);
    // the same delivery again has the same key, whatever else is new about it
    assert!(deployed.deliver(&delivery).await.done);
    let again = deployed.seen();
    if !matches!(
        source,
        Source::LambdaInvoke | Source::TypedFunction | Source::AzureSql
    ) {
        assert_eq!(again[0]["event"]["dedup_key"], seen["event"]["dedup_key"]);
    }
}

pub(super) async fn a_failed_event_comes_again(source: Source) {
    let delivery = one(source, "mirror-fail");
    let mut deployed = Deployed::start("mirror", &delivery).await;
    let told = deployed.deliver(&delivery).await;
    assert!(!told.done, "{told:?}");
    // Who is told which of them failed takes the rest for done; all others hear that the whole failed.
    assert_eq!(told.failed, !takes_lists(source), "{told:?}");
    assert_eq!(told.again.len(), usize::from(takes_lists(source)));
    assert_eq!(deployed.seen().len(), 1);
    assert!(
        !told.text.contains("as asked for") || source.provider() == Provider::Aws,
        "{told:?}"
    );
}

/// AWS: what takes a list of what has failed.
fn takes_lists(source: Source) -> bool {
    matches!(
        source,
        Source::Sqs
            | Source::SqsFifo
            | Source::SnsInSqs
            | Source::S3InSqs
            | Source::Kinesis
            | Source::DynamoDb
    )
}

pub(super) async fn a_failure_for_good_is_acknowledged(source: Source) {
    let delivery = one(source, "mirror-permanent");
    let mut deployed = Deployed::start("mirror", &delivery).await;
    let told = deployed.deliver(&delivery).await;
    assert_eq!(deployed.seen().len(), 1, "{told:?}");
    if source.kind() == isobar::Kind::Invoke {
        // who waits for a result is told that there is none
        assert!(!told.done, "{told:?}");
    } else {
        assert!(told.done, "{told:?}");
    }
}

pub(super) async fn a_panic_fails_the_event_and_the_process_lives_on(source: Source) {
    let delivery = one(source, "mirror-panic");
    let mut deployed = Deployed::start("mirror", &delivery).await;
    let told = deployed.deliver(&delivery).await;
    assert!(!told.done, "{told:?}");
    assert_eq!(deployed.seen().len(), 1);
    lives_on(&mut deployed, &delivery).await;
}

/// Delivers once more, to the same process.
async fn lives_on(deployed: &mut Deployed, delivery: &Delivery) {
    assert!(deployed.program().status().is_none(), "the process ended");
    deployed.deliver(delivery).await;
    assert_eq!(deployed.seen().len(), 1);
}

pub(super) async fn of_a_batch_only_what_must_comes_again(source: Source) {
    if !source.takes_batches() {
        // a delivery is one event: see the other cases
        return;
    }
    let words = ["one", "mirror-fail", "three"];
    let delivery = words.iter().enumerate().fold(
        Delivery::new(source, name(source, "")),
        |delivery, (n, word)| delivery.item(item(source, word).id(format!("id-{n}"))),
    );
    let mut deployed = Deployed::start("mirror", &delivery).await;
    let told = deployed.deliver(&delivery).await;
    let tried = deployed.seen().len();
    assert!(!told.done, "{told:?}");
    match source {
        Source::Sqs | Source::SnsInSqs | Source::S3InSqs => {
            assert_eq!((told.again, tried), (vec!["id-1".to_owned()], 3));
        }
        // the rest of its group comes again, untried
        Source::SqsFifo => {
            let rest = vec!["id-1".to_owned(), "id-2".to_owned()];
            assert_eq!((told.again, tried), (rest, 2));
        }
        // from the first failure on all come again
        Source::Kinesis | Source::DynamoDb => {
            assert_eq!((told.again, tried), (vec!["id-1".to_owned()], 2));
        }
        // no part of a batch can fail
        _ => assert!(told.again.is_empty(), "{told:?}"),
    }
}

pub(super) async fn an_event_without_a_handler_comes_again(source: Source) {
    if source == Source::TypedFunction {
        // what has no handler of calls does not even start: see `gcp_events`
        return;
    }
    // `orders` has handlers, but none of what comes from here
    let delivery = one(source, "fine");
    let deployed = Deployed::start("orders", &delivery).await;
    let told = deployed.deliver(&delivery).await;
    assert!(!told.done, "{told:?}");
    let patience = std::time::Duration::from_secs(5);
    let program = deployed.program();
    let line = program.wait_line("there are: ", patience).await.unwrap();
    // Some hosts read JSON, in which the quotes are escaped.
    let listed = r#"there are: message "orders", object "uploads", schedule "nightly""#;
    let said = line.text.replace('\\', "");
    assert!(said.contains(listed), "{said}");
}

pub(super) async fn malformed_data_fails_and_the_process_lives_on(source: Source) {
    let delivery = one(source, "fine");
    let mut deployed = Deployed::start("mirror", &delivery).await;
    let mut native = delivery.native();
    let whole = native.body.clone();
    if is_opaque(source) {
        native.headers.clear();
    }
    native.body = whole.slice(..whole.len() / 2);
    let told = deployed
        .send(&native.path, &native.headers, native.body)
        .await;
    assert!(!told.done, "{told:?}");
    assert!(deployed.seen().is_empty());
    lives_on(&mut deployed, &delivery).await;
}

/// What comes as the bytes that the sender wrote: no half of them is malformed.
fn is_opaque(source: Source) -> bool {
    matches!(
        source,
        Source::CloudTasks | Source::CloudScheduler | Source::Eventarc | Source::CloudEvent
    )
}
