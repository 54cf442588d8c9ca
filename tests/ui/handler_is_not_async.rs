//~ is not a future
fn hello(_request: isobar::Request) -> &'static str {
    "hello"
}

fn main() -> isobar::Exit {
    isobar::start(hello)
}
