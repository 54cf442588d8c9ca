//~ future returned by `take` is not `Send`
//~ has type `Rc<i32>` which is not `Send`
async fn take(_order: isobar::Message<u32>) {
    let seats = std::rc::Rc::new(17);
    later().await;
    drop(seats);
}

async fn later() {}

fn main() -> isobar::Exit {
    isobar::start(isobar::App::new().on_message("orders", take))
}
