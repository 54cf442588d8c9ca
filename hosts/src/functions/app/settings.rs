//! What the host reads: `host.json`, the variables that override it, and every `function.json`.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::folder::read;
use super::lookup::{find, put, span, text};
use super::route::Route;
use crate::{Error, Launch};

/// How HTTP reaches the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::functions) enum Mode {
    Json,
    Forwarding,
    Proxying,
}

/// All settings of an app.
#[derive(Debug, Clone)]
pub(in crate::functions) struct Settings {
    pub(in crate::functions) prefix: String,
    pub(in crate::functions) mode: Mode,
    pub(in crate::functions) timeout: Duration,
    pub(in crate::functions) initialization: Duration,
    pub(in crate::functions) port: Option<u16>,
    /// By name: the order in which routes are tried.
    pub(in crate::functions) functions: Vec<Function>,
}

/// A function.
#[derive(Debug, Clone)]
pub(in crate::functions) struct Function {
    pub(in crate::functions) name: String,
    pub(in crate::functions) bindings: Vec<Binding>,
    pub(in crate::functions) disabled: bool,
}

/// A binding; names of settings are those of `function.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::functions) struct Binding {
    #[serde(rename = "type")]
    pub(in crate::functions) kind: String,
    #[serde(default)]
    pub(in crate::functions) direction: String,
    #[serde(default)]
    pub(in crate::functions) name: String,
    #[serde(default)]
    pub(in crate::functions) data_type: Option<String>,
    #[serde(default)]
    pub(in crate::functions) cardinality: Option<String>,
    #[serde(default)]
    pub(in crate::functions) route: Option<String>,
    #[serde(default)]
    pub(in crate::functions) methods: Option<Vec<String>>,
    #[serde(default)]
    pub(in crate::functions) auth_level: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FunctionJson {
    #[serde(default)]
    bindings: Vec<Binding>,
    #[serde(default)]
    disabled: bool,
}

impl Binding {
    pub(in crate::functions) fn is_trigger(&self) -> bool {
        self.kind.to_ascii_lowercase().ends_with("trigger")
    }

    /// Whether it is given bytes.
    pub(in crate::functions) fn is_binary(&self) -> bool {
        { self.data_type.as_deref() }.is_some_and(|kind| kind.eq_ignore_ascii_case("binary"))
    }

    /// Whether it is given a list.
    pub(in crate::functions) fn is_many(&self) -> bool {
        { self.cardinality.as_deref() }.is_some_and(|many| many.eq_ignore_ascii_case("many"))
    }
}

impl Settings {
    pub(in crate::functions) fn read(root: &Path, launch: &Launch) -> Result<Self, Error> {
        let mut host = read(&root.join("host.json"))?;
        for (name, value) in launch.variables() {
            if let Some(path) = name.strip_prefix("AzureFunctionsJobHost__") {
                put(&mut host, &path.split("__").collect::<Vec<_>>(), value);
            }
        }
        profile(&mut host)?;
        let mut functions = functions(root)?;
        let routes = find(&host, &["customHandler", "http", "routes"]);
        if let Some(routes) = routes.and_then(Value::as_array) {
            if !functions.is_empty() {
                let both = "customHandler.http.routes and function.json files exclude each other";
                return Err(Error::malformed("app", both));
            }
            functions = handlers(&host, routes);
        }
        functions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            prefix: text(&host, &["extensions", "http", "routePrefix"])
                .unwrap_or_else(|| "api".to_owned()),
            mode: mode(&host),
            timeout: span(&host, &["functionTimeout"]).unwrap_or(Duration::from_secs(30 * 60)),
            initialization: span(&host, &["customHandler", "initializationTimeout"])
                .unwrap_or(Duration::from_secs(30)),
            port: text(&host, &["customHandler", "port"]).and_then(|port| port.parse().ok()),
            functions,
        })
    }
}

impl Function {
    pub(in crate::functions) fn binding(&self, kind: &str) -> Option<&Binding> {
        self.bindings
            .iter()
            .find(|binding| binding.kind.eq_ignore_ascii_case(kind))
    }

    /// Whether its bindings are an HTTP trigger and an HTTP output, and nothing more.
    pub(in crate::functions) fn is_plain_http(&self) -> bool {
        self.bindings.len() == 2
            && self.binding("httpTrigger").is_some()
            && self.binding("http").is_some()
    }

    /// Its outputs.
    pub(in crate::functions) fn outputs(&self) -> impl Iterator<Item = &Binding> {
        self.bindings
            .iter()
            .filter(|binding| !binding.direction.eq_ignore_ascii_case("in"))
    }

    /// The parameters of its route, where path and method are its own.
    pub(in crate::functions) fn matches(
        &self,
        method: &str,
        path: &str,
    ) -> Option<Map<String, Value>> {
        let trigger = self.binding("httpTrigger")?;
        let any = trigger.methods.as_ref().is_none_or(Vec::is_empty);
        let methods = trigger.methods.iter().flatten();
        if !any
            && !methods
                .into_iter()
                .any(|own| own.eq_ignore_ascii_case(method))
        {
            return None;
        }
        let route = trigger.route.as_deref().filter(|route| !route.is_empty());
        Route::parse(route.unwrap_or(&self.name)).matches(path)
    }
}

fn mode(host: &Value) -> Mode {
    let on = |name: &str| {
        text(host, &["customHandler", name]).is_some_and(|on| on.eq_ignore_ascii_case("true"))
    };
    if on("enableProxyingHttpRequest") {
        Mode::Proxying
    } else if on("enableForwardingHttpRequest") {
        Mode::Forwarding
    } else {
        Mode::Json
    }
}

/// What a profile stands for, put into `host.json` where that does not say it.
fn profile(host: &mut Value) -> Result<(), Error> {
    let profile = text(host, &["configurationProfile"]);
    match profile.as_deref() {
        None => return Ok(()),
        Some("mcp-custom-handler" | "web-app-custom-handler") => {}
        Some(other) => {
            return Err(Error::malformed(
                "app",
                format!("configurationProfile {other}"),
            ));
        }
    }
    put(
        host,
        &["customHandler", "enableProxyingHttpRequest"],
        "true",
    );
    put(host, &["extensions", "http", "routePrefix"], "");
    if find(host, &["customHandler", "http", "routes"]).is_none()
        && let Some(handler) = host.get_mut("customHandler").and_then(Value::as_object_mut)
    {
        handler.insert(
            "http".to_owned(),
            json!({"routes": [{"route": "{*route}"}]}),
        );
    }
    Ok(())
}

/// The functions that the host makes of `customHandler.http.routes`.
fn handlers(host: &Value, routes: &[Value]) -> Vec<Function> {
    let level = text(
        host,
        &["customHandler", "http", "defaultAuthorizationLevel"],
    );
    let level = level.unwrap_or_else(|| "function".to_owned());
    let handler = |(index, route): (usize, &Value)| {
        let own = text(route, &["authorizationLevel"]);
        let binding = |kind: &str, direction: &str, name: &str| Binding {
            kind: kind.to_owned(),
            direction: direction.to_owned(),
            name: name.to_owned(),
            data_type: None,
            cardinality: None,
            route: text(route, &["route"]),
            methods: None,
            auth_level: Some(own.clone().unwrap_or_else(|| level.clone())),
        };
        Function {
            name: format!("http-handler{}", index + 1),
            bindings: vec![
                binding("httpTrigger", "in", "req"),
                binding("http", "out", "res"),
            ],
            disabled: false,
        }
    };
    routes.iter().enumerate().map(handler).collect()
}

fn functions(root: &Path) -> Result<Vec<Function>, Error> {
    let folders = std::fs::read_dir(root).map_err(Error::io("cannot read the app's folder"))?;
    let mut functions = Vec::new();
    for folder in folders.flatten() {
        let path = folder.path().join("function.json");
        if !path.is_file() {
            continue;
        }
        let parsed: FunctionJson = serde_json::from_value(read(&path)?)
            .map_err(|e| Error::malformed("app", format!("{}: {e}", path.display())))?;
        functions.push(Function {
            name: folder.file_name().to_string_lossy().into_owned(),
            bindings: parsed.bindings,
            disabled: parsed.disabled,
        });
    }
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::App;

    fn settings(host: &Value) -> Result<Settings, Error> {
        let app = App::new()?.host_json(host)?;
        Settings::read(app.path(), &Launch::new("x"))
    }

    #[test]
    fn a_profile_stands_for_its_settings() {
        let settings =
            settings(&json!({"configurationProfile": "web-app-custom-handler"})).unwrap();
        assert_eq!(
            (settings.mode, settings.prefix.as_str()),
            (Mode::Proxying, "")
        );
        assert_eq!(settings.functions[0].name, "http-handler1");
        assert!(settings.functions[0].matches("GET", "/a/b").is_some());
    }

    #[test]
    fn variables_override_the_file_and_names_have_no_case() {
        let app = App::new().unwrap();
        let app = app
            .host_json(&json!({"FunctionTimeout": "00:00:01.5"}))
            .unwrap();
        let launch =
            Launch::new("x").env("AzureFunctionsJobHost__extensions__HTTP__routePrefix", "v1");
        let settings = Settings::read(app.path(), &launch).unwrap();
        assert_eq!(settings.prefix, "v1");
        assert_eq!(settings.timeout, Duration::from_millis(1500));
    }

    #[test]
    fn routes_and_function_files_exclude_each_other() {
        let host = json!({"customHandler": {"http": {"routes": [{"route": "a"}]}}});
        let app = App::new()
            .unwrap()
            .host_json(&host)
            .unwrap()
            .http("f", "x")
            .unwrap();
        assert!(Settings::read(app.path(), &Launch::new("x")).is_err());
    }
}
