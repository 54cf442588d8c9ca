//~ the trait `std::error::Error` is not implemented for `NoSeats`
//~ required for `Result<(), NoSeats>` to implement `IntoReply`
struct NoSeats;

async fn take(_order: isobar::Message<u32>) -> Result<(), NoSeats> {
    Err(NoSeats)
}

fn main() -> isobar::Exit {
    isobar::start(isobar::App::new().on_message("orders", take))
}
