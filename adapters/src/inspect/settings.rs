//! What the environment says of it.

use std::net::SocketAddr;

use crate::RunError;
use crate::config::Environment;

/// What is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing is recorded.
    Off,
    /// What is recorded is told to a process of this machine, that knows this word.
    To { address: SocketAddr, word: String },
}

const NAME: &str = "ISOBAR_INSPECT";

/// Reads `ISOBAR_INSPECT`; `None` where it says nothing.
///
/// Only an address of this machine is taken: bodies and headers go there.
pub(super) fn read(environment: &Environment) -> Result<Option<Told>, RunError> {
    let wrong = || {
        environment.wrong(
            NAME,
            "0 turns it off; cargo isobar dev sets 127.0.0.1:PORT/WORD",
        )
    };
    match environment.text(NAME) {
        None => Ok(None),
        Some("0" | "off") => Ok(Some(Told::Off)),
        Some(text) => {
            let (address, word) = text.split_once('/').ok_or_else(wrong)?;
            let address: SocketAddr = address.parse().map_err(|_no_address| wrong())?;
            if !address.ip().is_loopback() || word.is_empty() {
                return Err(wrong());
            }
            let word = word.to_owned();
            Ok(Some(Told::To { address, word }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_this_machine_is_told() {
        let of = |text| read(&Environment::of_list(&[(NAME, text)]));
        assert_eq!(of("").unwrap(), None);
        assert_eq!(of("0").unwrap(), Some(Told::Off));
        let told = Told::To {
            address: ([127, 0, 0, 1], 81).into(),
            word: "w".to_owned(),
        };
        assert_eq!(of("127.0.0.1:81/w").unwrap(), Some(told));
        assert!(of("[::1]:81/w").is_ok());
        for wrong in [
            "1",
            "127.0.0.1:81",
            "127.0.0.1:81/",
            "192.0.2.1:81/w",
            "localhost/w",
        ] {
            let error = of(wrong).unwrap_err().to_string();
            assert!(error.contains("ISOBAR_INSPECT"), "{error}");
        }
    }
}
