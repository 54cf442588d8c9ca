//! Logical names: what the application calls a source that the host calls otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use isobar_core::Text;

use crate::RunError;
use crate::config::Environment;

const VARIABLE: &str = "ISOBAR_NAMES";
const WANTED: &str = "pairs logical=host are wanted, such as uploads=acme-prod-uploads,orders=q-17";

/// The deployment's map of the hosts' own names to logical ones. A clone costs one count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Arc<BTreeMap<String, Text>>);

impl Names {
    /// Reads `ISOBAR_NAMES`.
    pub(crate) fn read(environment: &Environment) -> Result<Self, RunError> {
        let Some(text) = environment.text(VARIABLE) else {
            return Ok(Self::default());
        };
        let mut names = BTreeMap::new();
        for pair in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (logical, host) = pair
                .split_once('=')
                .map(|(logical, host)| (logical.trim(), host.trim()))
                .filter(|(logical, host)| !logical.is_empty() && !host.is_empty())
                .ok_or_else(|| environment.wrong(VARIABLE, WANTED))?;
            let before = names.insert(host.to_owned(), Text::from(logical));
            if before.is_some_and(|before| &*before != logical) {
                let twice = format!("{host} is given two logical names; {WANTED}");
                return Err(environment.wrong(VARIABLE, &twice));
            }
        }
        Ok(Self(Arc::new(names)))
    }

    /// Returns the logical name of what the host calls `host`: the host's own, unless mapped.
    pub(crate) fn logical(&self, host: &Text) -> Text {
        self.0.get(&**host).unwrap_or(host).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Result<Names, RunError> {
        Names::read(&Environment::of([(VARIABLE, text)]))
    }

    #[test]
    fn a_mapped_name_is_replaced_and_any_other_stands() {
        let names = names("uploads=acme-prod-uploads-7f3k, orders = q ,,orders=q2").unwrap();
        for (host, logical) in [
            ("acme-prod-uploads-7f3k", "uploads"),
            ("q", "orders"),
            ("q2", "orders"),
            ("other", "other"),
        ] {
            assert_eq!(&*names.logical(&host.into()), logical);
        }
        let none = Names::read(&Environment::of([])).unwrap();
        assert_eq!(&*none.logical(&"q".into()), "q");
    }

    #[test]
    fn what_is_no_pair_is_refused_with_what_is_wanted() {
        for text in ["orders", "=q", "orders=", "a=q,b=q"] {
            let error = names(text).unwrap_err().to_string();
            assert!(
                error.contains("ISOBAR_NAMES") && error.contains("logical=host"),
                "{error}"
            );
        }
    }
}
