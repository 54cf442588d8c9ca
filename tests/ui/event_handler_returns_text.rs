//~ an event handler cannot return `&'static str`
//~ return `()`, `Json<T>`
async fn take(_order: isobar::Message<u32>) -> &'static str {
    "taken"
}

fn main() -> isobar::Exit {
    isobar::start(isobar::App::new().on_message("orders", take))
}
