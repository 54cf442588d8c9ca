//! A function that is started from a snapshot; its first argument says where it fails.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use isobar::aws::SnapStartResource;
use isobar::{BoxError, Request};

/// What the resources were told, in order.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Pool(&'static str);

impl Pool {
    fn note(&self, what: &str) -> Result<(), BoxError> {
        let note = format!("{what} {}", self.0);
        let fails = std::env::args().nth(1).is_some_and(|place| place == note);
        if let Ok(mut told) = TOLD.lock() {
            told.push(note);
        }
        if fails {
            return Err("the database refuses us".into());
        }
        Ok(())
    }
}

type Told<'a> = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send + 'a>>;

impl SnapStartResource for Pool {
    fn before_snapshot(&self) -> Told<'_> {
        Box::pin(async { self.note("before") })
    }

    fn after_restore(&self) -> Told<'_> {
        Box::pin(async { self.note("after") })
    }
}

async fn told(_request: Request) -> String {
    TOLD.lock().map(|told| told.join(", ")).unwrap_or_default()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> isobar::Exit {
    let run = isobar::aws::run(told)
        .snapstart(Arc::new(Pool("one")))
        .snapstart(Arc::new(Pool("two")));
    run.await.into()
}
