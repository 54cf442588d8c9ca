//! How a host is set up and started.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::App;
use super::app::Settings;
use super::front::{FunctionsHost, Outside, Principal};
use super::life::{Gone, Lives};
use crate::program::Port;
use crate::{Error, Launch, Started, free_port, ids};

/// The variables that say the port: today's, and that of old.
const PORT: &[&str] = &["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"];

/// A Functions host that is to be started.
#[derive(Debug, Clone)]
pub struct Host {
    launch: Launch,
    app: App,
    outside: Outside,
    timeout: Option<Duration>,
    ping_every: Duration,
}

impl Host {
    /// A host over this app, its custom handler this program.
    ///
    /// The program is the launch's own, whatever `defaultExecutablePath` says.
    pub fn new(launch: Launch, app: App) -> Self {
        Self {
            launch,
            app,
            outside: Outside::default(),
            timeout: None,
            ping_every: Duration::from_secs(1),
        }
    }

    /// Puts App Service's front end before the host: it decodes `%2F`, and sets
    /// `X-WAWS-Unencoded-URL`, `X-Forwarded-For` with a port, and its other headers. The host there posts
    /// invocations in chunks; without it, as the Core Tools do, with their length.
    #[must_use]
    pub fn app_service(mut self) -> Self {
        self.outside.app_service = true;
        self
    }

    /// Turns Easy Auth on, with this principal signed in: its headers are set, a client's own gone.
    #[must_use]
    pub fn easy_auth(mut self, principal: Principal) -> Self {
        self.outside.principal = Some(principal);
        self
    }

    /// Sets the address that requests come from; it is 203.0.113.7 otherwise.
    #[must_use]
    pub fn client_ip(mut self, client: IpAddr) -> Self {
        self.outside.client = client;
        self
    }

    /// Sets the key that functions which are not anonymous demand; it is `function-key` otherwise.
    #[must_use]
    pub fn function_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.outside.key);
        self
    }

    /// Sets the function timeout, over what `host.json` says; 2 s after it the program is killed.
    #[must_use]
    pub fn function_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets how often the program is pinged while it lives; it is once a second otherwise.
    #[must_use]
    pub fn ping_every(mut self, every: Duration) -> Self {
        self.ping_every = every;
        self
    }

    /// Starts the program, and waits until it answers a ping.
    ///
    /// # Errors
    ///
    /// When the app's files are malformed, or the program does not come up.
    pub async fn start(mut self) -> Result<Started<FunctionsHost>, Error> {
        let mut settings = Settings::read(self.app.path(), &self.launch)?;
        settings.timeout = self.timeout.unwrap_or(settings.timeout);
        let port = settings.port.map(Port::said);
        let port = port.map_or_else(free_port, Ok)?;
        self.launch.default_port(PORT, &port);
        for (name, value) in environment() {
            self.launch.default_env(name, value);
        }
        self.launch
            .default_env("FUNCTIONS_APP_ROOT_PATH", self.app.path());
        self.launch.default_cwd(self.app.path());
        let lives = Lives::new(
            self.launch,
            port.number(),
            settings.initialization,
            self.ping_every,
        )?;
        let host = FunctionsHost::new(self.app, settings, self.outside, Arc::new(lives));
        match host.ready().await {
            Ok(()) => Ok(Started {
                program: host.program(),
                front: Arc::new(host),
            }),
            Err(Gone::Stopped(why)) => Err(Error::Stopped(why)),
            Err(Gone::Exited) => Err(Error::Stopped("the program exited with 0".to_owned())),
            Err(Gone::Late) => Err(Error::Stopped("the program did not come up".to_owned())),
        }
    }
}

fn environment() -> Vec<(&'static str, String)> {
    let worker = ids::uuid();
    vec![
        ("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", worker.clone()),
        ("FUNCTIONS_HTTPWORKER_ID", worker),
        ("FUNCTIONS_WORKER_RUNTIME", "custom".to_owned()),
        ("FUNCTIONS_EXTENSION_VERSION", "~4".to_owned()),
        ("AZURE_FUNCTIONS_ENVIRONMENT", "Production".to_owned()),
        ("WEBSITE_SITE_NAME", "app".to_owned()),
        ("WEBSITE_HOSTNAME", "app.azurewebsites.net".to_owned()),
        ("WEBSITE_SLOT_NAME", "Production".to_owned()),
        ("WEBSITE_INSTANCE_ID", "0123456789abcdef".to_owned()),
        ("REGION_NAME", "westeurope".to_owned()),
    ]
}
