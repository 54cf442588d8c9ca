//~ future returned by `hello` is not `Send`
//~ has type `Rc<&str>` which is not `Send`
async fn hello(_request: isobar::Request) -> String {
    let name = std::rc::Rc::new("Ada");
    later().await;
    format!("Hello, {name}!")
}

async fn later() {}

fn main() -> isobar::Exit {
    isobar::start(hello)
}
