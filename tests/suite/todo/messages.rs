//! Messages that come twice, to one process and to the next.

use isobar::testing::{Delivery, Item, Source};

use crate::events::deployed::Deployed;

use super::{Database, todo};

const SOURCES: [Source; 3] = [Source::Sqs, Source::StorageQueue, Source::PubSubPush];

async fn one_todo_comes_of_it(source: Source, database: &Database) {
    let milk = Item::message(r#"{"text":"buy milk"}"#).id("17");
    let wrong = Item::message(r#"{"text":""}"#).id("18");
    let milk = Delivery::new(source, "todos").item(milk);
    let wrong = Delivery::new(source, "todos").item(wrong);
    for _process in 0..2 {
        let deployed = Deployed::launch(todo(database), &milk).await;
        for _delivery in 0..2 {
            let told = deployed.deliver(&milk).await;
            assert!(told.done, "{source:?}: {told:?}");
        }
        // what no retry can help is acknowledged, too
        let told = deployed.deliver(&wrong).await;
        assert!(told.done, "{source:?}: {told:?}");
    }
    assert_eq!(database.texts().await, ["buy milk"], "{source:?}");
}

#[tokio::test]
async fn a_message_that_comes_twice_makes_one_todo_over_sqlite() {
    for source in SOURCES {
        one_todo_comes_of_it(source, &Database::sqlite()).await;
    }
}

#[tokio::test]
#[ignore = "over the PostgreSQL that TODO_DATABASE_URL names: .ci/state"]
async fn a_message_that_comes_twice_makes_one_todo_over_postgresql() {
    for source in SOURCES {
        one_todo_comes_of_it(source, &Database::postgres().await).await;
    }
}
