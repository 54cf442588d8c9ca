//! `SnapStart`: the process is frozen after its start, and thawed many times.
//!
//! The resources are `lambda_runtime`'s own trait: what is written for it works here. Source:
//! <https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html>.

use std::sync::Arc;

use isobar_core::BoxError;
use lambda_runtime::SnapStartResource;

use super::call;
use super::connection::Connection;
use super::endpoint::Endpoint;
use super::reply::Head;
use crate::RunError;

/// Where a failure is posted.
pub(super) enum Stage {
    Init,
    Restore,
}

/// Tells the resources, waits to be thawed, and tells them again. The first registered stands
/// longest: it is torn down last and made again first.
pub(super) async fn restore(
    endpoint: &Endpoint,
    resources: &[Arc<dyn SnapStartResource>],
) -> Result<(), (Stage, RunError)> {
    for resource in resources.iter().rev() {
        let failed = |error| (Stage::Init, hook("before the snapshot", error));
        resource.before_snapshot().await.map_err(failed)?;
    }
    // This connection is the snapshot's: no other is made before the thaw.
    wait(endpoint).await.map_err(|error| (Stage::Init, error))?;
    for resource in resources {
        let failed = |error| (Stage::Restore, hook("after the restore", error));
        resource.after_restore().await.map_err(failed)?;
    }
    Ok(())
}

async fn wait(endpoint: &Endpoint) -> Result<(), RunError> {
    let mut head = Vec::new();
    call::get(
        &mut head,
        endpoint,
        &[call::RUNTIME, "/restore/next"].concat(),
        "",
    );
    let mut connection = Connection::new(endpoint.clone());
    let reply = connection
        .exchange((&head, b""), |head: &Head<'_, '_>| head.status)
        .await;
    let why: BoxError = match reply {
        Ok((200..=299, _)) => return Ok(()),
        Ok((status, _)) => format!("the Runtime API answered with status {status}").into(),
        Err(error) => error.into(),
    };
    Err(RunError::Host {
        what: "the wait for SnapStart's restore failed".into(),
        source: why,
    })
}

fn hook(when: &str, source: lambda_runtime::Error) -> RunError {
    RunError::Host {
        what: format!("a SnapStart resource failed {when}"),
        source,
    }
}
