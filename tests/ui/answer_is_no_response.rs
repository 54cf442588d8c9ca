//~ `Greeting` cannot be the answer of a handler
//~ `Json<T>`
struct Greeting;

async fn hello(_request: isobar::Request) -> Greeting {
    Greeting
}

fn main() -> isobar::Exit {
    isobar::start(hello)
}
