//~ an event handler cannot take
//~ an event's data is read by `Message<T>` or `event.data_as()`, not by `Json<T>`
async fn take(_order: isobar::Json<u32>) {}

fn main() -> isobar::Exit {
    isobar::start(isobar::App::new().on_message("orders", take))
}
