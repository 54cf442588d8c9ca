//! A process that is killed at each step of a handler: the host brings the event again, and one effect
//! is left of it all.

use std::time::Duration;

use isobar_hosts::Launch;
use isobar_hosts::lambda::{Function, Invocation, Kind, Sandbox};
use isobar_hosts::program::Signal;
use serde_json::{Value, json};
use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;

/// Everywhere that a process can die: around the claim of the key, the effect, and the record that it
/// was done.
const STEPS: [&str; 7] = [
    "before the claim",
    "after the claim",
    "before the effect",
    "within the effect",
    "after the effect",
    "before the record",
    "after the record",
];

const PATIENCE: Duration = Duration::from_secs(30);

/// A function that stands still at a step, and its database.
struct Halting {
    sandbox: Sandbox,
    url: String,
    _folder: TempDir,
}

impl Halting {
    async fn start(step: &str, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/once.db?mode=rwc", folder.path().display());
        let launch = Launch::new(env!("CARGO_BIN_EXE_once"))
            .env("DATABASE_URL", &url)
            .env("HALTED", folder.path().join("halted"))
            .env("HALT_AT", step);
        let launch =
            { variables.iter() }.fold(launch, |launch, (name, value)| launch.env(*name, *value));
        Self {
            sandbox: Function::new(launch).start().await.unwrap(),
            url,
            _folder: folder,
        }
    }

    /// Delivers the message as the queue does; true if it does not come again.
    async fn deliver(&self) -> bool {
        let record = json!({
            "messageId": "17", "body": "\"a seat\"", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders",
        });
        let payload = json!({ "Records": [record] });
        let invocation = Invocation::new(payload.to_string());
        let answer = self.sandbox.invoke(invocation).await.unwrap();
        answer.kind == Kind::Response && failures(&answer.json()).is_empty()
    }

    /// Delivers until the message does not come again; how often that was.
    async fn deliver_until_done(&self) -> u32 {
        for delivery in 1..300 {
            if self.deliver().await {
                return delivery;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it comes again and again");
    }

    /// Delivers, and kills the process where it stands still.
    async fn kill(&self, step: &str) {
        let program = self.sandbox.program();
        let killed = async {
            program
                .wait_line(&format!("halted {step}"), PATIENCE)
                .await
                .unwrap();
            program.signal(Signal::Kill).unwrap();
        };
        let (done, ()) = tokio::join!(self.deliver(), killed);
        assert!(!done, "{step}: a process that was killed acknowledged it");
    }

    async fn effects(&self) -> i64 {
        install_default_drivers();
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM effects");
        count.fetch_one(&mut connection).await.unwrap()
    }
}

fn failures(answer: &Value) -> Vec<Value> {
    let failures = answer["batchItemFailures"].as_array();
    failures.cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_at_any_step_leaves_one_effect() {
    for step in STEPS {
        let halting = Halting::start(step, &[("KEY", "1")]).await;
        halting.kill(step).await;
        halting.deliver_until_done().await;
        assert_eq!(halting.effects().await, 1, "killed {step}");
        // and whatever comes later is a repeat
        assert_eq!(halting.deliver_until_done().await, 1, "killed {step}");
        assert_eq!(halting.effects().await, 1, "killed {step}");
        assert_eq!(halting.sandbox.starts().await, 2, "killed {step}");
    }
}

/// What no wrapper can promise, and why README asks for the key in the effect's own transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_effect_without_its_key_comes_twice_where_the_record_is_missing() {
    for (step, effects) in [
        ("within the effect", 1),
        ("after the effect", 2),
        ("after the record", 1),
    ] {
        let halting = Halting::start(step, &[]).await;
        halting.kill(step).await;
        halting.deliver_until_done().await;
        assert_eq!(halting.effects().await, effects, "killed {step}");
    }
}
