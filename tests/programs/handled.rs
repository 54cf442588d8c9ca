//! Event handlers that do what an event's data says; a call returns what was handled so far.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use isobar::{App, Error, Event, Invoke, Json, Raw, Result};

type Handled = Arc<Mutex<Vec<String>>>;

async fn handle(State(handled): State<Handled>, event: Event) -> Result<()> {
    let data = event.data().map_or(&b""[..], |data| data);
    let data = String::from_utf8_lossy(data).into_owned();
    if let Ok(mut handled) = handled.lock() {
        handled.push(data.clone());
    }
    if data.contains("fail") {
        return Err(Error::from("a failure, as asked for"));
    }
    if data.contains("never") {
        return Err(Error::from("a failure for good, as asked for").permanent());
    }
    if data.contains("panic") {
        panicking();
    }
    if data.contains("slow") {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    Ok(())
}

#[expect(clippy::panic, reason = "it is asked for")]
fn panicking() {
    panic!("a panic, as asked for");
}

async fn handled(State(handled): State<Handled>, _call: Invoke<Raw>) -> Json<Vec<String>> {
    Json(
        handled
            .lock()
            .map(|mut all| std::mem::take(&mut *all))
            .unwrap_or_default(),
    )
}

fn main() -> isobar::Exit {
    isobar::start_with(async || {
        let app = App::with_state(Handled::default())
            .on_message("orders*", handle)
            .on_message("clicks", handle)
            .on_object("uploads", handle)
            .on_invoke(handled);
        Ok(app)
    })
}
