//~ an event handler cannot take
//~ `State<S>` needs `App::with_state`
use axum::extract::State;

#[derive(Clone)]
struct Shop;

async fn take(State(_shop): State<Shop>, _order: isobar::Message<u32>) {}

fn main() -> isobar::Exit {
    isobar::start(isobar::App::new().on_message("orders", take))
}
