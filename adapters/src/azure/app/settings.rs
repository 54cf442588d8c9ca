//! host.json as the host has it: text by path, from three places.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::json;
use crate::RunError;
use crate::config::Environment;

/// What a profile stands for; host.json's own values win over it.
const PROFILE: [(&str, &str); 3] = [
    ("customHandler.enableProxyingHttpRequest", "true"),
    ("extensions.http.routePrefix", ""),
    ("customHandler.http.routes.0.route", "{*route}"),
];

/// The values of host.json, those of its profile, and what variables put in their place.
///
/// A value is text and its path is in any case: so .NET's configuration has it, which the host
/// reads. A path is written with dots here.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    file: PathBuf,
    values: BTreeMap<String, Setting>,
}

#[derive(Debug)]
struct Setting {
    text: String,
    /// The variable that says so, in place of host.json.
    variable: Option<String>,
}

impl Settings {
    /// Reads host.json in `root`; one that is not there is empty.
    pub(super) fn read(root: &Path, environment: &Environment) -> Result<Self, RunError> {
        let file = root.join("host.json");
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "{}".to_owned(),
            Err(error) => return Err(unreadable(file, &error)),
        };
        Self::of(file, &text, environment)
    }

    /// Makes them of host.json's text.
    pub(crate) fn of(
        file: PathBuf,
        text: &str,
        environment: &Environment,
    ) -> Result<Self, RunError> {
        let value = json::parse(text).map_err(|error| unreadable(file.clone(), &error))?;
        if !value.is_object() {
            return Err(unreadable(file, &"a JSON object is wanted"));
        }
        let mut settings = Self {
            file,
            values: BTreeMap::new(),
        };
        settings.add("", &value);
        for (path, text) in environment.host_json_overrides() {
            settings.put_in_place(path, text);
        }
        settings.add_profile()?;
        Ok(settings)
    }

    fn add(&mut self, path: &str, value: &Value) {
        let below = |name: &str| match path {
            "" => name.to_lowercase(),
            _ => format!("{path}.{}", name.to_lowercase()),
        };
        match value {
            Value::Object(members) => members
                .iter()
                .for_each(|(name, value)| self.add(&below(&name.replace(':', ".")), value)),
            Value::Array(values) => values
                .iter()
                .enumerate()
                .for_each(|(i, value)| self.add(&below(&i.to_string()), value)),
            Value::String(text) => self.set(path.to_owned(), text.clone(), None),
            Value::Null => self.set(path.to_owned(), String::new(), None),
            Value::Bool(_) | Value::Number(_) => {
                self.set(path.to_owned(), value.to_string(), None);
            }
        }
    }

    fn put_in_place(&mut self, path: &str, text: &str) {
        let variable = format!("AzureFunctionsJobHost__{path}");
        let path = path.replace("__", ".").replace(':', ".").to_lowercase();
        self.set(path, text.to_owned(), Some(variable));
    }

    fn set(&mut self, path: String, text: String, variable: Option<String>) {
        self.values.insert(path, Setting { text, variable });
    }

    fn add_profile(&mut self) -> Result<(), RunError> {
        const NAME: &str = "configurationProfile";
        match self.text(NAME).unwrap_or_default().to_lowercase().as_str() {
            "" | "default" => Ok(()),
            "mcp-custom-handler" | "web-app-custom-handler" => {
                for (path, text) in PROFILE {
                    let unset = || Setting {
                        text: text.to_owned(),
                        variable: None,
                    };
                    self.values.entry(path.to_lowercase()).or_insert_with(unset);
                }
                Ok(())
            }
            _ => Err(self.wrong(
                NAME,
                "it can be default, mcp-custom-handler or web-app-custom-handler",
            )),
        }
    }

    /// Returns a value's text; `None` if it is not there.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        let setting = self.values.get(&path.to_lowercase())?;
        Some(setting.text.trim())
    }

    /// Returns true if a value is `true`, in any case.
    pub(super) fn is_on(&self, path: &str) -> Result<bool, RunError> {
        match self.text(path).unwrap_or_default() {
            "" => Ok(false),
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(self.wrong(path, "true or false is wanted")),
        }
    }

    /// Returns what stands directly below a path, each name once.
    pub(super) fn below(&self, path: &str) -> Vec<&str> {
        let start = format!("{}.", path.to_lowercase());
        let names = self
            .values
            .keys()
            .filter_map(|path| path.strip_prefix(&start)?.split('.').next());
        let mut names: Vec<_> = names.collect();
        names.dedup();
        names
    }

    /// The error for a value that cannot be.
    pub(super) fn wrong(&self, path: &str, wanted: &str) -> RunError {
        let setting = self.values.get(&path.to_lowercase());
        let by = setting.and_then(|setting| setting.variable.as_deref());
        let by = by.map_or_else(String::new, |name| format!(", by the variable {name}"));
        let text = setting.map_or("", |setting| &setting.text);
        RunError::File {
            path: self.file.clone(),
            problem: format!("{path} is {text:?}{by}: {wanted}"),
        }
    }

    /// The error for the file as a whole.
    pub(super) fn problem(&self, problem: &str) -> RunError {
        unreadable(self.file.clone(), &problem)
    }
}

/// The error for a file that cannot be read.
pub(super) fn unreadable(path: PathBuf, problem: &dyn std::fmt::Display) -> RunError {
    let problem = problem.to_string();
    RunError::File { path, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<const N: usize>(text: &str, variables: [(&str, &str); N]) -> Result<Settings, RunError> {
        Settings::of("host.json".into(), text, &Environment::of(variables))
    }

    #[test]
    fn a_path_has_any_case_and_a_variable_wins() {
        let text = r#"{"Extensions": {"HTTP": {"routePREFIX": "v1"}}, "a:B": true}"#;
        let path = "extensions.http.routePrefix";
        assert_eq!(of(text, []).unwrap().text(path), Some("v1"));
        assert!(of(text, []).unwrap().is_on("A.b").unwrap());
        let variable = "AzureFunctionsJobHost__extensions__http__routePrefix";
        assert_eq!(of(text, [(variable, "v2")]).unwrap().text(path), Some("v2"));
        assert_eq!(of("{}", [(variable, "v2")]).unwrap().text(path), Some("v2"));
    }

    #[test]
    fn a_wrong_value_is_named_with_its_file_its_key_and_its_variable() {
        let text = r#"{"customHandler": {"enableForwardingHttpRequest": "yes"}}"#;
        let path = "customHandler.enableForwardingHttpRequest";
        assert_eq!(
            of(text, []).unwrap().is_on(path).unwrap_err().to_string(),
            r#"host.json: customHandler.enableForwardingHttpRequest is "yes": true or false is wanted"#
        );
        let variable = "AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest";
        let error = of("{}", [(variable, "no")]).unwrap().is_on(path);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(variable), "{error}");
    }

    #[test]
    fn a_profile_is_expanded_and_host_json_wins_over_it() {
        let proxying = "customHandler.enableProxyingHttpRequest";
        let text = r#"{"configurationProfile": "Web-App-Custom-Handler"}"#;
        let settings = of(text, []).unwrap();
        assert!(settings.is_on(proxying).unwrap());
        assert_eq!(settings.text("extensions.http.routePrefix"), Some(""));
        assert_eq!(settings.below("customHandler.http.routes"), ["0"]);
        let own = r#"{"configurationProfile": "mcp-custom-handler", "customHandler": {"enableProxyingHttpRequest": false}}"#;
        assert!(!of(own, []).unwrap().is_on(proxying).unwrap());
        let variable = (
            "AzureFunctionsJobHost__configurationProfile",
            "mcp-custom-handler",
        );
        assert!(of("{}", [variable]).unwrap().is_on(proxying).unwrap());
        let error = of(r#"{"configurationProfile": "x"}"#, []).unwrap_err();
        assert!(
            error.to_string().contains("configurationProfile"),
            "{error}"
        );
    }

    #[test]
    fn what_is_malformed_is_named_with_its_file() {
        for wrong in ["[]", "{", "nope"] {
            let error = of(wrong, []).unwrap_err().to_string();
            assert!(error.starts_with("host.json: "), "{error}");
        }
    }
}
