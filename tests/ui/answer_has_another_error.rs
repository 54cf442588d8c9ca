//~ cannot be the answer of a handler
//~ for other error types return `Result<T, isobar::Error>`
async fn hello(_request: isobar::Request) -> Result<String, std::io::Error> {
    Ok(std::fs::read_to_string("greeting")?)
}

fn main() -> isobar::Exit {
    isobar::start(hello)
}
