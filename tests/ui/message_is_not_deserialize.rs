//~ an event handler cannot take
//~ `T` of `Message<T>` needs `serde::Deserialize`
struct Order;

async fn take(_order: isobar::Message<Order>) {}

fn main() -> isobar::Exit {
    isobar::start(isobar::App::new().on_message("orders", take))
}
