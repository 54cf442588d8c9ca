//! A theatre that sells seats: HTTP, messages, objects and a schedule in one app.
//!
//! Run it with `cargo run -p orders`. It looks at its books by HTTP, takes orders from a queue or
//! topic, notes what is uploaded to a bucket, and puts new seats on sale every night. An order
//! that finds no seats fails, so that the queue brings it again; one that is delivered twice is
//! taken once.

mod books;

use axum::extract::State;
use axum::routing::{get, put};
use axum::{Json, Router};
use isobar::{App, Message, Object, Result, Schedule};

use books::{Books, Order, Sale};

/// Answers `GET /orders`: what was sold, and how many seats are left.
async fn look(State(books): State<Books>) -> Json<Sale> {
    Json(books.sale())
}

/// Answers `PUT /seats`, whose body is a number: how many seats there are to sell.
async fn stock(State(books): State<Books>, Json(seats): Json<u32>) -> Json<Sale> {
    books.stock(seats);
    Json(books.sale())
}

/// Takes an order from the queue or topic. The key is the same each time that the same message
/// comes, so it is what to write down beside what was done.
async fn take(State(books): State<Books>, order: Message<Order>) -> Result<()> {
    let key = order.event().dedup_key();
    books.sell(&key, order.into_body())?;
    Ok(())
}

/// Notes an object that was uploaded.
async fn uploaded(State(books): State<Books>, object: Object) {
    tracing::info!("{} bytes in {}", object.size().unwrap_or(0), object.key());
    books.note(object.key());
}

/// Puts ten more seats on sale.
async fn nightly(State(books): State<Books>, schedule: Schedule) {
    tracing::info!("{} is due", schedule.name());
    books.add(10);
}

fn main() -> isobar::Exit {
    let books = Books::default();
    let http = Router::new()
        .route("/orders", get(look))
        .route("/seats", put(stock))
        .with_state(books.clone());
    isobar::start(
        App::with_state(books)
            .http(http)
            .on_message("orders", take)
            .on_object("uploads", uploaded)
            .on_schedule("nightly", nightly),
    )
}
