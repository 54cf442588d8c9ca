//! Which host is this.

use isobar_core::Provider;

use crate::config::Environment;
use crate::{RunError, aws, azure, gcp, local};

/// The variables by which each host is known.
const SIGNS: [(Provider, &[&str]); 3] = [
    (Provider::Aws, &["AWS_LAMBDA_RUNTIME_API"]),
    (Provider::Azure, &["FUNCTIONS_CUSTOMHANDLER_PORT"]),
    (
        Provider::Gcp,
        &["K_SERVICE", "FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE"],
    ),
];

/// The variables of what Google Cloud runs without requests, where it refuses to start.
const NO_SERVICE: &[&str] = &["CLOUD_RUN_JOB", "CLOUD_RUN_WORKER_POOL"];

/// A host, and why it was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) provider: Provider,
    pub(crate) reason: String,
}

/// Chooses among the hosts that are compiled in.
pub(crate) fn host(environment: &Environment) -> Result<Chosen, RunError> {
    let chosen = by_environment(environment)?;
    if is_built(chosen.provider) {
        Ok(chosen)
    } else {
        Err(wrong_build(&chosen, is_built))
    }
}

pub(crate) fn by_environment(environment: &Environment) -> Result<Chosen, RunError> {
    if let Some(name) = environment.text("ISOBAR_HOST") {
        let all = [
            Provider::Aws,
            Provider::Azure,
            Provider::Gcp,
            Provider::Local,
        ];
        let named = all.into_iter().find(|provider| provider.as_str() == name);
        let provider = named.ok_or_else(|| {
            environment.wrong("ISOBAR_HOST", "it can be aws, azure, gcp or local")
        })?;
        return Ok(Chosen {
            provider,
            reason: format!("ISOBAR_HOST is {name}"),
        });
    }
    let found: Vec<_> = SIGNS
        .iter()
        .filter_map(|(provider, signs)| {
            let more = match provider {
                Provider::Gcp => NO_SERVICE,
                _ => &[],
            };
            let mut signs = signs.iter().chain(more);
            Some((
                *provider,
                *signs.find(|sign| environment.text(sign).is_some())?,
            ))
        })
        .collect();
    match found.as_slice() {
        [] => Ok(Chosen {
            provider: Provider::Local,
            reason: "no cloud's variables are set".into(),
        }),
        [(provider, sign)] => Ok(Chosen {
            provider: *provider,
            reason: format!("{sign} is set"),
        }),
        [(_, one), (_, other), ..] => Err(RunError::Conflict(format!(
            "{one} and {other} are both set, which no host does; say which host this is by \
             ISOBAR_HOST=aws, azure, gcp or local"
        ))),
    }
}

fn is_built(provider: Provider) -> bool {
    match provider {
        Provider::Aws => aws::BUILT,
        Provider::Azure => azure::BUILT,
        Provider::Gcp => gcp::BUILT,
        _ => local::BUILT,
    }
}

/// Says what the program was built for, what it did not find, and what to do.
fn wrong_build(chosen: &Chosen, is_built: impl Fn(Provider) -> bool) -> RunError {
    let hosts = [
        Provider::Aws,
        Provider::Azure,
        Provider::Gcp,
        Provider::Local,
    ];
    let built: Vec<_> = hosts
        .into_iter()
        .filter(|p| is_built(*p))
        .map(Provider::as_str)
        .collect();
    let missing: Vec<_> = SIGNS
        .iter()
        .filter(|(provider, _)| is_built(*provider))
        .map(|(provider, signs)| format!("{} for {provider}", signs.join(" or ")))
        .collect();
    let built = if built.is_empty() {
        "no host at all".to_owned()
    } else {
        built.join(", ")
    };
    let missing = if missing.is_empty() {
        String::new()
    } else {
        format!(" (which would be known by {})", missing.join("; "))
    };
    let Chosen { provider, reason } = chosen;
    RunError::WrongBuild(format!(
        "this program was built for {built}{missing}, but here {reason}, which means {provider}; \
         run it there, or build it with the feature `{provider}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_is_known_by_its_variables() {
        for (name, provider) in [
            ("AWS_LAMBDA_RUNTIME_API", Provider::Aws),
            ("FUNCTIONS_CUSTOMHANDLER_PORT", Provider::Azure),
            ("K_SERVICE", Provider::Gcp),
            ("FUNCTION_TARGET", Provider::Gcp),
            ("FUNCTION_SIGNATURE_TYPE", Provider::Gcp),
            ("CLOUD_RUN_JOB", Provider::Gcp),
            ("PORT", Provider::Local),
        ] {
            let chosen = by_environment(&Environment::of([(name, "x")])).unwrap();
            assert_eq!(chosen.provider, provider, "{name}");
        }
    }

    #[test]
    fn a_contradiction_is_refused_unless_overridden() {
        let both = [("AWS_LAMBDA_RUNTIME_API", "x"), ("K_SERVICE", "y")];
        let error = by_environment(&Environment::of(both))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("AWS_LAMBDA_RUNTIME_API and K_SERVICE are both set"),
            "{error}"
        );
        let [a, b] = both;
        let chosen = by_environment(&Environment::of([a, b, ("ISOBAR_HOST", "gcp")])).unwrap();
        assert_eq!(chosen.provider, Provider::Gcp);
    }

    #[test]
    fn an_unknown_host_is_refused_with_the_known_ones() {
        let error = by_environment(&Environment::of([("ISOBAR_HOST", "heroku")])).unwrap_err();
        assert!(
            error.to_string().contains("aws, azure, gcp or local"),
            "{error}"
        );
    }

    #[test]
    fn a_program_in_the_wrong_place_says_what_it_was_built_for_and_what_it_did_not_find() {
        let chosen = by_environment(&Environment::of([])).unwrap();
        let error = wrong_build(&chosen, |provider| provider == Provider::Gcp).to_string();
        assert_eq!(
            error,
            "this program was built for gcp (which would be known by K_SERVICE or FUNCTION_TARGET \
             or FUNCTION_SIGNATURE_TYPE for gcp), but here no cloud's variables are set, which \
             means local; run it there, or build it with the feature `local`"
        );
    }
}
