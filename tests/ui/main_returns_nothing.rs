//~ expected `()`, found `Exit`
async fn hello(_request: isobar::Request) -> &'static str {
    "hello"
}

fn main() {
    isobar::start(hello)
}
