//~ `&'static str` is not an Isobar handler
//~ a handler is an `async fn(isobar::Request) -> impl IntoResponse`
async fn init() -> isobar::Result<&'static str> {
    Ok("hello")
}

fn main() -> isobar::Exit {
    isobar::start_with(init)
}
