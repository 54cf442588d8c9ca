//~ is not an Isobar handler
//~ by `.with_state(state)`
#[derive(Clone)]
struct Shop;

async fn open(_: axum::extract::State<Shop>) -> &'static str {
    "open"
}

fn main() -> isobar::Exit {
    let router: axum::Router<Shop> = axum::Router::new().route("/", axum::routing::get(open));
    isobar::start(router)
}
