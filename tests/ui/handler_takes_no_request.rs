//~ expected to take 1 argument, but it takes 0 arguments
async fn hello() -> &'static str {
    "hello"
}

fn main() -> isobar::Exit {
    isobar::start(hello)
}
